import { expect, test } from '@jest/globals';
import { identityOf } from '../../src/alerts/identity.ts';
import { splitDelivery } from '../../src/alerts/split.ts';
import { DEFAULT_POLL } from '../../src/incidents/decide/poll.ts';
import { countAlerts } from '../../src/incidents/incident.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import type { AlertGroupPorts } from '../../src/jobs/decideGroup.ts';
import { handleAlertGroup } from '../../src/jobs/handleAlertGroup.ts';
import { createChanges } from '../../src/jobs/incidentChanges.ts';
import { type PollPorts, pollAlertmanager } from '../../src/jobs/pollAlertmanager.ts';
import type { Store } from '../../src/store/store.ts';
import { decidingOn } from './deciding.ts';
import { onEveryEngine, silent } from './engines.ts';
import { anAlert, asked } from './samples.ts';

const START = Date.parse('2026-11-24T03:00:00Z');
const MINUTE = 60_000;
const ANA = { type: 'slack', id: 'U1', name: 'Ana' } as const;
const COUNT = 1_700;

const portsOf = (store: Store, changes: Partial<AlertGroupPorts> = {}) =>
  decidingOn(store, { clock: () => START, ...changes });

interface Sent {
  readonly count?: number;
  readonly from?: number;
  readonly status?: (index: number) => 'firing' | 'resolved';
  readonly labels?: (index: number) => Readonly<Record<string, string>>;
  readonly receivedAt?: number;
}

/** As the webhook takes in a delivery with so many alerts. */
async function accept(store: Store, sent: Sent = {}): Promise<number> {
  const { count = COUNT, from = 0, status = () => 'firing', labels = () => ({}), receivedAt = START } = sent;
  const alerts = Array.from({ length: count }, (_, at) => ({
    status: status(from + at),
    labels: {
      alertname: 'Down',
      severity: 'warning',
      namespace: 'shop',
      pod: `web-${from + at}`,
      ...labels(from + at),
    },
    annotations: { summary: 'it is down' },
    startsAt: new Date(START - MINUTE).toISOString(),
    ...(status(from + at) === 'resolved' ? { endsAt: new Date(receivedAt).toISOString() } : {}),
    fingerprint: `f${from + at}`,
  }));
  const body = { version: '4', groupKey: 'g', receiver: 'r', externalURL: 'http://am', alerts };
  const parting = splitDelivery(Buffer.from(JSON.stringify(body)));
  let step = parting.next();
  while (!step.done) step = parting.next();
  const { envelope, slices, alertCount } = step.value;
  const about = { sender: 'am', senderCluster: null, groupKey: 'g', alertCount, receivedAt };
  return (await store.deliveries.accept({ body: envelope, slices, ...about })).id;
}

async function counts(store: Store, number: number): Promise<{ all: number; firing: number }> {
  const known = await store.incidents.find(number);
  if (!known) throw new Error(`there is no #${number}`);
  return countAlerts(known);
}

async function books(store: Store) {
  const { received, onIncident, pending, dead, rejected } = await store.accounting();
  return { received, onIncident, pending, dead, rejected };
}

async function newsOf(store: Store, number: number): Promise<readonly string[]> {
  const posts = await store.posts.pendingFor(number);
  return posts.flatMap(({ body }) => (body.kind === 'news' ? [body.text] : []));
}

