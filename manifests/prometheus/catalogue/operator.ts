import type { AlertRule } from './alert.ts';
import { counter, gauge } from './story.ts';
import { crashLooping, deploymentDown } from './workloads.ts';

const common = { area: 'knative-operator', component: 'knative-operator' } as const;

const notReady = (kind: 'KnativeServing' | 'KnativeEventing', grave: boolean): AlertRule => ({
  ...common,
  component: kind === 'KnativeServing' ? 'knative-serving' : 'knative-eventing',
  name: `${kind}CRNotReady`,
  severity: grave ? 'critical' : 'warning',
  priority: grave ? 'P1' : 'P2',
  ...(grave ? { condition: 'serving or eventing not ready' } : {}),
  for: '10m',
  expr: () =>
    `max by (namespace, name, type) (kube_customresource_knative_component_condition{customresource_kind="${kind}", type${grave ? '' : '!'}="DeploymentsAvailable", status="False"}) == 1`,
  summary: `${kind} {{ $labels.name }} is not ready ({{ $labels.type }})`,
  description: `Condition {{ $labels.type }} of ${kind} {{ $labels.name }} in {{ $labels.namespace }} is False; its message names what is waited for.`,
  test: {
    series: () => ({
      [`kube_customresource_knative_component_condition{customresource_kind="${kind}", namespace="knative-serving", name="knative", type="${grave ? 'DeploymentsAvailable' : 'InstallSucceeded'}", status="False"}`]:
        gauge(0, 1),
    }),
    labels: () => [
      { namespace: 'knative-serving', name: 'knative', type: grave ? 'DeploymentsAvailable' : 'InstallSucceeded' },
    ],
  },
});

/** Alerts about the Knative Operator and Eventing (docs/platform.md#catalogue-operator). */
export const OPERATOR_ALERTS: readonly AlertRule[] = [
  deploymentDown(
    {
      ...common,
      name: 'KnativeOperatorDown',
      severity: 'warning',
      priority: 'P2',
      for: '5m',
      summary: 'The Knative Operator is down',
      description:
        'Upgrades and configuration changes are not applied and drift is not corrected. Nothing that runs is affected.',
    },
    {
      namespace: () => 'knative-operator',
      deployment: () => 'knative-operator',
      example: ['knative-operator', 'knative-operator'],
    },
  ),
  deploymentDown(
    {
      ...common,
      name: 'KnativeOperatorWebhookDown',
      severity: 'warning',
      priority: 'P2',
      for: '5m',
      summary: 'The webhook of the Knative Operator is down',
      description: 'KnativeServing and KnativeEventing cannot be edited.',
    },
    {
      namespace: () => 'knative-operator',
      deployment: () => 'operator-webhook',
      example: ['knative-operator', 'operator-webhook'],
    },
  ),
  crashLooping(
    {
      ...common,
      name: 'KnativeOperatorCrashLooping',
      severity: 'warning',
      priority: 'P2',
      for: '5m',
      summary: 'Knative Operator: {{ $labels.pod }} restarts again and again',
      description: 'Container {{ $labels.container }} restarted {{ $value | humanize }} times in 15 minutes.',
    },
    () => 'namespace="knative-operator"',
    { namespace: 'knative-operator', pod: 'knative-operator-6b7d9c8f5-q2w4z', container: 'knative-operator' },
  ),
  notReady('KnativeServing', true),
  notReady('KnativeServing', false),
  notReady('KnativeEventing', true),
  notReady('KnativeEventing', false),
  {
    ...common,
    name: 'KnativeOperatorReconcileFailing',
    severity: 'warning',
    priority: 'P2',
    for: '15m',
    expr: () => 'knative_operator:reconcile_failures:rate15m > 0.1',
    summary: 'The Knative Operator fails to apply its manifests',
    description:
      'It retries {{ $value | humanize }} times a second and will go on until the manifest or the cluster changes.',
    test: {
      series: (n): Record<string, string> =>
        n.era === 'knative-1.18'
          ? {
              'knative_operator_reconcile_count{namespace="knative-operator", reconciler="knativeserving", success="false"}':
                counter(12),
            }
          : { 'kn_workqueue_retries_total{namespace="knative-operator", name="knativeserving"}': counter(12) },
      labels: () => [{ name: 'knativeserving' }],
    },
  },
  deploymentDown(
    {
      ...common,
      component: 'knative-eventing',
      name: 'KnativeEventingComponentDown',
      severity: 'critical',
      priority: 'P1',
      condition: 'eventing component down',
      for: '5m',
      summary: 'Knative Eventing: {{ $labels.deployment }} is down',
      description:
        '{{ $labels.deployment }} in {{ $labels.namespace }} has no available replica: brokers and triggers are not reconciled.',
    },
    {
      namespace: () => 'knative-eventing',
      deployment: () => 'eventing-controller|eventing-webhook|rabbitmq-broker-controller|rabbitmq-broker-webhook',
      example: ['knative-eventing', 'eventing-controller'],
    },
  ),
];
