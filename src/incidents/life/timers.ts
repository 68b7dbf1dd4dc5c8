import { spoken } from '../../wording/lengths.ts';
import type { FollowUp, IncidentDraft, News, TimerKind, TimerOutcome } from '../decision.ts';
import { callsWhenOpen, heldSince, nextQuestion } from '../escalation.ts';
import { type Incident, type IncidentAlert, type IncidentWithAlerts, isGrave, RESPONDER } from '../incident.ts';
import { nextState } from '../nextState.ts';
import type { Policy } from '../policy.ts';
import { cardOf, closesWhenForgotten, needsPerson, quietTimers, resolvesByItself, timer } from '../schedule.ts';
import type { EntryKind } from '../timeline.ts';
import { climb } from './climb.ts';

/**
 * What a timer does when it runs: it looks at the incident as it is now, not as it was when the timer was set, and may
 * find nothing to do. One that runs before its time, because the incident changed since, sets itself again.
 */
export function onTimer(known: IncidentWithAlerts, kind: TimerKind, policy: Policy, now: number): TimerOutcome {
  if (known.incident.status === 'resolved') return nothing('already resolved');
  return TIMERS[kind](known, policy, now);
}

type OnTimer = (known: IncidentWithAlerts, policy: Policy, now: number) => TimerOutcome;

const TIMERS = {
  resolve_when_quiet: resolveWhenQuiet,
  remind,
  close_forgotten: closeForgotten,
  flapping_ends: endFlapping,
  own_channel: ownChannel,
  unacknowledge,
  escalate: climb,
} satisfies Record<TimerKind, OnTimer>;

function resolveWhenQuiet({ incident }: IncidentWithAlerts, policy: Policy, now: number): TimerOutcome {
  if (incident.quietSince === null) return nothing('it fires');
  if (needsPerson(incident)) {
    return { ...nothing('a person has to resolve it'), followUps: quietTimers(incident.number, incident, policy) };
  }
  if (!resolvesByItself(incident)) return nothing(incident.staleSince === null ? 'it flaps' : 'it is stale');
  const due = incident.quietSince + policy.quiet.autoResolveMs;
  if (now < due) return again(incident, 'resolve_when_quiet', due);
  const text = `Resolved after ${spoken(now - incident.quietSince)} of quiet`;
  return resolveBy(incident, 'quiet', text, policy, now);
}

function closeForgotten({ incident }: IncidentWithAlerts, policy: Policy, now: number): TimerOutcome {
  if (incident.quietSince === null) return nothing('it fires');
  if (!closesWhenForgotten(incident)) return nothing('a person has to resolve it');
  const due = incident.quietSince + policy.quiet.closeAfterMs;
  if (now < due) return again(incident, 'close_forgotten', due);
  const text = `Closed by the bot after ${spoken(now - incident.quietSince)} of quiet: nobody resolved it`;
  return resolveBy(incident, 'timeout', text, policy, now);
}

/** Reminders are due at fixed times after the quiet began; when several were missed, one is sent. */
function remind({ incident }: IncidentWithAlerts, policy: Policy, now: number): TimerOutcome {
  const { quietSince } = incident;
  if (quietSince === null) return nothing('it fires');
  if (!needsPerson(incident)) return nothing('no person is needed');
  const times = policy.quiet.remindAtMs.map((after) => quietSince + after);
  const next = times.find((at) => at > now);
  const followUps = next === undefined ? [] : [timer(incident.number, 'remind', next)];
  const due = times.findLast((at) => at <= now);
  if (due === undefined) return { ...nothing('not yet'), followUps };
  const text = `Quiet for ${spoken(now - quietSince)}: resolve it, or note what is still missing`;
  return {
    draft: draftOf(incident, {}, 'reminder', text, now),
    followUps: [news(incident, { kind: 'reminder', text, broadcast: false, mention: false }), ...followUps],
    reason: 'reminded',
    once: `reminder:${due}`,
  };
}

/** Calm is half an hour without a cycle, whether it fires steadily or not at all. The cycles are forgotten with it. */
function endFlapping({ incident, alerts }: IncidentWithAlerts, policy: Policy, now: number): TimerOutcome {
  if (incident.flappingSince === null) return nothing('it does not flap');
  const lastCycle = alerts.reduce((latest, alert) => Math.max(latest, lastChange(alert)), incident.flappingSince);
  const due = lastCycle + policy.flapping.calmMs;
  if (now < due) return again(incident, 'flapping_ends', due);
  const text = `No longer flapping: ${spoken(now - lastCycle)} without a change`;
  const draft = draftOf(incident, { flappingSince: null, flapCount: 0 }, 'flapping', text, now);
  const calmed = alerts.filter((alert) => alert.cycles.length > 0).map((alert) => ({ ...alert, cycles: [] }));
  return {
    draft: { ...draft, alerts: calmed },
    followUps: [
      cardOf(incident.number, draft.incident, false, policy),
      ...quietTimers(incident.number, draft.incident, policy),
    ],
    reason: 'calm',
  };
}

function lastChange(alert: IncidentAlert): number {
  const fired = alert.cycles.at(-1) ?? 0;
  return alert.status === 'resolved' ? Math.max(fired, alert.lastSeenAt) : fired;
}