onEveryEngine('a delivery of very many alerts', (engine) => {
  test('is one incident that counts them all, told once, in a timeline people can read', async () => {
    const store = await engine.open();
    await handleAlertGroup(await accept(store), portsOf(store));
    expect(await store.incidents.list({ limit: 10 })).toHaveLength(1);
    expect(await counts(store, 1)).toEqual({ all: COUNT, firing: COUNT });
    expect(await books(store)).toEqual({ received: COUNT, onIncident: COUNT, pending: 0, dead: 0, rejected: 0 });
    await handleAlertGroup(await accept(store, { from: COUNT }), portsOf(store));
    expect(await counts(store, 1)).toEqual({ all: 2 * COUNT, firing: 2 * COUNT });
    // Before somebody takes it up the card counts them.
    expect(await newsOf(store, 1)).toEqual([]);
    expect((await store.incidents.timeline(1)).length).toBeLessThan(100);
  });

  test('is quiet only once, when the last of them has resolved, and not while one fires', async () => {
    const store = await engine.open();
    await handleAlertGroup(await accept(store), portsOf(store));
    const most = { status: (index: number) => (index === 0 ? 'firing' : 'resolved'), receivedAt: START + 1 } as const;
    await handleAlertGroup(await accept(store, most), portsOf(store));
    expect(await counts(store, 1)).toEqual({ all: COUNT, firing: 1 });
    expect((await store.incidents.find(1))?.incident.quietSince).toBeNull();
    const all: Sent = { status: () => 'resolved', receivedAt: START + 2 };
    await handleAlertGroup(await accept(store, all), portsOf(store));
    expect(await counts(store, 1)).toEqual({ all: COUNT, firing: 0 });
    const kinds = (await store.incidents.timeline(1)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'quiet' || kind === 'refired')).toEqual(['quiet']);
  });

  test('is gone on with where a process ended, each alert once', async () => {
    const store = await engine.open();
    const id = await accept(store);
    let turns = 0;
    const dying = portsOf(store, {
      decided: async () => {
        turns += 1;
        if (turns === 2) throw new Error('the process ended here');
      },
    });
    await expect(handleAlertGroup(id, dying)).rejects.toThrow('ended here');
    await handleAlertGroup(id, portsOf(store));
    expect(await counts(store, 1)).toEqual({ all: COUNT, firing: COUNT });
    expect(await books(store)).toEqual({ received: COUNT, onIncident: COUNT, pending: 0, dead: 0, rejected: 0 });
  });

  test('is decided about once by two at the same time, as by a replica that was stopped and goes on', async () => {
    const store = await engine.open();
    const id = await accept(store);
    await Promise.all([1, 2, 3].map(() => handleAlertGroup(id, portsOf(store))));
    expect(await store.incidents.list({ limit: 10 })).toHaveLength(1);
    expect(await books(store)).toEqual({ received: COUNT, onIncident: COUNT, pending: 0, dead: 0, rejected: 0 });
  });

  test('with a slice that cannot be decided about is decided about without it, and with it once that is put right', async () => {
    const store = await engine.open();
    const id = await accept(store);
    const failing = portsOf(store, {
      routeChannel: (alert) => {
        if (alert.labels.pod === 'web-0') throw new TypeError('a defect');
        return null;
      },
    });
    await expect(handleAlertGroup(id, failing)).rejects.toThrow('a defect');
    expect(await counts(store, 1)).toEqual({ all: COUNT - 500, firing: COUNT - 500 });
    const left = { received: COUNT, onIncident: COUNT - 500, pending: 500, dead: 0, rejected: 0 };
    expect(await books(store)).toEqual(left);
    const [job] = await store.jobs.claim({ lanes: { incident: 1 }, leaseMs: 1_000, now: START });
    if (job) await store.jobs.dead(job, 'internal: a defect', START);
    expect(await books(store)).toEqual({ ...left, pending: 0, dead: 500 });
    await handleAlertGroup(id, portsOf(store));
    expect(await counts(store, 1)).toEqual({ all: COUNT, firing: COUNT });
  });

  test('keeps what comes of its group behind it, and holds up no other', async () => {
    const store = await engine.open();
    const large = await accept(store);
    const small = (groupKey: string, alerts: readonly object[]) =>
      store.deliveries.accept({
        body: JSON.stringify({ version: '4', groupKey, alerts }),
        sender: 'am',
        senderCluster: null,
        groupKey,
        alertCount: alerts.length,
        receivedAt: START + 1,
      });
    const worst = { labels: { alertname: 'Worst', severity: 'P0', status: 'resolved' } };
    const resolved = { status: 'resolved', labels: { alertname: 'Down' }, fingerprint: 'f1' };
    const behind = await small('g', [resolved]);
    const beside = await small('other', [resolved]);
    const grave = await small('g', [worst]);
    const claimed = await store.jobs.claim({ lanes: { person: 9, incident: 9 }, leaseMs: 1_000, now: START + 2 });
    const deliveries = claimed.map(({ payload }) => (payload as { delivery: number }).delivery); // of this kind
    expect(deliveries.toSorted()).toEqual([large, beside.id, grave.id].toSorted());
    const other = await accept(store, { from: COUNT });
    await expect(handleAlertGroup(other, portsOf(store))).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
    });
    await handleAlertGroup(large, portsOf(store));
    await handleAlertGroup(behind.id, portsOf(store));
    await handleAlertGroup(grave.id, portsOf(store));
    await handleAlertGroup(other, portsOf(store));
    expect(await counts(store, 1)).toEqual({ all: 2 * COUNT, firing: 2 * COUNT - 1 });
  });

  test('of which Alertmanager knows nothing any more is resolved by the poll, all of it', async () => {
    const store = await engine.open();
    await handleAlertGroup(await accept(store), portsOf(store));
    let now = START + MINUTE;
    const ports: PollPorts = {
      alertmanager: { alerts: async () => [] },
      store: store.incidents,
      unresolved: store.unresolved,
      alertsOf: store.incidents.alertsOf,
      memory: store.settings,
      policy: DEFAULT_POLICY,
      times: DEFAULT_POLL,
      shared: false,
      startedAt: START,
      clock: () => now,
      log: silent,
    };
    await pollAlertmanager(ports, new AbortController().signal);
    expect(await counts(store, 1)).toEqual({ all: COUNT, firing: COUNT });
    now += 6 * MINUTE;
    await pollAlertmanager(ports, new AbortController().signal);
    expect(await counts(store, 1)).toEqual({ all: COUNT, firing: 0 });
    expect((await store.incidents.find(1))?.incident).toMatchObject({ status: 'resolved', resolution: 'poll' });
  });

  test('takes all its alerts along when it is merged', async () => {
    const store = await engine.open();
    await handleAlertGroup(await accept(store), portsOf(store));
    const elsewhere = { count: 600, from: COUNT, labels: () => ({ namespace: 'cart', alertname: 'Slow' }) };
    await handleAlertGroup(await accept(store, elsewhere), portsOf(store));
    const changes = createChanges({
      store: store.incidents,
      policy: DEFAULT_POLICY,
      defaultCluster: 'default',
      clock: () => START,
    });
    await changes.apply(1, { kind: 'mergeInto', target: 2 }, asked(ANA, START));
    expect(await counts(store, 2)).toEqual({ all: COUNT + 600, firing: COUNT + 600 });
    const [alert] = await store.incidents.alertsOf(2, identityOf(anAlert('f1699', { cluster: 'default' })), 1);
    expect(alert?.incidentNumber).toBe(2);
  });

  test('and nothing that can be read is told once, not once a slice', async () => {
    const store = await engine.open();
    await handleAlertGroup(await accept(store, { labels: () => ({ alertname: '' }) }), portsOf(store));
    expect(await books(store)).toMatchObject({ received: COUNT + 1, rejected: COUNT, pending: 1 });
  });
});
