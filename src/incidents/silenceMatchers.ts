import type { Labels } from '../alerts/alert.ts';
import { isReplica, nounOf, SCRAPED } from '../alerts/labels.ts';
import { isRedacted } from '../alerts/redacted.ts';

/** One matcher of Alertmanager: the value is a regular expression of alternatives when the alerts differ in it. */
export interface SilenceMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
}

/** More different values of a label are no list any more. */
const MAX_VALUES = 20;

/**
 * What a silence of exactly these alerts matches: the labels they share, and of those that tell them apart each value.
 * So it mutes no sibling, such as another host with the same alert name. The most telling matchers stand first. A label
 * that was redacted matches nothing and is left out, and so is what names only the replica of a Prometheus.
 */
export function silenceMatchers(all: readonly Labels[]): readonly SilenceMatcher[] {
  const [first, ...rest] = all;
  if (!first) return [];
  const matchers: SilenceMatcher[] = [];
  for (const name of Object.keys(first)) {
    const values = [...new Set(all.map((labels) => labels[name] ?? ''))].sort();
    if (values.includes('') || isReplica(name) || [name, ...values].some(isRedacted)) continue;
    const [value = ''] = values;
    if (values.length === 1) matchers.push({ name, value, isRegex: false });
    else if (rest.length > 0 && values.length <= MAX_VALUES && isTelling(name))
      matchers.push({ name, value: values.map(escapePattern).join('|'), isRegex: true });
  }
  return matchers.sort((a, b) => Number(isTelling(b.name)) - Number(isTelling(a.name)));
}

/** What names the alert, an object, a place, or where it was measured. */
export function isTelling(name: string): boolean {
  return name === 'alertname' || nounOf(name) !== null || SCRAPED_NAMES.has(name);
}

const SCRAPED_NAMES: ReadonlySet<string> = new Set(
  Object.values(SCRAPED).flatMap((names) => names.flatMap((name) => [name, `exported_${name}`])),
);

/**
 * A matcher as Alertmanager reads it. A name that is no plain word (`k8s.pod.name`) stands in quotes, which versions
 * from 0.27 on read. https://prometheus.io/docs/alerting/latest/configuration/#utf-8-strict-mode
 */
export function writeMatcher({ name, value, isRegex }: SilenceMatcher): string {
  const label = /^[a-zA-Z_]\w*$/.test(name) ? name : quoted(name);
  return `${label}${isRegex ? '=~' : '='}${quoted(value)}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

/** Go's RE2 reads the same escapes. */
function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
