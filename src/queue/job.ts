/**
 * Lanes in order of who waits: a person, a new incident, an edit, evidence. Apart from them `reading`, what a person asked of
 * a cluster: it takes as long as the cluster takes, and holds up nobody else.
 */
export const LANES = { person: 0, incident: 1, edit: 2, evidence: 3, reading: 4 } as const;
export type LaneName = keyof typeof LANES;
export const LANE_NAMES = Object.keys(LANES) as readonly LaneName[]; // the keys of a const object are its names

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A piece of work to be done at or after `runAt`. */
export interface NewJob {
  readonly kind: string;
  readonly payload: Json;
  readonly lane: LaneName;
  /** Jobs with the same key run one at a time, oldest first; null runs any time. */
  readonly orderingKey: string | null;
  /** Epoch milliseconds; now when absent. */
  readonly runAt?: number;
  /** While an unclaimed job with this key waits, another is absorbed by it (earlier `runAt` and better lane win). */
  readonly coalesceKey?: string;
}

export interface Job {
  readonly id: number;
  readonly kind: string;
  readonly payload: Json;
  readonly lane: LaneName;
  readonly orderingKey: string | null;
  /** 1 for the first try. */
  readonly attempt: number;
  /** How often its lease ran out in a row, within minutes and each time in another process: they ended, or hung. */
  readonly expiries: number;
  readonly createdAt: number;
  readonly runAt: number;
  readonly leaseUntil: number;
}

/** What a handler may ask for by throwing ResponderError: retryable errors back off, others are dead letters at once. */
export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>;
