import type { Names } from '../names.ts';
import type { AlertRule } from './alert.ts';
import { always, counter, gauge, steady } from './story.ts';
import { coldStartLabels, coldStartSeries, FUNCTION, latencySeries, requestSeries, revisionSeries } from './traffic.ts';

const common = { area: 'knative-lambda', component: 'knative-lambda' } as const;
const POD =
  'namespace="knative-lambda", pod="hello-nodejs-00008-deployment-6d5f8c7b9-k2m4p", container="user-container"';
const pod = { namespace: 'knative-lambda', pod: 'hello-nodejs-00008-deployment-6d5f8c7b9-k2m4p' };
const user = (n: Names) => `namespace=~"${n.namespaces}", container="user-container"`;

const SECONDS = { '1h': 3600, '6h': 21_600, '1d': 86_400, '3d': 259_200 } as const;
/** Ten failed requests at the least: of few requests one is many percent. */
const burn = (factor: number, long: keyof typeof SECONDS, short: string) =>
  `knative_lambda:request_errors:ratio_rate${long} > ${factor} * 0.001 and knative_lambda:request_errors:ratio_rate${short} > ${factor} * 0.001 and knative_lambda:request_errors:ratio_rate${long} * knative_lambda:requests:rate${long} * ${SECONDS[long]} >= 10`;
/** Three failures an hour of a function that is called every two minutes. */
const quietFailures = (n: Names): Record<string, string> => requestSeries(n, '0+0.5x79', '0x9 1x19 2x19 3x29');
/** A request every five minutes, all of them slow. */
const RARE = '0x4 1x4 2x4 3x4 4x4 5x4 6x4 7x4 8x4 9x4 10x4 11x4 12x4 13x4 14x4 15x4';

