import type { Alert, AlertGroup, RejectedAlert } from '../../alerts/alert.ts';
import { truth } from '../../alerts/truth.ts';
import { severityName } from '../../wording/counts.ts';
import { objectIn } from '../affected.ts';
import { type Actor, RESPONDER } from '../incident.ts';
import type { EntryKind, TimelineDraft } from '../timeline.ts';
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
  alerts: readonly Alert[],
  named: number,
  actor: Actor,
  at: (alert: Alert) => number,
  again: string,
): readonly TimelineDraft[] {
  const verb = kind === 'alert_firing' ? `fires${again}` : 'resolved';
  const entries: TimelineDraft[] = alerts.slice(0, named).map((alert) => ({
    kind,
    at: at(alert),
    actor,
    text: `${alert.name} ${verb}${objectsOf(alert)}`.slice(0, MAX_TEXT),
    detail: { fingerprint: alert.fingerprint, alert: alert.name, startsAt: alert.startsAt, endsAt: alert.endsAt },
  }));
  const rest = alerts.slice(named);
  const [first] = rest;
  if (first) {
    const names = countBy(rest);
    entries.push({
      kind,
      at: rest.reduce((earliest, alert) => Math.min(earliest, at(alert)), at(first)),
      actor,
      text: `${rest.length} more alerts: ${verb}`,
      detail: { count: rest.length, names },
    });
  }
  return entries;
}

function countBy(alerts: readonly Alert[]): readonly { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const alert of alerts) counts.set(alert.name, (counts.get(alert.name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, MAX_ENTRIES);
}

/** Which object, for a line about one alert: ` (namespace/pod)`, never the scraper's own; empty when no label tells. */
export function objectsOf(alert: Alert): string {
  const { namespace } = truth(alert.labels);
  const parts = [namespace, objectIn(alert.labels)].filter((part) => typeof part === 'string' && part !== '');
  return parts.length > 0 ? ` (${parts.join('/')})` : '';
}
