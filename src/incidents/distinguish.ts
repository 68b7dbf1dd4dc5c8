import type { Labels } from '../alerts/alert.ts';
import { isReplica, nounOf, plainName } from '../alerts/labels.ts';
import { isRedacted } from '../alerts/redacted.ts';
import { truth } from '../alerts/truth.ts';

/** Said elsewhere on the card, or about whom to tell rather than about what is broken. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set([
  'alertname',
  'severity',
  'incident_severity',
  'priority',
  'drill',
  'team',
  'owner',
  'prometheus',
  'metrics_path',
  'uid',
  'alert_group',
  'alertgroup',
  'ref_id',
  'datasource_uid',
  'rulename',
  'grafana_folder',
  'job',
  'container_id',
]);

export interface Distinguishing {
  readonly name: string;
  /** Different values, in the order of the alphabet. */
  readonly values: readonly string[];
}

/**
 * The labels that tell alerts from their siblings, beside the object they name: `device`, `mountpoint`, `resource`,
 * `reason`. Those in which these alerts themselves differ come first.
 */
export function distinguishing(all: readonly Labels[]): readonly Distinguishing[] {
  const found = new Map<string, Set<string>>();
  for (const labels of all) {
    const told = truth(labels);
    for (const name in told) {
      const value = told[name] ?? '';
      if (value === '' || !isDistinguishing(name) || isRedacted(name) || isRedacted(value)) continue;
      const values = found.get(name);
      if (values) values.add(value);
      else found.set(name, new Set([value]));
    }
  }
  return [...found]
    .map(([name, values]) => ({ name, values: [...values].sort() }))
    .sort((a, b) => Number(b.values.length > 1) - Number(a.values.length > 1));
}

function isDistinguishing(name: string): boolean {
  const plain = plainName(name);
  return !(SAID_ELSEWHERE.has(name) || isReplica(name) || plain.startsWith('__') || nounOf(name) !== null);
}
