import { apiVersionOf, type Kind } from '../kind.ts';
import type { KindRegistry } from '../registry.ts';
import { SERVER_VERSION } from './discovery.ts';

const INFO = { title: 'Kubernetes', version: SERVER_VERSION.gitVersion } as const;
/** Parameters by which kubectl knows that the server validates fields and knows dry runs, so that it need not. */
const PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));

/** The least of OpenAPI that kubectl asks for before it describes or changes something; undefined for other paths. */
export function openApiDocument(kinds: KindRegistry, path: string): unknown {
  if (path === '/openapi/v2') return { swagger: '2.0', info: INFO, paths: {}, definitions: {} };
  const all = kinds.all();
  if (path === '/openapi/v3') {
    const documents = [...new Set(all.map(rootOf))];
    return {
      paths: Object.fromEntries(documents.map((one) => [one, { serverRelativeURL: `/openapi/v3/${one}?hash=0` }])),
    };
  }
  const prefix = '/openapi/v3/';
  const served = path.startsWith(prefix) ? all.filter((kind) => rootOf(kind) === path.slice(prefix.length)) : [];
  if (served.length === 0) return undefined;
  return { openapi: '3.0.0', info: INFO, paths: Object.fromEntries(served.map(pathItem)), components: { schemas: {} } };
}

function rootOf(kind: Kind): string {
  return kind.group ? `apis/${apiVersionOf(kind)}` : `api/${kind.version}`;
}

function pathItem(kind: Kind): readonly [string, unknown] {
  const { group, version, kind: name, plural, namespaced } = kind;
  const type = {
    'x-kubernetes-group-version-kind': { group, version, kind: name },
    parameters: PARAMETERS,
    responses: {},
  };
  const path = `/${rootOf(kind)}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}/{name}`;
  return [path, { patch: type, put: type, post: type }];
}
