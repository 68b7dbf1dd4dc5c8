import type { Labels } from '../alerts/alert.ts';
import type { Redactor } from '../redaction/redactor.ts';

/**
 * The same samples or series with secrets removed from their label values. Names and values are redacted as one text,
 * a line each, so that a secret is recognised by the name before it and the rules for tokens run once.
 */
export async function redactLabels<T extends { readonly labels: Labels }>(
  found: readonly T[],
  redactor: Redactor,
): Promise<readonly T[]> {
  const lines = new Set<string>();
  for (const { labels } of found) for (const entry of Object.entries(labels)) lines.add(lineOf(entry));
  const before = [...lines];
  const after = (await redactor.redactDeep(before.join('\n'))).split('\n');
  const clean = new Map(
    before.map((line, index) => [line, after.length === before.length ? after[index] : redactor.redact(line)]),
  );
  return found.map((one) => ({
    ...one,
    labels: Object.fromEntries(
      Object.entries(one.labels).map(([name, value]) => {
        const line = clean.get(lineOf([name, value])) ?? '';
        return [name, line.startsWith(`${name}=`) ? line.slice(name.length + 1) : line];
      }),
    ),
  }));
}

function lineOf([name, value]: readonly [string, string]): string {
  return `${name}=${value.replaceAll(/\s*\n\s*/g, ' ')}`;
}

/** Short name of a series: what tells it from the others, or all it has when it is alone. */
export function seriesName(labels: Labels, others: readonly Labels[]): string {
  const names = Object.keys(labels).filter((name) => name !== '__name__');
  const telling = names.filter((name) => others.some((other) => other[name] !== labels[name]));
  const shown = telling.length > 0 ? telling : names;
  if (shown.length === 0) return labels.__name__ ?? 'value';
  const words = shown.length <= 2 ? shown.map((name) => labels[name]) : shown.map((name) => `${name}=${labels[name]}`);
  return words.join(' ');
}
