import type { Names } from '../names.ts';
import type { AlertRule } from './alert.ts';
import { always, counter, gauge, steady, vanishes } from './story.ts';
import { crashLooping, deploymentDown, replicaSeries } from './workloads.ts';

const common = { area: 'knative-lambda', component: 'knative-lambda' } as const;
const DEPLOYMENT = 'knative-lambda-operator|knative-lambda-builder';
const control = (n: Names) => `namespace="${n.controlNamespace}", deployment=~"${DEPLOYMENT}"`;
const container = (n: Names) => `namespace="${n.controlNamespace}", container=~"manager|builder"`;
const example = (n: Names) => ({ namespace: 'knative-lambda', deployment: n.controlDeployment });
const pod = { namespace: 'knative-lambda', pod: 'control-plane-7d9f8b6c4-x2x4z' } as const;

/** Alerts about the operator or builder (docs/platform.md#catalogue-control-plane). */
export const CONTROL_PLANE_ALERTS: readonly AlertRule[] = [
  deploymentDown(
    {
      ...common,
      name: 'KnativeLambdaOperatorDown',
      severity: 'critical',
      priority: 'P0',
      condition: 'control plane down',
      for: '2m',
      summary: 'The control plane {{ $labels.deployment }} is down',
      description:
        '{{ $labels.deployment }} in {{ $labels.namespace }} has no available replica: no builds and no deploys. Existing functions keep serving; events wait in the queue.',
    },
    {
      namespace: (n) => n.controlNamespace,
      deployment: () => DEPLOYMENT,
      example: ['knative-lambda', 'knative-lambda-operator'],
    },
  ),
  {
    ...common,
    name: 'KnativeLambdaOperatorAbsent',
    severity: 'critical',
    priority: 'P0',
    condition: 'control plane down',
    for: '5m',
    expr: (n) =>
      // Of a cluster whose kube-state-metrics is silent nothing is known.
      `absent(kube_deployment_status_replicas_available{namespace="${n.controlNamespace}", deployment="${n.controlDeployment}"}) and on () count(kube_deployment_status_replicas_available) > 0`,
    summary: 'The control plane Deployment {{ $labels.deployment }} does not exist',
    description:
      'Deployment {{ $labels.deployment }} in {{ $labels.namespace }} is not among those kube-state-metrics knows: it was deleted or never installed.',
    test: {
      series: (n): Record<string, string> => ({
        [`kube_deployment_status_replicas_available{namespace="knative-lambda", deployment="${n.controlDeployment}"}`]:
          vanishes(1),
        ...replicaSeries('knative-lambda', 'another', always(1), 1),
      }),
      labels: (n) => [example(n)],
      odd: {
        'scaled to 0 on purpose': (n) => replicaSeries('knative-lambda', n.controlDeployment, always(0), 0),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaOperatorNotReady',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: (n) =>
      `max by (namespace, deployment) (kube_deployment_status_replicas_ready{${control(n)}}) < max by (namespace, deployment) (kube_deployment_spec_replicas{${control(n)}})`,
    summary: '{{ $labels.deployment }} has fewer ready replicas than wanted',
    description:
      '{{ $labels.deployment }} in {{ $labels.namespace }} has had {{ $value }} ready replicas, fewer than it should, for 5 minutes.',
    test: {
      series: (n): Record<string, string> => ({
        [`kube_deployment_status_replicas_ready{namespace="knative-lambda", deployment="${n.controlDeployment}"}`]:
          gauge(2, 1),
        [`kube_deployment_spec_replicas{namespace="knative-lambda", deployment="${n.controlDeployment}"}`]: always(2),
      }),
      labels: (n) => [example(n)],
      odd: {
        'a rolling update of 4 minutes': (n): Record<string, string> => ({
          [`kube_deployment_status_replicas_ready{namespace="knative-lambda", deployment="${n.controlDeployment}"}`]:
            '2x19 1x3 2x55',
          [`kube_deployment_spec_replicas{namespace="knative-lambda", deployment="${n.controlDeployment}"}`]: always(2),
        }),
      },
    },
  },
  crashLooping(
    {
      ...common,
      name: 'KnativeLambdaOperatorCrashLooping',
      severity: 'critical',
      priority: 'P1',
      condition: 'control plane crashes',
      for: '5m',
      summary: 'The control plane restarts again and again ({{ $labels.pod }})',
      description:
        'Container {{ $labels.container }} of {{ $labels.pod }} restarted {{ $value | humanize }} times in 15 minutes. When it began with a release, roll that back.',
    },
    container,
    { ...pod, container: 'manager' },
  ),
  {
    ...common,
    name: 'KnativeLambdaOperatorMemoryHigh',
    severity: 'warning',
    priority: 'P2',
    for: '10m',
    expr: (n) =>
      `max by (namespace, pod) (container_memory_working_set_bytes{${container(n)}}) / max by (namespace, pod) (container_spec_memory_limit_bytes{${container(n)}} > 0) > 0.85`,
    summary: '{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its memory',
    description:
      'The control plane pod {{ $labels.pod }} is close to its memory limit and will be OOMKilled when it reaches it.',
    test: {
      series: () => ({
        'container_memory_working_set_bytes{namespace="knative-lambda", pod="p", container="manager"}': gauge(100, 240),
        'container_spec_memory_limit_bytes{namespace="knative-lambda", pod="p", container="manager"}': always(256),
      }),
      labels: () => [{ namespace: 'knative-lambda', pod: 'p' }],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaOperatorErrorsHigh',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: (n) =>
      n.profile === 'operator'
        ? 'sum by (error_type) (increase(knative_lambda_operator_errors_total[5m])) > 5'
        : 'label_replace(sum(increase(async_worker_errors_total[5m])), "error_type", "async_worker", "", "") > 5',
    summary: 'The control plane reports errors ({{ $value | humanize }} in 5 minutes)',
    description:
      'The control plane counts errors ({{ $labels.error_type }}). The type names the step that fails; the builder generation counts them as one and says more in its log.',
    test: {
      series: (n): Record<string, string> =>
        n.profile === 'operator'
          ? {
              'knative_lambda_operator_errors_total{component="deploy", error_type="service_creation_failed"}':
                counter(4),
            }
          : { async_worker_errors_total: counter(4) },
      labels: (n) => [{ error_type: n.profile === 'operator' ? 'service_creation_failed' : 'async_worker' }],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaReconcileErrorRatio',
    severity: 'warning',
    priority: 'P2',
    for: '10m',
    expr: (n) =>
      n.profile === 'operator'
        ? 'sum(rate(knative_lambda_operator_reconcile_total{result="error"}[10m])) / sum(rate(knative_lambda_operator_reconcile_total{result=~"success|error"}[10m])) > 0.01 and sum(increase(knative_lambda_operator_reconcile_total{result="error"}[10m])) >= 3'
        : 'sum(rate(cloudevents_processing_errors_total[10m])) / sum(rate(cloudevents_received_total[10m])) > 0.01 and sum(increase(cloudevents_processing_errors_total[10m])) >= 3',
    summary: '{{ $value | humanizePercentage }} of the control plane work fails',
    description: 'More than 1% of the reconciles (builder: events) of the last 10 minutes ended in an error.',
    test: {
      series: (n): Record<string, string> =>
        n.profile === 'operator'
          ? {
              'knative_lambda_operator_reconcile_total{phase="Ready", result="success"}': steady(20),
              'knative_lambda_operator_reconcile_total{phase="Building", result="error"}': counter(2),
            }
          : { cloudevents_received_total: steady(20), cloudevents_processing_errors_total: counter(2) },
      labels: () => [{}],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaReconcileSlow',
    severity: 'warning',
    priority: 'P2',
    for: '10m',
    expr: (n) =>
      n.profile === 'operator'
        ? 'histogram_quantile(0.99, sum by (le) (rate(knative_lambda_operator_reconcile_duration_seconds_bucket{phase="total"}[5m]))) > 5 and on () sum(increase(knative_lambda_operator_reconcile_duration_seconds_count{phase="total"}[5m])) >= 10'
        : 'histogram_quantile(0.99, sum by (le) (rate(cloudevents_processing_duration_seconds_bucket[5m]))) > 5 and on () sum(increase(cloudevents_processing_duration_seconds_count[5m])) >= 10',
    summary: 'P99 of the control plane work is {{ $value | humanizeDuration }}',
    description:
      'One step of the control plane takes longer than 5 seconds. That usually means a slow API server or slow storage, because sources are downloaded inside the step.',
    test: {
      series: (n): Record<string, string> => workSeries(n, '0+10x9 100+0x29 110+10x39', steady(10)),
      labels: () => [{}],
      odd: {
        'one step of 8 seconds among few': (n): Record<string, string> => workSeries(n, '0+1x79', '0+1x9 11+1x69'),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaWorkqueueBacklog',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: (n) =>
      n.profile === 'operator'
        ? `max(workqueue_depth{namespace="${n.controlNamespace}", name="lambdafunction"}) > 10`
        : 'sum(increase(async_job_queue_full_total[5m])) > 0',
    summary: 'The control plane falls behind',
    description:
      'Work arrives faster than the control plane finishes it (value {{ $value | humanize }}: waiting functions, or events refused because the queue was full).',
    test: {
      series: (n): Record<string, string> =>
        n.profile === 'operator'
          ? { 'workqueue_depth{namespace="knative-lambda", name="lambdafunction"}': gauge(0, 400) }
          : { async_job_queue_full_total: counter(10) },
      labels: () => [{}],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaFunctionStuckDeploying',
    severity: 'warning',
    priority: 'P2',
    for: '15m',
    expr: (n) =>
      n.profile === 'operator'
        ? // The gauge keeps its last value, so it counts only while functions are really reconciled in that phase.
          'sum by (namespace) (knative_lambda_operator_lambdafunctions_total{phase="Deploying"}) > 0 and on () sum(increase(knative_lambda_operator_reconcile_total{phase="Deploying"}[15m])) > 5'
        : null,
    summary: '{{ $value }} functions are stuck in Deploying',
    description:
      'Functions in {{ $labels.namespace }} have been Deploying for 15 minutes; that phase has no time limit. The gauge may be stale: confirm with the API.',
    test: {
      series: () => ({
        'knative_lambda_operator_lambdafunctions_total{namespace="knative-lambda", phase="Deploying"}': gauge(0, 1),
        'knative_lambda_operator_reconcile_total{phase="Deploying", result="success"}': counter(4),
      }),
      labels: () => [{ namespace: 'knative-lambda' }],
      odd: {
        'a gauge that was never set back': () => ({
          'knative_lambda_operator_lambdafunctions_total{namespace="knative-lambda", phase="Deploying"}': always(1),
          'knative_lambda_operator_reconcile_total{phase="Deploying", result="success"}': always(12),
        }),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaNoLeader',
    severity: 'critical',
    priority: 'P1',
    condition: 'no leader',
    for: '2m',
    expr: (n) =>
      n.profile === 'operator' ? `sum(leader_election_master_status{namespace="${n.controlNamespace}"}) == 0` : null,
    summary: 'The operator has no leader',
    description: 'No replica of the operator holds the lease, so nothing is reconciled.',
    test: {
      series: () => ({ 'leader_election_master_status{namespace="knative-lambda", pod="p"}': gauge(1, 0) }),
      labels: () => [{}],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaReceiverErrors',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: (n) =>
      n.profile === 'operator'
        ? 'knative_lambda:receiver_errors:rate5m / knative_lambda:receiver_requests:rate5m > 0.05 and knative_lambda:receiver_errors:rate5m * 300 > 3'
        : 'sum(rate(rate_limit_rejected_total[5m])) / sum(rate(rate_limit_requests_total[5m])) > 0.05 and sum(increase(rate_limit_rejected_total[5m])) > 3',
    summary: 'The event front door refuses {{ $value | humanizePercentage }} of the events',
    description: 'The receiver answers 429 or 5xx. Senders retry five times and then dead-letter the event.',
    test: {
      series: (n): Record<string, string> => receiverSeries(n),
      labels: () => [{}],
    },
  },
];

/** Steps of the control plane: those done within a second, and all; the rest takes up to 10 seconds. */
function workSeries(n: Names, quick: string, all: string): Record<string, string> {
  const [metric, labels] =
    n.profile === 'operator'
      ? ['knative_lambda_operator_reconcile_duration_seconds', 'phase="total", ']
      : ['cloudevents_processing_duration_seconds', ''];
  return {
    [`${metric}_bucket{${labels}le="1"}`]: quick,
    [`${metric}_bucket{${labels}le="10"}`]: all,
    [`${metric}_bucket{${labels}le="+Inf"}`]: all,
    [`${metric}_count{${labels.replace(', ', '')}}`]: all,
  };
}

function receiverSeries(n: Names): Record<string, string> {
  if (n.profile === 'builder') return { rate_limit_requests_total: steady(60), rate_limit_rejected_total: counter(20) };
  if (n.era === 'knative-1.18') {
    const base = 'revision_app_request_count{namespace_name="knative-lambda", service_name="lambda-command-receiver"';
    return { [`${base}, response_code="202"}`]: steady(60), [`${base}, response_code="500"}`]: counter(20) };
  }
  const metric =
    n.era === 'knative-1.19' ? 'kn_queueproxy_app_duration_seconds' : 'kn_serving_invocation_duration_seconds';
  const base = `${metric}_count{namespace="knative-lambda", pod="lambda-command-receiver-00001-deployment-abc-xyz"`;
  return {
    [`${base}, http_response_status_code="202"}`]: steady(60),
    [`${base}, http_response_status_code="500"}`]: counter(20),
  };
}
