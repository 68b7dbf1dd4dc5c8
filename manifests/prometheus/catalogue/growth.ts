import type { Names } from '../names.ts';
import type { AlertRule } from './alert.ts';
import { always, counter, steady } from './story.ts';

const common = { area: 'knative-lambda', component: 'knative-lambda', severity: 'warning' } as const;
const container = (n: Names) => `namespace="${n.controlNamespace}", container=~"manager|builder"`;
const memory = (n: Names) => `container_memory_working_set_bytes{${container(n)}}`;
const goroutines = (n: Names) => `go_goroutines{namespace="${n.controlNamespace}", job="${n.controlDeployment}"}`;

const MEMORY = 'container_memory_working_set_bytes{namespace="knative-lambda", pod="p", container="manager"}';
const LIMIT = 'container_spec_memory_limit_bytes{namespace="knative-lambda", pod="p", container="manager"}';
const GOROUTINES = (n: Names) => `go_goroutines{namespace="knative-lambda", job="${n.controlDeployment}", pod="p"}`;

/** What grows without end, or is held back, before it fails (docs/platform.md#catalogue-growth). */
export const GROWTH_ALERTS: readonly AlertRule[] = [
  {
    ...common,
    name: 'KnativeLambdaOperatorMemoryGrowing',
    priority: 'P3',
    for: '1h',
    // At the pace of three hours it is full within four, is more than half full, and has grown all the time: a cache that fills after a start does not.
    expr: (n) =>
      `max by (namespace, pod) (predict_linear(${memory(n)}[3h], 4 * 3600)) > on (namespace, pod) max by (namespace, pod) (container_spec_memory_limit_bytes{${container(n)}} > 0) and on (namespace, pod) max by (namespace, pod) (${memory(n)}) > 0.5 * max by (namespace, pod) (container_spec_memory_limit_bytes{${container(n)}} > 0) and on (namespace, pod) max by (namespace, pod) (${memory(n)}) > 1.2 * max by (namespace, pod) (${memory(n)} offset 2h)`,
    summary: '{{ $labels.pod }} will be out of memory within four hours',
    description:
      'The memory of {{ $labels.pod }} has grown for hours and reaches its limit within four more. Restart it at a quiet time, before it is OOMKilled at a bad one.',
    test: {
      interval: '10m',
      series: () => ({ [MEMORY]: '100x29 105+5x25 110x23', [LIMIT]: always(256) }),
      firesAt: '530m',
      resolvedAt: '13h',
      labels: () => [{ namespace: 'knative-lambda', pod: 'p' }],
      odd: {
        'a cache that fills in the hour after a start': () => ({
          [MEMORY]: '_x29 40+20x5 160x43',
          [LIMIT]: always(256),
        }),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaOperatorGoroutinesGrowing',
    priority: 'P3',
    for: '1h',
    expr: (n) =>
      `max by (namespace, pod) (min_over_time(${goroutines(n)}[30m])) > 1000 and on (namespace, pod) max by (namespace, pod) (min_over_time(${goroutines(n)}[30m])) > 1.5 * max by (namespace, pod) (max_over_time(${goroutines(n)}[30m] offset 2h))`,
    summary: '{{ $labels.pod }} has {{ $value | humanize }} goroutines, and more each hour',
    description:
      'Goroutines of {{ $labels.pod }} grow without end: something waits for an answer that never comes. Memory follows.',
    test: {
      interval: '10m',
      series: (n) => ({ [GOROUTINES(n)]: '300x29 600+200x19 300x29' }),
      firesAt: '420m',
      resolvedAt: '13h',
      labels: () => [{ namespace: 'knative-lambda', pod: 'p' }],
      odd: {
        'a burst of builds': (n) => ({ [GOROUTINES(n)]: '300x29 2500x2 300x46' }),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaControlPlaneThrottled',
    priority: 'P3',
    for: '15m',
    expr: (n) =>
      `max by (namespace, pod) (increase(container_cpu_cfs_throttled_periods_total{${container(n)}}[10m]) / (increase(container_cpu_cfs_periods_total{${container(n)}}[10m]) > 100)) > 0.25`,
    summary: '{{ $labels.pod }} is held back: {{ $value | humanizePercentage }} of its CPU periods',
    description:
      'The control plane pod {{ $labels.pod }} has wanted more CPU than its limit in a quarter of its periods. Builds and deploys start late although nodes have room.',
    test: {
      series: () => ({
        'container_cpu_cfs_throttled_periods_total{namespace="knative-lambda", pod="p", container="manager"}':
          counter(300),
        'container_cpu_cfs_periods_total{namespace="knative-lambda", pod="p", container="manager"}': steady(600),
      }),
      firesAt: '38m',
      labels: () => [{ namespace: 'knative-lambda', pod: 'p' }],
      odd: {
        'throttled for five minutes after a start': () => ({
          'container_cpu_cfs_throttled_periods_total{namespace="knative-lambda", pod="p", container="manager"}':
            '0x19 400+400x4 2000x54',
          'container_cpu_cfs_periods_total{namespace="knative-lambda", pod="p", container="manager"}': steady(600),
        }),
      },
    },
  },
];
