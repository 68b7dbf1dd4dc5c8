import { dig, type KubeObject, refOf, text } from '../object.ts';
import { quantity } from '../quantity.ts';
import type { ClusterWorld } from '../world.ts';
import { isOver } from './schedule.ts';

/** The quota controller: a quota made through the API gets its status, and pods are counted. What a scenario wrote stays. */
export function countQuotas(world: ClusterWorld): void {
  for (const quota of world.list({ apiVersion: 'v1', kind: 'ResourceQuota' })) {
    const hard = amounts(quota.spec);
    const shown = amounts(quota.status);
    const counted = Object.keys(shown).length === 0 ? hard : shown;
    if (counted.pods === undefined) {
      if (Object.keys(shown).length === 0 && Object.keys(hard).length > 0) write(world, quota, hard, {});
      continue;
    }
    const pods = String(livePods(world, quota.metadata.namespace));
    if (text(quota.status, 'used', 'pods') !== pods || shown.pods === undefined) write(world, quota, counted, { pods });
  }
}

function write(
  world: ClusterWorld,
  quota: KubeObject,
  hard: Readonly<Record<string, string>>,
  used: Record<string, string>,
): void {
  const nothing = Object.fromEntries(Object.keys(hard).map((resource) => [resource, '0']));
  world.patchStatus(refOf(quota), { hard, used: { ...nothing, ...Object(dig(quota.status, 'used')), ...used } });
}

/** The admission's words when a quota of the namespace leaves no room for the pod. */
export function overQuota(world: ClusterWorld, pod: KubeObject): string | undefined {
  for (const quota of world.list({ apiVersion: 'v1', kind: 'ResourceQuota' }, pod.metadata.namespace)) {
    const hard = amounts(quota.status);
    for (const [resource, asked, used] of [
      ['pods', '1', String(livePods(world, pod.metadata.namespace))],
      [
        'limits.memory',
        text(pod.spec, 'containers', 0, 'resources', 'limits', 'memory') ?? '0',
        text(quota.status, 'used', 'limits.memory') ?? '0',
      ],
    ] as const) {
      const limit = hard[resource];
      if (limit === undefined || quantity(used) + quantity(asked) <= quantity(limit)) continue;
      return `exceeded quota: ${quota.metadata.name}, requested: ${resource}=${asked}, used: ${resource}=${used}, limited: ${resource}=${limit}`;
    }
  }
  return undefined;
}

function livePods(world: ClusterWorld, namespace: string | undefined): number {
  return world.list({ apiVersion: 'v1', kind: 'Pod' }, namespace).filter((pod) => !isOver(pod)).length;
}

function amounts(from: unknown): Readonly<Record<string, string>> {
  return Object(dig(from, 'hard'));
}
