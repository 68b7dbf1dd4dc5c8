import type { Names } from '../names.ts';
import type { AlertRule } from './alert.ts';
import { always, counter, gauge, steady, vanishes } from './story.ts';
import { REVISION, revisionSeries } from './traffic.ts';
import { crashLooping, deploymentDown, replicaSeries } from './workloads.ts';

const common = { area: 'knative-serving', component: 'knative-serving' } as const;

const component = (
  name: string,
  how: {
    deployment: string;
    for: string;
    severity: 'critical' | 'warning';
    priority: 'P0' | 'P1' | 'P2';
    condition?: string;
    effect: string;
  },
): AlertRule =>
  deploymentDown(
    {
      ...common,
      name,
      severity: how.severity,
      priority: how.priority,
      ...(how.condition === undefined ? {} : { condition: how.condition }),
      for: how.for,
      summary: 'Knative Serving: {{ $labels.deployment }} is down',
      description: `{{ $labels.deployment }} in {{ $labels.namespace }} has no available replica. ${how.effect}`,
    },
    {
      namespace: () => 'knative-serving|kourier-system',
      deployment: () => how.deployment,
      example: [how.deployment === '3scale-kourier-gateway' ? 'kourier-system' : 'knative-serving', how.deployment],
    },
  );

/** Alerts about Knative Serving (docs/platform.md#catalogue-serving). */
export const SERVING_ALERTS: readonly AlertRule[] = [
  component('KnativeServingActivatorDown', {
    deployment: 'activator',
    for: '2m',
    severity: 'critical',
    priority: 'P0',
    condition: 'activator down',
    effect: 'Requests to functions scaled to zero fail with 502, 503 or 504.',
  }),
  component('KnativeServingAutoscalerDown', {
    deployment: 'autoscaler',
    for: '2m',
    severity: 'critical',
    priority: 'P1',
    condition: 'serving component down',
    effect: 'Nothing scales up or down: warm pods serve, functions scaled to zero hang.',
  }),
  component('KnativeServingControllerDown', {
    deployment: 'controller',
    for: '5m',
    severity: 'critical',
    priority: 'P1',
    condition: 'serving component down',
    effect: 'No new revisions and no route changes: a rollback is impossible meanwhile.',
  }),
  component('KnativeServingWebhookDown', {
    deployment: 'webhook',
    for: '2m',
    severity: 'critical',
    priority: 'P1',
    condition: 'serving component down',
    effect:
      'Every create or update of a Knative object is refused, a rollback included. Running functions and builds go on.',
  }),
  component('KnativeServingGatewayDown', {
    deployment: '3scale-kourier-gateway',
    for: '2m',
    severity: 'critical',
    priority: 'P0',
    condition: 'gateway down',
    effect: 'No request reaches any function.',
  }),
  component('KnativeServingIngressControllerDown', {
    deployment: 'net-kourier-controller',
    for: '5m',
    severity: 'warning',
    priority: 'P2',
    effect: 'Existing routes work; new ones are not configured.',
  }),
  {
    ...common,
    name: 'KnativeServingWebhookRejections',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: () =>
      'sum by (name) (increase(apiserver_admission_webhook_rejection_count{name=~".*knative.dev", error_type=~"calling_webhook_error|apiserver_internal_error"}[5m])) > 3',
    summary: 'Webhook {{ $labels.name }} fails when called',
    description:
      'The API server could not call {{ $labels.name }} {{ $value | humanize }} times in 5 minutes: timeout, certificate, or no endpoints.',
    test: {
      series: () => ({
        'apiserver_admission_webhook_rejection_count{name="webhook.serving.knative.dev", error_type="calling_webhook_error"}':
          counter(4),
      }),
      labels: () => [{ name: 'webhook.serving.knative.dev' }],
    },
  },
  {
    ...common,
    name: 'KnativeServingWebhookLatencyHigh',
    severity: 'warning',
    priority: 'P2',
    for: '10m',
    expr: () =>
      'histogram_quantile(0.99, sum by (le, name) (rate(apiserver_admission_webhook_admission_duration_seconds_bucket{name=~".*serving.knative.dev"}[5m]))) > 2 and on (name) sum by (name) (increase(apiserver_admission_webhook_admission_duration_seconds_count{name=~".*serving.knative.dev"}[5m])) >= 10',
    summary: 'Webhook {{ $labels.name }} takes {{ $value | humanizeDuration }}',
    description: 'It is given up on after 10 seconds, and writes to Knative objects then fail.',
    test: {
      series: () => {
        return webhookSeries('0+60x9 600+0x29 660+60x39', steady(60));
      },
      labels: () => [{ name: 'webhook.serving.knative.dev' }],
      odd: { 'a slow call every five minutes': () => webhookSeries('0x79', '0+0.2x79') },
    },
  },
  {
    ...common,
    name: 'KnativeServingActivatorErrors',
    severity: 'critical',
    priority: 'P1',
    condition: 'activator errors',
    for: '5m',
    expr: () =>
      'knative:activator_errors:rate5m / knative:activator_requests:rate5m > 0.05 and knative:activator_errors:rate5m * 300 > 5',
    summary: 'The activator fails {{ $value | humanizePercentage }} of its requests',
    description: 'Requests to functions without warm pods fail.',
    test: { series: (n): Record<string, string> => activatorSeries(n), labels: () => [{}] },
  },
  {
    ...common,
    name: 'KnativeServingScaleUpLag',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: () => 'revision:pods_requested - revision:pods_actual > 0',
    summary: '{{ $labels.revision }} waits for {{ $value }} pods',
    description:
      'The autoscaler asked for more pods of {{ $labels.revision }} in {{ $labels.namespace }} than exist: quota, capacity or image pull.',
    test: {
      series: (n): Record<string, string> => ({
        ...revisionSeries(n, { old: 'autoscaler_requested_pods', current: 'kn_revision_pods_requested' }, gauge(1, 5)),
        ...revisionSeries(n, { old: 'autoscaler_actual_pods', current: 'kn_revision_pods_count' }, gauge(1, 1)),
      }),
      labels: () => [REVISION],
    },
  },
  {
    ...common,
    name: 'KnativeServingPodsNotReady',
    severity: 'warning',
    priority: 'P2',
    for: '10m',
    expr: () => 'revision:pods_not_ready > 0',
    summary: '{{ $value }} pods of {{ $labels.revision }} are not ready',
    description: 'Pods of {{ $labels.revision }} in {{ $labels.namespace }} have not become ready for 10 minutes.',
    test: {
      series: (n): Record<string, string> =>
        revisionSeries(
          n,
          { old: 'autoscaler_not_ready_pods', current: 'kn_revision_pods_not_ready_count' },
          gauge(0, 2),
        ),
      labels: () => [REVISION],
    },
  },
  {
    ...common,
    name: 'KnativeServingPanicModeSustained',
    severity: 'info',
    priority: 'P3',
    condition: 'panic mode sustained',
    for: '15m',
    expr: () => 'max by (namespace, function) (revision:panic_mode) == 1',
    summary: '{{ $labels.function }} scales in panic mode',
    description: 'Traffic to {{ $labels.function }} in {{ $labels.namespace }} has outgrown its pods for 15 minutes.',
    test: {
      series: (n): Record<string, string> =>
        revisionSeries(n, { old: 'autoscaler_panic_mode', current: 'kn_revision_panic_mode' }, gauge(0, 1)),
      labels: () => [{ namespace: 'knative-lambda', function: 'hello-nodejs' }],
    },
  },
  {
    ...common,
    name: 'KnativeServingControllerBacklog',
    severity: 'warning',
    priority: 'P2',
    for: '10m',
    expr: () => 'knative:workqueue_depth > 100',
    summary: 'Work queue {{ $labels.name }} holds {{ $value | humanize }} items',
    description: 'Knative controllers fall behind; changes take effect late.',
    test: {
      series: (n): Record<string, string> => ({
        [`${n.era === 'knative-1.18' ? 'controller_workqueue_depth' : 'kn_workqueue_depth'}{name="revision"}`]: gauge(
          0,
          300,
        ),
      }),
      labels: () => [{ name: 'revision' }],
    },
  },
  crashLooping(
    {
      ...common,
      name: 'KnativeServingComponentCrashLooping',
      severity: 'critical',
      priority: 'P1',
      condition: 'serving component crashes',
      for: '5m',
      summary: 'Knative Serving: {{ $labels.pod }} restarts again and again',
      description: 'Container {{ $labels.container }} restarted {{ $value | humanize }} times in 15 minutes.',
    },
    () => 'namespace=~"knative-serving|kourier-system"',
    { namespace: 'knative-serving', pod: 'activator-6b7d9c8f5-q2w4z', container: 'activator' },
  ),
  {
    ...common,
    name: 'KnativeServingRevisionFailed',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: () =>
      'max by (namespace, revision) (label_replace(kube_customresource_knative_component_condition{customresource_kind="Revision", type="Ready", status="False"}, "revision", "$1", "name", "(.+)")) == 1',
    summary: 'Revision {{ $labels.revision }} failed',
    description: 'Revision {{ $labels.revision }} in {{ $labels.namespace }} did not become ready.',
    test: {
      series: () => ({
        'kube_customresource_knative_component_condition{customresource_kind="Revision", namespace="knative-lambda", name="hello-nodejs-00008", type="Ready", status="False"}':
          gauge(0, 1),
      }),
      labels: () => [{ namespace: 'knative-lambda', revision: 'hello-nodejs-00008' }],
    },
  },
  {
    ...common,
    name: 'KnativeServingMetricsAbsent',
    severity: 'warning',
    priority: 'P3',
    condition: 'serving metrics absent',
    for: '15m',
    // Work queues are there without a single function; whether Serving is there kube-state-metrics tells.
    expr: () =>
      'absent(knative:workqueue_depth) and on () count(kube_deployment_status_replicas_available{namespace="knative-serving", deployment="controller"} > 0) > 0',
    summary: 'Knative Serving exports no metrics',
    description:
      'No series of the controllers exists under its old or its new name. After an upgrade to 1.19 or later the export is off until config-observability turns it on.',
    test: {
      series: (n): Record<string, string> => ({
        [n.era === 'knative-1.18' ? 'controller_workqueue_depth{name="r"}' : 'kn_workqueue_depth{name="r"}']:
          vanishes(0),
        ...replicaSeries('knative-serving', 'controller', always(1), 1),
      }),
      labels: () => [{}],
      odd: {
        'no function yet': (n): Record<string, string> => ({
          [n.era === 'knative-1.18' ? 'controller_workqueue_depth{name="r"}' : 'kn_workqueue_depth{name="r"}']:
            always(0),
          ...replicaSeries('knative-serving', 'controller', always(1), 1),
        }),
        'Serving is not installed': () => replicaSeries('other', 'controller', always(1), 1),
      },
    },
  },
];

function webhookSeries(quick: string, all: string): Record<string, string> {
  const metric = 'apiserver_admission_webhook_admission_duration_seconds';
  const labels = 'name="webhook.serving.knative.dev"';
  return {
    [`${metric}_bucket{${labels}, le="1"}`]: quick,
    [`${metric}_bucket{${labels}, le="10"}`]: all,
    [`${metric}_bucket{${labels}, le="+Inf"}`]: all,
    [`${metric}_count{${labels}}`]: all,
  };
}

function activatorSeries(n: Names): Record<string, string> {
  if (n.era === 'knative-1.18') {
    return {
      'activator_request_count{response_code_class="2xx"}': steady(60),
      'activator_request_count{response_code_class="5xx"}': counter(20),
    };
  }
  const base = 'http_server_request_duration_seconds_count{namespace="knative-serving", pod="activator-1"';
  return {
    [`${base}, http_response_status_code="200"}`]: steady(60),
    [`${base}, http_response_status_code="503"}`]: counter(20),
  };
}