/** Alerts about functions and the objectives they have (docs/platform.md#catalogue-functions). */
export const FUNCTION_ALERTS: readonly AlertRule[] = [
  {
    ...common,
    name: 'KnativeLambdaFunctionErrorRate',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: () =>
      'function:request_errors:rate5m / function:requests:rate5m > 0.01 and function:requests:rate5m > 0.1 and function:request_errors:rate5m * 300 > 2',
    summary: '{{ $labels.function }} fails {{ $value | humanizePercentage }} of its requests',
    description:
      'Function {{ $labels.function }} in {{ $labels.namespace }} answers more than 1% of its requests with 5xx.',
    test: {
      series: (n): Record<string, string> => requestSeries(n, steady(60), counter(10)),
      labels: () => [FUNCTION],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaFunctionLatencyHigh',
    severity: 'warning',
    priority: 'P2',
    for: '10m',
    expr: () => 'function:request_seconds:p95_5m > 1 and function:requests:rate5m > 0.05',
    summary: 'P95 of {{ $labels.function }} is {{ $value | humanizeDuration }}',
    description:
      'The slowest requests to function {{ $labels.function }} in {{ $labels.namespace }} take more than a second.',
    test: {
      series: (n): Record<string, string> => ({
        ...latencySeries(n, '0+60x9 600+0x29 660+60x39', steady(60)),
        ...requestSeries(n, steady(60), always(0)),
      }),
      labels: () => [FUNCTION],
      odd: {
        'a request every five minutes': (n): Record<string, string> => ({
          ...latencySeries(n, always(0), RARE),
          ...requestSeries(n, RARE, always(0)),
        }),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaColdStartSlow',
    severity: 'warning',
    priority: 'P2',
    for: '15m',
    expr: () => 'function:cold_request_seconds:p95_10m > 5 and function:cold_requests:rate10m * 600 >= 10',
    summary: 'Cold starts take {{ $value | humanizeDuration }} (P95)',
    description:
      'Requests that wait for a pod ({{ $labels.function }} in {{ $labels.namespace }}) take more than 5 seconds. Look at image pulls, pending pods and the activator.',
    test: {
      series: (n): Record<string, string> => coldStartSeries(n, '0+60x9 600+0x29 660+60x39', steady(60)),
      labels: (n) => [coldStartLabels(n)],
      odd: { 'one slow cold start': (n): Record<string, string> => coldStartSeries(n, '0x79', '0x9 1x69') },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaFunctionCrashLooping',
    severity: 'warning',
    priority: 'P2',
    condition: 'one function',
    countsUp: 'three functions crash',
    for: '5m',
    expr: (n) =>
      `max by (namespace, pod) (max_over_time(kube_pod_container_status_waiting_reason{${user(n)}, reason="CrashLoopBackOff"}[5m])) == 1`,
    summary: 'Function pod {{ $labels.pod }} crashes again and again',
    description:
      'The function in {{ $labels.pod }} ({{ $labels.namespace }}) exits and is restarted with growing pauses. The log of its previous instance says why.',
    test: {
      series: () => ({ [`kube_pod_container_status_waiting_reason{${POD}, reason="CrashLoopBackOff"}`]: gauge(0, 1) }),
      labels: () => [pod],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaFunctionImagePullBackOff',
    severity: 'warning',
    priority: 'P2',
    condition: 'one function',
    countsUp: 'images of three functions missing',
    for: '2m',
    expr: (n) =>
      `max by (namespace, pod) (kube_pod_container_status_waiting_reason{${user(n)}, reason=~"ImagePullBackOff|ErrImagePull"}) == 1`,
    summary: 'Function pod {{ $labels.pod }} cannot pull its image',
    description:
      'The image of {{ $labels.pod }} in {{ $labels.namespace }} cannot be pulled. An older revision keeps serving when there is one.',
    test: {
      series: () => ({ [`kube_pod_container_status_waiting_reason{${POD}, reason="ImagePullBackOff"}`]: gauge(0, 1) }),
      labels: () => [pod],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaFunctionOOMKilled',
    severity: 'warning',
    priority: 'P2',
    condition: 'one function',
    for: '0m',
    expr: (n) =>
      `max by (namespace, pod) (increase(kube_pod_container_status_restarts_total{${user(n)}}[10m])) > 0 and on (namespace, pod) max by (namespace, pod) (kube_pod_container_status_last_terminated_reason{${user(n)}, reason="OOMKilled"}) == 1`,
    summary: 'Function pod {{ $labels.pod }} ran out of memory',
    description:
      'The function in {{ $labels.pod }} ({{ $labels.namespace }}) was killed for exceeding its memory limit (128Mi by default) and restarted.',
    test: {
      series: () => ({
        [`kube_pod_container_status_restarts_total{${POD}}`]: counter(1),
        [`kube_pod_container_status_last_terminated_reason{${POD}, reason="OOMKilled"}`]: always(1),
      }),
      labels: () => [pod],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaFunctionAtMaxScale',
    severity: 'warning',
    priority: 'P3',
    condition: 'function at its maximum scale',
    for: '10m',
    expr: (n) => `max by (namespace, function) (revision:pods_actual) >= ${n.maxScale}`,
    summary: '{{ $labels.function }} runs as many pods as it may',
    description:
      'Function {{ $labels.function }} in {{ $labels.namespace }} has {{ $value }} pods, its limit; more traffic will queue.',
    test: {
      series: (n): Record<string, string> =>
        revisionSeries(n, { old: 'autoscaler_actual_pods', current: 'kn_revision_pods_count' }, gauge(2, n.maxScale)),
      labels: () => [FUNCTION],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaAvailabilityBurnFast',
    severity: 'critical',
    priority: 'P0',
    condition: 'availability burns 14.4 times too fast',
    for: '2m',
    expr: () => burn(14.4, '1h', '5m'),
    summary: 'The error budget burns more than 14 times too fast',
    description:
      '{{ $value | humanizePercentage }} of all requests of the last hour failed. At this pace the budget of 30 days (99.9%) is gone in two days; 2% of it went in this hour.',
    test: {
      series: (n): Record<string, string> => requestSeries(n, steady(60), counter(10)),
      resolvedAt: '60m',
      labels: () => [{}],
      odd: {
        'three failures an hour of few requests': quietFailures,
        'failures of a service that is no function of the platform': (n): Record<string, string> =>
          requestSeries(n, steady(60), counter(10), 'shop'),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaAvailabilityBurnMedium',
    severity: 'critical',
    priority: 'P1',
    condition: 'availability burns 6 times too fast',
    for: '15m',
    expr: () => burn(6, '6h', '30m'),
    summary: 'The error budget burns more than 6 times too fast',
    description: '{{ $value | humanizePercentage }} of all requests of the last 6 hours failed.',
    test: {
      series: (n): Record<string, string> => requestSeries(n, steady(600), counter(30)),
      interval: '10m',
      quietAt: '1h',
      firesAt: '6h',
      resolvedAt: '9h',
      labels: () => [{}],
      odd: { 'three failures of few requests': quietFailures },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaAvailabilityBurnSlow',
    severity: 'warning',
    priority: 'P3',
    condition: 'availability burns slowly',
    for: '1h',
    expr: () => burn(3, '1d', '2h'),
    summary: 'The error budget burns 3 times too fast',
    description: '{{ $value | humanizePercentage }} of all requests of the last day failed.',
    test: {
      series: (n): Record<string, string> => requestSeries(n, steady(600), counter(30)),
      interval: '10m',
      quietAt: '1h',
      firesAt: '6h',
      resolvedAt: '12h',
      labels: () => [{}],
      odd: { 'three failures of few requests': quietFailures },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaAvailabilityBudgetAtRisk',
    severity: 'info',
    priority: 'P3',
    for: '3h',
    expr: () => burn(1, '3d', '6h'),
    summary: 'The error budget will not last 30 days at this pace',
    description: '{{ $value | humanizePercentage }} of all requests of the last 3 days failed; 0.1% is the objective.',
    test: {
      series: (n): Record<string, string> => requestSeries(n, '0+600x119', '0x9 30+30x49 1500x59'),
      interval: '10m',
      quietAt: '1h',
      firesAt: '9h',
      resolvedAt: '19h',
      labels: () => [{}],
      odd: { 'three failures of few requests': quietFailures },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildLatencySLOBurn',
    severity: 'warning',
    priority: 'P2',
    for: '15m',
    expr: (n) =>
      `1 - sum(increase(${n.buildSeconds('le=~"300|300.0"')}[6h])) / sum(increase(${n.buildSecondsCount}[6h])) > 0.05 and sum(increase(${n.buildSecondsCount}[6h])) >= 20`,
    summary: '{{ $value | humanizePercentage }} of builds took more than 5 minutes',
    description: 'More than 5% of the builds of the last 6 hours took longer than the objective of 5 minutes.',
    test: {
      series: (n): Record<string, string> => {
        const operator = n.profile === 'operator';
        const metric = operator ? 'knative_lambda_operator_build_duration_seconds' : 'build_duration_seconds';
        const labels = operator ? 'result="success", runtime="python"' : '';
        return {
          [`${metric}_bucket{${operator ? `${labels}, ` : ''}le="300"}`]: '0+2x9 20+1x29 51+2x79',
          [`${metric}_count{${labels}}`]: '0+2x119',
        };
      },
      interval: '10m',
      quietAt: '1h',
      firesAt: '6h',
      resolvedAt: '16h',
      labels: () => [{}],
    },
  },
];
