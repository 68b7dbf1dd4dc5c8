import type { Kind } from '../kind.ts';
import type { KindRegistry } from '../registry.ts';

export const SERVER_VERSION = {
  major: '1',
  minor: '33',
  gitVersion: 'v1.33.4+simulator',
  gitCommit: '74cdb4273a8d9a9bd7b9cdcb5ce5b3d0e0d2e4b1',
  gitTreeState: 'clean',
  buildDate: '2025-08-13T14:22:08Z',
  goVersion: 'go1.24.5',
  compiler: 'gc',
  platform: 'linux/amd64',
} as const;

interface Answer {
  readonly contentType: string;
  readonly body: unknown;
}

const JSON_TYPE = 'application/json';

/** The discovery documents of the server; undefined for any other path. */
export function discoveryDocument(
  kinds: KindRegistry,
  path: string,
  accept: string,
  visible: (kind: Kind) => boolean,
): Answer | undefined {
  const served = kinds.all().filter(visible);
  const aggregated = /as=APIGroupDiscoveryList/.test(accept) ? /v=(v2(?:beta1)?)/.exec(accept)?.[1] : undefined;
  if (path === '/api' || path === '/apis') {
    if (aggregated) return aggregatedDiscovery(served, path === '/api', aggregated);
    return json(
      path === '/api' ? coreVersions() : { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(served) },
    );
  }
  if (path === '/api/v1')
    return json(
      resourceList(
        'v1',
        served.filter((kind) => kind.group === ''),
      ),
    );
  const [, root, group, version, ...more] = path.split('/');
  if (root !== 'apis' || more.length > 0) return undefined;
  const ofGroup = served.filter((kind) => kind.group === group);
  if (!group || ofGroup.length === 0) return undefined;
  if (!version) return json({ kind: 'APIGroup', apiVersion: 'v1', ...groupsOf(ofGroup)[0] });
  const ofVersion = ofGroup.filter((kind) => kind.version === version);
  return ofVersion.length > 0 ? json(resourceList(`${group}/${version}`, ofVersion)) : undefined;
}

function json(body: unknown): Answer {
  return { contentType: JSON_TYPE, body };
}

function coreVersions() {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1' }],
  };
}

function groupsOf(kinds: readonly Kind[]) {
  const groups = [...new Set(kinds.map((kind) => kind.group))].filter((group) => group !== '');
  return groups.map((name) => {
    const versions = versionsOf(kinds, name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { name, versions, preferredVersion: versions[0] };
  });
}

function versionsOf(kinds: readonly Kind[], group: string): readonly string[] {
  return [...new Set(kinds.filter((kind) => kind.group === group).map((kind) => kind.version))];
}

function resourceList(groupVersion: string, kinds: readonly Kind[]) {
  const resources = kinds.flatMap((kind) => [
    {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: kind.verbs,
      ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
      ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    },
    ...kind.subresources.map((subresource) => ({
      name: `${kind.plural}/${subresource}`,
      singularName: '',
      namespaced: kind.namespaced,
      ...subresourceKind(kind, subresource),
    })),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function subresourceKind(kind: Kind, subresource: Kind['subresources'][number]) {
  if (subresource === 'scale')
    return { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] };
  return { kind: kind.kind, verbs: subresource === 'log' ? ['get'] : ['get', 'patch', 'update'] };
}

/** Everything in one document, as kubectl has asked for it since 1.26. */
function aggregatedDiscovery(kinds: readonly Kind[], core: boolean, version: string): Answer {
  const groups = core ? [''] : groupsOf(kinds).map((group) => group.name);
  const items = groups.map((group) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: versionsOf(kinds, group).map((one) => ({
      version: one,
      freshness: 'Current',
      resources: kinds.filter((kind) => kind.group === group && kind.version === one).map(aggregatedResource),
    })),
  }));
  return {
    contentType: `${JSON_TYPE};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    body: { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items },
  };
}

function aggregatedResource(kind: Kind) {
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    subresources: kind.subresources.map((subresource) => {
      const { verbs, ...response } = subresourceKind(kind, subresource);
      return { subresource, responseKind: { group: kind.group, version: kind.version, ...response }, verbs };
    }),
  };
}
