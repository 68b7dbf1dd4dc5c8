import { durationMs } from '../../promql/duration.ts';
import { numberText } from './exposition.ts';
import { PromqlError } from './promql/ast.ts';
import { evaluate, matchSeries } from './promql/evaluate.ts';
import { parsePromql } from './promql/parser.ts';
import { labelKey } from './promql/value.ts';
import type { LoadedRules, RuleText } from './rules.ts';
import type { Clock, MetricStore, SeriesLabels } from './store.ts';

export interface ApiParts {
  readonly store: MetricStore;
  readonly clock: Clock;
  readonly rules: LoadedRules;
}

/** Answers `/api/v1/...` as Prometheus does; null for a path it does not have. Throws PromqlError. */
export function answerApi(path: string, params: URLSearchParams, parts: ApiParts): unknown {
  const values = /^label\/([^/]+)\/values$/.exec(path);
  if (values?.[1]) return labelValues(decodeURIComponent(values[1]), params, parts);
  return ENDPOINTS[path]?.(params, parts) ?? null;
}

const ENDPOINTS: Readonly<Record<string, (params: URLSearchParams, parts: ApiParts) => unknown>> = {
  query: instantQuery,
  query_range: rangeQuery,
  series: (params, parts) => selected(params, parts),
  labels: (params, parts) => {
    const all = selected(params, parts).flatMap((labels) => Object.keys(labels));
    return [...new Set(all)].sort();
  },
  metadata: (_params, { store }) =>
    Object.fromEntries(store.families().map(({ name, type, help }) => [name, [{ type, help, unit: '' }]])),
  rules: listRules,
  alerts: (_params, { store, clock, rules }) => ({ alerts: rules.alerts(store, clock.now()) }),
  targets: (_params, { clock }) => ({
    activeTargets: [target(clock.now())],
    droppedTargets: [],
    droppedTargetCounts: {},
  }),
  'status/buildinfo': () => ({ version: '2.53.0-simulated', revision: 'simulated', branch: 'HEAD', goVersion: '' }),
  'status/tsdb': (_params, { store }) => tsdb(store),
};

/** https://prometheus.io/docs/prometheus/latest/querying/api/#rules, with `type` and `rule_name[]`. */
function listRules(params: URLSearchParams, { store, clock, rules }: ApiParts): unknown {
  const type = params.get('type');
  const names = params.getAll('rule_name[]');
  const only = (rule: RuleText) =>
    (type === null || (type === 'alert') === (rule.alert !== undefined)) &&
    (names.length === 0 || names.includes(rule.alert ?? rule.record ?? ''));
  return { groups: rules.groups(store, clock.now(), only) };
}

function instantQuery(params: URLSearchParams, { store, clock, rules }: ApiParts): unknown {
  const at = timeOf(params.get('time'), clock.now());
  const value = evaluate(parsePromql(queryOf(params)), { store, at, recorded: rules.recorded });
  const point = (of: number) => [at / 1000, numberText(of)];
  if (value.type === 'scalar') return { resultType: 'scalar', result: point(value.value) };
  if (value.type === 'string') return { resultType: 'string', result: [at / 1000, value.value] };
  if (value.type === 'vector') {
    return {
      resultType: 'vector',
      result: value.samples.map((one) => ({ metric: one.labels, value: point(one.value) })),
    };
  }
  return {
    resultType: 'matrix',
    result: value.ranges.map(({ labels, points }) => ({
      metric: labels,
      values: points.map(([when, of]) => [when / 1000, numberText(of)]),
    })),
  };
}

function rangeQuery(params: URLSearchParams, { store, clock, rules }: ApiParts): unknown {
  const start = timeOf(required(params, 'start'), clock.now());
  const end = timeOf(required(params, 'end'), clock.now());
  const step = stepOf(required(params, 'step'));
  if (end < start) throw new PromqlError('invalid parameter "end": end timestamp must not be before start time');
  if ((end - start) / step > 11_000) {
    throw new PromqlError(
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  const expr = parsePromql(queryOf(params));
  const found = new Map<string, { metric: SeriesLabels; values: [number, string][] }>();
  for (let at = start; at <= end; at += step) {
    const value = evaluate(expr, { store, at, recorded: rules.recorded });
    if (value.type !== 'vector' && value.type !== 'scalar') {
      throw new PromqlError(
        `invalid expression type "${value.type}" for range query, must be Scalar or instant Vector`,
      );
    }
    const samples = value.type === 'vector' ? value.samples : [{ labels: {}, value: value.value }];
    for (const sample of samples) {
      const key = labelKey(sample.labels);
      const series = found.get(key) ?? { metric: sample.labels, values: [] };
      found.set(key, series);
      series.values.push([at / 1000, numberText(sample.value)]);
    }
  }
  return { resultType: 'matrix', result: [...found.values()] };
}

/** Label sets of what `match[]` selects and has lived in the asked time; everything without `match[]`. */
function selected(params: URLSearchParams, { store, clock }: ApiParts): readonly SeriesLabels[] {
  const matches = params.getAll('match[]');
  const at = timeOf(params.get('end'), clock.now());
  const series =
    matches.length === 0 ? store.series() : matches.flatMap((text) => matchSeries(store, matchersOf(text)));
  const alive = series.filter((one) => one.valueAt(at) !== undefined);
  return alive.map((one) => ({ __name__: one.name, ...one.labels }));
}

function labelValues(name: string, params: URLSearchParams, parts: ApiParts): readonly string[] {
  const values = selected(params, parts).map((labels) => labels[name]);
  return [...new Set(values.filter((value) => value !== undefined))].sort();
}

function matchersOf(text: string) {
  const expr = parsePromql(text);
  if (expr.kind !== 'selector') throw new PromqlError(`invalid parameter "match[]": ${text} is no selector`);
  return expr.matchers;
}

function queryOf(params: URLSearchParams): string {
  return required(params, 'query');
}

function required(params: URLSearchParams, name: string): string {
  const value = params.get(name);
  if (!value) throw new PromqlError(`invalid parameter "${name}": it is missing`);
  return value;
}

function timeOf(text: string | null, fallback: number): number {
  if (text === null || text === '') return fallback;
  const seconds = Number(text);
  const at = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text);
  if (!Number.isFinite(at)) throw new PromqlError(`cannot parse "${text}" to a valid timestamp`);
  return Math.round(at);
}

function stepOf(text: string): number {
  const ms = /^[\d.]+$/.test(text) ? Number(text) * 1000 : durationMs(text);
  if (ms === null || !(ms > 0)) throw new PromqlError(`cannot parse "${text}" to a valid duration`);
  return ms;
}

function target(now: number): Record<string, unknown> {
  return {
    discoveredLabels: {},
    labels: { instance: 'simulated', job: 'simulated' },
    scrapePool: 'simulated',
    health: 'up',
    lastError: '',
    lastScrape: new Date(now).toISOString(),
  };
}

/** The part of `status/tsdb` that cardinality checks read. */
function tsdb(store: MetricStore): Record<string, unknown> {
  const counts = store.names().map((name) => ({ name, value: store.series(name).length }));
  return {
    headStats: { numSeries: counts.reduce((sum, one) => sum + one.value, 0) },
    seriesCountByMetricName: counts.sort((a, b) => b.value - a.value).slice(0, 10),
  };
}