function ownChannel({ incident, alerts }: IncidentWithAlerts, policy: Policy, now: number): TimerOutcome {
  if (!isGrave(incident.severity)) return nothing('no longer sev1 or sev2');
  const fires =
    alerts.some((alert) => alert.status === 'firing') || (incident.declared && incident.quietSince === null);
  if (!fires) return nothing('it is quiet');
  const because = `still fires after ${spoken(Math.max(now - incident.openedAt, policy.ownChannel.sev2AfterMs))}`;
  return {
    draft: null,
    followUps: [{ kind: 'ownChannel', incident: incident.number, because, automatic: true }],
    reason: 'it still fires',
  };
}

/**
 * An acknowledgement holds for a while: shortly before it expires who holds it is asked, once, and when nobody confirms it the
 * incident waits for somebody again. Rule: docs/rules.md#acknowledgement.
 */
function unacknowledge(known: IncidentWithAlerts, policy: Policy, now: number): TimerOutcome {
  const { incident } = known;
  const due = nextQuestion(incident, policy.acknowledgement);
  if (incident.status !== 'acknowledged') return nothing('it is not acknowledged');
  if (due === null) return nothing(incident.drill ? 'it is a drill' : 'acknowledgements do not expire');
  // While nothing fires, or what fires flaps, nobody has to be at it; should it fire again, the time counts on.
  if (incident.quietSince !== null || incident.flappingSince !== null)
    return again(incident, 'unacknowledge', now + (policy.acknowledgement.expiresAfterMs[incident.severity] ?? 0));
  if ('asksAt' in due)
    return now < due.asksAt ? again(incident, 'unacknowledge', due.asksAt) : asked(known, policy, now);
  return now < due.expiresAt ? again(incident, 'unacknowledge', due.expiresAt) : expired(known, policy, now);
}

function expired(known: IncidentWithAlerts, policy: Policy, now: number): TimerOutcome {
  const { incident } = known;
  const text = `The acknowledgement of ${holderOf(incident)} expired after ${spoken(now - (heldSince(incident) ?? now))}`;
  const fields = { status: 'open', acknowledgedAt: null, acknowledgedBy: null } as const;
  const draft = draftOf(incident, fields, 'unacknowledged', text, now);
  // Where people are called again, that is what is told in the channel.
  const calls = callsWhenOpen(known, policy.escalation);
  return {
    draft,
    followUps: [
      cardOf(incident.number, draft.incident, true, policy),
      news(incident, { kind: 'unacknowledged', text, broadcast: isGrave(incident.severity) && !calls, mention: false }),
    ],
    reason: 'expired',
  };
}

/** Whoever holds it is asked before it expires, however late the question comes. */
function asked({ incident }: IncidentWithAlerts, policy: Policy, now: number): TimerOutcome {
  const { acknowledgedBy } = incident;
  const fields = { askedAt: now };
  const next = nextQuestion({ ...incident, ...fields }, policy.acknowledgement);
  const due = next !== null && 'expiresAt' in next ? next.expiresAt : now + policy.acknowledgement.remindBeforeMs;
  const users = acknowledgedBy?.type === 'slack' ? [acknowledgedBy.id] : [];
  const text = `Asked ${holderOf(incident)} to confirm: the acknowledgement expires in ${spoken(due - now)}`;
  const call = { ask: 'confirm', groups: [], users, since: heldSince(incident), withCard: false, by: null } as const;
  return {
    draft: draftOf(incident, fields, 'reminder', text, now),
    followUps: [
      { kind: 'call', incident: incident.number, call, channel: null },
      timer(incident.number, 'unacknowledge', due),
    ],
    reason: 'asked',
  };
}

function holderOf({ acknowledgedBy }: Incident): string {
  return acknowledgedBy?.name ?? acknowledgedBy?.id ?? 'somebody';
}

function resolveBy(
  incident: Incident,
  resolution: 'quiet' | 'timeout',
  text: string,
  policy: Policy,
  now: number,
): TimerOutcome {
  const fields = { status: 'resolved', resolution, resolvedAt: now, resolvedBy: RESPONDER } as const;
  const draft = draftOf(incident, fields, 'resolved', text, now);
  return {
    draft,
    followUps: [
      cardOf(incident.number, draft.incident, false, policy),
      news(incident, { kind: 'resolved', text, broadcast: false, mention: false }),
    ],
    reason: text,
  };
}

function draftOf(
  incident: Incident,
  fields: Partial<Incident>,
  kind: EntryKind,
  text: string,
  now: number,
): IncidentDraft {
  return nextState(incident, { fields, entries: [{ kind, at: now, actor: RESPONDER, text, detail: {} }] });
}

function again(incident: Incident, kind: TimerKind, due: number): TimerOutcome {
  return { draft: null, followUps: [timer(incident.number, kind, due)], reason: 'not yet' };
}

function nothing(reason: string): TimerOutcome {
  return { draft: null, followUps: [], reason };
}

function news(incident: Incident, line: News): FollowUp {
  return { kind: 'news', incident: incident.number, news: line };
}
