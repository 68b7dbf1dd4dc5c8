import { READS, RESOURCES, type ReadVerb } from '../../src/k8s/client/resources.ts';

const HEAD = `# Generated from src/k8s/client/resources.ts: npm run manifests. A line for each kind that is read, with who reads it.
# Read-only. Neither Secrets, ConfigMaps and Roles, nor watch, exec, port-forward or a wildcard. Whoever needs less takes
# lines away: a diagnostic that may not read something says so and shows the rest.
`;

const BINDING = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: lambda-responder-read
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: lambda-responder-read
subjects:
  - kind: ServiceAccount
    name: lambda-responder
    namespace: lambda-responder
`;

/** What `manifests/base/clusterrole.yaml` holds: the ClusterRole of all that READS names, and its binding. */
export function clusterRoleText(): string {
  const rules = Object.entries(RESOURCES).flatMap(([name, { group, plural }]) => [
    ruleOf(group, plural, readersOf(name, 'get'), readersOf(name, 'list')),
    ruleOf(group, `${plural}/log`, readersOf(name, 'log'), []),
  ]);
  return `${HEAD}apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: lambda-responder-read
rules:
${rules.join('')}${BINDING}`;
}

/** The rows of docs/control-plane.md: each resource of the role with its verbs, as a real API server's audit log has them. */
export function privilegeRows(): string {
  const row = (group: string, resource: string, verbs: readonly string[]) =>
    verbs.length === 0 ? '' : `| ${group === '' ? '(core)' : group} | ${resource} | ${verbs.join(', ')} |\n`;
  return Object.entries(RESOURCES)
    .flatMap(([name, { group, plural }]) => [
      row(
        group,
        plural,
        (['get', 'list'] as const).filter((verb) => readersOf(name, verb).length > 0),
      ),
      row(group, `${plural}/log`, readersOf(name, 'log').length > 0 ? ['get'] : []),
    ])
    .join('');
}

function readersOf(name: string, verb: ReadVerb): readonly string[] {
  return Object.entries(READS)
    .filter(([, verbs]) => verbs[verb]?.some((kind) => kind === name))
    .map(([reader]) => reader);
}

function ruleOf(group: string, resource: string, get: readonly string[], list: readonly string[]): string {
  const readers = { get, list };
  const verbs = (['get', 'list'] as const).filter((verb) => readers[verb].length > 0);
  if (verbs.length === 0) return '';
  return `${verbs.map((verb) => `  # ${verb}: ${readers[verb].join(', ')}\n`).join('')}  - apiGroups: ["${group}"]
    resources: [${resource}]
    verbs: [${verbs.join(', ')}]
`;
}
