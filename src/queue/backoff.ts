import type { ErrorCode, ResponderError } from '../errors.ts';
import type { Job } from './job.ts';

/** How long a kind of job is tried. */
export interface RetryLimits {
  readonly maxAttempts: number;
  /** First pause, doubling with every attempt. */
  readonly baseMs: number;
  readonly capMs: number;
  /** It is tried for so long at least, however many attempts that takes. */
  readonly leastMs: number;
}

/** A day with something down costs nothing: the average pause at the cap is half of it. */
export const DEFAULT_LIMITS: RetryLimits = { maxAttempts: 1_000, baseMs: 500, capMs: 180_000, leastMs: 24 * 3_600_000 };

/** Longest pause, milliseconds, of a job that waits for another of ours, such as a card. */
const WAIT_CAP_MS = 30_000;

/** Spread of the pause after a limit, milliseconds, divided by the attempts: those that were turned away most often come first. */
const TURN_MS = 1_000;

/** Lost leases in a row, within minutes, from which a job is taken for the reason why processes end. */
const MAX_EXPIRIES = 5;

/** Lost leases in a row from which a job runs apart from its like: a single one may be chance. */
const SUSPECT_EXPIRIES = 2;

export type Verdict =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'dead'; readonly reason: ErrorCode | 'attempts' };

/**
 * What becomes of a job that failed. Full jitter (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/):
 * a random pause up to the doubled one, so that what failed together does not come back together. A server's
 * `retryAfterMs` is the least it waits.
 */
export function verdict(
  job: Job,
  error: ResponderError,
  limits: RetryLimits,
  random: () => number,
  now: number,
): Verdict {
  if (!error.retryable) return { kind: 'dead', reason: error.code };
  if (job.attempt >= limits.maxAttempts && now - job.createdAt >= limits.leastMs)
    return { kind: 'dead', reason: 'attempts' };
  const ceiling = Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(job.attempt - 1, 30));
  const delayMs = Math.max(20, Math.round(random() * ceiling));
  if (error.retryAfterMs === null) return { kind: 'retry', delayMs };
  const waits = error.isPunctual ? TURN_MS : Math.min(ceiling, WAIT_CAP_MS);
  const spread = error.code === 'rate_limited' ? TURN_MS / job.attempt : waits;
  return { kind: 'retry', delayMs: Math.max(20, Math.round(error.retryAfterMs + random() * spread)) };
}

/** True when processes ended under a job more than once in a row: it, or what ran beside it, may be the reason. */
export function isSuspect(job: Job): boolean {
  return job.expiries >= SUSPECT_EXPIRIES;
}

/** True when a job must not be run again because it seems to end the process that runs it. */
export function endsProcesses(job: Job): boolean {
  return job.expiries >= MAX_EXPIRIES;
}
