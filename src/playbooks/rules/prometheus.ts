import { type PromqlNode, selectorsOf } from '../../../promql/node.ts';
import type { Remark } from './remark.ts';

/** A port to the series of a Prometheus. */
export interface SeriesCatalogue {
  /** Values of a label over the series of a metric; [] when the metric has no series or none with the label. */
  labelValues(metric: string, label: string): Promise<readonly string[]>;
}

const MAX_SHOWN = 5;

/** Metrics and label values of an expression that no series has. Trouble with the Prometheus itself is passed on as it is thrown. */
export async function prometheusRemarks(
  expr: PromqlNode,
  prometheus: SeriesCatalogue,
  recorded: ReadonlySet<string>,
): Promise<readonly Remark[]> {
  const remarks: Remark[] = [];
  for (const { metric, matchers } of selectorsOf(expr)) {
    if (metric === null || metric === 'ALERTS' || recorded.has(metric)) continue;
    const names = await prometheus.labelValues(metric, '__name__');
    if (names.length === 0) {
      const hint = 'A counter may be born with its first event; otherwise check the name and the scrape.';
      remarks.push({ check: 'unknown-metric', level: 'notice', problem: `${metric} has no series now`, hint });
      continue;
    }
    for (const { label, op, value } of matchers) {
      if (op === '!=' || op === '!~' || value === '') continue;
      const values = await prometheus.labelValues(metric, label);
      if (values.some((one) => (op === '=' ? one === value : matchesWhole(value, one)))) continue;
      const seen = values.length === 0 ? 'it has no such label' : `it has ${values.slice(0, MAX_SHOWN).join(', ')}`;
      const problem = `${metric}{${label}${op}"${value}"} matches nothing; ${seen}`;
      remarks.push({
        check: 'unknown-label-value',
        level: 'warning',
        problem,
        hint: 'Check the spelling, or whether the case has simply not occurred yet.',
      });
    }
  }
  return remarks;
}

/** Matches the whole value, as Prometheus does; an expression that JavaScript cannot compile counts as a match. */
function matchesWhole(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern.replace(/^\(\?[is]+\)/, '')})$`, 's').test(value);
  } catch {
    return true;
  }
}
