import { affected } from '../../incidents/affected.ts';
import { distinguishing } from '../../incidents/distinguish.ts';
import type { IncidentWithAlerts } from '../../incidents/incident.ts';
import { code } from './mrkdwn.ts';

const SHOWN = 3;

/** Labels beside the object: a line has room for so many, and for so many of their values. */
const LABELS = 3;

/** `3 pods: a, b, c` and `5 Jobs: a, b, c and 2 more`, ready mrkdwn, without what is but the subject; null when nothing is left. */
export function affectedLine(known: IncidentWithAlerts): string | null {
  const parts = affected(known.alerts, known.unread)
    .filter(({ names }) => names.length > 1 || names[0] !== known.incident.subject.name)
    .slice(0, 2)
    .map(({ text, names }) => `${text}: ${valuesOf(names)}`);
  const firing = known.alerts.filter((alert) => alert.status === 'firing');
  // While something fires only what fires counts.
  const beside = distinguishing((firing.length > 0 ? firing : known.alerts).map((alert) => alert.labels))
    .slice(0, LABELS)
    // Name and value together, so that a secret's name tells the guard of every message what its value is.
    .map(({ name, values }) => valuesOf(values.map((value) => `${name}=${value}`)));
  const said = [...parts, ...beside];
  return said.length > 0 ? said.join(' · ') : null;
}

function valuesOf(values: readonly string[]): string {
  const shown = values.slice(0, SHOWN).map((value) => code(value, 90));
  return `${shown.join(', ')}${values.length > SHOWN ? ` and ${(values.length - SHOWN).toLocaleString('en-US')} more` : ''}`;
}
