import type { Alert, AlertGroup, RejectedAlert } from '../../alerts/alert.ts';
import { counted, listed, severityName } from '../../wording/counts.ts';
import type { News } from '../decision.ts';
import { type Actor, compareSeverity, isGrave, RESPONDER } from '../incident.ts';
import type { EntryKind, TimelineDraft } from '../timeline.ts';
import type { Assessed } from './assess.ts';
import type { Working } from './working.ts';

/** A delivery may bring 10,000 alerts; the timeline names the first of each kind and counts the rest. */
const MAX_ENTRIES = 20;
const MAX_TEXT = 300;

/** Writes what a delivery did to an incident: its opening, every alert that fired or resolved, what was not readable. */
export function writeAlertEntries(
  working: Working,
  rejected: readonly RejectedAlert[],
  { sender, slice = 1 }: Pick<AlertGroup, 'sender' | 'slice'>,
): void {
  const actor: Actor = { type: 'alertmanager', id: sender, name: null };
  // Further parts of a large delivery are only counted.
  const named = slice > 1 && working.before !== null ? 0 : MAX_ENTRIES;
  const { incident, entries } = working;
  if (working.before === null) {
    const previous = incident.previousNumber === null ? '' : `, previous: #${incident.previousNumber}`;
    entries.unshift({
      kind: 'opened',
      at: incident.openedAt,
      actor: RESPONDER,
      text: `${incident.drill ? 'DRILL, opened' : 'Opened'} as ${severityName(incident.severity)} (${incident.severityReason})${previous}`,
      detail: { severity: incident.severity, reason: incident.severityReason, previous: incident.previousNumber },
    });
  }
  entries.push(...alertEntries('alert_firing', working.added, named, actor, (alert) => alert.startsAt, ''));
  entries.push(...alertEntries('alert_firing', working.refired, named, actor, (alert) => alert.startsAt, ' again'));
  entries.push(
    ...alertEntries('alert_resolved', working.resolved, named, actor, (alert) => alert.endsAt ?? alert.startsAt, ''),
  );
  for (const each of rejected.slice(0, MAX_ENTRIES)) {
    entries.push({
      kind: 'alert_rejected',
      at: incident.lastActivityAt,
      actor,
      text: `An alert of this delivery could not be read: ${each.problem}`.slice(0, MAX_TEXT),
      detail: { index: each.index, problem: each.problem, raw: each.raw },
    });
  }
}

function alertEntries(
  kind: EntryKind,
  alerts: readonly Assessed[],
  named: number,
  actor: Actor,
  at: (alert: Alert) => number,
  again: string,
): readonly TimelineDraft[] {
  const verb = kind === 'alert_firing' ? `fires${again}` : 'resolved';
  const entries: TimelineDraft[] = alerts.slice(0, named).map(({ alert, object }) => ({
    kind,
    at: at(alert),
    actor,
    text: `${alert.name} ${verb}${object}`.slice(0, MAX_TEXT),
    detail: { fingerprint: alert.fingerprint, alert: alert.name, startsAt: alert.startsAt, endsAt: alert.endsAt },
  }));
  const rest = alerts.slice(named);
  const [first] = rest;
  if (first) {
    const names = countBy(rest);
    entries.push({
      kind,
      at: rest.reduce((earliest, { alert }) => Math.min(earliest, at(alert)), at(first.alert)),
      actor,
      text: `${rest.length} more alerts: ${verb}`,
      detail: { count: rest.length, names },
    });
  }
  return entries;
}

function countBy(alerts: readonly Assessed[]): readonly { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { alert } of alerts) counts.set(alert.name, (counts.get(alert.name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, MAX_ENTRIES);
}

/**
 * The lines a delivery adds to an incident's thread. While it flaps only a raise is told, without a mention. Raise, refire and reopen of sev1 and sev2 are
 * also shown in the channel, for edits of the card notify nobody; the group is mentioned only when it was raised (the
 * card of a new incident carries its own mention). Rule: docs/rules.md#who-is-told-and-how.
 */
export function newsOf(working: Working, rejected: readonly RejectedAlert[], group: AlertGroup): readonly News[] {
  const { incident, before } = working;
  const flaps = incident.flappingSince !== null;
  const grave = isGrave(incident.severity);
  const news: News[] = [];
  const tell = (kind: News['kind'], text: string, loud: boolean, mention = false) =>
    news.push({ kind, text, broadcast: loud && grave, mention: mention && grave && !flaps && !incident.drill });
  const isRaised = before !== null && compareSeverity(incident.severity, before.severity) < 0;
  if (isRaised) {
    tell('raised', `Raised to ${severityName(incident.severity)}: ${incident.severityReason}`, true, true);
  }
  if (flaps) return news;
  if (working.reopened) {
    tell('reopened', `Reopened: ${namesOf([...working.refired, ...working.added])} fires again`, !isRaised);
  } else if (before !== null && before.quietSince !== null && incident.quietSince === null) {
    // The same episode told again after its end: nothing new, and the card shows that it fires.
    if (working.refired.length + working.added.length === 0) return news;
    tell('refired', `Fires again: ${namesOf([...working.refired, ...working.added])}`, !isRaised);
  } else if (before !== null && working.added.length > 0 && incident.status !== 'open') {
    // Before somebody took it up the card's count is enough (docs/rules.md#noise).
    tell('alerts_added', addedText(working.added, group), false);
  }
  if (before !== null && incident.truncatedAlerts > before.truncatedAlerts) {
    tell('truncated', `+${counted(incident.truncatedAlerts, 'alert')} not sent by Alertmanager`, false);
  }
  if (incident.quietSince !== null && before?.quietSince !== incident.quietSince && before !== null) {
    tell('all_quiet', 'All its alerts are resolved', false);
  }
  const ahead = Math.max(0, ...working.added.map(({ alert }) => alert.clockSkewMs));
  if (ahead >= SKEW_MS) tell('clock', skewText(ahead, group.sender), false);
  const [first] = rejected;
  if (first) {
    const count = rejected.length === 1 ? 'One alert' : `${rejected.length} alerts`;
    tell('rejected', `${count} from ${group.sender} could not be read: ${first.problem}`.slice(0, 300), false);
  }
  return news;
}

/** A clock that is ahead by less, milliseconds, is not told: clocks drift, and a delivery takes time. */
const SKEW_MS = 30_000;

/** The line about a sender whose clock is ahead: the time of receipt stands in for the times it sent. */
function skewText(aheadMs: number, sender: string): string {
  const minutes = Math.round(aheadMs / 60_000);
  const ahead = minutes < 1 ? `${Math.round(aheadMs / 1_000)} s` : `${minutes.toLocaleString('en-US')} min`;
  return `The alert from ${sender} starts ${ahead} in the future, so the time of receipt is used instead. Compare the clocks (NTP) of the Prometheus that sent it and of this host.`;
}

function addedText(added: readonly Assessed[], { slice }: AlertGroup): string {
  const [first] = added;
  // How many there will be, nobody has counted yet.
  if (slice !== undefined) return `A large delivery brings more alerts: ${namesOf(added)}`;
  // Senders that group by every label bring them one by one: each line says which it is.
  if (first && added.length === 1) return `One more alert: ${namesOf(added)}${first.object}`.slice(0, 300);
  return `${added.length} more alerts: ${namesOf(added)}`;
}

function namesOf(alerts: readonly Assessed[]): string {
  return listed(alerts.map(({ alert }) => alert.name.slice(0, 80)));
}
