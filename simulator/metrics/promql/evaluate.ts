import type { MetricStore, Series, SeriesLabels } from '../store.ts';
import { aggregate } from './aggregate.ts';
import type { Expression, Matcher, Selector } from './ast.ts';
import { PromqlError } from './ast.ts';
import { binary } from './binary.ts';
import { call } from './functions.ts';
import { RANGE_FUNCTIONS } from './rangeFunctions.ts';
import type { RangeSample, Sample, Value } from './value.ts';

/**
 * Interval of the simulated scraper, milliseconds: range vectors hold one point for each multiple of it; long ranges
 * hold fewer.
 */
export const SCRAPE_MS = 15_000;
/** In one range: an hour and a quarter still has every scrape. */
const MOST_SAMPLES = 300;
const MAX_POINTS = 11_000;

export interface Evaluation {
  readonly store: MetricStore;
  /** The instant the expression is evaluated for, epoch milliseconds. */
  readonly at: number;
  /** Recording rules: their series are computed when asked for instead of being stored. */
  readonly recorded?: ReadonlyMap<string, readonly RecordedExpression[]>;
}

export interface RecordedExpression {
  readonly expr: Expression;
  readonly labels: SeriesLabels;
}

/** Evaluates an expression at an instant. Throws PromqlError for what it cannot do. */
export function evaluate(expr: Expression, context: Evaluation): Value {
  switch (expr.kind) {
    case 'number':
      return { type: 'scalar', value: expr.value };
    case 'string':
      return { type: 'string', value: expr.value };
    case 'selector':
      return expr.rangeMs === null ? instant(expr, context) : { type: 'matrix', ranges: ranges(expr, context) };
    case 'subquery':
      return { type: 'matrix', ranges: subquery(expr, context) };
    case 'negate':
      return negate(evaluate(expr.expr, context));
    case 'binary':
      return binary(expr, evaluate(expr.left, context), evaluate(expr.right, context));
    case 'aggregate': {
      const parameter = expr.parameter ? evaluate(expr.parameter, context) : null;
      const inner = evaluate(expr.expr, context);
      if (inner.type !== 'vector') throw new PromqlError(`expected type instant vector in aggregation ${expr.op}`);
      const k = parameter?.type === 'scalar' ? parameter.value : 0;
      return { type: 'vector', samples: aggregate(expr.op, expr, inner.samples, k) };
    }
    case 'call':
      return call(expr, context, (arg) => evaluate(arg, context), RANGE_FUNCTIONS);
  }
}

/** Series of the store that match, apart from time. */
export function matchSeries(store: MetricStore, matchers: readonly Matcher[]): readonly Series[] {
  const tests = matchers.map(testOf);
  const name = matchers.find((one) => one.label === '__name__' && one.op === '=')?.value;
  return store.series(name).filter((series) => tests.every((test) => test(series)));
}

