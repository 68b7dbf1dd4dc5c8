import { deliveryOfSns } from '../../src/alerts/snsNotification.ts';

/** What one sender posts, made of its documented payload; `header` is one it sets besides the token. */
export interface SenderSample {
  readonly sender: string;
  readonly what: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const BEGAN = { status: 'firing', startsAt: '2026-03-01T11:59:00Z', endsAt: '0001-01-01T00:00:00Z' };

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
function alertmanager(labels: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>> = {}) {
  const alert = {
    ...BEGAN,
    labels: { severity: 'warning', ...labels },
    annotations,
    generatorURL: 'http://prometheus.acme.dev/graph',
  };
  return {
    version: '4',
    groupKey: `{}:{alertname="${labels.alertname}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'lambda-responder',
    externalURL: 'http://alertmanager.acme.dev',
    alerts: [alert],
  };
}

/** https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/ */
function grafana(labels: Readonly<Record<string, string>>, values: Readonly<Record<string, number>>) {
  const alert = {
    ...BEGAN,
    labels: { severity: 'warning', ...labels },
    annotations: {},
    values,
    valueString: '',
    silenceURL: 'https://grafana.acme.dev/alerting/silence/new?matcher=a',
    dashboardURL: 'https://grafana.acme.dev/d/abc',
    panelURL: 'https://grafana.acme.dev/d/abc?viewPanel=4',
  };
  const groupKey = `{}:{alertname="${labels.alertname}", rulename="${labels.rulename ?? ''}"}`;
  return {
    version: '1',
    orgId: 1,
    groupKey,
    status: 'firing',
    receiver: 'r',
    externalURL: 'https://grafana.acme.dev/',
    alerts: [alert],
  };
}

const sns = (message: string, subject: string | null = null) =>
  deliveryOfSns({ topic: 'arn:aws:sns:eu-west-1:1:alerts', timestamp: '2026-03-01T11:59:00.000Z', subject, message });

const ALARM = {
  AlarmName: 'rds-cpu',
  AlarmDescription: 'CPU of the database is high',
  AWSAccountId: '1',
  NewStateValue: 'ALARM',
  NewStateReason: 'Threshold Crossed',
  StateChangeTime: '2026-03-01T11:58:00.000+0000',
  Region: 'EU (Ireland)',
  Trigger: { Dimensions: [{ name: 'DBInstanceIdentifier', value: 'orders-1' }] },
};

const KSM = { job: 'kube-state-metrics', pod: 'kube-state-metrics-7d9c5b6f4c-x2x4x', namespace: 'shop' };

export const SENDERS: readonly SenderSample[] = [
  {
    sender: 'Alertmanager, kube-state-metrics',
    what: '`horizontalpodautoscaler`, and the exporter’s own pod',
    body: alertmanager(
      { alertname: 'KubeHpaMaxedOut', horizontalpodautoscaler: 'cart', ...KSM },
      { summary: 'HPA is running at max replicas' },
    ),
  },
  {
    sender: 'Alertmanager, without honorLabels',
    what: '`exported_namespace`, `exported_pod`',
    body: alertmanager({
      alertname: 'PodSlow',
      exported_namespace: 'pay',
      exported_pod: 'card-0',
      namespace: 'monitoring',
      pod: 'exporter-1',
    }),
  },
  {
    sender: 'Alertmanager, no object',
    what: '`instance` alone',
    body: alertmanager({ alertname: 'InstanceDown', instance: 'db-1:9100', job: 'hosts' }),
  },
  {
    sender: 'Alertmanager, node exporter of kube-prometheus',
    what: '`instance` is the node',
    body: alertmanager({
      alertname: 'NodeClockSkewDetected',
      instance: 'worker-1',
      job: 'node-exporter',
      namespace: 'monitoring',
      pod: 'node-exporter-x7k2p',
      container: 'kube-rbac-proxy',
    }),
  },
  {
    sender: 'Alertmanager, OpenTelemetry',
    what: '`k8s.namespace.name`, `k8s.deployment.name`',
    body: alertmanager({ alertname: 'LatencyHigh', 'k8s.namespace.name': 'search', 'k8s.deployment.name': 'index' }),
  },
  {
    sender: 'vmalert, Thanos Ruler',
    what: 'through an Alertmanager, with replica labels',
    body: alertmanager({
      alertname: 'QueueLong',
      namespace: 'jobs',
      statefulset: 'worker',
      vmalert_replica: 'a',
      rule_replica: '0',
    }),
  },
  {
    sender: 'Mimir',
    what: 'header `X-Scope-OrgID`',
    headers: { 'x-scope-orgid': 'team-a' },
    body: alertmanager({ alertname: 'TenantErrors', namespace: 'api', deployment: 'gate' }),
  },
  {
    sender: 'Grafana',
    what: 'values, panel, silence',
    body: grafana(
      { alertname: 'CPU high', grafana_folder: 'Prod', namespace: 'web', deployment: 'front' },
      { B: 22.123456 },
    ),
  },
  {
    sender: 'Grafana, no data',
    what: '`DatasourceNoData` of a rule',
    body: grafana({ alertname: 'DatasourceNoData', rulename: 'Disk full', grafana_folder: 'Prod', ref_id: 'A' }, {}),
  },
  {
    sender: 'Managed Prometheus through SNS',
    what: 'the template’s JSON',
    body: sns(
      JSON.stringify({
        receiver: 'sns',
        alerts: [{ ...BEGAN, labels: { alertname: 'Throttled', namespace: 'feed', deployment: 'pull' } }],
      }),
    ),
  },
  {
    sender: 'Managed Prometheus through SNS, as it comes',
    what: 'a text',
    body: sns('Free space is low on logs', '[FIRING:1] DiskLow'),
  },
  { sender: 'CloudWatch through SNS', what: 'an alarm with dimensions', body: sns(JSON.stringify(ALARM)) },
  {
    sender: 'Prometheus itself',
    what: 'a list, no groups',
    body: [{ labels: { alertname: 'A' }, annotations: {}, startsAt: BEGAN.startsAt, generatorURL: 'x' }],
  },
  {
    sender: 'Grafana, legacy alerting',
    what: '`ruleName`, `evalMatches`',
    body: { title: '[Alerting] CPU', ruleId: 1, ruleName: 'CPU', state: 'alerting', evalMatches: [], orgId: 1 },
  },
];
