import { matching, namedOfEveryEra, ofEveryEra, quantileOfEveryEra } from './eras.ts';
import type { Era, Names } from './names.ts';

export interface RecordingRule {
  readonly record: string;
  readonly expr: (names: Names) => string;
}

/** Windows of the burn-rate alerts. */
const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

const FUNCTION = ['namespace', 'function'] as const;
const RECEIVER = 'lambda-command-receiver';

/**
 * Requests to the platform's functions, every era's: those of its namespaces, without the event receiver, which has alerts of
 * its own. From 1.19 on the namespace is on the series from the scrape, or from an exporter that promotes attributes.
 */
function platformRequests(n: Names, window: string, errors: boolean): string {
  return ofEveryEra((names, era) => {
    const wrong = errors ? `, ${names.serverError}` : '';
    const of = (label: string, notReceiver: string) =>
      `rate(${matching(names.requests, `${label}=~"${n.namespaces}", ${notReceiver}${wrong}`)}[${window}])`;
    if (era === 'knative-1.18') return of('namespace_name', `service_name!="${RECEIVER}"`);
    const scraped = of('namespace', `pod!~"${RECEIVER}-.+"`);
    return `${scraped} or ${of('k8s_namespace_name', `kn_service_name!="${RECEIVER}"`)}`;
  });
}

function receiverRequests(refused: boolean): string {
  return ofEveryEra((names, era: Era) => {
    const [whose, code] =
      era === 'knative-1.18'
        ? [`service_name="${RECEIVER}"`, 'response_code']
        : [`pod=~"${RECEIVER}-.+"`, 'http_response_status_code'];
    return `rate(${matching(names.requests, refused ? `${whose}, ${code}=~"429|5.."` : whose)}[5m])`;
  });
}

/**
 * What the alerts and the dashboards read: the same series whatever Knative calls its metrics, with labels `namespace`,
 * `function` and `revision`.
 */
export const RECORDINGS: readonly RecordingRule[] = [
  {
    record: 'function:requests:rate5m',
    expr: () => `sum by (${FUNCTION.join(', ')}) (${namedOfEveryEra((names) => `rate(${names.requests}[5m])`)})`,
  },
  {
    record: 'function:request_errors:rate5m',
    expr: () =>
      `sum by (${FUNCTION.join(', ')}) (${namedOfEveryEra((names) => `rate(${matching(names.requests, names.serverError)}[5m])`)})`,
  },
  ...[50, 95, 99].map((percent) => ({
    record: `function:request_seconds:p${percent}_5m`,
    expr: () => quantileOfEveryEra(percent / 100, FUNCTION, (names) => `rate(${names.requestSeconds}[5m])`),
  })),
  {
    record: 'function:cold_requests:rate10m',
    expr: () =>
      `sum by (${FUNCTION.join(', ')}) (${namedOfEveryEra((names) => `rate(${names.activatorRequests}[10m])`)})`,
  },
  {
    record: 'function:cold_request_seconds:p95_10m',
    expr: () => quantileOfEveryEra(0.95, FUNCTION, (names) => `rate(${names.activatorSeconds}[10m])`),
  },
  ...WINDOWS.map((window) => ({
    record: `knative_lambda:request_errors:ratio_rate${window}`,
    // Without a single error there is no series of errors, and the ratio is 0 all the same.
    expr: (n: Names) =>
      `(sum(${platformRequests(n, window, true)}) or vector(0)) / (sum(${platformRequests(n, window, false)}) > 0)`,
  })),
  ...WINDOWS.map((window) => ({
    record: `knative_lambda:requests:rate${window}`,
    expr: (n: Names) => `sum(${platformRequests(n, window, false)})`,
  })),
  {
    record: 'knative_lambda:request_errors:rate5m',
    // Failed requests of 30 days by all requests of 30 days: the mean of ratios would weigh a quiet night like a busy day.
    expr: (n) => `sum(${platformRequests(n, '5m', true)}) or vector(0)`,
  },
  { record: 'knative_lambda:receiver_errors:rate5m', expr: () => `sum(${receiverRequests(true)})` },
  { record: 'knative_lambda:receiver_requests:rate5m', expr: () => `sum(${receiverRequests(false)})` },
  {
    record: 'knative:activator_errors:rate5m',
    expr: () => `sum(${ofEveryEra((names) => `rate(${matching(names.activatorRequests, names.activatorError)}[5m])`)})`,
  },
  {
    record: 'knative:activator_requests:rate5m',
    expr: () => `sum(${ofEveryEra((names) => `rate(${names.activatorRequests}[5m])`)})`,
  },
  ofRevisions('pods_requested', 'sum', 'podsRequested'),
  ofRevisions('pods_actual', 'sum', 'podsActual'),
  ofRevisions('pods_not_ready', 'sum', 'podsNotReady'),
  ofRevisions('panic_mode', 'max', 'panicMode'),
  { record: 'knative:workqueue_depth', expr: () => `max by (name) (${ofEveryEra((names) => names.workqueueDepth)})` },
  {
    record: 'knative_operator:reconcile_failures:rate15m',
    // The old series names its reconciler, the new one the queue of it.
    expr: () =>
      `sum by (name) (${ofEveryEra((names, era) => {
        const rate = `rate(${names.reconcileFailures}[15m])`;
        return era === 'knative-1.18' ? `label_replace(${rate}, "name", "$1", "reconciler", "(.+)")` : rate;
      })})`,
  },
  // RabbitMQ names a queue's series by the endpoint that is scraped: /metrics/per-object or /metrics/detailed. Plain /metrics has
  // sums without a queue (https://www.rabbitmq.com/docs/prometheus#metric-aggregation).
  ...['messages', 'consumers'].map((what) => ({
    record: `rabbitmq:queue_${what}`,
    expr: (n: Names) => {
      const ours = `{namespace=~"${n.rabbitmqNamespaces}", queue!=""}`;
      return `max by (namespace, queue) (rabbitmq_queue_${what}${ours} or rabbitmq_detailed_queue_${what}${ours})`;
    },
  })),
  { record: 'knative_lambda:builds:increase30m', expr: (n) => `sum(increase(${n.builds}[30m]))` },
  {
    record: 'knative_lambda:builds_failed:increase30m',
    expr: (n) => `sum(increase(${n.buildsFailed}[30m])) or vector(0)`,
  },
  {
    record: 'knative_lambda:build_seconds:p95_30m',
    expr: (n) => `histogram_quantile(0.95, sum by (le) (rate(${n.buildSeconds()}[30m]))) > 0`,
  },
];

function ofRevisions(
  record: string,
  how: 'sum' | 'max',
  metric: 'podsRequested' | 'podsActual' | 'podsNotReady' | 'panicMode',
): RecordingRule {
  return {
    record: `revision:${record}`,
    expr: () => `${how} by (namespace, function, revision) (${namedOfEveryEra((names) => names[metric])})`,
  };
}