function testOf(matcher: Matcher): (series: Pick<Series, 'name' | 'labels'>) => boolean {
  const labelOf = (series: Pick<Series, 'name' | 'labels'>) =>
    matcher.label === '__name__' ? series.name : (series.labels[matcher.label] ?? '');
  if (matcher.op === '=') return (series) => labelOf(series) === matcher.value;
  if (matcher.op === '!=') return (series) => labelOf(series) !== matcher.value;
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${matcher.value})$`, 's');
  } catch {
    throw new PromqlError(`error parsing regexp: ${matcher.value}`);
  }
  const wanted = matcher.op === '=~';
  return (series) => pattern.test(labelOf(series)) === wanted;
}

function instant(selector: Selector, context: Evaluation): Value {
  const when = context.at - selector.offsetMs;
  return {
    type: 'vector',
    samples: [...recordedSamples(selector, context, when), ...storedSamples(selector, context, when)],
  };
}

function storedSamples(selector: Selector, { store }: Evaluation, when: number): readonly Sample[] {
  return matchSeries(store, selector.matchers).flatMap((series) => {
    const value = series.valueAt(when);
    return value === undefined ? [] : [{ labels: { ...series.labels, __name__: series.name }, value }];
  });
}

/** What a recording rule of the selector's name yields at an instant. */
function recordedSamples(selector: Selector, context: Evaluation, when: number): readonly Sample[] {
  const rules = recordingsOf(selector, context);
  const name = selector.matchers.find((one) => one.label === '__name__')?.value ?? '';
  const tests = selector.matchers.filter((one) => one.label !== '__name__').map(testOf);
  return rules.flatMap((rule) => {
    const value = evaluate(rule.expr, { ...context, at: when });
    const samples =
      value.type === 'vector' ? value.samples : value.type === 'scalar' ? [{ labels: {}, value: value.value }] : [];
    return samples
      .map((sample) => ({ labels: { ...sample.labels, ...rule.labels, __name__: name }, value: sample.value }))
      .filter((sample) => tests.every((test) => test({ name, labels: sample.labels })));
  });
}

function recordingsOf(selector: Selector, context: Evaluation): readonly RecordedExpression[] {
  const name = selector.matchers.find((one) => one.label === '__name__' && one.op === '=')?.value;
  return (name === undefined ? undefined : context.recorded?.get(name)) ?? [];
}

function ranges(selector: Selector, context: Evaluation): readonly RangeSample[] {
  const { store, at } = context;
  if (recordingsOf(selector, context).length > 0) {
    const rangeMs = selector.rangeMs ?? 0;
    const shifted = { ...context, at: at - selector.offsetMs };
    return subquery(
      { kind: 'subquery', expr: { ...selector, rangeMs: null, offsetMs: 0 }, rangeMs, stepMs: sampleStep(rangeMs) },
      shifted,
    );
  }
  const to = at - selector.offsetMs;
  const from = to - (selector.rangeMs ?? 0);
  const step = sampleStep(selector.rangeMs ?? 0);
  return matchSeries(store, selector.matchers).flatMap((series) => {
    const points: [number, number][] = [];
    for (let when = Math.ceil((from + 1) / step) * step; when <= to; when += step) {
      const value = series.valueAt(when);
      if (value !== undefined) points.push([when, value]);
    }
    return points.length === 0 ? [] : [{ labels: { ...series.labels, __name__: series.name }, points, from, to }];
  });
}

/** Series are steps and slopes: weeks of them need no sample every 15 s, which would hold up all that shares the process. */
function sampleStep(rangeMs: number): number {
  return Math.max(1, Math.ceil(rangeMs / (MOST_SAMPLES * SCRAPE_MS))) * SCRAPE_MS;
}

function subquery(expr: Extract<Expression, { kind: 'subquery' }>, context: Evaluation): readonly RangeSample[] {
  const { at } = context;
  const from = at - expr.rangeMs;
  if (expr.rangeMs / expr.stepMs > MAX_POINTS) throw new PromqlError('subquery has too many steps');
  const found = new Map<string, { labels: RangeSample['labels']; points: [number, number][] }>();
  for (let when = Math.ceil((from + 1) / expr.stepMs) * expr.stepMs; when <= at; when += expr.stepMs) {
    const value = evaluate(expr.expr, { ...context, at: when });
    const samples =
      value.type === 'vector' ? value.samples : value.type === 'scalar' ? [{ labels: {}, value: value.value }] : [];
    for (const sample of samples) {
      const key = JSON.stringify(sample.labels);
      const range = found.get(key) ?? { labels: sample.labels, points: [] };
      found.set(key, range);
      range.points.push([when, sample.value]);
    }
  }
  return [...found.values()].map((range) => ({ ...range, from, to: at }));
}

function negate(value: Value): Value {
  if (value.type === 'scalar') return { type: 'scalar', value: -value.value };
  if (value.type !== 'vector') throw new PromqlError('unary minus needs a scalar or an instant vector');
  return {
    type: 'vector',
    samples: value.samples.map(({ labels: { __name__: _name, ...labels }, value: of }) => ({ labels, value: -of })),
  };
}
