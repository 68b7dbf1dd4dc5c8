import type { FollowUp, IncidentKey } from './decision.ts';
import { callsPeople, canEscalate, nextQuestion } from './escalation.ts';
import { type Incident, isGrave } from './incident.ts';
import type { Policy } from './policy.ts';

/**
 * Whether the bot may resolve the incident by itself once it was quiet long enough: sev3 and sev4, and never while
 * alerts were cut off, nothing is heard, a person declared it, or it flaps. Rule: docs/rules.md#quiet-stale-flapping-resolved.
 */
export function resolvesByItself(incident: Incident): boolean {
  return !isGrave(incident.severity) && !isHeld(incident) && incident.flappingSince === null;
}

/** Whether a forgotten incident may be closed after a day of quiet: sev1 and sev2 that nothing holds open. */
export function closesWhenForgotten(incident: Incident): boolean {
  return isGrave(incident.severity) && !isHeld(incident) && incident.flappingSince === null;
}

/** Whether only a person can resolve it, so that a person is reminded. */
export function needsPerson(incident: Incident): boolean {
  return isGrave(incident.severity) || incident.truncatedAlerts > 0 || incident.declared;
}

function isHeld(incident: Incident): boolean {
  return incident.truncatedAlerts > 0 || incident.staleSince !== null || incident.declared;
}

/**
 * The timers an incident needs once it is quiet. When one runs it looks at the incident as it is then, so asking for
 * one too many does no harm.
 */
export function quietTimers(key: IncidentKey, incident: Incident, policy: Policy): readonly FollowUp[] {
  const since = incident.quietSince;
  if (since === null || incident.status === 'resolved') return [];
  const { autoResolveMs, remindAtMs, closeAfterMs } = policy.quiet;
  if (!needsPerson(incident)) return [timer(key, 'resolve_when_quiet', since + autoResolveMs)];
  const reminder = remindAtMs[0];
  return [
    ...(reminder === undefined ? [] : [timer(key, 'remind', since + reminder)]),
    ...(isGrave(incident.severity) ? [timer(key, 'close_forgotten', since + closeAfterMs)] : []),
  ];
}

/**
 * The timer with which an incident goes on calling people while it waits for somebody, or with which its acknowledgement has to
 * be confirmed. Each change may ask for it: the one that waits already is the same job.
 */
export function peopleTimers(key: IncidentKey, incident: Incident, policy: Policy, now: number): readonly FollowUp[] {
  if (incident.status === 'acknowledged') {
    const due = nextQuestion(incident, policy.acknowledgement);
    return due === null ? [] : [timer(key, 'unacknowledge', 'asksAt' in due ? due.asksAt : due.expiresAt)];
  }
  if (!callsPeople(incident) || !canEscalate(incident, policy.escalation)) return [];
  const due = incident.escalation ? incident.escalation.nextAt : now;
  return due === null ? [] : [timer(key, 'escalate', due)];
}

export function timer(
  incident: IncidentKey,
  kind: Extract<FollowUp, { kind: 'timer' }>['timer'],
  runAt: number,
): FollowUp {
  return { kind: 'timer', incident, timer: kind, runAt };
}

/** Whether an incident without a card gets one: sev4 is recorded and listed only, unless a person declared it. */
export function wantsCard(incident: Pick<Incident, 'severity' | 'declared'>): boolean {
  return incident.severity !== 'sev4' || incident.declared;
}

/**
 * The edit of the card. While an incident flaps it is edited at most every ten minutes, which the waiting job does:
 * later edits are absorbed by it.
 */
export function cardOf(key: IncidentKey, incident: Incident, urgent: boolean, policy: Policy): FollowUp {
  const flaps = incident.flappingSince !== null && incident.flappingSince < incident.lastActivityAt;
  const notBefore = flaps ? { notBefore: incident.lastActivityAt + policy.flapping.editEveryMs } : {};
  return { kind: 'card', incident: key, urgent, ...notBefore };
}
