import type { ErrorCode, ResponderError } from '../errors.ts';
import type { Job } from './job.ts';

/** How long a kind of job is tried. */
export interface RetryLimits {
  readonly maxAttempts: number;
  /** First pause, doubling with every attempt. */
  readonly baseMs: number;
  readonly capMs: number;
}

/** About a day with something down: the average pause at the cap is half of it. */
export const DEFAULT_LIMITS: RetryLimits = { maxAttempts: 1_000, baseMs: 500, capMs: 180_000 };

/** A job under which the process ended so often is taken to be the reason for it. */
const MAX_EXPIRIES = 5;

export type Verdict =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'dead'; readonly reason: ErrorCode | 'attempts' };

/**
 * What becomes of a job that failed. Full jitter (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/):
 * a random pause up to the doubled one, so that what failed together does not come back together. A server's
 * `retryAfterMs` is the least it waits.
 */
export function verdict(job: Job, error: ResponderError, limits: RetryLimits, random: () => number): Verdict {
  if (!error.retryable) return { kind: 'dead', reason: error.code };
  if (job.attempt >= limits.maxAttempts) return { kind: 'dead', reason: 'attempts' };
  const ceiling = Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(job.attempt - 1, 30));
  const delayMs = Math.max(20, Math.round(random() * ceiling));
  if (error.retryAfterMs === null) return { kind: 'retry', delayMs };
  return { kind: 'retry', delayMs: Math.round(error.retryAfterMs + random() * Math.min(ceiling, 1_000)) };
}

/** True when a job must not be run again because it seems to end the process that runs it. */
export function endsProcesses(job: Job): boolean {
  return job.expiries >= MAX_EXPIRIES;
}
