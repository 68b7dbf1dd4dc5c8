import type { Incident } from './incident.ts';

/** Incidents in the order in which people need them: the severer first, then what nobody has acknowledged, then the newer. */
export function byUrgency(a: Incident, b: Incident): number {
  return (
    a.severity.localeCompare(b.severity) ||
    Number(a.status !== 'open') - Number(b.status !== 'open') ||
    b.openedAt - a.openedAt ||
    b.number - a.number
  );
}

/** Whether an incident is never cut from a list. */
export function isUrgent({ severity }: Pick<Incident, 'severity'>): boolean {
  return severity === 'sev1' || severity === 'sev2';
}
