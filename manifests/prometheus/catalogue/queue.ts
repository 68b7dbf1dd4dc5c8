import type { AlertRule } from './alert.ts';
import { always, gauge, vanishes } from './story.ts';
import { deploymentDown, noReplica } from './workloads.ts';

const common = { area: 'knative-lambda', component: 'knative-eventing' } as const;
const QUEUE = 'rabbitmq_queue_messages{queue="lambda-build-events-prd", namespace="rabbitmq-prd", vhost="/"}';
const DLQ = 'rabbitmq_queue_messages{queue="lambda-dlq-queue", namespace="rabbitmq-prd", vhost="/"}';
const queue = { namespace: 'rabbitmq-prd', queue: 'lambda-build-events-prd' };
const dlq = { namespace: 'rabbitmq-prd', queue: 'lambda-dlq-queue' };
const MESSAGES = 'rabbitmq:queue_messages';
const DEAD = 'queue=~".*(dlq|dead).*"';
const ALIVE = 'queue!~".*(dlq|dead).*"';
const backlog = (above: number) => `${MESSAGES}{${ALIVE}} > ${above}`;
const dead = `${MESSAGES}{${DEAD}}`;
/** Of the two endpoints that name the queue each test takes the other one. */
const DETAILED =
  'rabbitmq_detailed_queue_messages{queue="lambda-build-events-prd", namespace="rabbitmq-prd", vhost="/"}';

