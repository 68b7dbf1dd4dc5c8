import { expect, test } from '@jest/globals';
import { ResponderError } from '../../src/errors.ts';
import { DEFAULT_LIMITS, verdict } from '../../src/queue/backoff.ts';
import { job } from '../builders/jobs.ts';

const down = new ResponderError('unavailable', 'down');

test('pauses double up to the cap, each somewhere between nothing and the whole', () => {
  const ceiling = (attempt: number) => verdict(job({ attempt }), down, DEFAULT_LIMITS, () => 1, 0);
  expect([1, 2, 3, 4].map(ceiling)).toEqual([500, 1_000, 2_000, 4_000].map((delayMs) => ({ kind: 'retry', delayMs })));
  expect(ceiling(900)).toEqual({ kind: 'retry', delayMs: DEFAULT_LIMITS.capMs });
  expect(verdict(job({ attempt: 5 }), down, DEFAULT_LIMITS, () => 0, 0)).toEqual({ kind: 'retry', delayMs: 20 });
});

test('a server that names a time is not asked before it', () => {
  const limited = new ResponderError('rate_limited', 'slow down', { retryAfterMs: 7_000 });
  expect(verdict(job({ attempt: 1 }), limited, DEFAULT_LIMITS, () => 0, 0)).toEqual({ kind: 'retry', delayMs: 7_000 });
});

test('of those a limit turned away, who was turned away oftenest comes back first', () => {
  const limited = new ResponderError('rate_limited', 'slow down', { retryAfterMs: 1_000 });
  const latest = [1, 2, 10].map((attempt) => verdict(job({ attempt }), limited, DEFAULT_LIMITS, () => 1, 0));
  expect(latest).toEqual([2_000, 1_500, 1_100].map((delayMs) => ({ kind: 'retry', delayMs })));
});

test('what ends by the clock is asked for when it ends, however often it was asked before', () => {
  const waits = new ResponderError('unavailable', 'not yet', { retryAfterMs: 10_000, isPunctual: true });
  const latest = verdict(job({ attempt: 50 }), waits, DEFAULT_LIMITS, () => 1, 0);
  expect(latest).toEqual({ kind: 'retry', delayMs: 11_000 });
});

test('what waits for a card through an outage is asked for less and less often', () => {
  const waits = new ResponderError('unavailable', 'no card yet', { retryAfterMs: 1_000 });
  const delay = (attempt: number) => verdict(job({ attempt }), waits, DEFAULT_LIMITS, () => 1, 0);
  expect(delay(1)).toEqual({ kind: 'retry', delayMs: 1_500 });
  expect(delay(50)).toEqual({ kind: 'retry', delayMs: 31_000 });
});

test('gives up on what cannot work, and after the last attempt of a whole day', () => {
  const refused = new ResponderError('forbidden', 'no');
  expect(verdict(job({ attempt: 1 }), refused, DEFAULT_LIMITS, () => 0, 0)).toEqual({
    kind: 'dead',
    reason: 'forbidden',
  });
  const limits = { ...DEFAULT_LIMITS, maxAttempts: 3 };
  expect(verdict(job({ attempt: 3 }), down, limits, () => 0, limits.leastMs - 1).kind).toBe('retry');
  expect(verdict(job({ attempt: 3 }), down, limits, () => 0, limits.leastMs)).toEqual({
    kind: 'dead',
    reason: 'attempts',
  });
});
