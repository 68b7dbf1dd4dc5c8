import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { handleAlertGroup } from '../../src/jobs/handleAlertGroup.ts';
import { createChanges } from '../../src/jobs/incidentChanges.ts';
import { threadKey } from '../../src/jobs/jobKinds.ts';
import { watchStorms } from '../../src/jobs/watchStorms.ts';
import type { Store } from '../../src/store/store.ts';
import { decidingOn } from './deciding.ts';
import { onEveryEngine, onPostgres, silent } from './engines.ts';
import { asked } from './samples.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-24T03:00:00Z');

/** Accepts one alert and decides about it on this store, as a replica does. */
async function deliver(
  store: Store,
  namespace: string,
  severity = 'warning',
  at = START,
  channel: string | null = null,
): Promise<void> {
  const labels = { alertname: 'Cause', severity, namespace, deployment: 'api' };
  const alerts = [{ status: 'firing', labels, annotations: {}, startsAt: new Date(at).toISOString() }];
  const body = JSON.stringify({ version: '4', groupKey: namespace, status: 'firing', receiver: 'r', alerts });
  const accepted = { body, sender: 'am', senderCluster: null, groupKey: namespace, alertCount: 1, receivedAt: at };
  const { id } = await store.deliveries.accept(accepted);
  await handleAlertGroup(id, decidingOn(store, { clock: () => at, routeChannel: () => channel }));
}

/** What is to be done by then, and takes it for done. */
async function jobs(store: Store, now = START): Promise<readonly { kind: string; payload: unknown }[]> {
  const lanes = { person: 500, incident: 500, edit: 500, evidence: 500 };
  const claimed = await store.jobs.claim({ lanes, leaseMs: 1, now });
  await store.jobs.complete(claimed);
  return claimed.filter((job) => job.kind !== 'handleAlertGroup' && job.kind !== 'timer');
}

function watch(store: Store, now: number): Promise<void> {
  return watchStorms({ store: store.incidents, groups: store.groups, clock: () => now, log: silent });
}

