import type { AlertRule } from './alert.ts';
import { always, appears, gauge, steady, vanishes } from './story.ts';
import { deploymentDown } from './workloads.ts';

const common = { area: 'knative-lambda', component: 'platform' } as const;
const storage = { area: 'knative-lambda', component: 'storage' } as const;
const VOLUME = 'namespace="minio", persistentvolumeclaim="minio-data"';
const volume = { namespace: 'minio', persistentvolumeclaim: 'minio-data' };
const free =
  'min by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{namespace="minio"} / kubelet_volume_stats_capacity_bytes{namespace="minio"})';
const QUOTA = 'namespace="knative-lambda-builds", resource="limits.memory", resourcequota="builds-quota"';
const quotaUse = (namespaces: string) =>
  `max by (namespace, resource) (kube_resourcequota{namespace=~"${namespaces}", type="used"}) / max by (namespace, resource) (kube_resourcequota{namespace=~"${namespaces}", type="hard"} > 0)`;
const volumeSeries = (bad: number) => () => ({
  [`kubelet_volume_stats_available_bytes{${VOLUME}}`]: gauge(60, bad),
  [`kubelet_volume_stats_capacity_bytes{${VOLUME}}`]: always(100),
});
const quotaSeries = (bad: number) => () => ({
  [`kube_resourcequota{${QUOTA}, type="used"}`]: gauge(10, bad),
  [`kube_resourcequota{${QUOTA}, type="hard"}`]: always(40),
});
const quota = { namespace: 'knative-lambda-builds', resource: 'limits.memory' };
const expiry = (days: number) =>
  `min by (namespace, name) (certmanager_certificate_expiration_timestamp_seconds) - time() < ${days} * 86400`;
const certificate = (days: number) => () => ({
  // The tests begin at time 0, so the expiry is in seconds from there.
  'certmanager_certificate_expiration_timestamp_seconds{namespace="knative-lambda", name="gateway"}': `${90 * 86_400}x9 ${days * 86_400}x99 ${90 * 86_400}x39`,
});

