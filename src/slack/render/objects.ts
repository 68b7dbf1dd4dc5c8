import type { Labels } from '../../alerts/alert.ts';
import { truth } from '../../alerts/truth.ts';
import type { IncidentAlert } from '../../incidents/incident.ts';
import { code } from './text.ts';

/** The labels that name an affected object, the most telling first. */
const OBJECT_LABELS: readonly { readonly noun: string; readonly labels: readonly string[] }[] = [
  { noun: 'pod', labels: ['pod', 'pod_name'] },
  { noun: 'job', labels: ['job_name'] },
  { noun: 'claim', labels: ['persistentvolumeclaim'] },
  { noun: 'node', labels: ['node'] },
  { noun: 'queue', labels: ['queue'] },
  { noun: 'function', labels: ['function', 'function_name', 'service_name', 'configuration_name'] },
  { noun: 'deployment', labels: ['deployment', 'statefulset', 'daemonset'] },
];

/** What is affected, without repeats, grouped by kind; firing ones only while anything fires. */
export function affected(alerts: readonly IncidentAlert[]): readonly { noun: string; names: readonly string[] }[] {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  const groups = new Map<string, Set<string>>();
  for (const alert of firing.length > 0 ? firing : alerts) {
    const found = objectOf(alert.labels);
    if (!found) continue;
    const names = groups.get(found.noun) ?? new Set<string>();
    groups.set(found.noun, names.add(found.name));
  }
  return [...groups].map(([noun, names]) => ({ noun, names: [...names] }));
}

function objectOf(sent: Labels): { noun: string; name: string } | null {
  const labels = truth(sent);
  for (const kind of OBJECT_LABELS) {
    for (const label of kind.labels) {
      const name = labels[label]?.trim();
      if (name) return { noun: kind.noun, name };
    }
  }
  return null;
}

const SHOWN = 3;

/** `3 pods: a, b, c` and `5 jobs: a, b, c and 2 more`; null when the labels name nothing. */
export function affectedLine(alerts: readonly IncidentAlert[]): string | null {
  const parts = affected(alerts)
    .slice(0, 2)
    .map(({ noun, names }) => {
      const shown = names.slice(0, SHOWN).map((name) => code(name, 64));
      const more = names.length > SHOWN ? ` and ${(names.length - SHOWN).toLocaleString('en-US')} more` : '';
      return `${names.length.toLocaleString('en-US')} ${names.length === 1 ? noun : `${noun}s`}: ${shown.join(', ')}${more}`;
    });
  return parts.length > 0 ? parts.join(' · ') : null;
}
