import type { MetricStore, MetricType, Series } from './store.ts';

/** The Prometheus text format, version 0.0.4: every series that has a value now, grouped by family. */
export function exposition(store: MetricStore, at: number): string {
  const families = new Map<string, { type: MetricType; help: string; lines: string[] }>();
  for (const series of store.series()) {
    const value = series.valueAt(at);
    if (value === undefined) continue;
    const { name, type, help } = familyOf(store, series);
    const family = families.get(name) ?? { type, help, lines: [] };
    families.set(name, family);
    family.lines.push(`${series.name}${labelText(series.labels)} ${numberText(value)}`);
  }
  const blocks = [...families.entries()].map(([name, { type, help, lines }]) =>
    [
      `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE ${name} ${type}`,
      ...lines,
    ].join('\n'),
  );
  return blocks.length === 0 ? '' : `${blocks.join('\n')}\n`;
}

/** A histogram's buckets, sum and count belong to one family. */
function familyOf(store: MetricStore, series: Series): { name: string; type: MetricType; help: string } {
  const base = series.name.replace(/_(bucket|sum|count)$/, '');
  for (const name of [series.name, base]) {
    const declared = store.family(name);
    if (declared && (name === series.name || declared.type === 'histogram')) return declared;
  }
  if (base !== series.name && store.series(`${base}_bucket`).length > 0) {
    return { name: base, type: 'histogram', help: 'Simulated.' };
  }
  return { name: series.name, type: series.name.endsWith('_total') ? 'counter' : 'gauge', help: 'Simulated.' };
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** A number as Prometheus writes it. */
export function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
