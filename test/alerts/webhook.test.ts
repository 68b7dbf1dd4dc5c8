import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fingerprintOf } from '../../src/alerts/fingerprint.ts';
import { checkDelivery, parseDelivery } from '../../src/alerts/webhook.ts';
import { ResponderError } from '../../src/errors.ts';

const RECEIVED = Date.parse('2026-03-01T12:00:00Z');
const from = { sender: 'prod-alertmanager', senderCluster: 'prod', receivedAt: RECEIVED };

function alert(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    status: 'firing',
    labels: { alertname: 'BuildOOMKilled', namespace: 'knative-lambda-builds', severity: 'critical' },
    annotations: { summary: 'Kaniko was killed' },
    startsAt: '2026-03-01T11:58:00.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus/graph?g0.expr=up',
    fingerprint: '5c1fa0a6e5a3b0d4',
    ...over,
  };
}

function delivery(alerts: readonly unknown[], over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    version: '4',
    groupKey: '{}:{alertname="BuildOOMKilled"}',
    receiver: 'lambda-responder',
    status: 'firing',
    truncatedAlerts: 0,
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    alerts,
    ...over,
  };
}

function problemOf(json: unknown): string {
  try {
    checkDelivery(json);
  } catch (error) {
    if (error instanceof ResponderError && error.code === 'bad_input') return error.message;
    throw error;
  }
  return 'accepted';
}

test('a delivery of Alertmanager is accepted with its key, status and number of alerts', () => {
  expect(checkDelivery(delivery([alert(), alert()]))).toEqual({
    groupKey: '{}:{alertname="BuildOOMKilled"}',
    alertCount: 2,
    status: 'firing',
  });
});

test.each([
  ['null', null, /^body: /],
  ['a list', [], /^body: /],
  ['a text', 'alerts', /^body: /],
  ['no alerts', {}, /^alerts: /],
  ['alerts that are no list', { alerts: {} }, /^alerts: /],
  ['a version that is a number', delivery([], { version: 4 }), /^version: /],
  ['a version before 4', delivery([], { version: '3' }), /^version: versions before 4/],
  ['a groupKey that is a number', delivery([], { groupKey: 7 }), /^groupKey: /],
  ['a negative count of truncated alerts', delivery([], { truncatedAlerts: -1 }), /^truncatedAlerts: /],
])('%s is refused with the path of what is wrong', (_what, json, message) => {
  expect(problemOf(json)).toMatch(message);
});

test('what a contact point of Grafana sends is taken, although its versions count from 1', () => {
  const grafana = { version: '1', orgId: 1, title: '[FIRING:1]', state: 'alerting', message: 'x' };
  const body = delivery(
    [alert({ values: { A: 1.5 }, valueString: '[ value=1.5 ]', silenceURL: 'https://g/s' })],
    grafana,
  );
  expect(problemOf(body)).toBe('accepted');
  expect(parseDelivery(body, from)).toMatchObject({ rejected: [], alerts: [{ status: 'firing' }] });
});

test('newer versions, unknown keys and missing optional fields are accepted', () => {
  expect(problemOf(delivery([alert({ newKey: { deep: [1] } })], { version: '5', notificationReason: 'x' }))).toBe(
    'accepted',
  );
  const group = parseDelivery({ alerts: [{ labels: { alertname: 'Lonely' } }] }, from);
  expect(group).toMatchObject({ groupKey: '', receiver: '', truncatedAlerts: 0, externalUrl: null });
  expect(group.alerts).toMatchObject([
    { name: 'Lonely', status: 'firing', startsAt: RECEIVED, endsAt: null, cluster: 'prod', annotations: {} },
  ]);
});

test('a zero end means still firing, and a resolved alert keeps its end', () => {
  const group = parseDelivery(
    delivery([alert(), alert({ status: 'resolved', endsAt: '2026-03-01T11:59:00+00:00' })]),
    from,
  );
  expect(group.alerts.map((each) => each.endsAt)).toEqual([null, Date.parse('2026-03-01T11:59:00Z')]);
});