onEveryEngine('a storm', (engine) => {
  test('begins with the eleventh incident of a minute: it and what follows share a card, with no look of their own', async () => {
    const store = await engine.open();
    for (let index = 1; index <= 14; index += 1) await deliver(store, `team-${index}`);
    const group = await store.groups.find(1);
    expect(group).toMatchObject({ kind: 'storm', total: 4, unresolved: 4, endedAt: null, otherNames: 0 });
    expect(group?.top).toEqual([{ alertName: 'Cause', total: 4, unresolved: 4, last: 14 }]);
    const kinds = (await jobs(store, START + MINUTE)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'deliverCard')).toHaveLength(10);
    expect(kinds.filter((kind) => kind === 'firstLook')).toHaveLength(10);
    expect(kinds.filter((kind) => kind === 'deliverGroup')).toHaveLength(1);
    expect((await store.incidents.list({ group: 1, limit: 10 })).map(({ number }) => number)).toEqual([14, 13, 12, 11]);
    expect((await store.incidents.timeline(14)).map(({ text }) => text)).toContainEqual(
      expect.stringContaining('storm’s card'),
    );
  });

  test('leaves sev2 its own card, and gives one to what somebody takes up', async () => {
    const store = await engine.open();
    for (let index = 1; index <= 12; index += 1) await deliver(store, `team-${index}`);
    await jobs(store, START + MINUTE);
    await deliver(store, 'shop', 'critical');
    expect(await jobs(store)).toContainEqual(
      expect.objectContaining({ kind: 'deliverCard', payload: { incident: 13 } }),
    );
    expect(await store.groups.of(12)).toBe(1);
    const ports = { store: store.incidents, policy: DEFAULT_POLICY, defaultCluster: 'default', clock: () => START };
    const ana = { type: 'slack', id: 'U1', name: 'Ana' } as const;
    await createChanges(ports).apply(12, { kind: 'acknowledge' }, asked(ana, START));
    expect(await store.groups.of(12)).toBeNull();
    const after = await jobs(store);
    expect(after).toContainEqual(expect.objectContaining({ kind: 'deliverCard', payload: { incident: 12 } }));
    expect(after).toContainEqual(expect.objectContaining({ kind: 'firstLook' }));
    // It still counts on the storm's card.
    expect((await store.groups.find(1))?.total).toBe(2);
  });

  test('gives a card of its own to what a person calls others to, and calls them there', async () => {
    const store = await engine.open();
    for (let index = 1; index <= 12; index += 1) await deliver(store, `team-${index}`);
    await jobs(store, START + MINUTE);
    const ports = { store: store.incidents, policy: DEFAULT_POLICY, defaultCluster: 'default', clock: () => START };
    const ana = { type: 'slack', id: 'U1', name: 'Ana' } as const;
    const page = { kind: 'page', notify: [{ kind: 'user', name: 'U2' }] } as const;
    await createChanges(ports).apply(12, page, asked(ana, START));
    expect(await store.groups.of(12)).toBeNull();
    const after = await jobs(store);
    expect(after).toContainEqual(expect.objectContaining({ kind: 'deliverCard', payload: { incident: 12 } }));
    // It waits behind nothing else of its thread.
    expect(after.find(({ kind }) => kind === 'deliverPost')).not.toMatchObject({ orderingKey: threadKey(12) });
  });

  test('is over after ten calm minutes, and the next one has a card of its own', async () => {
    const store = await engine.open();
    for (let index = 1; index <= 12; index += 1) await deliver(store, `team-${index}`);
    await jobs(store, START + MINUTE);
    await watch(store, START + 9 * MINUTE);
    expect((await store.groups.find(1))?.endedAt).toBeNull();
    await watch(store, START + 11 * MINUTE);
    expect((await store.groups.find(1))?.endedAt).toBe(START + 11 * MINUTE);
    await deliver(store, 'later', 'warning', START + 21 * MINUTE);
    expect(await store.groups.of(13)).toBeNull();
  });

  test('begins as well when a card waits for 15 s, once', async () => {
    const store = await engine.open();
    await deliver(store, 'first');
    await watch(store, START + 14_000);
    expect(await store.groups.storms()).toEqual([]);
    await watch(store, START + 16_000);
    await watch(store, START + 17_000);
    expect(await store.groups.storms()).toHaveLength(1);
    await deliver(store, 'second', 'warning', START + 18_000);
    expect(await store.groups.of(1)).toBeNull();
    expect(await store.groups.of(2)).toBe(1);
  });

  test('does not take more than ten sev2 of one alert name: the others share a card', async () => {
    const store = await engine.open();
    for (let index = 1; index <= 13; index += 1) await deliver(store, `team-${index}`, 'critical');
    expect(await store.groups.find(1)).toMatchObject({ kind: 'shared', alertName: 'Cause', total: 3 });
    const cards = (await jobs(store, START + MINUTE)).filter(({ kind }) => kind === 'deliverCard');
    expect(cards).toHaveLength(10);
    expect(await store.groups.storms()).toEqual([]);
  });

  test('gives one of a shared card its own, with its news, when a person raises it to sev1', async () => {
    const store = await engine.open();
    for (let index = 1; index <= 12; index += 1) await deliver(store, `team-${index}`, 'critical');
    await jobs(store, START + MINUTE);
    const ports = { store: store.incidents, policy: DEFAULT_POLICY, defaultCluster: 'default', clock: () => START };
    const ana = { type: 'slack', id: 'U1', name: 'Ana' } as const;
    await createChanges(ports).apply(12, { kind: 'setSeverity', severity: 'sev1' }, asked(ana, START));
    expect(await store.groups.of(12)).toBeNull();
    expect(await store.groups.of(11)).toBe(1);
    expect(await jobs(store)).toContainEqual(
      expect.objectContaining({ kind: 'deliverCard', payload: { incident: 12 } }),
    );
    expect(await store.posts.pendingFor(12)).toMatchObject([{ body: { text: 'Raised from SEV2 to SEV1 by Ana' } }]);
  });

  test('keeps a shared card to one channel: what a route sends to another shares one there', async () => {
    const store = await engine.open();
    for (let index = 1; index <= 10; index += 1) await deliver(store, `team-${index}`, 'critical');
    for (const index of [11, 12, 13, 14])
      await deliver(store, `team-${index}`, 'critical', START, index % 2 === 0 ? '#payments' : null);
    expect(await store.groups.find(1)).toMatchObject({ channel: null, total: 2, worst: 11 });
    expect(await store.groups.find(2)).toMatchObject({ channel: '#payments', total: 2, worst: 12 });
    expect(await store.groups.of(14)).toBe(2);
  });
});

onPostgres('a storm seen by two replicas at once', (engine) => {
  describe('deciding about forty alerts', () => {
    test('is one storm with one card, and no incident is on two', async () => {
      const stores = [await engine.open(), await engine.again()] as const;
      await Promise.all(
        Array.from({ length: 40 }, (_, index) => deliver(stores[index % 2 === 0 ? 0 : 1], `team-${index}`)),
      );
      const [store] = stores;
      expect(await store.groups.storms()).toHaveLength(1);
      const own = (await jobs(store, START + MINUTE)).filter(({ kind }) => kind === 'deliverCard').length;
      expect(own + ((await store.groups.find(1))?.total ?? 0)).toBe(40);
      expect(own).toBe(10);
    });

    test('is one shared card for sev2 of one alert name, whoever decides about them', async () => {
      const stores = [await engine.open(), await engine.again()] as const;
      for (let index = 1; index <= 10; index += 1) await deliver(stores[0], `team-${index}`, 'critical');
      await Promise.all(
        Array.from({ length: 12 }, (_, index) => deliver(stores[index % 2 === 0 ? 0 : 1], `more-${index}`, 'critical')),
      );
      expect(await stores[0].groups.find(1)).toMatchObject({ kind: 'shared', total: 12 });
      expect(await stores[0].groups.find(2)).toBeNull();
    });
  });
});
