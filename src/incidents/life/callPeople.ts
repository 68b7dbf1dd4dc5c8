import { ResponderError } from '../../errors.ts';
import { spoken } from '../../wording/lengths.ts';
import type { FollowUp } from '../decision.ts';
import { ladderOf, rungAfter, targetsInWords } from '../escalation.ts';
import type { Target } from '../escalationSettings.ts';
import type { Actor, Incident, IncidentWithAlerts } from '../incident.ts';
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
  const state = rungAfter(ladder, begun) ? begun : { ...begun, done: 0 };
  const next = rungAfter(ladder, state);
  if (!next) throw new ResponderError('internal', `the policy ${ladder.policy} has no rungs`);
  const climbed = { ...state, done: state.done + 1, lastAt: at };
  const who = actor.name ?? actor.id;
  const of = ladder.policy === null ? '' : ` of ${ladder.policy}`;
  const text = `${who} escalated: called ${targetsInWords(next.notify)} (rung ${next.rung} of ${ladder.rungs.length}${of})`;
  const end = ladder.policy === null ? null : at + ladder.pauseMs;
  return {
    fields: { escalation: { ...climbed, nextAt: rungAfter(ladder, climbed)?.at ?? end } },
    entry: { kind: 'escalated', text, detail: { policy: ladder.policy, rung: next.rung, notify: next.notify } },
    followUps: callsTo(incident.number, withoutOneself(next.notify, actor), { since: null, withCard: false, by: who }),
  };
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
  const { acknowledgedAt, status } = incident;
  return {
    fields: {
      status: status === 'open' ? 'acknowledged' : status,
      acknowledgedBy: actor,
      acknowledgedAt: acknowledgedAt ?? at,
      ...(acknowledgedAt === null ? {} : { confirmedAt: at }),
      snoozedUntil: at + ms,
    },
    entry: {
      kind: 'acknowledged',
      text: `${actor.name ?? actor.id} has it, and is not asked again for ${spoken(ms)}`,
      detail: { snoozedUntil: at + ms },
    },
  };
}
