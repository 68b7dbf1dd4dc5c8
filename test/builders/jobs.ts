import type { Job } from '../../src/queue/job.ts';

/** A job that was claimed for the first time. */
export function job(parts: Partial<Job> = {}): Job {
  return {
    id: 1,
    kind: 'work',
    payload: null,
    lane: 'edit',
    orderingKey: null,
    attempt: 1,
    expiries: 0,
    createdAt: 0,
    runAt: 0,
    leaseUntil: 0,
    ...parts,
  };
}
