import { counted } from '../../wording/counts.ts';
import { spoken } from '../../wording/lengths.ts';
import type { FollowUp, TimerOutcome } from '../decision.ts';
import {
  callsPeople,
  type Ladder,
  ladderOf,
  type NextRung,
  OPENING_MS,
  rungAfter,
  targetsInWords,
} from '../escalation.ts';
import type { Target } from '../escalationSettings.ts';
import { type Escalation, type Incident, type IncidentWithAlerts, RESPONDER } from '../incident.ts';
import { nextState } from '../nextState.ts';
import type { Policy } from '../policy.ts';
import { cardOf, timer } from '../schedule.ts';

/**
 * Calls the rung that is due, and sets the timer of the next. How far it got is part of the incident, so a rung is called once,
 * whoever runs the timer and however often. Rule: docs/rules.md#escalation.
 */
export function climb(known: IncidentWithAlerts, policy: Policy, now: number): TimerOutcome {
  const { incident } = known;
  if (!callsPeople(incident)) return nothing('nobody is waited for');
  const ladder = ladderOf(known, policy.escalation);
  if (!ladder) return nothing('there is nobody to call');
  const state: Escalation = incident.escalation ?? {
    policy: ladder.policy,
    since: now,
    done: 0,
    lastAt: now,
    nextAt: null,
  };
  const next = rungAfter(ladder, state);
  if (!next) return inVain(incident, ladder, state, policy, now);
  if (now < next.at) return waiting(incident, state, next.at, policy);
  return called(incident, ladder, state, next, policy, now);
}

function waiting(incident: Incident, state: Escalation, at: number, policy: Policy): TimerOutcome {
  const due = timer(incident.number, 'escalate', at);
  if (incident.escalation) return { draft: null, followUps: [due], reason: 'not yet' };
  const draft = nextState(incident, { fields: { escalation: { ...state, nextAt: at } }, entries: [] });
  return { draft, followUps: [cardOf(incident.number, draft.incident, true, policy), due], reason: 'begun' };
}

function called(
  incident: Incident,
  ladder: Ladder,
  state: Escalation,
  { notify, rung, round }: NextRung,
  policy: Policy,
  now: number,
): TimerOutcome {
  const climbed = { ...state, done: state.done + 1, lastAt: now };
  const end = ladder.policy === null ? null : now + ladder.pauseMs;
  const nextAt = rungAfter(ladder, climbed)?.at ?? end;
  const where = `rung ${rung} of ${ladder.rungs.length}${ladder.rounds > 1 ? `, round ${round} of ${ladder.rounds}` : ''}`;
  const waited =
    state.done === 0 && now - state.since < OPENING_MS ? '' : `: nobody acknowledged for ${spoken(now - state.since)}`;
  const by = ladder.policy === null ? '' : ` of ${ladder.policy}`;
  const text = `Called ${targetsInWords(notify)}${waited} (${where}${by})`;
  const detail = { policy: ladder.policy, rung, round, notify };
  const draft = nextState(incident, {
    fields: { escalation: { ...climbed, nextAt } },
    entries: [{ kind: 'escalated', at: now, actor: RESPONDER, text, detail }],
  });
  // The card of what opens has mentioned the group already; whether it did is known where it is delivered.
  const isOpening = state.since - incident.openedAt < OPENING_MS && incident.reopenCount === 0;
  const withCard = state.done === 0 && ladder.rungs[0]?.afterMs === 0 && isOpening;
  return {
    draft,
    followUps: [
      ...callsTo(incident.number, notify, { since: state.since, withCard }),
      cardOf(incident.number, draft.incident, true, policy),
      ...(nextAt === null ? [] : [timer(incident.number, 'escalate', nextAt)]),
    ],
    reason: 'called',
  };
}

/** What calls these people: one message in the incident's thread for all who are mentioned, one in each channel. */
export function callsTo(
  incident: number,
  notify: readonly Target[],
  { since, withCard, by = null }: { since: number | null; withCard: boolean; by?: string | null },
): readonly FollowUp[] {
  const of = (kind: Target['kind']) => notify.filter((target) => target.kind === kind).map(({ name }) => name);
  const groups = of('group');
  const users = of('user');
  const call = { ask: 'acknowledge', groups, users, since, withCard, by } as const;
  return [
    ...(groups.length + users.length > 0 ? [{ kind: 'call', incident, call, channel: null } as const] : []),
    ...of('channel').map(
      (channel) => ({ kind: 'call', incident, call: { ...call, groups: [], users: [] }, channel }) as const,
    ),
  ];
}

/** All were called in all rounds: that is told once, aloud, for nobody will be called any more. */
function inVain(incident: Incident, ladder: Ladder, state: Escalation, policy: Policy, now: number): TimerOutcome {
  const all = ladder.rungs.length * ladder.rounds;
  if (ladder.policy === null || state.done > all) return nothing('all were called');
  const due = state.lastAt + ladder.pauseMs;
  if (now < due) return { draft: null, followUps: [timer(incident.number, 'escalate', due)], reason: 'not yet' };
  const times = ladder.rounds === 1 ? 'once' : counted(ladder.rounds, 'time');
  const text = `Nobody acknowledged for ${spoken(now - state.since)}: every rung of ${ladder.policy} was called ${times}, and nobody is called any more`;
  const draft = nextState(incident, {
    fields: { escalation: { ...state, done: state.done + 1, lastAt: now, nextAt: null } },
    entries: [{ kind: 'escalated', at: now, actor: RESPONDER, text, detail: { policy: ladder.policy } }],
  });
  return {
    draft,
    followUps: [
      { kind: 'news', incident: incident.number, news: { kind: 'reminder', text, broadcast: true, mention: false } },
      cardOf(incident.number, draft.incident, true, policy),
    ],
    reason: 'all were called',
  };
}

function nothing(reason: string): TimerOutcome {
  return { draft: null, followUps: [], reason };
}
