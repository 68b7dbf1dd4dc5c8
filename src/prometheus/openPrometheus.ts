import { bulkhead, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError, wrap } from 'cockatiel';
import type { PrometheusDriver } from 'prometheus-query';
import { z } from 'zod';
import type { Labels } from '../alerts/alert.ts';
import { coerceError, type ErrorCode, ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { agentsThrough } from '../network/agents.ts';
import type { ProxyFor } from '../network/proxies.ts';
import type { Redactor } from '../redaction/redactor.ts';
import { cut } from '../wording/cuts.ts';
import { answered, toError, withStatus } from './queryErrors.ts';
import { redactLabels } from './seriesLabels.ts';

const CALL_MS = 5_000;
/** What Prometheus is told, so that it stops working when we stop waiting. */
const SERVER_TIMEOUT = '4s';
const MAX_BYTES = 16 * 1024 * 1024;
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

export interface PrometheusOptions {
  /** With user and password in it when it asks for them; a path prefix is kept. */
  readonly url: string;
  readonly simulated: boolean;
  readonly log: Logger;
  readonly redactor: Redactor;
  /** The proxies of the environment; none unless given. */
  readonly proxyFor?: ProxyFor | null;
  /** Told how each call ended, `ok` or the code of its error, and how long it took. */
  readonly onOutcome?: (outcome: 'ok' | ErrorCode, ms: number) => void;
  /** Told when it is left alone after failing again and again, and when no longer. */
  readonly onBreaker?: (open: boolean) => void;
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
  const address = new URL(options.url);
  const { username, password } = address;
  address.username = '';
  address.password = '';
  // With agents that know the proxy, or that there is none, the client does not read the environment itself.
  const agents = agentsThrough(options.proxyFor?.(address) ?? null);
  const failed = handleWhen((error) => ['unreachable', 'unavailable', 'timeout'].includes(coerceError(error).code));
  const breaker = circuitBreaker(failed, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) });
  breaker.onBreak(() => options.onBreaker?.(true));
  breaker.onReset(() => options.onBreaker?.(false));
  const policy = wrap(bulkhead(6, 100), breaker);

  /** The driver takes no signal and no bound; its interceptor does, and so each call has a driver of its own. */
  const call = async <T>(
    what: string,
    signal: AbortSignal,
    work: (driver: PrometheusDriver) => Promise<T>,
    more: { readonly long?: boolean; readonly params?: Readonly<Record<string, string>> } = {},
  ): Promise<T> => {
    const begin = performance.now();
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]);
    const { PrometheusDriver } = await import('./driver.ts');
    const driver = new PrometheusDriver({
      endpoint: address.href.replace(/\/+$/, ''),
      timeout: CALL_MS,
      preferPost: more.long ?? false,
      ...(username ? { auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } } : {}),
      requestInterceptor: {
        onFulfilled(config) {
          if (more.params) config.params = new URLSearchParams(more.params);
          const transformResponse = [parseAnswer];
          return Object.assign(config, { signal: deadline, maxContentLength: MAX_BYTES, transformResponse, ...agents });
        },
      },
      responseInterceptor: { onFulfilled: (response) => answered(response, what), onRejected: withStatus },
    });
    try {
      const answer = await policy.execute(() =>
        work(driver).catch((thrown: unknown) => Promise.reject(toError(thrown, what, signal))),
      );
      options.onOutcome?.('ok', performance.now() - begin);
      return answer;
    } catch (thrown) {
      const error = isBrokenCircuitError(thrown)
        ? new ResponderError('unavailable', 'Prometheus failed five times in a row and is left alone for 10 s')
        : toError(thrown, what, signal);
      options.log.debug({ what, code: error.code }, 'a query of Prometheus failed');
      options.onOutcome?.(error.code, performance.now() - begin);
      throw error;
    }
  };

  return {
    address: address.href.replace(/\/+$/, ''),
    simulated: options.simulated,
    query: (expression, { at, signal }) =>
      call(
        cut(expression, 120),
        signal,
        async (driver) => {
          const answer = await driver.instantQuery(expression, at, SERVER_TIMEOUT);
          const one = scalar.safeParse(answer.result).data;
          if (one) return [{ labels: {}, value: Number(one[1]) }];
          const found = vector
            .parse(answer.result)
            .map(({ metric, value }) => ({ labels: metric, value: value.value }));
          return redactLabels(found.slice(0, MAX_SERIES), options.redactor);
        },
        { long: expression.length > MAX_URL },
      ),
    range: (expression, { from, to, signal }) =>
      call(
        cut(expression, 120),
        signal,
        async (driver) => {
          const step = stepMs(from, to);
          // The last point is the present, not up to a step ago.
          const start = to - Math.floor((to - from) / step) * step;
          const answer = await driver.rangeQuery(expression, start, to, step / 1000, SERVER_TIMEOUT);
          const found = matrix
            .parse(answer.result)
            .slice(0, MAX_SERIES)
            .map(({ metric, values }) => ({
              labels: metric,
              points: values.map(({ time, value }) => [time.getTime(), value] as const),
            }));
          return redactLabels(found, options.redactor);
        },
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

/** The client makes NaN of Prometheus' `+Inf`, which is the second of a pair of time and value. */
function parseAnswer(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text, (key, value: unknown) =>
      key === '1' && (value === '+Inf' || value === '-Inf') ? `${value}inity` : value,
    );
  } catch {
    // A page of something else, which `answered` says.
    return text;
  }
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
  // A templated label has its value only in the alert.
  const stated = (rule: (typeof named)[number]) =>
    Object.entries(rule.labels ?? {}).filter(([, value]) => !value.includes('{{'));
  const fits = (rule: (typeof named)[number]) => stated(rule).every(([name, value]) => labels[name] === value);
  const same = named.filter(({ query }) => query === expression);
  // On its way a label may have been dropped; one with another value is another rule's.
  const possible = named.filter((rule) => stated(rule).every(([name, value]) => (labels[name] ?? value) === value));
  const rule = same.find(fits) ?? same[0] ?? named.find(fits) ?? onlyOne(possible) ?? onlyOne(named);
  return rule
    ? { name: rule.name, query: rule.query, forMs: (rule.duration ?? 0) * 1000, labels: rule.labels ?? {} }
    : null;
}

/** Relabelling may have changed what the rule says; its name is still its own. */
function onlyOne<T>(all: readonly T[]): T | undefined {
  return all.length === 1 ? all[0] : undefined;
}
