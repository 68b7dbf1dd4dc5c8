import type { Names } from '../names.ts';
import type { AlertRule } from './alert.ts';
import { always, gauge, steady, vanishes } from './story.ts';
import { noReplica, replicaOddities, replicaSeries } from './workloads.ts';

const common = { area: 'knative-lambda', component: 'platform' } as const;
const storage = { area: 'knative-lambda', component: 'storage' } as const;
const VOLUME = 'namespace="minio", persistentvolumeclaim="minio-data"';
const volume = { namespace: 'minio', persistentvolumeclaim: 'minio-data' };
const free =
  'min by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{namespace="minio"} / kubelet_volume_stats_capacity_bytes{namespace="minio"})';
const QUOTA = 'namespace="knative-lambda-builds", resource="limits.memory", resourcequota="builds-quota"';
/** What pods and Jobs need: a quota of one volume or one load balancer is used up as soon as it is used. */
const OF_PODS =
  'resource=~"(limits|requests)[.](cpu|memory|ephemeral-storage)|cpu|memory|pods|count/(pods|jobs[.]batch)"';
const quotaUse = (namespaces: string) =>
  `max by (namespace, resource) (kube_resourcequota{namespace=~"${namespaces}", ${OF_PODS}, type="used"}) / max by (namespace, resource) (kube_resourcequota{namespace=~"${namespaces}", ${OF_PODS}, type="hard"} > 0)`;
const volumeQuota = () => ({
  'kube_resourcequota{namespace="knative-lambda", resource="persistentvolumeclaims", resourcequota="q", type="used"}':
    always(1),
  'kube_resourcequota{namespace="knative-lambda", resource="persistentvolumeclaims", resourcequota="q", type="hard"}':
    always(1),
});
const volumeSeries = (bad: number) => () => ({
  [`kubelet_volume_stats_available_bytes{${VOLUME}}`]: gauge(60, bad),
  [`kubelet_volume_stats_capacity_bytes{${VOLUME}}`]: always(100),
});
const quotaSeries = (bad: number) => () => ({
  [`kube_resourcequota{${QUOTA}, type="used"}`]: gauge(10, bad),
  [`kube_resourcequota{${QUOTA}, type="hard"}`]: always(40),
});
const quota = { namespace: 'knative-lambda-builds', resource: 'limits.memory' };
// Without honorLabels the certificate's namespace is in exported_namespace, and two of one name are still two.
const byCertificate = 'min by (exported_namespace, namespace, name)';
const onCertificate = 'on (exported_namespace, namespace, name)';
const EXPIRY = 'certmanager_certificate_expiration_timestamp_seconds';
const RENEWAL = 'certmanager_certificate_renewal_timestamp_seconds';
/** Seconds a certificate is still valid. */
const left = `(${byCertificate} (${EXPIRY} > 0) - time())`;
/** Seconds between the time it should be renewed at and its end. */
const margin = `(${byCertificate} (${EXPIRY} > 0) - ${byCertificate} (${RENEWAL} > 0))`;
/** One whose expiry and renewal are at these minutes of the test, in three steps. */
const certificate = (expiry: readonly [number, number, number], renewal: readonly [number, number, number]) => () => {
  const values = ([good, bad, renewed]: readonly [number, number, number]) =>
    `${good * 60}x9 ${bad * 60}x139 ${renewed * 60}x39`;
  return {
    [`${EXPIRY}{namespace="knative-lambda", name="gateway"}`]: values(expiry),
    [`${RENEWAL}{namespace="knative-lambda", name="gateway"}`]: values(renewal),
  };
};
const DAY = 24 * 60;
const certificateOddities = {
  'valid for a day and renewed in time': () => ({
    [`${EXPIRY}{namespace="knative-lambda", name="daily"}`]: `${8.5 * 3600}x30 ${(24 + 0.5) * 3600}x49`,
    [`${RENEWAL}{namespace="knative-lambda", name="daily"}`]: `${0.5 * 3600}x30 ${(16 + 0.5) * 3600}x49`,
  }),
  'not issued yet': () => ({
    [`${EXPIRY}{namespace="knative-lambda", name="new"}`]: always(0),
    [`${RENEWAL}{namespace="knative-lambda", name="new"}`]: always(0),
  }),
};
const STORAGE_PROBE = 'knative-lambda-storage';

const evicted = (n: Names, offset = '') =>
  `sum by (namespace) (kube_pod_status_reason{namespace=~"${n.namespaces}", reason="Evicted"}${offset})`;
