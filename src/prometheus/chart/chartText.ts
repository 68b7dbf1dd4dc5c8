import { formatValue } from '../units.ts';
import type { Chart, Ranked } from './chart.ts';
import { clock } from './option.ts';

/**
 * The current and the most extreme value of a series against the threshold; of several series, how many are beyond it.
 * Used as the alternative text and in notifications.
 */
export function currentValues(chart: Chart, ranked: readonly Ranked[]): string {
  const [first] = ranked;
  if (!first) return 'Prometheus has no data.';
  const isBelow = chart.comparison?.startsWith('<') ?? false;
  const now = first.now === null ? 'no data now' : `${formatValue(first.now, chart.unit)} now`;
  const limit =
    chart.threshold === null ? '' : ` (alerts ${chart.comparison} ${formatValue(chart.threshold, chart.unit)})`;
  const extreme = first.series.points.find(([, value]) => value === first.worst);
  const most =
    first.worst === null ||
    extreme === undefined ||
    (first.now !== null && formatValue(first.worst, chart.unit) === formatValue(first.now, chart.unit))
      ? ''
      : `, ${isBelow ? 'lowest' : 'highest'} ${formatValue(first.worst, chart.unit)} at ${clock(extreme[0], chart.to)} UTC`;
  const name = first.name === 'value' ? 'The expression' : first.name;
  return `${name}: ${now}${limit}${most}.${othersOf(chart, ranked)}`;
}

function othersOf(chart: Chart, ranked: readonly Ranked[]): string {
  if (ranked.length < 2) return '';
  const { threshold, comparison } = chart;
  const beyond =
    threshold === null || comparison === null
      ? null
      : ranked.filter(({ now }) => now !== null && isBeyond(now, comparison, threshold)).length;
  const of = `${ranked.length} series`;
  return beyond === null ? ` Worst of ${of}.` : ` ${beyond} of ${of} ${beyond === 1 ? 'is' : 'are'} beyond it now.`;
}

function isBeyond(value: number, comparison: string, threshold: number): boolean {
  if (comparison === '>') return value > threshold;
  if (comparison === '>=') return value >= threshold;
  if (comparison === '<') return value < threshold;
  if (comparison === '<=') return value <= threshold;
  return comparison === '==' ? value === threshold : value !== threshold;
}

/** The alternative text of the chart. */
export function altText(chart: Chart, ranked: readonly Ranked[]): string {
  const shown = `${chart.lines.length}${chart.hidden > 0 ? ` of ${chart.lines.length + chart.hidden}` : ''} series`;
  const span = `from ${clock(chart.from, chart.to)} to ${clock(chart.to, chart.to)} UTC`;
  const threshold =
    chart.threshold === null
      ? ''
      : ` Dashed line: the alert’s threshold, ${chart.comparison} ${formatValue(chart.threshold, chart.unit)}.`;
  const firing = chart.firing === null ? '' : ` Shaded: firing since ${clock(chart.firing.from, chart.to)} UTC.`;
  const text = `Line chart of ${chart.expression.slice(0, 200)} for ${chart.title}, ${shown}, ${span}. ${currentValues(chart, ranked)}${threshold}${firing}`;
  return text.slice(0, 900);
}
