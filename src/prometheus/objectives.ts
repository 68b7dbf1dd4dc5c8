import { type Platform, requestsOf } from './metricNames.ts';
import type { Wanted } from './reading.ts';

/** A share of events that must be good over 30 days. */
export interface Objective {
  /** Short, for a narrow table. */
  readonly name: string;
  readonly what: string;
  /** 0.999: one of a thousand may be bad. */
  readonly target: number;
  /** The share of bad events over a window such as `1h`. */
  readonly errorRatio: (window: string) => string;
  /** Series whose age tells how far back the data reaches. */
  readonly series: string;
  /** How fast the budget may go, the worst first. */
  readonly burns: readonly Burn[];
  readonly nextStep: string;
}

/** A burn rate that calls for somebody when a long and a short window both exceed it (https://sre.google/workbook/alerting-on-slos/). */
export interface Burn {
  readonly code: string;
  readonly rate: number;
  readonly windows: readonly [long: string, short: string];
  readonly level: 'critical' | 'warning';
}

/** A number that must stay below another one. */
export interface Target extends Wanted {
  readonly name: string;
  readonly what: string;
  readonly below: number;
}

const REQUEST_BURNS: readonly Burn[] = [
  { code: 'slo-burn-fast', rate: 14.4, windows: ['1h', '5m'], level: 'critical' },
  { code: 'slo-burn-medium', rate: 6, windows: ['6h', '30m'], level: 'critical' },
  { code: 'slo-burn-slow', rate: 3, windows: ['1d', '2h'], level: 'warning' },
];
/** Builds are too few for short windows. */
const BUILD_BURNS: readonly Burn[] = [{ code: 'slo-burn', rate: 1, windows: ['6h', '1h'], level: 'warning' }];

/**
 * The objectives of the platform: 99.9% of requests answered, 95% of builds succeed, 95% of builds within five minutes,
 * 99.5% of reconciliations succeed. Only those whose series exist; a missing one is in the notes.
 */
export function objectivesOf(platform: Platform, namespace: string | null): readonly Objective[] {
  const { builds, present } = platform;
  const objectives: Objective[] = [];
  if (platform.era !== null) objectives.push(availability(platform, platform.era, namespace));
  if (builds !== null) {
    objectives.push(
      {
        name: 'builds ok',
        what: 'Build success',
        target: 0.95,
        errorRatio: (window) =>
          `(sum(increase(${builds.buildsFailed}[${window}])) or vector(0)) / sum(increase(${builds.builds}[${window}]))`,
        series: builds.builds,
        burns: BUILD_BURNS,
        nextStep: 'See which builds fail and why: diag builds.',
      },
      {
        name: 'builds <5m',
        what: 'Build latency',
        target: 0.95,
        // Prometheus 3 may write the bound as 300.0.
        errorRatio: (window) =>
          `1 - sum(increase(${builds.buildSeconds('le=~"300(\\\\.0)?"')}[${window}])) / sum(increase(${builds.buildSecondsCount}[${window}]))`,
        series: builds.buildSecondsCount,
        burns: BUILD_BURNS,
        nextStep: 'See how long builds take and where they wait: diag builds.',
      },
    );
  }
  if (present.has('knative_lambda_operator_reconcile_total')) {
    const all = 'knative_lambda_operator_reconcile_total{phase!="total"}';
    const failed = 'knative_lambda_operator_reconcile_total{phase!="total", result="error"}';
    objectives.push({
      name: 'reconcile',
      what: 'Reconciliation',
      target: 0.995,
      errorRatio: (window) => `(sum(increase(${failed}[${window}])) or vector(0)) / sum(increase(${all}[${window}]))`,
      series: all,
      burns: BUILD_BURNS,
      nextStep: 'Read the operator’s log: diag logs.',
    });
  }
  return objectives;
}

function availability(platform: Platform, era: NonNullable<Platform['era']>, namespace: string | null): Objective {
  const of = requestsOf(era, namespace);
  const { present } = platform;
  const where = namespace === null ? '' : `{namespace=${JSON.stringify(namespace)}}`;
  // Thirty days of raw counters are more than Prometheus can read in time; the shipped recordings are not.
  const isRecorded = present.has('function:requests:rate5m') && present.has('function:request_errors:rate5m');
  const recorded = (window: string) =>
    `(sum(sum_over_time(function:request_errors:rate5m${where}[${window}])) or vector(0)) / sum(sum_over_time(function:requests:rate5m${where}[${window}]))`;
  return {
    name: 'available',
    what: 'Availability',
    target: 0.999,
    errorRatio: (window) => (isRecorded && /^\d+d$/.test(window) ? recorded(window) : of.errorRatio(window)),
    series: isRecorded ? `function:requests:rate5m${where}` : of.series,
    burns: REQUEST_BURNS,
    nextStep: 'See which functions fail: diag golden.',
  };
}

/** What must stay below a figure: cold starts, long requests, and lost build contexts. */
export function targetsOf(platform: Platform, namespace: string | null): readonly Target[] {
  const of = platform.era === null ? null : requestsOf(platform.era, namespace);
  const { builds, present } = platform;
  const contexts = builds?.contextErrors ?? null;
  const hasContexts = contexts !== null && present.has(/^\w+/.exec(contexts)?.[0] ?? '');
  return [
    {
      name: 'cold P95 1h',
      what: 'P95 of cold starts',
      below: 5,
      unit: 'seconds',
      expression: of?.coldSeconds(0.95, '1h') ?? null,
    },
    {
      name: 'run P99 1h',
      what: 'P99 of requests to functions',
      below: 30,
      unit: 'seconds',
      expression: of?.seconds(0.99, '1h') ?? null,
    },
    {
      name: 'build P95 1h',
      what: 'P95 of builds',
      below: 300,
      unit: 'seconds',
      expression: builds && `histogram_quantile(0.95, sum by (le) (rate(${builds.buildSeconds()}[1h])))`,
    },
    {
      name: 'lost ctx 1d',
      what: 'Build contexts that could not be stored in a day',
      below: 0,
      unit: 'count',
      expression: hasContexts ? `sum(increase(${contexts}[1d]))` : null,
    },
  ];
}