test('a start in the future is the time of receipt, with the skew kept', () => {
  const [parsed] = parseDelivery(delivery([alert({ startsAt: '2026-03-01T12:05:00Z' })]), from).alerts;
  expect(parsed).toMatchObject({ startsAt: RECEIVED, clockSkewMs: 300_000 });
});

test('one bad alert is kept aside with its path, and the others are parsed', () => {
  const group = parseDelivery(
    delivery([alert(), { labels: { namespace: 'x' } }, 'nonsense', alert({ labels: { alertname: {} } }), alert()]),
    from,
  );
  expect(group.alerts).toHaveLength(2);
  expect(group.rejected.map((each) => [each.index, each.problem])).toEqual([
    [1, 'alerts[1].labels.alertname: missing'],
    [2, expect.stringMatching(/^alerts\[2\]: /)],
    [3, 'alerts[3].labels.alertname: expected a text'],
  ]);
  expect(group.rejected[1]?.raw).toBe('"nonsense"');
});

test('the cluster is the label, else that of the token, else default', () => {
  const json = delivery([alert({ labels: { alertname: 'A', cluster: 'edge' } }), alert()]);
  expect(parseDelivery(json, from).alerts.map((each) => each.cluster)).toEqual(['edge', 'prod']);
  expect(parseDelivery(json, { ...from, senderCluster: null }).alerts[1]?.cluster).toBe('default');
});

test('a missing fingerprint is the hash Alertmanager computes', () => {
  // Vectors of github.com/prometheus/common `model`: the empty set, and the FNV-1a definition worked out in BigInt below.
  expect(fingerprintOf({})).toBe('cbf29ce484222325');
  const labels = { b: '2', alertname: 'A', ümlaut: '\u{1F525}' };
  expect(fingerprintOf(labels)).toBe(fnvByDefinition(labels));
  const [parsed] = parseDelivery(delivery([alert({ fingerprint: undefined, labels })]), from).alerts;
  expect(parsed?.fingerprint).toBe(fnvByDefinition(labels));
});

test('the hash agrees with its definition for any labels', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), (labels) => {
      expect(fingerprintOf(labels)).toBe(fnvByDefinition(labels));
    }),
  );
});

test('a label value of 1 MB is bounded, and its identity is that of the whole value', () => {
  const huge = 'x'.repeat(1024 * 1024);
  const labels = { alertname: 'A', log: huge };
  const [parsed] = parseDelivery(delivery([alert({ fingerprint: undefined, labels })]), from).alerts;
  expect(parsed?.labels.log?.length).toBeLessThanOrEqual(64 * 1024);
  expect(parsed?.labels.log).toContain('cut, 1048576 characters');
  expect(parsed?.fingerprint).toBe(fingerprintOf(labels));
});

test('NUL and lone surrogates are replaced, and a hostile label name stays a label', () => {
  const labels = JSON.parse('{"alertname":"A\\u0000B","half":"\\ud83d","__proto__":"x","constructor":"y"}');
  const [parsed] = parseDelivery(delivery([alert({ labels })]), from).alerts;
  expect(parsed?.name).toBe('A\uFFFDB');
  expect(parsed?.labels.half).toBe('\uFFFD');
  expect(Object.getPrototypeOf(parsed?.labels)).toBe(Object.prototype);
  expect(Object.entries(parsed?.labels ?? {})).toContainEqual(['constructor', 'y']);
});

test('any JSON is either refused with a reason or parsed without losing an alert', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.jsonValue(), fc.constant(alert()))), (alerts) => {
      const group = parseDelivery(delivery(alerts), from);
      expect(group.alerts.length + group.rejected.length).toBe(alerts.length);
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(typeof problemOf(json)).toBe('string');
    }),
  );
});

function fnvByDefinition(labels: Record<string, string>): string {
  const names = Object.keys(labels).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  let hash = 0xcbf29ce484222325n;
  const add = (byte: number) => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  };
  for (const name of names) {
    for (const byte of Buffer.from(name)) add(byte);
    add(255);
    for (const byte of Buffer.from(labels[name] ?? '')) add(byte);
    add(255);
  }
  return hash.toString(16).padStart(16, '0');
}
