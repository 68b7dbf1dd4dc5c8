import { expect, test } from '@jest/globals';
import type { AlertGroupPorts } from '../../src/jobs/decideGroup.ts';
import { handleAlertGroup } from '../../src/jobs/handleAlertGroup.ts';
import type { Job } from '../../src/queue/job.ts';
import type { Store } from '../../src/store/store.ts';
import { decidingOn } from './deciding.ts';
import { onEveryEngine } from './engines.ts';

const START = Date.parse('2026-11-24T03:00:00Z');

function accept(
  store: Store,
  namespace: string,
  status: 'firing' | 'resolved' = 'firing',
  receivedAt = START,
): Promise<{ id: number }> {
  const startsAt = new Date(START).toISOString();
  const labels = { alertname: 'Cause', severity: 'warning', namespace, deployment: 'api' };
  const alerts = [
    { status, labels, annotations: {}, startsAt, ...(status === 'resolved' ? { endsAt: startsAt } : {}) },
  ];
  const body = JSON.stringify({ version: '4', groupKey: namespace, status, receiver: 'r', alerts });
  return acceptBody(store, body, receivedAt);
}

const acceptBody = (store: Store, body: string, receivedAt = START) =>
  store.deliveries.accept({ body, sender: 'am', senderCluster: null, groupKey: 'g', alertCount: 1, receivedAt });

const portsOf = (store: Store, changes: Partial<AlertGroupPorts> = {}) =>
  decidingOn(store, { clock: () => START, ...changes });

async function claim(store: Store): Promise<Job> {
  const lanes = { person: 50, incident: 50 };
  const [job] = await store.jobs.claim({ lanes, leaseMs: 1_000, now: START, kinds: ['handleAlertGroup'] });
  if (!job) throw new Error('nothing to decide');
  return job;
}

const run = (job: Job, ports: AlertGroupPorts) =>
  handleAlertGroup((job.payload as { delivery: number }).delivery, ports, job.id); // the payload of this kind

async function left(store: Store): Promise<number> {
  const jobs = await store.jobs.claim({
    lanes: { incident: 50 },
    leaseMs: 1_000,
    now: START + 5_000,
    kinds: ['handleAlertGroup'],
  });
  return jobs.length;
}

onEveryEngine('a backlog of deliveries', (engine) => {
  test('is decided about in its order, in one turn of the first that waits', async () => {
    const store = await engine.open();
    for (const namespace of ['a', 'b', 'c']) await accept(store, namespace);
    await accept(store, 'b', 'resolved');
    const told: number[] = [];
    const job = await claim(store);
    await run(job, portsOf(store, { decided: async (decision) => void told.push(decision.incidents.length) }));
    await store.jobs.complete([job]);
    expect(told).toHaveLength(4);
    expect((await store.incidents.list({ limit: 5 })).map(({ namespace }) => namespace)).toEqual(['c', 'b', 'a']);
    expect((await store.incidents.find(2))?.alerts[0]?.status).toBe('resolved');
    expect(await store.accounting()).toMatchObject({ received: 4, onIncident: 4, pending: 0, dead: 0 });
    expect(await left(store)).toBe(0);
  });

  test('is decided about in its order, also where one in the middle was written as if it were the first', async () => {
    const store = await engine.open();
    // The clock of the replica that takes the second is a little behind, so that it sees nobody before it.
    await accept(store, 'a');
    await accept(store, 'b', 'firing', START - 5);
    await accept(store, 'c');
    for (let turn = 0; turn < 3 && (await store.accounting()).pending > 0; turn += 1) {
      const job = await claim(store);
      await run(job, portsOf(store));
      await store.jobs.complete([job]);
    }
    expect((await store.incidents.list({ limit: 5 })).map(({ namespace }) => namespace)).toEqual(['c', 'b', 'a']);
  });

  test('with one that cannot be decided about is decided about without it', async () => {
    const store = await engine.open();
    await accept(store, 'a');
    await acceptBody(store, 'not JSON');
    await accept(store, 'c');
    const first = await claim(store);
    await run(first, portsOf(store));
    await store.jobs.complete([first]);
    const poison = await claim(store);
    await expect(run(poison, portsOf(store))).rejects.toThrow();
    await store.jobs.dead(poison, 'internal: not JSON', START);
    const last = await claim(store);
    await run(last, portsOf(store));
    await store.jobs.complete([last]);
    expect((await store.incidents.list({ limit: 5 })).map(({ namespace }) => namespace)).toEqual(['c', 'a']);
    expect(await store.accounting()).toMatchObject({ received: 3, onIncident: 2, pending: 0, dead: 1 });
  });

  test('is told again, and changes nothing, when the process ended after the decisions', async () => {
    const store = await engine.open();
    for (const namespace of ['a', 'b']) await accept(store, namespace);
    const job = await claim(store);
    const dies = portsOf(store, { decided: () => Promise.reject(new Error('the process ends')) });
    await expect(run(job, dies)).rejects.toThrow('the process ends');
    const told: number[] = [];
    const again = portsOf(store, { decided: async (decision) => void told.push(decision.incidents.length) });
    await run(job, again);
    await store.jobs.complete([job]);
    const second = await claim(store);
    await run(second, again);
    await store.jobs.complete([second]);
    expect(told).toHaveLength(2);
    expect(await store.incidents.list({ limit: 5 })).toHaveLength(2);
    expect(await store.accounting()).toMatchObject({ received: 2, onIncident: 2, pending: 0 });
  });

  test('holds nobody up for long: what takes its time is left to the next turn', async () => {
    const store = await engine.open();
    for (const namespace of ['a', 'b', 'c']) await accept(store, namespace);
    let now = START;
    const slow = portsOf(store, {
      clock: () => {
        now += 20;
        return now;
      },
    });
    const job = await claim(store);
    await run(job, slow);
    await store.jobs.complete([job]);
    expect((await store.accounting()).pending).toBeGreaterThan(0);
    expect(await left(store)).toBe(1);
  });
});
