import { ResponderError } from '../../errors.ts';
import type { Clock } from '../ports.ts';

/** What was handed to Slack with an outcome nobody knows: where, and when first and last (epoch ms). */
export interface Uncertain {
  readonly channel: string;
  readonly since: number;
  readonly last: number;
}

/**
 * What Slack shows of it. `absent`: everything since was read, and it is not there. `hidden`: Slack refuses to show the
 * place, or shows a part of it. `unread`: Slack did not answer, or not now.
 */
export type Sighting = { readonly ts: string } | 'absent' | 'hidden' | 'unread';

/** Our client waits ten seconds for an answer; what Slack does not show half a minute after that it does not have. */
const LATE_MS = 40_000;
/** A Slack that does not answer is asked for so long before a message it may have is posted without looking. */
const UNREAD_MS = 5 * 60_000;
/** Factor by which the pause grows where nothing can be looked up: each further message may be one too many. */
const GROWTH = 3;
/** It is looked for again after this, or after half of the time that passed: a Slack that is back is noticed soon. */
const LOOK_AGAIN_MS = 5_000;

/**
 * Passes when the message may be handed to Slack again. An unknown outcome is not "not sent": Slack may make a message
 * long after its answer was given up.
 * @throws ResponderError `unavailable`, with when to look again, while it has to be waited for.
 */
export function mayGoAgain(what: string, seen: Exclude<Sighting, object>, known: Uncertain, clock: Clock): void {
  const passed = clock.now() - known.last;
  const left = pauseAfter(seen, known) - passed;
  if (left <= 0) return;
  const why = seen === 'absent' ? 'Slack may still be processing it' : 'Slack does not allow the look-up';
  throw new ResponderError('unavailable', `Whether ${what} reached Slack is not known: ${why}`, {
    hint: 'It is looked up again, and posted again once it can no longer arrive.',
    retryAfterMs: Math.min(left, Math.max(LOOK_AGAIN_MS, passed / 2)),
    isPunctual: true,
  });
}

function pauseAfter(seen: Exclude<Sighting, object>, { since, last }: Uncertain): number {
  if (seen === 'absent') return LATE_MS;
  return Math.max(seen === 'unread' ? UNREAD_MS : LATE_MS, GROWTH * (last - since));
}