/** Requests of which each takes 5 to 10 seconds. */
const apiRequests = (labels: string, perMinute: number) => ({
  [`apiserver_request_duration_seconds_bucket{${labels}, le="5"}`]: always(0),
  [`apiserver_request_duration_seconds_bucket{${labels}, le="10"}`]: steady(perMinute),
  [`apiserver_request_duration_seconds_bucket{${labels}, le="+Inf"}`]: steady(perMinute),
  [`apiserver_request_duration_seconds_count{${labels}}`]: steady(perMinute),
});
const API_REQUESTS = 'verb!~"WATCH|CONNECT|LIST", subresource!~"proxy|attach|log|exec|portforward"';

/** Alerts about storage, quota, nodes, API server and certificates (docs/platform.md#catalogue-platform). */
export const PLATFORM_ALERTS: readonly AlertRule[] = [
  {
    ...storage,
    name: 'KnativeLambdaStorageDown',
    severity: 'critical',
    priority: 'P1',
    condition: 'storage down',
    for: '2m',
    // A Deployment, a StatefulSet of the chart or of MinIO's operator, or storage outside the cluster that is probed.
    expr: () =>
      [
        noReplica('deployment', 'deployment=~".*minio.*", deployment!~".*(operator|console).*"'),
        noReplica('statefulset', 'statefulset=~".*minio.*"'),
        noReplica('statefulset', 'namespace=~".*minio.*"'),
        `max by (instance) (probe_success{job="${STORAGE_PROBE}"}) == 0`,
      ].join(' or '),
    summary: 'The storage of sources is down',
    description:
      '{{ $labels.namespace }}{{ $labels.instance }} has no available replica or does not answer: no new build can fetch its source. What is built keeps running, and builds resume by themselves afterwards.',
    test: {
      series: () => ({
        ...replicaSeries('minio', 'minio', gauge(1, 0), 1),
        'kube_statefulset_status_replicas_ready{namespace="tenant", statefulset="minio-pool-0"}': gauge(4, 0),
        'kube_statefulset_replicas{namespace="tenant", statefulset="minio-pool-0"}': always(4),
        'kube_statefulset_status_replicas_ready{namespace="minio-tenant", statefulset="builds-pool-0"}': gauge(4, 0),
        'kube_statefulset_replicas{namespace="minio-tenant", statefulset="builds-pool-0"}': always(4),
        [`probe_success{job="${STORAGE_PROBE}", instance="https://s3.example.org/health"}`]: gauge(1, 0),
      }),
      labels: (): Record<string, string>[] => [
        { namespace: 'minio', deployment: 'minio' },
        { namespace: 'tenant', statefulset: 'minio-pool-0' },
        { namespace: 'minio-tenant', statefulset: 'builds-pool-0' },
        { instance: 'https://s3.example.org/health' },
      ],
      odd: {
        ...replicaOddities('minio', 'minio'),
        "the operator's console is switched off": () => replicaSeries('minio', 'minio-console', always(0), 1),
      },
    },
  },
  {
    ...storage,
    name: 'KnativeLambdaStorageAlmostFull',
    severity: 'critical',
    priority: 'P1',
    condition: 'storage almost full',
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
    condition: 'quota exhausted',
    for: '5m',
    expr: (n) => `${quotaUse(n.namespaces)} >= 1`,
    summary: 'Quota {{ $labels.resource }} in {{ $labels.namespace }} is used up',
    description:
      'No pod that needs {{ $labels.resource }} can be created in {{ $labels.namespace }}; build Jobs stay without pods. It heals by itself when builds end.',
    test: {
      series: quotaSeries(40),
      labels: () => [quota],
      odd: { 'the one volume that is allowed is used': volumeQuota },
    },
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
    test: {
      series: quotaSeries(38),
      labels: () => [quota],
      odd: { 'the one volume that is allowed is used': volumeQuota },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaNodePressure',
    severity: 'critical',
    priority: 'P1',
    condition: 'node under pressure',
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
    // An evicted pod stays as an object until somebody deletes it, so the news is that there are more than before. Where nothing
    // was told of any pod half an hour ago, nobody knows what is news.
    expr: (n) =>
      `${evicted(n)} > (${evicted(n, ' offset 30m')} or ${evicted(n)} * 0 and on () count(kube_pod_status_reason offset 30m) > 0)`,
    summary: '{{ $value }} evicted pods in {{ $labels.namespace }}, more than half an hour ago',
    description: 'The kubelet evicted pods in {{ $labels.namespace }}: a node was short of memory or disk.',
    test: {
      series: () => ({
        'kube_pod_status_reason{namespace="knative-lambda", pod="p", reason="Evicted"}': '0x32 1x46',
      }),
      labels: () => [{ namespace: 'knative-lambda' }],
      odd: {
        'a pod that was evicted last week': () => ({
          'kube_pod_status_reason{namespace="knative-lambda", pod="p", reason="Evicted"}': always(1),
        }),
        'a pod that was evicted last week, and kube-state-metrics was away': () => ({
          'kube_pod_status_reason{namespace="knative-lambda", pod="p", reason="Evicted"}': '1x9 stale _x14 1x54',
          'kube_pod_status_reason{namespace="knative-lambda", pod="q", reason="Evicted"}': '0x9 stale _x14 0x54',
        }),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaAPIServerSlow',
    severity: 'critical',
    priority: 'P1',
    condition: 'API server slow',
    for: '5m',
    expr: () =>
      `histogram_quantile(0.99, sum by (le, verb) (rate(apiserver_request_duration_seconds_bucket{${API_REQUESTS}}[5m]))) > 5 and on (verb) sum by (verb) (rate(apiserver_request_duration_seconds_count{${API_REQUESTS}}[5m])) > 0.5`,
    summary: 'The API server takes {{ $value | humanizeDuration }} ({{ $labels.verb }}, P99)',
    description:
      'Requests to the Kubernetes API take more than 5 seconds. Reconciles, webhooks and the diagnostics themselves slow down or time out.',
    test: {
      series: () => ({
        'apiserver_request_duration_seconds_bucket{verb="PATCH", le="1"}': '0+60x9 600+0x29 660+60x39',
        'apiserver_request_duration_seconds_bucket{verb="PATCH", le="10"}': steady(60),
        'apiserver_request_duration_seconds_bucket{verb="PATCH", le="+Inf"}': steady(60),
        'apiserver_request_duration_seconds_count{verb="PATCH"}': steady(60),
      }),
      labels: () => [{ verb: 'PATCH' }],
      odd: {
        'one slow request of a verb that is hardly used': () => apiRequests('verb="DELETE"', 1),
        'logs that are followed': () => apiRequests('verb="GET", subresource="log"', 60),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaCertificateExpiring',
    severity: 'critical',
    priority: 'P1',
    condition: 'certificate about to expire',
    for: '15m',
    expr: () => `${left} < 86400 * 30 and ${onCertificate} ${left} < ${onCertificate} ${margin} / 3`,
    summary: 'Certificate {{ $labels.name }} expires in {{ $value | humanizeDuration }}',
    description:
      'Certificate {{ $labels.name }} in {{ $labels.namespace }} was not renewed: two thirds of the time between its renewal and its end are over.',
    test: {
      series: certificate([90 * DAY, 120, 180 * DAY], [60 * DAY, 1, 150 * DAY]),
      firesAt: '105m',
      resolvedAt: '185m',
      labels: () => [{ namespace: 'knative-lambda', name: 'gateway' }],
      odd: certificateOddities,
    },
  },
  {
    ...common,
    name: 'KnativeLambdaCertificateExpiring',
    severity: 'warning',
    priority: 'P2',
    for: '1h',
    expr: () => `${left} and ${onCertificate} time() - ${byCertificate} (${RENEWAL} > 0) > 3600`,
    summary: 'Certificate {{ $labels.name }} expires in {{ $value | humanizeDuration }}',
    description:
      'Certificate {{ $labels.name }} in {{ $labels.namespace }} should have been renewed more than an hour ago and was not.',
    test: {
      series: certificate([90 * DAY, 10 * DAY, 180 * DAY], [60 * DAY, 1, 150 * DAY]),
      firesAt: '130m',
      resolvedAt: '185m',
      labels: () => [{ namespace: 'knative-lambda', name: 'gateway' }],
      odd: certificateOddities,
    },
  },
  {
    ...common,
    name: 'KnativeLambdaCertificateNotReady',
    severity: 'critical',
    priority: 'P1',
    condition: 'certificate not ready',
    for: '10m',
    expr: () =>
      'max by (exported_namespace, namespace, name) (certmanager_certificate_ready_status{condition="False"}) == 1',
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
    expr: (n) =>
      `absent(up{namespace="${n.controlNamespace}", job="${n.controlDeployment}"} == 1) unless on () kube_deployment_spec_replicas{namespace="${n.controlNamespace}", deployment="${n.controlDeployment}"} == 0`,
    summary: 'The control plane is not scraped',
    description: 'Prometheus gets no metrics of the control plane, so the alerts made from them are blind.',
    test: {
      series: (n): Record<string, string> => ({
        [`up{namespace="knative-lambda", job="${n.controlDeployment}"}`]: vanishes(1),
      }),
      // absent() of a comparison knows no labels.
      labels: () => [{}],
      odd: {
        'scaled to 0 on purpose': (n) => replicaSeries('knative-lambda', n.controlDeployment, always(0), 0),
      },
      firesWithoutData: true,
    },
  },
];
