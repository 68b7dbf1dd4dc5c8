import { dig, type KubeObject, refOf, rfc3339, text } from '../object.ts';
import type { ClusterWorld } from '../world.ts';

/** The kubelet waits 10 s before the first restart, twice as long each time, and never longer than five minutes. */
const FIRST_MS = 10_000;
const LONGEST_MS = 300_000;

/** Crashing containers are started again after their back-off, crash again, and wait longer. */
export function restartContainers(world: ClusterWorld, now: number): void {
  if (now - world.restartsLookedAt < 1000) return;
  world.restartsLookedAt = now;
  for (const pod of world.list({ apiVersion: 'v1', kind: 'Pod' })) {
    const statuses = dig(pod.status, 'containerStatuses');
    if (!Array.isArray(statuses) || pod.metadata.deletionTimestamp) continue;
    const due = statuses.filter((status) => isDue(status, now));
    if (due.length === 0) continue;
    world.patchStatus(refOf(pod), {
      containerStatuses: statuses.map((status) => (due.includes(status) ? crashedAgain(status, now) : status)),
    });
    for (const status of due) backOff(world, pod, text(status, 'name') ?? '');
  }
}

function isDue(status: unknown, now: number): boolean {
  if (text(status, 'state', 'waiting', 'reason') !== 'CrashLoopBackOff') return false;
  const ended = Date.parse(text(status, 'lastState', 'terminated', 'finishedAt') ?? '');
  return !Number.isNaN(ended) && now >= ended + backOffOf(Number(dig(status, 'restartCount') ?? 0));
}

/** How long the kubelet waits before it starts the container for the n-th time again. */
export function backOffOf(restarts: number): number {
  return Math.min(FIRST_MS * 2 ** Math.max(0, restarts), LONGEST_MS);
}

function crashedAgain(status: unknown, now: number): Record<string, unknown> {
  const restartCount = Number(dig(status, 'restartCount') ?? 0) + 1;
  const terminated = Object.assign({}, dig(status, 'lastState', 'terminated'), {
    startedAt: rfc3339(now - 1000),
    finishedAt: rfc3339(now),
  });
  const name = text(status, 'name');
  const seconds = backOffOf(restartCount) / 1000;
  const wait = seconds >= 60 ? `${Math.floor(seconds / 60)}m${seconds % 60}s` : `${seconds}s`;
  return {
    ...Object.assign({}, status),
    restartCount,
    lastState: { terminated },
    state: { waiting: { reason: 'CrashLoopBackOff', message: `back-off ${wait} restarting failed container=${name}` } },
  };
}

function backOff(world: ClusterWorld, pod: KubeObject, container: string): void {
  const { name, namespace, uid } = pod.metadata;
  world.event({
    type: 'Warning',
    reason: 'BackOff',
    message: `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`,
    regarding: { ...refOf(pod), ...(uid ? { uid } : {}), fieldPath: `spec.containers{${container}}` },
    source: 'kubelet',
    ...(text(pod.spec, 'nodeName') ? { host: text(pod.spec, 'nodeName') ?? '' } : {}),
  });
}
