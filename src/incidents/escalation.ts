import { spoken } from '../wording/lengths.ts';
import type { Call } from './decision.ts';
import type { EscalationPolicy, EscalationSettings, HoldsFor, Target } from './escalationSettings.ts';
import { type Actor, type Escalation, type Incident, type IncidentWithAlerts, isGrave } from './incident.ts';
import { labelsToMatch, matches } from './matchers.ts';
import { speaker } from './said.ts';

/** A policy with its times: what is climbed. */
export interface Ladder {
  /** Null: the group, without a policy. */
  readonly policy: string | null;
  readonly rungs: readonly { readonly afterMs: number; readonly notify: readonly Target[] }[];
  readonly rounds: number;
  readonly pauseMs: number;
}

/** The rung that is called next. */
export interface NextRung {
  readonly at: number;
  readonly notify: readonly Target[];
  /** From 1. */
  readonly rung: number;
  readonly round: number;
}

/** So soon after an incident opened its card is what tells of it, milliseconds. */
export const OPENING_MS = 30_000;

/** Whether an incident waits for somebody to acknowledge it, so that people are called. Rule: docs/rules.md#escalation. */
export function callsPeople(incident: Incident): boolean {
  const { severity, status, quietSince, flappingSince, drill } = incident;
  return isGrave(severity) && status === 'open' && quietSince === null && flappingSince === null && !drill;
}

/** Whether anybody may be called for an incident of this severity; its route decides. */
export function canEscalate({ severity }: Incident, { bySeverity, routes, group }: EscalationSettings): boolean {
  if (severity !== 'sev1' && severity !== 'sev2') return false;
  return (
    bySeverity[severity] !== null ||
    routes.some(({ policy }) => policy !== null) ||
    (severity === 'sev1' && group !== null)
  );
}

/**
 * Whom an incident calls, and when: the policy it began with, else its route's, else its severity's; without one the group,
 * for sev1. Null: nobody.
 */
export function ladderOf(known: IncidentWithAlerts, settings: EscalationSettings): Ladder | null {
  const { severity, escalation } = known.incident;
  if (severity !== 'sev1' && severity !== 'sev2') return null;
  const begun = escalation ? named(settings, escalation.policy) : null;
  const policy = begun ?? named(settings, policyNameOf(known, severity, settings));
  if (policy) return timed(policy, settings.times[severity]);
  const { group } = settings;
  if (group === null || severity !== 'sev1') return null;
  const notify = [{ kind: 'group', name: group }] as const;
  return { policy: null, rungs: settings.times.group.map((afterMs) => ({ afterMs, notify })), rounds: 1, pauseMs: 0 };
}

function policyNameOf(
  known: IncidentWithAlerts,
  severity: 'sev1' | 'sev2',
  settings: EscalationSettings,
): string | null {
  const alert = speaker(known.alerts);
  const route = alert && settings.routes.find(({ match }) => matches(labelsToMatch(alert.labels), match));
  return route?.policy ?? settings.bySeverity[severity];
}

function named({ policies }: EscalationSettings, name: string | null): EscalationPolicy | null {
  return policies.find((policy) => policy.name === name) ?? null;
}

/** A policy with the times of a severity where it says none; a rung beyond those follows as the last two did. */
export function timed(policy: EscalationPolicy, times: readonly number[]): Ladder {
  const rungs = policy.rungs.map(({ afterMs, notify }, index) => ({ afterMs: afterMs ?? times[index] ?? 0, notify }));
  return { policy: policy.name, rungs, rounds: policy.rounds, pauseMs: policy.pauseMs };
}

/**
 * The rung after those that were called; null when all were, in all rounds. It waits after the one before it for as long as the
 * ladder has between them: after an outage of ours the overdue rung comes at once, and the next not with it.
 */
