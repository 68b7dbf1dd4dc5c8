import type { ErrorCode } from '../errors.ts';

/** How something outside answered last, for /readyz. Never part of being ready, and nobody is called to find out. */
export interface ReachDetail {
  /** Whether the last call was answered, with a refusal too; null before the first. */
  readonly reachable: boolean | null;
  /** `ok`, the code of the last error, `unknown` before the first call. */
  readonly state: 'ok' | 'unknown' | ErrorCode;
  /** Since when that holds, epoch milliseconds; null before the first call. */
  readonly since: number | null;
  /** The circuit is open: it failed again and again and is not asked for a while. */
  readonly leftAlone: boolean;
}

export interface Reach {
  /** A call ended: `ok` or the code of its error. */
  outcome(outcome: 'ok' | ErrorCode): void;
  breaker(open: boolean): void;
  detail(): ReachDetail;
}

const SILENT: ReadonlySet<string> = new Set<ErrorCode>(['unreachable', 'unavailable', 'timeout']);
/** A question that is wrong says nothing about who was asked, and what was not asked to the end says nothing at all. */
const ANSWERED: ReadonlySet<string> = new Set<ErrorCode>(['bad_input', 'not_found', 'conflict', 'gone']);
const NOT_REPORTED: ReadonlySet<string> = new Set<ErrorCode>(['cancelled', 'rate_limited', 'internal']);

/** @param onChange told when `state` becomes another, with the one before. */
export function createReach(
  clock: () => number,
  onChange: (state: ReachDetail['state'], before: ReachDetail['state']) => void = () => {},
): Reach {
  let state: ReachDetail['state'] = 'unknown';
  let since: number | null = null;
  let leftAlone = false;
  return {
    outcome(outcome) {
      const next = ANSWERED.has(outcome) ? 'ok' : outcome;
      // With the circuit open nobody was asked: what they said last holds.
      if (next === state || NOT_REPORTED.has(next) || (leftAlone && next === 'unavailable')) return;
      const before = state;
      state = next;
      since = clock();
      onChange(next, before);
    },
    breaker(open) {
      leftAlone = open;
    },
    detail: () => ({ reachable: state === 'unknown' ? null : !SILENT.has(state), state, since, leftAlone }),
  };
}
