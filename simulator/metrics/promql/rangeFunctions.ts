import type { RangeSample } from './value.ts';

type OverRange = (range: RangeSample) => number | undefined;

/** Functions of one range vector. Undefined: too few points, the series is left out. */
export const RANGE_FUNCTIONS: Readonly<Record<string, OverRange>> = {
  rate: (range) => extrapolated(range, { counter: true, perSecond: true }),
  increase: (range) => extrapolated(range, { counter: true, perSecond: false }),
  delta: (range) => extrapolated(range, { counter: false, perSecond: false }),
  irate: (range) => lastTwo(range, true),
  idelta: (range) => lastTwo(range, false),
  deriv: (range) => regression(range)?.slope,
  avg_over_time: (range) => some(range, (values) => sum(values) / values.length),
  sum_over_time: (range) => some(range, sum),
  min_over_time: (range) => some(range, (values) => Math.min(...values)),
  max_over_time: (range) => some(range, (values) => Math.max(...values)),
  count_over_time: (range) => some(range, (values) => values.length),
  last_over_time: (range) => range.points.at(-1)?.[1],
  present_over_time: (range) => some(range, () => 1),
  changes: (range) => some(range, (values) => values.filter((value, at) => at > 0 && value !== values[at - 1]).length),
  resets: (range) => some(range, (values) => values.filter((value, at) => value < (values[at - 1] ?? value)).length),
};

/** The value `ahead` seconds from the end of the range, by linear regression. */
export function predictLinear(range: RangeSample, ahead: number): number | undefined {
  const line = regression(range);
  return line ? line.intercept + line.slope * ahead : undefined;
}

function some(range: RangeSample, of: (values: readonly number[]) => number): number | undefined {
  return range.points.length === 0 ? undefined : of(range.points.map(([, value]) => value));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Prometheus's rate: the increase between first and last point, extended to the edges of the window. */
function extrapolated(range: RangeSample, how: { counter: boolean; perSecond: boolean }): number | undefined {
  const { points } = range;
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return undefined;
  let change = last[1] - first[1];
  if (how.counter) {
    for (let at = 1; at < points.length; at += 1) {
      const before = points[at - 1]?.[1] ?? 0;
      if ((points[at]?.[1] ?? 0) < before) change += before;
    }
  }
  const sampled = (last[0] - first[0]) / 1000;
  const between = sampled / (points.length - 1);
  let toStart = (first[0] - range.from) / 1000;
  const toEnd = (range.to - last[0]) / 1000;
  // A counter cannot have been below zero, so it is not extended further back than that.
  if (how.counter && change > 0 && first[1] >= 0) toStart = Math.min(toStart, sampled * (first[1] / change));
  const near = between * 1.1;
  const covered = sampled + (toStart < near ? toStart : between / 2) + (toEnd < near ? toEnd : between / 2);
  const whole = (change * covered) / sampled;
  return how.perSecond ? whole / ((range.to - range.from) / 1000) : whole;
}

function lastTwo(range: RangeSample, counter: boolean): number | undefined {
  const last = range.points.at(-1);
  const before = range.points.at(-2);
  if (!last || !before) return undefined;
  if (!counter) return last[1] - before[1];
  const change = last[1] < before[1] ? last[1] : last[1] - before[1];
  return change / ((last[0] - before[0]) / 1000);
}

function regression(range: RangeSample): { slope: number; intercept: number } | undefined {
  const { points } = range;
  if (points.length < 2) return undefined;
  const xs = points.map(([at]) => (at - range.to) / 1000);
  const ys = points.map(([, value]) => value);
  const meanX = sum(xs) / xs.length;
  const meanY = sum(ys) / ys.length;
  let covariance = 0;
  let variance = 0;
  for (const [at, x] of xs.entries()) {
    covariance += (x - meanX) * ((ys[at] ?? 0) - meanY);
    variance += (x - meanX) ** 2;
  }
  if (variance === 0) return undefined;
  const slope = covariance / variance;
  return { slope, intercept: meanY - slope * meanX };
}