export function rungAfter(
  ladder: Ladder,
  { done, since, lastAt }: Pick<Escalation, 'done' | 'since' | 'lastAt'>,
): NextRung | null {
  const { rungs, rounds } = ladder;
  const index = done % rungs.length;
  const rung = rungs[index];
  if (!rung || done >= rungs.length * rounds) return null;
  const before = rungs[index - 1];
  const waits = before ? rung.afterMs - before.afterMs : rung.afterMs + (done === 0 ? 0 : ladder.pauseMs);
  const at = (done === 0 ? since : lastAt) + waits;
  return { at, notify: rung.notify, rung: index + 1, round: Math.floor(done / rungs.length) + 1 };
}

/** Whether people are called once nobody holds this incident any more. */
export function callsWhenOpen(known: IncidentWithAlerts, settings: EscalationSettings): boolean {
  return ladderOf({ ...known, incident: { ...known.incident, escalation: undefined } }, settings) !== null;
}

/** Whether what a call asks for is still wanted: somebody may have answered since it was made. */
export function isStillWanted(call: Call, incident: Incident): boolean {
  if (call.since === null) return incident.status !== 'resolved';
  if (call.ask === 'confirm') return incident.status === 'acknowledged' && heldSince(incident) === call.since;
  return callsPeople(incident) && incident.escalation?.since === call.since;
}

/** The rung an incident calls next, as its card and its status say it; null when none is due. */
export function nextRung(known: IncidentWithAlerts, settings: EscalationSettings): NextRung | null {
  const { incident } = known;
  if (!callsPeople(incident) || !incident.escalation) return null;
  const ladder = ladderOf(known, settings);
  return ladder && rungAfter(ladder, incident.escalation);
}

/** `@platform-secondary, #ops`: whom a rung calls, in plain words. */
export function targetsInWords(notify: readonly Target[]): string {
  return notify.map(targetInWords).join(', ');
}

/** `@oncall`, `U0123`, `#ops`. */
export function targetInWords({ kind, name }: Target): string {
  if (kind === 'group') return `@${name.replace(/^@/, '')}`;
  return kind === 'channel' ? `#${name.replace(/^#/, '')}` : name;
}

/** `in 4 min @platform-secondary`. */
export function rungInWords({ at, notify }: NextRung, now: number): string {
  return `${at <= now ? 'now' : `in ${spoken(at - now)}`} ${targetsInWords(notify)}`;
}

/** What an incident becomes when somebody takes it, or says again to be at it: the first time stays the time to acknowledge. */
export function takenBy({ status, acknowledgedAt }: Incident, actor: Actor, at: number) {
  return {
    status: status === 'open' ? 'acknowledged' : status,
    acknowledgedBy: actor,
    acknowledgedAt: acknowledgedAt ?? at,
    ...(acknowledgedAt === null ? {} : { confirmedAt: at }),
  } as const;
}

/** When somebody last said to be at it, epoch ms; null when nobody is. */
export function heldSince({ acknowledgedAt, confirmedAt }: Incident): number | null {
  return acknowledgedAt === null ? null : Math.max(acknowledgedAt, confirmedAt ?? 0);
}

/**
 * When who holds an incident is asked whether they are still at it, or, once they were, when the acknowledgement expires; epoch
 * ms. It never expires sooner after the question than the question says. Null: it does not expire, or there is none.
 */
export function nextQuestion(
  incident: Incident,
  { expiresAfterMs, remindBeforeMs }: { readonly expiresAfterMs: HoldsFor; readonly remindBeforeMs: number },
): { readonly asksAt: number } | { readonly expiresAt: number } | null {
  const since = heldSince(incident);
  const ms = expiresAfterMs[incident.severity];
  if (since === null || ms === null || incident.drill) return null;
  const due = Math.max(since + ms, incident.snoozedUntil ?? 0);
  const { askedAt } = incident;
  if (askedAt === undefined || askedAt < since) return { asksAt: due - remindBeforeMs };
  return { expiresAt: Math.max(due, askedAt + remindBeforeMs) };
}
