import type { PrometheusDriver } from 'prometheus-query';
import { z } from 'zod';
import type { Labels } from '../alerts/alert.ts';
import type { Redactor } from '../redaction/redactor.ts';
import { cut } from '../wording/cuts.ts';
import { type CallOptions, createCaller } from './pacedCalls.ts';
import { redactLabels } from './seriesLabels.ts';

/** Evaluation timeout sent to Prometheus, below our own deadline, so that it stops when we stop waiting. */
const SERVER_TIMEOUT = '4s';
const MAX_SERIES = 100;
const POINTS = 180;
const MAX_URL = 1_500;

export interface Sample {
  readonly labels: Labels;
  /** NaN when the expression has no number there. */
  readonly value: number;
}

export interface Series {
  readonly labels: Labels;
  /** Epoch milliseconds and value, oldest first; NaN where there is none. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** An alerting rule as Prometheus has it loaded. */
export interface AlertRule {
  readonly name: string;
  readonly query: string;
  /** The rule's `for`, milliseconds. */
  readonly forMs: number;
  readonly labels: Labels;
}

/**
 * Read-only and bounded: 5 s, 16 MiB, 100 series, 180 points each. Label values are redacted. Throws ResponderError,
 * which says what was asked, what is wrong and what to do.
 */
export interface Prometheus {
  /** Without credentials, for people. */
  readonly address: string;
  readonly simulated: boolean;
  /** The value now, or at `at` (epoch milliseconds). A scalar is one sample without labels. */
  query(
    expression: string,
    options: { readonly at?: number; readonly signal: AbortSignal },
  ): Promise<readonly Sample[]>;
  range(
    expression: string,
    options: { readonly from: number; readonly to: number; readonly signal: AbortSignal },
  ): Promise<readonly Series[]>;
  /** Which of these metric names have series in that time; the way to learn what an installation calls its metrics. */
  existing(
    names: readonly string[],
    options: { readonly from: number; readonly to: number; readonly signal: AbortSignal },
  ): Promise<ReadonlySet<string>>;
  /**
   * The loaded rule of this name: of several the one with this expression, else the one whose labels the alert carries. Null when
   * there is none, and when several could be it.
   */
  ruleFor(
    alertName: string,
    labels: Labels,
    signal: AbortSignal,
    expression?: string | null,
  ): Promise<AlertRule | null>;
  status(signal: AbortSignal): Promise<{ readonly version: string }>;
}

export interface PrometheusOptions extends CallOptions {
  /** With user and password in it when it asks for them; a path prefix is kept. */
  readonly url: string;
  readonly simulated: boolean;
  readonly redactor: Redactor;
}

/** NaN and the infinities are values of Prometheus, and zod's numbers are none of them. */
const number = z.custom<number>((value) => typeof value === 'number');
const vector = z.array(z.object({ metric: metricOf(), value: z.object({ value: number }) }));
const matrix = z.array(z.object({ metric: metricOf(), values: z.array(z.object({ time: z.date(), value: number })) }));
const scalar = z.tuple([z.number(), z.string()]);
const rules = z.array(
  z.object({
    rules: z.array(
      z.object({
        name: z.string(),
        query: z.string().catch(''),
        type: z.string().optional(),
        duration: z.number().optional().catch(0),
        labels: z.record(z.string(), z.string()).nullish().catch({}),
      }),
    ),
  }),
);

function metricOf() {
  return z
    .object({ name: z.string().nullish(), labels: z.record(z.string(), z.string()) })
    .nullable()
    .transform((metric) => ({ ...(metric?.name ? { __name__: metric.name } : {}), ...metric?.labels }));
}

/** Makes no call yet; the client is loaded when it is first used. */
export function openPrometheus(options: PrometheusOptions): Prometheus {
  const { redactor } = options;
  const { call, address } = createCaller(new URL(options.url), options);
  return {
    address,
    simulated: options.simulated,
    query: (expression, { at, signal }) =>
      call(
        cut(expression, 120),
        signal,
        async (driver) => redactLabels(await samplesOf(driver, expression, at), redactor),
        { long: expression.length > MAX_URL },
      ),
    range: (expression, { from, to, signal }) =>
      call(
        cut(expression, 120),
        signal,
        async (driver) => redactLabels(await seriesOf(driver, expression, from, to), redactor),
        { long: expression.length > MAX_URL },
      ),
    existing: (names, { from, to, signal }) =>
      call(
        'which metrics there are',
        signal,
        async (driver) => {
          const found = new Set(z.array(z.string()).parse(await driver.labelValues('__name__')));
          // Servers before 2.24 ignore the selector and answer with every name.
          return new Set(names.filter((name) => found.has(name)));
        },
        {
          params: {
            'match[]': `{__name__=~"${names.join('|')}"}`,
            start: String(Math.floor(from / 1000)),
            end: String(Math.ceil(to / 1000)),
          },
        },
      ),
    ruleFor: (alertName, labels, signal, expression = null) =>
      call(
        `rule of ${alertName}`,
        signal,
        async (driver) => bestRule(rules.parse(await driver.rules()), alertName, labels, expression),
        // Older servers ignore what they do not know and send all rules.
        { params: { type: 'alert', 'rule_name[]': alertName } },
      ),
    status: (signal) =>
      call('status', signal, async (driver) =>
        z.object({ version: z.string().catch('unknown') }).parse(await driver.statusBuildinfo()),
      ),
  };
}

async function samplesOf(
  driver: PrometheusDriver,
  expression: string,
  at: number | undefined,
): Promise<readonly Sample[]> {
  const answer = await driver.instantQuery(expression, at, SERVER_TIMEOUT);
  const one = scalar.safeParse(answer.result).data;
  if (one) return [{ labels: {}, value: Number(one[1]) }];
  const found = vector.parse(answer.result).map(({ metric, value }) => ({ labels: metric, value: value.value }));
  return found.slice(0, MAX_SERIES);
}

async function seriesOf(
  driver: PrometheusDriver,
  expression: string,
  from: number,
  to: number,
): Promise<readonly Series[]> {
  const step = stepMs(from, to);
  // The last point is the present, not up to a step ago.
  const start = to - Math.floor((to - from) / step) * step;
  const answer = await driver.rangeQuery(expression, start, to, step / 1000, SERVER_TIMEOUT);
  return matrix
    .parse(answer.result)
    .slice(0, MAX_SERIES)
    .map(({ metric, values }) => ({
      labels: metric,
      points: values.map(({ time, value }) => [time.getTime(), value] as const),
    }));
}

/** Distance of the points of a range, milliseconds: at most 180 of them, not closer than a scrape usually is. */
export function stepMs(from: number, to: number): number {
  return Math.max(15, Math.ceil((to - from) / POINTS / 1000)) * 1000;
}

function bestRule(
  groups: z.output<typeof rules>,
  alertName: string,
  labels: Labels,
  expression: string | null,
): AlertRule | null {
  const named = groups
    .flatMap((group) => group.rules)
    .filter((rule) => rule.name === alertName && rule.query !== '' && rule.type !== 'recording');
  // A templated label has no fixed value in the rule, so it is not compared.
  const stated = (rule: (typeof named)[number]) =>
    Object.entries(rule.labels ?? {}).filter(([, value]) => !value.includes('{{'));
  const fits = (rule: (typeof named)[number]) => stated(rule).every(([name, value]) => labels[name] === value);
  const same = named.filter(({ query }) => query === expression);
  // Relabelling may drop a label but does not change it to another rule's value.
  const possible = named.filter((rule) => stated(rule).every(([name, value]) => (labels[name] ?? value) === value));
  const rule = same.find(fits) ?? same[0] ?? named.find(fits) ?? onlyOne(possible) ?? onlyOne(named);
  return rule
    ? { name: rule.name, query: rule.query, forMs: (rule.duration ?? 0) * 1000, labels: rule.labels ?? {} }
    : null;
}

/** The single element of a list. Relabelling may have changed the labels of the rule, but not its name. */
function onlyOne<T>(all: readonly T[]): T | undefined {
  return all.length === 1 ? all[0] : undefined;
}
