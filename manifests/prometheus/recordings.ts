import { eraNames, matching, named } from './eras.ts';
import type { Names } from './names.ts';

export interface RecordingRule {
  readonly record: string;
  readonly expr: (names: Names) => string;
}

/** Windows of the burn-rate alerts. */
const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

/**
 * What the alerts and the dashboards read: the same series whatever Knative calls its metrics, with labels `namespace`,
 * `function` and `revision`.
 */
export const RECORDINGS: readonly RecordingRule[] = [
  {
    record: 'function:requests:rate5m',
    expr: (n) => `sum by (namespace, function) (${named(n, `rate(${eraNames(n).requests}[5m])`)})`,
  },
  {
    record: 'function:request_errors:rate5m',
    expr: (n) =>
      `sum by (namespace, function) (${named(n, `rate(${matching(eraNames(n).requests, eraNames(n).serverError)}[5m])`)})`,
  },
  ...[50, 95, 99].map((percent) => ({
    record: `function:request_seconds:p${percent}_5m`,
    expr: (n: Names) =>
      `histogram_quantile(${percent / 100}, sum by (le, namespace, function) (${named(n, `rate(${eraNames(n).requestSeconds}[5m])`)}))${eraNames(n).scale}`,
  })),
  {
    record: 'function:cold_request_seconds:p95_10m',
    expr: (n) =>
      `histogram_quantile(0.95, sum by (le, namespace, function) (${named(n, `rate(${eraNames(n).activatorSeconds}[10m])`)}))${eraNames(n).scale}`,
  },
  ...WINDOWS.map((window) => ({
    record: `knative_lambda:request_errors:ratio_rate${window}`,
    // Without a single error there is no series of errors, and the ratio is 0 all the same.
    expr: (n: Names) =>
      `(sum(rate(${matching(eraNames(n).requests, eraNames(n).serverError)}[${window}])) or vector(0)) / sum(rate(${eraNames(n).requests}[${window}]))`,
  })),
  { record: 'knative_lambda:requests:rate5m', expr: (n) => `sum(rate(${eraNames(n).requests}[5m]))` },
  { record: 'knative_lambda:requests:rate1h', expr: (n) => `sum(rate(${eraNames(n).requests}[1h]))` },
  {
    record: 'knative_lambda:receiver_errors:rate5m',
    expr: (n) =>
      n.era === 'knative-1.18'
        ? `sum(rate(${matching(eraNames(n).requests, 'service_name="lambda-command-receiver", response_code=~"429|5.."')}[5m]))`
        : `sum(rate(${matching(eraNames(n).requests, 'pod=~"lambda-command-receiver-.+", http_response_status_code=~"429|5.."')}[5m]))`,
  },
  {
    record: 'knative_lambda:receiver_requests:rate5m',
    expr: (n) =>
      n.era === 'knative-1.18'
        ? `sum(rate(${matching(eraNames(n).requests, 'service_name="lambda-command-receiver"')}[5m]))`
        : `sum(rate(${matching(eraNames(n).requests, 'pod=~"lambda-command-receiver-.+"')}[5m]))`,
  },
  {
    record: 'knative:activator_errors:rate5m',
    expr: (n) => `sum(rate(${matching(eraNames(n).activatorRequests, eraNames(n).activatorError)}[5m]))`,
  },
  { record: 'knative:activator_requests:rate5m', expr: (n) => `sum(rate(${eraNames(n).activatorRequests}[5m]))` },
  {
    record: 'revision:pods_requested',
    expr: (n) => `sum by (namespace, function, revision) (${named(n, eraNames(n).podsRequested)})`,
  },
  {
    record: 'revision:pods_actual',
    expr: (n) => `sum by (namespace, function, revision) (${named(n, eraNames(n).podsActual)})`,
  },
  {
    record: 'revision:pods_not_ready',
    expr: (n) => `sum by (namespace, function, revision) (${named(n, eraNames(n).podsNotReady)})`,
  },
  {
    record: 'revision:panic_mode',
    expr: (n) => `max by (namespace, function, revision) (${named(n, eraNames(n).panicMode)})`,
  },
  { record: 'knative:workqueue_depth', expr: (n) => `max by (name) (${eraNames(n).workqueueDepth})` },
  {
    record: 'knative_operator:reconcile_failures:rate15m',
    expr: (n) =>
      `sum by (${n.era === 'knative-1.18' ? 'reconciler' : 'name'}) (rate(${eraNames(n).reconcileFailures}[15m]))`,
  },
  { record: 'knative_lambda:builds:increase30m', expr: (n) => `sum(increase(${n.builds}[30m]))` },
  {
    record: 'knative_lambda:builds_failed:increase30m',
    expr: (n) => `sum(increase(${n.buildsFailed}[30m])) or vector(0)`,
  },
  {
    record: 'knative_lambda:build_seconds:p95_30m',
    expr: (n) => `histogram_quantile(0.95, sum by (le) (rate(${n.buildSeconds()}[30m])))`,
  },
];
