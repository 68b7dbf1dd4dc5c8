import type { Span } from './clock.ts';
import type { WholeClaim, WholePod, WholeQuota } from './kinds.ts';
import { amount, quantity } from './quantities.ts';
import type { Named, World } from './world.ts';

/** A quota; what is used follows from what is in the namespace when the world settles. */
export function quota(world: World, name: string, hard: Record<string, string>): WholeQuota {
  const built = world.add<WholeQuota>({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: world.metadata('ResourceQuota', name),
    spec: { hard },
    status: { hard, used: {} },
  });
  world.settling(() => {
    built.status.used = used(world, hard);
  });
  return built;
}

/** What the quota controller counts now (pkg/quota/v1/evaluator/core): pods that are not finished, claims, objects. */
function used(world: World, hard: Record<string, string>): Record<string, string> {
  const inside = <T extends Named>(kind: string) =>
    world
      .all<T>(kind)
      .filter(({ apiVersion, metadata }) => metadata.namespace === world.namespace && !apiVersion.includes('knative'));
  const pods = inside<WholePod>('Pod').filter(
    ({ status }) => status.phase !== 'Succeeded' && status.phase !== 'Failed',
  );
  const sum = (list: 'requests' | 'limits', resource: string) =>
    pods
      .flatMap(({ spec }) => spec.containers)
      .reduce((total, { resources }) => total + amount(resources?.[list]?.[resource] ?? '0'), 0);
  const count = (resource: string): string => {
    const bytes = /memory|storage/.test(resource);
    const [list = '', name = ''] = resource.includes('.') ? resource.split('.') : ['requests', resource];
    if (resource === 'pods') return String(pods.length);
    if (resource === 'services') return String(inside('Service').length);
    if (resource === 'count/jobs.batch') return String(inside('Job').length);
    if (resource === 'persistentvolumeclaims') return String(inside('PersistentVolumeClaim').length);
    if (resource === 'requests.storage') {
      const claims = inside<WholeClaim>('PersistentVolumeClaim');
      return quantity(
        claims.reduce((total, { spec }) => total + amount(spec.resources?.requests?.storage ?? '0'), 0),
        true,
      );
    }
    return quantity(sum(list === 'limits' ? 'limits' : 'requests', name), bytes);
  };
  return Object.fromEntries(Object.keys(hard).map((resource) => [resource, count(resource)]));
}

/** The refusal of the ResourceQuota admission plugin; throws where the request would fit. */
export function exceeded(world: World, of: WholeQuota, what: string, requested: Record<string, string>): string {
  const hard = of.status.hard ?? {};
  const now = used(world, hard);
  const over = Object.entries(requested).some(
    ([key, value]) => amount(now[key] ?? '0') + amount(value) > amount(hard[key] ?? '0'),
  );
  if (!over)
    throw new Error(`${what} fits into quota ${of.metadata.name}: ${JSON.stringify({ requested, now, hard })}`);
  const list = (values: Record<string, string>) =>
    Object.keys(requested)
      .toSorted()
      .map((key) => `${key}=${values[key]}`)
      .join(',');
  return `${what} is forbidden: exceeded quota: ${of.metadata.name}, requested: ${list(requested)}, used: ${list(now)}, limited: ${list(hard)}`;
}

/** A ReplicaSet (or Job, or StatefulSet) whose controller is refused each pod: its events and the ReplicaFailure condition. */
export function refusedPods(
  world: World,
  set: Named & { status: object },
  error: string,
  told: { source?: string; first: Span; last?: Span; count?: number },
): void {
  world.warn(set, 'FailedCreate', `Error creating: ${error}`, {
    source: told.source ?? 'replicaset-controller',
    first: told.first,
    last: told.last ?? '40s',
    count: told.count ?? 9,
  });
  if (set.kind !== 'ReplicaSet') return;
  const at = world.ago(told.first);
  Object.assign(set.status, {
    conditions: [
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: error, lastTransitionTime: at },
    ],
  });
}