/** Alerts about RabbitMQ, the broker and dead letters (docs/platform.md#catalogue-queue). */
export const QUEUE_ALERTS: readonly AlertRule[] = [
  {
    ...common,
    name: 'KnativeLambdaQueueBacklog',
    severity: 'critical',
    priority: 'P1',
    condition: 'queue backlog',
    for: '5m',
    expr: () => backlog(1000),
    summary: '{{ $value | humanize }} messages are queued in {{ $labels.queue }}',
    description:
      'Queue {{ $labels.queue }} holds more than 1000 messages. Find out whether too many arrive or too few are consumed before doing anything; never purge it.',
    test: {
      series: () => ({ [QUEUE]: gauge(20, 1500) }),
      labels: () => [queue],
      odd: {
        'another team’s RabbitMQ': () => ({ 'rabbitmq_queue_messages{namespace="shop", queue="mail"}': always(9000) }),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaQueueBacklog',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: () => backlog(500),
    summary: '{{ $value | humanize }} messages are queued in {{ $labels.queue }}',
    description: 'Queue {{ $labels.queue }} holds more than 500 messages; 10 to 50 are normal.',
    test: { series: () => ({ [DETAILED]: gauge(20, 700) }), labels: () => [queue] },
  },
  {
    ...common,
    name: 'KnativeLambdaQueueMetricsMissing',
    severity: 'warning',
    priority: 'P3',
    for: '15m',
    expr: (n) =>
      `count by (namespace) (rabbitmq_queue_messages{namespace=~"${n.rabbitmqNamespaces}", queue=""}) > 0 unless on (namespace) count by (namespace) (${MESSAGES}) > 0`,
    summary: 'RabbitMQ in {{ $labels.namespace }} does not say which queue its messages are in',
    description:
      'Prometheus scrapes the sums of /metrics only, so the alerts about backlogs, consumers and dead letters are blind. Scrape /metrics/per-object, or /metrics/detailed with the families queue_coarse_metrics and queue_consumer_count.',
    test: {
      series: () => ({
        'rabbitmq_queue_messages{namespace="rabbitmq-prd"}': always(40),
        [DETAILED]: vanishes(40),
      }),
      labels: () => [{ namespace: 'rabbitmq-prd' }],
      odd: {
        'another team’s RabbitMQ': () => ({ 'rabbitmq_queue_messages{namespace="shop"}': always(40) }),
        'no queue yet': () => ({ 'rabbitmq_connections{namespace="rabbitmq-prd"}': always(1) }),
        'both endpoints are scraped': () => ({
          'rabbitmq_queue_messages{namespace="rabbitmq-prd"}': always(40),
          [DETAILED]: always(40),
        }),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaQueueNoConsumers',
    severity: 'critical',
    priority: 'P0',
    condition: 'queue without consumers',
    for: '2m',
    expr: () => `rabbitmq:queue_consumers{${ALIVE}} == 0 and on (namespace, queue) ${MESSAGES} > 0`,
    summary: 'Nobody consumes {{ $labels.queue }}',
    description: 'Queue {{ $labels.queue }} has messages and no consumer: events are accepted and not worked on.',
    test: {
      series: () => ({
        'rabbitmq_detailed_queue_consumers{queue="lambda-build-events-prd", namespace="rabbitmq-prd", vhost="/"}':
          gauge(2, 0),
        [DETAILED]: always(40),
      }),
      labels: () => [queue],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaDLQNotEmpty',
    severity: 'critical',
    priority: 'P1',
    condition: 'dead letters pile up',
    for: '5m',
    expr: () => `${dead} > 100`,
    summary: '{{ $value | humanize }} dead letters in {{ $labels.queue }}',
    description: 'More than 100 events failed for good. Read a sample before replaying anything.',
    test: { series: () => ({ [DLQ]: gauge(0, 140) }), labels: () => [dlq] },
  },
  {
    ...common,
    name: 'KnativeLambdaDLQNotEmpty',
    severity: 'warning',
    priority: 'P3',
    condition: 'some dead letters',
    for: '10m',
    expr: () => `${dead} > 10`,
    summary: '{{ $value | humanize }} dead letters in {{ $labels.queue }}',
    description: 'Events failed for good and wait in {{ $labels.queue }}.',
    test: { series: () => ({ [DLQ]: gauge(0, 20) }), labels: () => [dlq] },
  },
  {
    ...common,
    name: 'KnativeLambdaDLQGrowing',
    severity: 'critical',
    priority: 'P1',
    condition: 'dead letters grow',
    for: '5m',
    expr: () => `deriv(${dead}[10m]) > 1`,
    summary: 'Dead letters grow by {{ $value | humanize }} a second',
    description: '{{ $labels.queue }} grows by more than one message a second: a subscriber fails all the time.',
    test: { series: () => ({ [DLQ]: '0x9 120+120x29 3600x39' }), labels: () => [dlq] },
  },
  {
    ...common,
    name: 'KnativeLambdaDLQStale',
    severity: 'warning',
    priority: 'P2',
    for: '30m',
    expr: () => `min_over_time(${dead}[1h]) > 10`,
    summary: 'Dead letters in {{ $labels.queue }} are not being worked on',
    description: 'More than 10 messages have stayed in {{ $labels.queue }} for over an hour; an hour is the goal.',
    test: {
      series: () => ({ [DLQ]: gauge(0, 20) }),
      interval: '10m',
      quietAt: '1h',
      firesAt: '6h',
      resolvedAt: '9h',
      labels: () => [dlq],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaDLQNearCapacity',
    severity: 'critical',
    priority: 'P0',
    condition: 'events about to be lost',
    for: '5m',
    expr: () => `${dead} > 0.8 * 50000`,
    summary: '{{ $labels.queue }} is almost full',
    description:
      '{{ $labels.queue }} holds {{ $value | humanize }} messages. When it is full it refuses further ones, and events are lost.',
    test: { series: () => ({ [DLQ]: gauge(0, 45_000) }), labels: () => [dlq] },
  },
  {
    ...common,
    name: 'KnativeLambdaRabbitMQDown',
    severity: 'critical',
    priority: 'P0',
    condition: 'queue broker down',
    for: '2m',
    expr: (n) => noReplica('statefulset', `namespace=~"${n.rabbitmqNamespaces}", statefulset=~".*rabbitmq.*"`),
    summary: 'RabbitMQ {{ $labels.statefulset }} is down',
    description: 'No replica of {{ $labels.statefulset }} in {{ $labels.namespace }} is ready: no event is accepted.',
    test: {
      series: () => ({
        'kube_statefulset_status_replicas_ready{namespace="knative-lambda", statefulset="rabbitmq-cluster-server"}':
          gauge(1, 0),
      }),
      labels: () => [{ namespace: 'knative-lambda', statefulset: 'rabbitmq-cluster-server' }],
      odd: {
        'scaled to 0 on purpose': () => ({
          'kube_statefulset_status_replicas_ready{namespace="knative-lambda", statefulset="rabbitmq-old-server"}':
            always(0),
          'kube_statefulset_replicas{namespace="knative-lambda", statefulset="rabbitmq-old-server"}': always(0),
        }),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaRabbitMQResourceAlarm',
    severity: 'critical',
    priority: 'P1',
    condition: 'queue broker blocks publishers',
    for: '1m',
    expr: (n) =>
      ['memory_used', 'free_disk_space']
        .map(
          (what) => `max by (namespace) (rabbitmq_alarms_${what}_watermark{namespace=~"${n.rabbitmqNamespaces}"}) == 1`,
        )
        .join(' or '),
    summary: 'RabbitMQ blocks publishers',
    description:
      'RabbitMQ in {{ $labels.namespace }} is short of memory or disk and accepts no messages until it is not.',
    test: {
      series: () => ({ 'rabbitmq_alarms_memory_used_watermark{namespace="rabbitmq-prd"}': gauge(0, 1) }),
      labels: () => [{ namespace: 'rabbitmq-prd' }],
      odd: {
        'another team’s RabbitMQ': () => ({ 'rabbitmq_alarms_memory_used_watermark{namespace="shop"}': always(1) }),
      },
    },
  },
  deploymentDown(
    {
      ...common,
      name: 'KnativeLambdaBrokerIngressDown',
      severity: 'critical',
      priority: 'P0',
      condition: 'broker ingress down',
      for: '2m',
      summary: 'The broker accepts no events',
      description: '{{ $labels.deployment }} in {{ $labels.namespace }} has no available replica.',
    },
    {
      namespace: (n) => n.namespaces,
      deployment: () => '.+-broker-ingress',
      example: ['knative-lambda', 'lambda-broker-broker-ingress'],
    },
  ),
  deploymentDown(
    {
      ...common,
      name: 'KnativeLambdaTriggerDispatcherDown',
      severity: 'warning',
      priority: 'P2',
      for: '5m',
      summary: 'Events are not dispatched to {{ $labels.deployment }}',
      description: 'Dispatcher {{ $labels.deployment }} in {{ $labels.namespace }} has no available replica.',
    },
    {
      namespace: (n) => n.namespaces,
      deployment: () => '.+-dispatcher',
      example: ['knative-lambda', 'hello-nodejs-trigger-dispatcher'],
    },
  ),
  {
    ...common,
    name: 'KnativeLambdaTriggerNotReady',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: (n) =>
      `max by (namespace, name) (kube_customresource_knative_component_condition{customresource_kind="Trigger", namespace=~"${n.namespaces}", type="Ready", status="False"}) == 1`,
    summary: 'Trigger {{ $labels.name }} is not ready',
    description: 'Events for {{ $labels.name }} in {{ $labels.namespace }} are not delivered to its function.',
    test: {
      series: () => ({
        'kube_customresource_knative_component_condition{customresource_kind="Trigger", namespace="knative-lambda", name="hello-nodejs-trigger", type="Ready", status="False"}':
          gauge(0, 1),
      }),
      labels: () => [{ namespace: 'knative-lambda', name: 'hello-nodejs-trigger' }],
    },
  },
];
