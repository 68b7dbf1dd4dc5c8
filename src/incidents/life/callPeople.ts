import { ResponderError } from '../../errors.ts';
import { spoken } from '../../wording/lengths.ts';
import type { FollowUp } from '../decision.ts';
import { type Ladder, ladderOf, type NextRung, rungAfter, takenBy, targetsInWords } from '../escalation.ts';
import type { Target } from '../escalationSettings.ts';
import type { Actor, Escalation, Incident, IncidentWithAlerts } from '../incident.ts';
import type { Policy } from '../policy.ts';
import type { TimelineDraft } from '../timeline.ts';
import { callsTo } from './climb.ts';

/** What a person who calls others does to an incident. */
export interface Called {
  readonly fields: Partial<Incident>;
  readonly entry: Pick<TimelineDraft, 'kind' | 'text' | 'detail'>;
  readonly followUps: readonly FollowUp[];
}

/**
 * Calls the next rung at once, also when somebody acknowledged already and needs more people; after the last one the first again.
 * @throws ResponderError conflict when there is nobody to call
 */
export function escalate(known: IncidentWithAlerts, actor: Actor, at: number, { escalation }: Policy): Called {
  const { incident } = known;
  const ladder = ladderOf(known, escalation);
  if (!ladder)
    throw new ResponderError('conflict', `#${incident.number} has nobody to escalate to: no policy serves it`, {
      hint: 'Name whom to call: page @who. Policies stand in responder.yaml under escalation; they are for SEV1 and SEV2.',
    });
  const begun = incident.escalation ?? { policy: ladder.policy, since: at, done: 0, lastAt: at, nextAt: null };
  const { next, others, done } = rungOfOthers(ladder, begun, actor, incident.number);
  const climbed = { ...begun, done, lastAt: at };
  const who = actor.name ?? actor.id;
  const of = ladder.policy === null ? '' : ` of ${ladder.policy}`;
  const text = `${who} escalated: called ${targetsInWords(others)} (rung ${next.rung} of ${ladder.rungs.length}${of})`;
  const end = ladder.policy === null ? null : at + ladder.pauseMs;
  return {
    fields: { escalation: { ...climbed, nextAt: rungAfter(ladder, climbed)?.at ?? end } },
    entry: { kind: 'escalated', text, detail: { policy: ladder.policy, rung: next.rung, notify: others } },
    followUps: callsTo(incident.number, others, { since: null, withCard: false, by: who }),
  };
}

/**
 * The next rung that calls somebody other than who asks for it; after the last one the first again.
 * @throws ResponderError conflict when all of them call this person alone
 */
function rungOfOthers(
  ladder: Ladder,
  begun: Escalation,
  actor: Actor,
  number: number,
): { readonly next: NextRung; readonly others: readonly Target[]; readonly done: number } {
  let { done } = begun;
  for (const _ of ladder.rungs) {
    if (!rungAfter(ladder, { ...begun, done })) done = 0;
    const next = rungAfter(ladder, { ...begun, done });
    done += 1;
    const others = next ? withoutOneself(next.notify, actor) : [];
    if (next && others.length > 0) return { next, others, done };
  }
  throw new ResponderError('conflict', `nobody but you is called for #${number}`, {
    hint: 'Name whom to call: page @who.',
  });
}

/**
 * Calls people by name, whatever the policy says.
 * @throws ResponderError conflict when somebody calls only themselves
 */
export function page({ incident }: IncidentWithAlerts, notify: readonly Target[], actor: Actor): Called {
  const who = actor.name ?? actor.id;
  const others = withoutOneself(notify, actor);
  if (others.length === 0)
    throw new ResponderError('conflict', `that is you: acknowledge #${incident.number} to take it`);
  return {
    fields: {},
    entry: { kind: 'escalated', text: `${who} called ${targetsInWords(others)}`, detail: { notify: others } },
    followUps: callsTo(incident.number, others, { since: null, withCard: false, by: who }),
  };
}

/** Nobody is pinged for what they do themselves. */
function withoutOneself(notify: readonly Target[], actor: Actor): readonly Target[] {
  return notify.filter(({ kind, name }) => kind !== 'user' || actor.type !== 'slack' || name !== actor.id);
}

/** Takes an incident for a while in which nobody is asked whether they are still at it. */
export function snooze(incident: Incident, ms: number, actor: Actor, at: number): Omit<Called, 'followUps'> {
  return {
    fields: { ...takenBy(incident, actor, at), snoozedUntil: at + ms },
    entry: {
      kind: 'acknowledged',
      text: `${actor.name ?? actor.id} has it, and is not asked again for ${spoken(ms)}`,
      detail: { snoozedUntil: at + ms },
    },
  };
}
