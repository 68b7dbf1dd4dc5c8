import type { Labels } from '../../alerts/alert.ts';
import { cutMiddle } from '../../wording/cuts.ts';
import type { Series } from '../openPrometheus.ts';
import { seriesName } from '../seriesLabels.ts';
import { formatValue, type Unit } from '../units.ts';

/** The most lines that can be told apart on a phone. */
const MOST_SERIES = 6;

export interface Line {
  /** With its last value, unique within the chart. */
  readonly name: string;
  /** Epoch milliseconds and value; null where there is none. */
  readonly points: readonly (readonly [at: number, value: number | null])[];
  /** The line belongs to the alert's own series; other lines are drawn for comparison. */
  readonly own: boolean;
}

/** A picture of an alert's expression, as plain values: it is drawn in another thread. */
export interface Chart {
  readonly title: string;
  readonly expression: string;
  readonly unit: Unit;
  readonly from: number;
  readonly to: number;
  /** The alert's own lines first, then the worst. */
  readonly lines: readonly Line[];
  /** Series that are not drawn. */
  readonly hidden: number;
  readonly threshold: number | null;
  /** `>`, `<=` ...; null without a threshold. */
  readonly comparison: string | null;
  readonly firing: { readonly from: number; readonly to: number } | null;
}

export interface ChartParts extends Pick<Chart, 'title' | 'expression' | 'unit' | 'from' | 'to' | 'firing'> {
  readonly series: readonly Series[];
  readonly threshold: number | null;
  readonly comparison: string | null;
  readonly stepMs: number;
  /** Labels of the alert: a series whose every label it carries is its own. */
  readonly alert: Labels;
}

/** The lines to draw, ranked. Pure. */
export function chartOf(parts: ChartParts): { readonly chart: Chart; readonly ranked: readonly Ranked[] } {
  const all = parts.series.map((series) => series.labels);
  const isBelow = parts.comparison?.startsWith('<') ?? false;
  const ranked = parts.series
    .map((series): Ranked => {
      const values = series.points.map(([, value]) => value).filter(Number.isFinite);
      const last = series.points.at(-1);
      const isFresh = last !== undefined && parts.to - last[0] <= Math.max(5 * 60_000, 2 * parts.stepMs);
      return {
        series,
        name: drawable(seriesName(series.labels, all)).slice(0, 200),
        own: isOwn(series.labels, parts.alert),
        now: isFresh ? last[1] : null,
        worst: values.length === 0 ? null : isBelow ? Math.min(...values) : Math.max(...values),
      };
    })
    .toSorted((a, b) => Number(b.own) - Number(a.own) || badness(b, isBelow) - badness(a, isBelow));
  const drawn = ranked.slice(0, MOST_SERIES);
  const names = new Set<string>();
  const lines = drawn.map((one): Line => {
    const now = one.now === null ? 'no data now' : formatValue(one.now, parts.unit);
    let name = `${cutMiddle(one.name, 48)}  ${now}`;
    while (names.has(name)) name += ' ';
    names.add(name);
    return { name, points: withGaps(one.series.points, parts.stepMs), own: one.own };
  });
  const { unit, from, to, firing, threshold, comparison } = parts;
  const title = drawable(parts.title);
  const expression = drawable(parts.expression);
  const hidden = ranked.length - drawn.length;
  return { chart: { title, expression, unit, from, to, firing, threshold, comparison, lines, hidden }, ranked };
}

export interface Ranked {
  readonly series: Series;
  readonly name: string;
  readonly own: boolean;
  /** The value at the end of the time; null when it has none there. */
  readonly now: number | null;
  /** The highest, or for an alert about too little the lowest. */
  readonly worst: number | null;
}

function isOwn(labels: Labels, alert: Labels): boolean {
  const names = Object.keys(labels).filter((name) => name !== '__name__');
  return names.length > 0 && names.every((name) => labels[name] === alert[name]);
}

/** Sort key: bigger is worse, and a series without a number ranks last. */
function badness({ now, worst }: Ranked, isBelow: boolean): number {
  const value = now !== null && Number.isFinite(now) ? now : worst;
  if (value === null) return -Number.MAX_VALUE;
  return isBelow ? -value : value;
}

/** A hole of more than a step and a half is a hole in the line, and so is what is not a number. */
function withGaps(points: Series['points'], stepMs: number): Line['points'] {
  const line: (readonly [number, number | null])[] = [];
  let before: number | null = null;
  for (const [at, value] of points) {
    if (before !== null && at - before > stepMs * 1.5) line.push([before + stepMs, null]);
    line.push([at, Number.isFinite(value) ? value : null]);
    before = at;
  }
  return line;
}

/** Without what XML does not allow, not even escaped (https://www.w3.org/TR/xml/#charsets), and what turns text around. */
function drawable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]+/gu, ' ')
    .trim();
}
