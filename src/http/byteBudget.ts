import { FIXED_RULES } from '../incidents/policy.ts';

/** Bytes of bodies that may be in memory over all requests. Rule: docs/rules.md#bytes-in-flight. */
const TOTAL = FIXED_RULES.intake.bytesInFlight;
/** Bytes kept for bodies below `SMALL`, so that large ones cannot keep the alert of one broken thing out. */
const KEPT = FIXED_RULES.intake.bytesKept;
export const SMALL = FIXED_RULES.intake.smallBytes;
/** Bodies over so many bytes are parsed one at a time. */
export const LARGE = FIXED_RULES.intake.largeBytes;

/** What one request holds of the budget. */
export interface Reservation {
  /** Holds so many bytes in all from now on; false, and nothing is changed, when there is no room. */
  hold(bytes: number): boolean;
  release(): void;
  /** Runs the work when no other large body is being parsed. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export interface Budget {
  reserve(): Reservation;
}

/** Bounds the bytes of bodies in flight, whoever sends them: what finds no room is refused before it is read. */
export function createBudget(total = TOTAL, kept = KEPT): Budget {
  let used = 0;
  let usedByLarge = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    reserve() {
      let held = 0;
      const byLarge = (bytes: number) => (bytes > SMALL ? bytes : 0);
      return {
        hold(bytes) {
          const all = used - held + bytes;
          const large = usedByLarge - byLarge(held) + byLarge(bytes);
          if (all > total || (byLarge(bytes) > 0 && large > total - kept)) return false;
          used = all;
          usedByLarge = large;
          held = bytes;
          return true;
        },
        release() {
          used -= held;
          usedByLarge -= byLarge(held);
          held = 0;
        },
        alone<T>(work: () => Promise<T>): Promise<T> {
          const mine = last.then(work);
          last = mine.catch(() => {});
          return mine;
        },
      };
    },
  };
}
