import type { TimerKind, TimerOutcome } from '../incidents/decision.ts';
import { onTimer } from '../incidents/life/timers.ts';
import type { Logger } from '../logger.ts';
import { schedule } from './followUps.ts';
import { type ChangePorts, commit } from './incidentChanges.ts';
import type { IncidentTransaction } from './ports.ts';

/** Runs a timer of an incident: it looks at the incident as it is now, and may find nothing to do. */
export async function runTimer(
  incident: number,
  timer: TimerKind,
  ports: ChangePorts & { readonly log: Logger },
): Promise<void> {
  const reason = await ports.store.transact(async (tx) => {
    const known = await tx.lock(incident);
    if (!known) return 'no such incident';
    // The others of a storm share one card and one call.
    if (timer === 'escalate' && (await tx.groups.of([incident])).has(incident)) return 'shown on a shared card';
    const now = ports.clock();
    const outcome = await unlessDone(tx, incident, onTimer(known, timer, ports.policy, now), now);
    if (outcome.draft) await commit(tx, [outcome.draft], outcome.followUps, now, ports.policy);
    else await schedule(tx, outcome.followUps, new Map(), now, ports.policy);
    return outcome.reason;
  });
  ports.log.debug({ incident, timer, reason }, 'a timer ran');
}

/** The part of a timer's outcome that is still to be done: what it does only once may be done already. */
async function unlessDone(
  tx: IncidentTransaction,
  incident: number,
  outcome: TimerOutcome,
  now: number,
): Promise<TimerOutcome> {
  const { draft, once } = outcome;
  const [entry, ...entries] = draft?.entries ?? [];
  if (!draft || !entry || once === undefined) return outcome;
  if ((await tx.appendFirst(incident, entry, once, now)) === 'written')
    return { ...outcome, draft: { ...draft, entries } };
  const timers = outcome.followUps.filter(({ kind }) => kind === 'timer');
  return { draft: null, followUps: timers, reason: 'done already' };
}
