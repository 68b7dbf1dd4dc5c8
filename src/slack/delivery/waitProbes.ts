import { ResponderError } from '../../errors.ts';
import { budgetOf, type Slot } from './pacing.ts';

/** A wait longer than this, milliseconds, is none of Slack's ordinary limits: those are per minute. */
const LONG_MS = 60_000;
/** Pause of the other calls while one asks, milliseconds. */
const AGAIN_MS = 2_000;

/** After a long wait Slack asked for, one call asks whether it is over; what waited with it follows when it was taken. */
export interface Probes {
  /** @throws ResponderError `rate_limited` while another call asks. */
  begin(slot: Slot): void;
  /** Slack asked to keep still. */
  held(slot: Slot, ms: number): void;
  /** The call was taken. */
  open(slot: Slot): void;
  /** The call ended without saying anything about the wait. */
  end(slot: Slot): void;
}

export function createProbes(): Probes {
  const asking = new Map<string, boolean>();
  return {
    begin(slot) {
      const budget = budgetOf(slot);
      if (asking.get(budget) === true)
        throw new ResponderError('rate_limited', `Slack is asked whether it accepts ${slot.method} again`, {
          retryAfterMs: AGAIN_MS,
        });
      if (asking.has(budget)) asking.set(budget, true);
    },
    held(slot, ms) {
      if (ms >= LONG_MS || asking.has(budgetOf(slot))) asking.set(budgetOf(slot), false);
    },
    open: (slot) => void asking.delete(budgetOf(slot)),
    end(slot) {
      if (asking.has(budgetOf(slot))) asking.set(budgetOf(slot), false);
    },
  };
}