/** Alerts about storage, quota, nodes, API server and certificates (docs/platform.md#catalogue-platform). */
export const PLATFORM_ALERTS: readonly AlertRule[] = [
  deploymentDown(
    {
      ...storage,
      name: 'KnativeLambdaStorageDown',
      severity: 'critical',
      priority: 'P1',
      for: '2m',
      summary: 'The storage of sources is down',
      description:
        'MinIO has no available replica: no new build can fetch its source. What is built keeps running, and builds resume by themselves afterwards.',
    },
    { namespace: () => 'minio', deployment: () => 'minio', example: ['minio', 'minio'] },
  ),
  {
    ...storage,
    name: 'KnativeLambdaStorageAlmostFull',
    severity: 'critical',
    priority: 'P1',
    for: '10m',
    expr: () => `${free} < 0.05`,
    summary: '{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left',
    description: 'Volume {{ $labels.persistentvolumeclaim }} in {{ $labels.namespace }} is about to be full.',
    test: { series: volumeSeries(3), labels: () => [volume] },
  },
  {
    ...storage,
    name: 'KnativeLambdaStorageAlmostFull',
    severity: 'warning',
    priority: 'P2',
    for: '10m',
    expr: () => `${free} < 0.15`,
    summary: '{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left',
    description: 'Volume {{ $labels.persistentvolumeclaim }} in {{ $labels.namespace }} has less than 15% free.',
    test: { series: volumeSeries(10), labels: () => [volume] },
  },
  {
    ...common,
    name: 'KnativeLambdaQuotaNearlyExhausted',
    severity: 'critical',
    priority: 'P1',
    for: '5m',
    expr: (n) => `${quotaUse(n.namespaces)} >= 1`,
    summary: 'Quota {{ $labels.resource }} in {{ $labels.namespace }} is used up',
    description:
      'No pod that needs {{ $labels.resource }} can be created in {{ $labels.namespace }}; build Jobs stay without pods. It heals by itself when builds end.',
    test: { series: quotaSeries(40), labels: () => [quota] },
  },
  {
    ...common,
    name: 'KnativeLambdaQuotaNearlyExhausted',
    severity: 'warning',
    priority: 'P2',
    for: '15m',
    expr: (n) => `${quotaUse(n.namespaces)} > 0.9`,
    summary: 'Quota {{ $labels.resource }} in {{ $labels.namespace }} is {{ $value | humanizePercentage }} used',
    description: 'Less than 10% of {{ $labels.resource }} is left in {{ $labels.namespace }}.',
    test: { series: quotaSeries(38), labels: () => [quota] },
  },
  {
    ...common,
    name: 'KnativeLambdaNodePressure',
    severity: 'critical',
    priority: 'P1',
    for: '2m',
    expr: () =>
      'max by (node, condition) (kube_node_status_condition{condition=~"MemoryPressure|DiskPressure|PIDPressure", status="true"}) == 1',
    summary: 'Node {{ $labels.node }} is under {{ $labels.condition }}',
    description:
      'Node {{ $labels.node }} evicts pods and takes no new ones. Evicted builds look like ordinary build failures.',
    test: {
      series: () => ({
        'kube_node_status_condition{node="node-b", condition="MemoryPressure", status="true"}': gauge(0, 1),
      }),
      labels: () => [{ node: 'node-b', condition: 'MemoryPressure' }],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaPodsEvicted',
    severity: 'warning',
    priority: 'P2',
    for: '0m',
    expr: (n) => `sum by (namespace) (kube_pod_status_reason{namespace=~"${n.namespaces}", reason="Evicted"}) > 0`,
    summary: '{{ $value }} pods were evicted in {{ $labels.namespace }}',
    description: 'The kubelet evicted pods in {{ $labels.namespace }}: a node was short of memory or disk.',
    test: {
      series: () => ({ 'kube_pod_status_reason{namespace="knative-lambda", pod="p", reason="Evicted"}': appears(1) }),
      labels: () => [{ namespace: 'knative-lambda' }],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaAPIServerSlow',
    severity: 'critical',
    priority: 'P1',
    for: '5m',
    expr: () =>
      'histogram_quantile(0.99, sum by (le, verb) (rate(apiserver_request_duration_seconds_bucket{verb!~"WATCH|CONNECT|LIST"}[5m]))) > 5',
    summary: 'The API server takes {{ $value | humanizeDuration }} ({{ $labels.verb }}, P99)',
    description:
      'Requests to the Kubernetes API take more than 5 seconds. Reconciles, webhooks and the diagnostics themselves slow down or time out.',
    test: {
      series: () => ({
        'apiserver_request_duration_seconds_bucket{verb="PATCH", le="1"}': '0+60x9 600+0x29 660+60x39',
        'apiserver_request_duration_seconds_bucket{verb="PATCH", le="10"}': steady(60),
        'apiserver_request_duration_seconds_bucket{verb="PATCH", le="+Inf"}': steady(60),
      }),
      labels: () => [{ verb: 'PATCH' }],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaCertificateExpiring',
    severity: 'critical',
    priority: 'P1',
    for: '1h',
    expr: () => expiry(7),
    summary: 'Certificate {{ $labels.name }} expires in {{ $value | humanizeDuration }}',
    description: 'Certificate {{ $labels.name }} in {{ $labels.namespace }} was not renewed in time.',
    test: {
      series: certificate(5),
      firesAt: '90m',
      resolvedAt: '120m',
      labels: () => [{ namespace: 'knative-lambda', name: 'gateway' }],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaCertificateExpiring',
    severity: 'warning',
    priority: 'P2',
    for: '1h',
    expr: () => expiry(30),
    summary: 'Certificate {{ $labels.name }} expires in {{ $value | humanizeDuration }}',
    description: 'Certificate {{ $labels.name }} in {{ $labels.namespace }} has less than 30 days left.',
    test: {
      series: certificate(20),
      firesAt: '90m',
      resolvedAt: '120m',
      labels: () => [{ namespace: 'knative-lambda', name: 'gateway' }],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaCertificateNotReady',
    severity: 'critical',
    priority: 'P1',
    for: '10m',
    expr: () => 'max by (namespace, name) (certmanager_certificate_ready_status{condition="False"}) == 1',
    summary: 'Certificate {{ $labels.name }} is not ready',
    description: 'Certificate {{ $labels.name }} in {{ $labels.namespace }} could not be issued or renewed.',
    test: {
      series: () => ({
        'certmanager_certificate_ready_status{namespace="knative-lambda", name="gateway", condition="False"}': gauge(
          0,
          1,
        ),
      }),
      labels: () => [{ namespace: 'knative-lambda', name: 'gateway' }],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaTelemetryMissing',
    severity: 'warning',
    priority: 'P2',
    for: '10m',
    expr: (n) => `absent(up{namespace="${n.controlNamespace}", job="${n.controlDeployment}"} == 1)`,
    summary: 'The control plane is not scraped',
    description: 'Prometheus gets no metrics of the control plane, so the alerts made from them are blind.',
    test: {
      series: (n): Record<string, string> => ({
        [`up{namespace="knative-lambda", job="${n.controlDeployment}"}`]: vanishes(1),
      }),
      // absent() of a comparison knows no labels.
      labels: () => [{}],
    },
  },
];
