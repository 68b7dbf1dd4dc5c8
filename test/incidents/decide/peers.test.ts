import { expect, test } from '@jest/globals';
import { countAlerts } from '../../../src/incidents/incident.ts';
import { firing, MINUTE, resolved, T0 } from '../../builders/alerts.ts';
import { Ledger } from '../fixtures.ts';

const A = { externalUrl: 'http://alertmanager-0:9093' };
const B = { externalUrl: 'http://alertmanager-1:9093' };

function newsOf(decision: ReturnType<Ledger['deliver']>): readonly string[] {
  return decision.followUps.flatMap((each) => (each.kind === 'news' ? [each.news.kind] : []));
}

test('a pair of Alertmanagers with addresses of their own delivers one alert once', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ deployment: 'cart' })], T0, A);
  const second = ledger.deliver([firing({ deployment: 'cart' })], T0 + 1_000, B);
  expect(second.outcomes.map(({ reason }) => reason)).toEqual(['refreshed']);
  expect(ledger.incidents.size).toBe(1);
});

test('what both replicas of a Prometheus see is one alert, and the second is no news', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ deployment: 'cart', prometheus_replica: 'prometheus-0' })]);
  const twin = ledger.deliver([firing({ deployment: 'cart', prometheus_replica: 'prometheus-1' })], T0 + 1_000);
  expect(newsOf(twin)).toEqual([]);
  expect(countAlerts(ledger.find(1))).toEqual({ all: 1, firing: 1 });
  const one = firing({ deployment: 'cart', prometheus_replica: 'prometheus-0' });
  ledger.deliver([resolved(one, T0 + MINUTE)], T0 + MINUTE);
  expect(countAlerts(ledger.find(1))).toEqual({ all: 1, firing: 1 });
  expect(ledger.find(1).incident.quietSince).toBeNull();
});

test('a firing that a peer tells after the end, of the episode that ended, is no refire', () => {
  const ledger = new Ledger();
  const alert = firing({ deployment: 'cart' });
  ledger.deliver([alert], T0, A);
  ledger.deliver([resolved(alert, T0 + 2 * MINUTE)], T0 + 2 * MINUTE, A);
  const stale = ledger.deliver([alert], T0 + 2 * MINUTE + 5_000, B);
  expect(newsOf(stale)).toEqual([]);
  const { incident, alerts } = ledger.find(1);
  expect([incident.quietSince, incident.flapCount, alerts[0]?.status, alerts[0]?.cycles.length]).toEqual([
    null,
    0,
    'firing',
    1,
  ]);
  ledger.deliver([resolved(alert, T0 + 2 * MINUTE)], T0 + 3 * MINUTE, B);
  expect(ledger.find(1).incident.quietSince).toBe(T0 + 3 * MINUTE);
});

test('one that began after the end is a refire, and so is one that comes later than peers disagree', () => {
  for (const [startsAt, at] of [
    [T0 + 2.5 * MINUTE, T0 + 3 * MINUTE],
    [T0 - MINUTE, T0 + 8 * MINUTE],
  ] as const) {
    const ledger = new Ledger();
    const alert = firing({ deployment: 'cart' });
    ledger.deliver([alert], T0, A);
    ledger.deliver([resolved(alert, T0 + 2 * MINUTE)], T0 + 2 * MINUTE, A);
    expect(newsOf(ledger.deliver([{ ...alert, startsAt }], at, B))).toEqual(['refired']);
  }
});

test('DatasourceNoData of two rules of Grafana are two incidents, each named by its rule', () => {
  const ledger = new Ledger();
  const noData = (rulename: string) =>
    firing({ alertname: 'DatasourceNoData', namespace: '', rulename, grafana_folder: 'Prod', datasource_uid: 'p' });
  ledger.deliver([noData('CPU high'), noData('Disk full')]);
  expect([...ledger.incidents.values()].map(({ incident }) => incident.title).toSorted()).toEqual([
    'DatasourceNoData CPU high',
    'DatasourceNoData Disk full',
  ]);
});

test('rules of the same title in two folders of Grafana are two incidents, and so are two tenants', () => {
  for (const label of ['grafana_folder', 'tenant']) {
    const ledger = new Ledger();
    for (const value of ['a', 'b']) ledger.deliver([firing({ alertname: 'High CPU', namespace: '', [label]: value })]);
    expect(ledger.incidents.size).toBe(2);
  }
});

test('hosts of one alert name are told by name, together within ten minutes', () => {
  const ledger = new Ledger();
  const down = (instance: string) => firing({ alertname: 'InstanceDown', namespace: '', job: 'node', instance });
  ledger.deliver([down('db-1:9100')]);
  const known = ledger.find(1);
  // Somebody took it up: before that the card counts what joins.
  ledger.incidents.set(1, { ...known, incident: { ...known.incident, status: 'acknowledged' } });
  const second = ledger.deliver([down('cache-7:9100')], T0 + MINUTE);
  expect(ledger.find(1).incident.title).toBe('InstanceDown db-1:9100');
  expect(second.followUps.flatMap((each) => (each.kind === 'news' ? [each.news.text] : []))).toEqual([
    'One more alert: InstanceDown (cache-7:9100)',
  ]);
});
