import { dig, refOf, text } from '../object.ts';
import type { ClusterWorld } from '../world.ts';

const EVENT_TTL_MS = 3_600_000;
const EVENT_ROUND_MS = 60_000;
/** The controller works in rounds: a Job is gone a little after its time, so that a scenario that removes it is first. */
const SLACK_MS = 10_000;

/** Deletes finished Jobs, and with them their pods, when `ttlSecondsAfterFinished` is over. */
export function expireJobs(world: ClusterWorld, now: number): void {
  for (const job of world.list({ apiVersion: 'batch/v1', kind: 'Job' })) {
    const ttl = dig(job.spec, 'ttlSecondsAfterFinished');
    const finished = finishedAt(job.status);
    if (typeof ttl !== 'number' || finished === undefined) continue;
    if (now >= finished + ttl * 1000 + SLACK_MS) world.remove(refOf(job));
  }
}

function finishedAt(status: unknown): number | undefined {
  const conditions = dig(status, 'conditions');
  const done = (Array.isArray(conditions) ? conditions : []).find(
    (one) => (text(one, 'type') === 'Complete' || text(one, 'type') === 'Failed') && text(one, 'status') === 'True',
  );
  const at = Date.parse(text(done, 'lastTransitionTime') ?? text(status, 'completionTime') ?? '');
  return done === undefined || Number.isNaN(at) ? undefined : at;
}

/** Events are kept for an hour. */
export function expireEvents(world: ClusterWorld, now: number): void {
  if (now - world.eventsExpiredAt < EVENT_ROUND_MS) return;
  world.eventsExpiredAt = now;
  const oldest = now - EVENT_TTL_MS;
  for (const event of world.list({ apiVersion: 'v1', kind: 'Event' })) {
    const last = text(event, 'lastTimestamp') ?? text(event, 'eventTime') ?? event.metadata.creationTimestamp ?? '';
    if (Date.parse(last) < oldest) world.remove(refOf(event));
  }
}
