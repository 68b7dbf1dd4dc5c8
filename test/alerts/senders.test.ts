import { expect, test } from '@jest/globals';
import { deliveryOfSns } from '../../src/alerts/snsNotification.ts';
import { checkDelivery, deliveryBody, parseDelivery } from '../../src/alerts/webhook.ts';
import { coerceError } from '../../src/errors.ts';

const from = { sender: 'alertmanager', senderCluster: 'prod', receivedAt: Date.parse('2026-03-01T12:00:00Z') };

function refusal(json: unknown): string {
  try {
    checkDelivery(json);
    return 'accepted';
  } catch (thrown) {
    const { message, hint } = coerceError(thrown);
    return `${message}. ${hint}`;
  }
}

test('a Prometheus that posts its alerts itself is told to put an Alertmanager between', () => {
  const posted = [{ labels: { alertname: 'A' }, annotations: {}, startsAt: '2026-03-01T12:00:00Z', generatorURL: 'x' }];
  expect(refusal(posted)).toMatch(/what Prometheus sends to an Alertmanager.*Put an Alertmanager between/s);
});

test('legacy alerting of Grafana is told how to change the contact point', () => {
  const legacy = { title: '[Alerting] CPU', ruleId: 1, ruleName: 'CPU', state: 'alerting', evalMatches: [], orgId: 1 };
  expect(refusal(legacy)).toMatch(/legacy alerting.*Contact points.*Webhook/s);
  expect(refusal({ orgId: 1, title: 'x', message: 'y' })).toMatch(/without its list of alerts.*Custom payload/s);
});

const grafana = {
  version: '1',
  orgId: 1,
  groupKey: '{}',
  externalURL: 'https://grafana.test/',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'DatasourceNoData', rulename: 'CPU high', grafana_folder: 'Prod', ref_id: 'A' },
      annotations: {},
      startsAt: '2026-03-01T11:59:00Z',
      endsAt: '0001-01-01T00:00:00Z',
      values: { B: 22.123456789, C: 1 },
      valueString: '[ var=B ]',
      silenceURL: 'https://grafana.test/alerting/silence/new?alertmanager=grafana&matcher=a',
      panelURL: 'https://grafana.test/d/abc?viewPanel=4',
      dashboardURL: 'https://grafana.test/d/abc',
      imageURL: 'https://grafana.test/i.png',
    },
  ],
};

test('the addresses and values of Grafana are read, and survive being kept', () => {
  const read = parseDelivery(grafana, from);
  const again = parseDelivery(JSON.parse(deliveryBody(read)), from);
  for (const [one] of [read.alerts, again.alerts]) {
    expect(one?.links).toEqual({
      silence: 'https://grafana.test/alerting/silence/new?alertmanager=grafana&matcher=a',
      panel: 'https://grafana.test/d/abc?viewPanel=4',
      dashboard: 'https://grafana.test/d/abc',
      image: 'https://grafana.test/i.png',
    });
    expect(one?.values).toBe('B=22.1235, C=1');
  }
});

test('what Grafana adds is no reason to refuse an alert, whatever is in it', () => {
  const [alert] = grafana.alerts;
  const odd = { ...grafana, alerts: [{ ...alert, values: 7, silenceURL: [], imageURL: null, valueString: {} }] };
  expect(parseDelivery(odd, from)).toMatchObject({ rejected: [], alerts: [{ links: {} }] });
});

test('an alert of Alertmanager has no addresses of Grafana', () => {
  const { orgId: _, version: __, ...body } = grafana;
  expect(parseDelivery({ ...body, version: '4' }, from).alerts[0]?.links).toBeUndefined();
});

test('the tenant of a delivery is a label of its alerts, and their own wins', () => {
  const body = {
    tenant: 'team-a',
    alerts: [{ labels: { alertname: 'A' } }, { labels: { alertname: 'A', tenant: 'b' } }],
  };
  const read = parseDelivery(body, from);
  expect(read.alerts.map(({ labels }) => labels.tenant)).toEqual(['team-a', 'b']);
  expect(parseDelivery(JSON.parse(deliveryBody(read)), from)).toEqual(read);
});

test('an alert never ends before it begins', () => {
  const alert = {
    status: 'resolved',
    labels: { alertname: 'A' },
    startsAt: '2026-03-01T11:00:00Z',
    endsAt: '2026-03-01T10:00:00Z',
  };
  const [read] = parseDelivery({ alerts: [alert] }, from).alerts;
  expect(read?.endsAt).toBe(read?.startsAt);
});

test('a cluster of OpenTelemetry is the alert’s cluster', () => {
  const [read] = parseDelivery({ alerts: [{ labels: { alertname: 'A', 'k8s.cluster.name': 'edge' } }] }, from).alerts;
  expect(read?.cluster).toBe('edge');
});

const sns = { topic: 'arn:aws:sns:eu-west-1:1:alerts', timestamp: '2026-03-01T11:59:00.000Z' };
const alertsOf = (message: string, subject: string | null = null) =>
  parseDelivery(deliveryOfSns({ ...sns, subject, message }), from).alerts;

test('SNS brings the delivery that the template of Managed Prometheus writes', () => {
  const [alert] = alertsOf(JSON.stringify({ receiver: 'sns', alerts: [{ labels: { alertname: 'A', pod: 'x' } }] }));
  expect(alert).toMatchObject({ name: 'A', labels: { pod: 'x' } });
});

test('SNS brings the default text of Managed Prometheus as one alert named by its subject', () => {
  expect(alertsOf('CPU is high on web', '[FIRING:1] HighCpu')[0]).toMatchObject({
    name: 'HighCpu',
    status: 'firing',
    annotations: { description: 'CPU is high on web' },
    startsAt: Date.parse(sns.timestamp),
  });
  expect(alertsOf('x', '[RESOLVED] HighCpu')[0]).toMatchObject({ name: 'HighCpu', status: 'resolved' });
});

test('SNS brings an alarm of CloudWatch as an alert with its dimensions', () => {
  const alarm = {
    AlarmName: 'rds-cpu',
    AlarmDescription: 'CPU of the database',
    AWSAccountId: '1',
    NewStateValue: 'ALARM',
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: '2026-03-01T11:58:00.000+0000',
    Region: 'EU (Ireland)',
    Trigger: { Dimensions: [{ name: 'DBInstanceIdentifier', value: 'db-1' }] },
  };
  expect(alertsOf(JSON.stringify(alarm))[0]).toMatchObject({
    name: 'rds-cpu',
    status: 'firing',
    labels: { DBInstanceIdentifier: 'db-1' },
    annotations: { summary: 'CPU of the database' },
    startsAt: Date.parse('2026-03-01T11:58:00Z'),
  });
  expect(alertsOf(JSON.stringify({ ...alarm, NewStateValue: 'OK' }))[0]?.status).toBe('resolved');
});
