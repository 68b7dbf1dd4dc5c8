import type { TimerKind } from '../incidents/decision.ts';
import { onTimer } from '../incidents/timers.ts';
import type { Logger } from '../logger.ts';
import { type ChangePorts, commit } from './changes.ts';
import { schedule } from './followUps.ts';

/** Runs a timer of an incident: it looks at the incident as it is now, and may find nothing to do. */
export async function runTimer(
  incident: number,
  timer: TimerKind,
  ports: ChangePorts & { readonly log: Logger },
): Promise<void> {
  const reason = await ports.store.transact(async (tx) => {
    const known = await tx.lock(incident);
    if (!known) return 'no such incident';
    const now = ports.clock();
    const outcome = onTimer(known, timer, ports.policy, now);
    if (outcome.draft) await commit(tx, [outcome.draft], outcome.followUps, now);
    else await schedule(tx, outcome.followUps, new Map(), now);
    return outcome.reason;
  });
  ports.log.debug({ incident, timer, reason }, 'a timer ran');
}
