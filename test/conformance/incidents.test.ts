import { expect, test } from '@jest/globals';
import type { Fingerprint } from '../../src/alerts/alert.ts';
import { type AlertIdentity, identityOf } from '../../src/alerts/identity.ts';
import type { IncidentRepository } from '../../src/commands/ports.ts';
import type { IncidentReader, Intake } from '../../src/http/ports.ts';
import type { AlertOutcome } from '../../src/incidents/decision.ts';
import { countAlerts, type IncidentAlert } from '../../src/incidents/incident.ts';
import { jobOf } from '../../src/jobs/jobKinds.ts';
import type { CandidateQuery, Deliveries, EvidenceStore, IncidentStore } from '../../src/jobs/ports.ts';
import type { History } from '../../src/jobs/similar.ts';
import type { JobSource } from '../../src/queue/ports.ts';
import type { Incidents, MentionLimits, Messages, Posts, TopFindings } from '../../src/slack/ports.ts';
import type { Store } from '../../src/store/store.ts';
import { onEveryEngine } from './engines.ts';
import { aDraft, anAlert, anEntry, anIncident, NOW } from './samples.ts';

const MINUTE = 60_000;

/** The compiler proves here that the store fills the ports its consumers declare. */
export function portsOf(store: Store) {
  return {
    jobs: store.incidents satisfies IncidentStore & History,
    deliveries: store.deliveries satisfies Deliveries,
    evidence: store.evidence satisfies EvidenceStore & TopFindings,
    commands: store.incidents satisfies IncidentRepository,
    http: store.incidents satisfies IncidentReader,
    intake: store.deliveries satisfies Pick<Intake, 'accept'>,
    slack: store.incidents satisfies Incidents,
    messages: store.messages satisfies Messages,
    posts: store.posts satisfies Posts,
    mentions: store.mentions satisfies MentionLimits,
    queue: store.jobs satisfies JobSource,
  };
}

function query(changes: Partial<CandidateQuery> = {}): CandidateQuery {
  return {
    cluster: 'prod',
    fingerprints: [],
    correlationKeys: [],
    names: [],
    nodes: [],
    resolvedSince: NOW - 30 * MINUTE,
    ...changes,
  };
}

async function open(store: Store, ...drafts: ReturnType<typeof aDraft>[]): Promise<readonly number[]> {
  const numbers = await store.incidents.transact((tx) =>
    tx.save(
      drafts.map((draft, index) => ({ ...draft, key: `new:${index}` as const })),
      NOW,
    ),
  );
  return [...numbers.values()];
}

async function candidates(store: Store, changes: Partial<CandidateQuery>): Promise<readonly number[]> {
  const found = await store.incidents.transact((tx) => tx.candidates(query(changes)));
  return found.map(({ incident }) => incident.number);
}

onEveryEngine('incidents', (engine) => {
  test('about the same thing that are over are found for the next one, newest first and with their alerts', async () => {
    const store = await engine.open();
    const over = { status: 'resolved', resolvedAt: NOW, correlationKey: 'prod/shop/pod:a' } as const;
    await open(
      store,
      aDraft(over, [anAlert('0000000000000001')]),
      aDraft({ ...over, correlationKey: 'prod/shop/pod:b' }),
      aDraft({ ...over, status: 'open', resolvedAt: null }),
      aDraft(over),
      aDraft({ correlationKey: over.correlationKey }),
    );
    const now = await store.incidents.find(5);
    const earlier = now ? await store.incidents.earlier(now.incident, 10) : [];
    expect(earlier.map(({ incident }) => incident.number)).toEqual([4, 1]);
    expect(earlier[1]?.alerts).toHaveLength(1);
  });

  test('are numbered from 1 without gaps, also after a transaction that failed', async () => {
    const store = await engine.open();
    expect(await open(store, aDraft(), aDraft())).toEqual([1, 2]);
    const failing = store.incidents.transact(async (tx) => {
      await tx.save([aDraft()], NOW);
      throw new Error('changed its mind');
    });
    await expect(failing).rejects.toThrow('changed its mind');
    expect(await open(store, aDraft())).toEqual([3]);
  });

  test('come back as they were saved, with their alerts', async () => {
    const store = await engine.open();
    const incident = anIncident({ acknowledgedBy: { type: 'slack', id: 'U1', name: 'ana' }, acknowledgedAt: NOW });
    await open(store, aDraft(incident, [anAlert('a'), anAlert('b', { labels: { node: 'node-b' } })]));
    expect(await store.incidents.find(1)).toEqual({
      incident: { ...incident, number: 1, version: 1 },
      alerts: [
        { ...anAlert('a'), incidentNumber: 1 },
        { ...anAlert('b', { labels: { node: 'node-b' } }), incidentNumber: 1 },
      ],
    });
    expect(await store.incidents.find(2)).toBeNull();
  });

  test('are changed by the version they were read at, and by no older one', async () => {
    const store = await engine.open();
    await open(store, aDraft({}, [anAlert('a')]));
    const change = (version: number, title: string) =>
      store.incidents.transact((tx) => tx.save([aDraft({ version, title }, [], 1)], NOW));
    await change(2, 'second');
    expect((await store.incidents.find(1))?.incident).toMatchObject({ title: 'second', version: 2 });
    await expect(change(2, 'stale')).rejects.toMatchObject({ code: 'conflict' });
    expect((await store.incidents.find(1))?.incident.title).toBe('second');
  });

  test('are candidates by fingerprint, key, name and node while unresolved or freshly resolved', async () => {
    const store = await engine.open();
    const resolved = { status: 'resolved', resolvedAt: NOW - 40 * MINUTE } as const;
    await open(
      store,
      aDraft({ correlationKey: 'k1' }, [anAlert('f1', { name: 'N1' })]),
      aDraft({ correlationKey: 'k2', namespace: null }, [anAlert('f2', { name: 'N2', labels: { node: 'node-b' } })]),
      aDraft({ correlationKey: 'k3', ...resolved }, [anAlert('f3', { name: 'N3' })]),
      aDraft({ correlationKey: 'k3', ...resolved, resolvedAt: NOW - 90 * MINUTE }, [anAlert('f3', { name: 'N3' })]),
      aDraft({ correlationKey: 'k5', status: 'resolved', resolvedAt: NOW - MINUTE }, [anAlert('f5', { name: 'N5' })]),
      aDraft({ correlationKey: 'k1', cluster: 'test' }, [anAlert('f1', { cluster: 'test' })]),
    );
    expect(await candidates(store, { fingerprints: ['f1', 'f5', 'unknown'] })).toEqual([1, 5]);
    expect(await candidates(store, { correlationKeys: ['k2'] })).toEqual([2]);
    expect(await candidates(store, { names: [{ namespace: null, alertName: 'N2' }] })).toEqual([2]);
    expect(await candidates(store, { names: [{ namespace: 'knative-lambda-builds', alertName: 'N2' }] })).toEqual([]);
    expect(await candidates(store, { nodes: ['node-b'] })).toEqual([2]);
    // Too old to reopen, but the latest of them is the "previous" incident.
    expect(await candidates(store, { fingerprints: ['f3'] })).toEqual([]);
    expect(await candidates(store, { correlationKeys: ['k3'] })).toEqual([3]);
    expect(await candidates(store, {})).toEqual([]);
  });

  test('stop being candidates when they are resolved, and start again when reopened', async () => {
    const store = await engine.open();
    await open(store, aDraft({}, [anAlert('f')]));
    const late = { fingerprints: ['f'], resolvedSince: NOW + 31 * MINUTE };
    const save = (incident: Parameters<typeof aDraft>[0]) =>
      store.incidents.transact((tx) => tx.save([aDraft(incident, [], 1)], NOW));
    await save({ version: 2, status: 'resolved', resolvedAt: NOW + MINUTE });
    expect(await candidates(store, late)).toEqual([]);
    await save({ version: 3, status: 'open', resolvedAt: null });
    expect(await candidates(store, late)).toEqual([1]);
  });

  test('remember the alerts of a name heard of lately', async () => {
    const store = await engine.open();
    await open(
      store,
      aDraft({}, [anAlert('a', { lastSeenAt: NOW - MINUTE }), anAlert('b', { lastSeenAt: NOW - 60 * MINUTE })]),
      aDraft({}, [anAlert('a', { cluster: 'test' })]),
    );
    const recent = await store.incidents.transact((tx) =>
      tx.recentAlerts('prod', ['BuildOOMKilled'], NOW - 5 * MINUTE),
    );
    expect(recent).toEqual([{ name: 'BuildOOMKilled', labels: anAlert('a').labels, lastSeenAt: NOW - MINUTE }]);
  });

  test('of ten thousand alerts are saved, found, counted and read page by page', async () => {
    const store = await engine.open();
    const alerts = Array.from({ length: 10_000 }, (_, n) => anAlert(`f${n}`));
    await open(store, aDraft({}, alerts));
    const known = await store.incidents.find(1);
    expect(known && countAlerts(known)).toEqual({ all: 10_000, firing: 10_000 });
    expect(known?.alerts.length).toBeLessThan(1_000);
    const seen = new Set<string>();
    for (let after: AlertIdentity | null = null; ; ) {
      const page: readonly IncidentAlert[] = await store.incidents.alertsOf(1, after, 700);
      for (const { fingerprint } of page) seen.add(fingerprint);
      const last = page.at(-1);
      if (!last || page.length < 700) break;
      after = identityOf(last);
    }
    expect(seen.size).toBe(10_000);
    expect(await candidates(store, { fingerprints: alerts.map(({ fingerprint }) => fingerprint) })).toEqual([1]);
  });

  test('of two tenants that send the same labels are two, are read one by one, and are taken out one by one', async () => {
    const store = await engine.open();
    const [blue, green, none] = ['blue', 'green', ''].map((tenant) =>
      anAlert('a', { labels: { alertname: 'Down', ...(tenant ? { tenant } : {}) } }),
    );
    if (!blue || !green || !none) throw new Error('three were made');
    await open(store, aDraft({}, [blue, green, none]));
    const pages = await Promise.all(
      [null, identityOf(none), identityOf(blue), identityOf(green)].map((after) =>
        store.incidents.alertsOf(1, after, 1),
      ),
    );
    expect(pages.map(([alert]) => alert?.labels.tenant)).toEqual([undefined, 'blue', 'green', undefined]);
    const known = await store.incidents.find(1);
    if (!known) throw new Error('it was opened');
    const resolved = { ...green, status: 'resolved', endsAt: NOW } as const;
    await store.incidents.transact((tx) =>
      tx.save([{ key: 1, incident: known.incident, alerts: [resolved], removed: [blue], entries: [] }], NOW),
    );
    const left = (await store.incidents.find(1))?.alerts ?? [];
    expect(left.map(({ labels, status }) => [labels.tenant, status])).toEqual(
      expect.arrayContaining([
        [undefined, 'firing'],
        ['green', 'resolved'],
      ]),
    );
    expect(left).toHaveLength(2);
  });

  test('take the last of an alert that is named twice in one draft', async () => {
    const store = await engine.open();
    await open(store, aDraft({}, [anAlert('a'), anAlert('a', { status: 'resolved', endsAt: NOW })]));
    expect((await store.incidents.find(1))?.alerts).toMatchObject([{ status: 'resolved' }]);
  });

  test('are listed newest first by status, channel, actor and time', async () => {
    const store = await engine.open();
    await open(
      store,
      aDraft({ severity: 'sev2', channel: 'C1', openedAt: NOW - 10 }),
      aDraft({ severity: 'sev1', status: 'acknowledged' }),
      aDraft({ status: 'resolved', resolvedAt: NOW }),
    );
    const list = async (filter: Parameters<Store['incidents']['list']>[0]) =>
      (await store.incidents.list(filter)).map(({ number }) => number);
    expect(await list({ limit: 2 })).toEqual([3, 2]);
    expect(await list({ limit: 9, status: ['open', 'acknowledged'] })).toEqual([2, 1]);
    expect(await list({ limit: 9, status: [] })).toEqual([]);
    expect(await list({ limit: 9, openedSince: NOW - 10, openedBefore: NOW })).toEqual([1]);
    await store.messages.begin('card:3', 'C1', NOW);
    expect(await list({ limit: 9, channel: 'C1' })).toEqual([3, 1]);
    const ana = { type: 'slack', id: 'U1', name: null } as const;
    await store.incidents.append(2, anEntry('looked', { actor: ana, at: NOW }), null);
    expect(await list({ limit: 9, touchedBy: 'U1', touchedSince: NOW })).toEqual([2]);
    expect(await list({ limit: 9, touchedBy: 'U1', touchedSince: NOW + 1 })).toEqual([]);
    expect((await store.incidents.open(9)).map(({ number }) => number)).toEqual([2, 1]);
  });

  test('are found by the thread of their card and by their own channel', async () => {
    const store = await engine.open();
    await open(store, aDraft(), aDraft());
    await store.messages.begin('card:1', 'C1', NOW);
    await store.messages.sent('card:1', 'C1', '100.1', 'hash');
    await store.messages.sent('channel:2', 'C2', '200.1', null);
    const at = async (channel: string, thread: string | null) =>
      (await store.incidents.at(channel, thread))?.number ?? null;
    expect(await at('C1', '100.1')).toBe(1);
    expect(await at('C1', null)).toBeNull();
    expect(await at('C1', '100.2')).toBeNull();
    expect(await at('C2', null)).toBe(2);
    expect(await at('C2', '999.9')).toBe(2);
  });

  test('keep a timeline in the order in which things happened, with entries written once under a key', async () => {
    const store = await engine.open({ clock: () => NOW + 7 });
    await open(store, aDraft());
    await store.incidents.transact((tx) =>
      tx.append(
        1,
        [anEntry('second', { at: NOW + 1, detail: { permalink: 'https://x/p1', n: [1] } }), anEntry('first')],
        NOW + 5,
      ),
    );
    await store.incidents.append(1, anEntry('once', { at: NOW + 2 }), 'k');
    await store.incidents.append(1, anEntry('twice', { at: NOW + 3 }), 'k');
    const entries = await store.incidents.timeline(1);
    expect(entries.map(({ text }) => text)).toEqual(['first', 'second', 'once']);
    expect(entries[1]).toMatchObject({ permalink: 'https://x/p1', detail: { n: [1] }, recordedAt: NOW + 5 });
  });

  test('commit with posts, jobs and accounting together or not at all', async () => {
    const store = await engine.open({ clock: () => NOW });
    const outcome = (changes: Partial<AlertOutcome>): AlertOutcome => ({
      fingerprint: 'f' as Fingerprint, // a test's fingerprint is any text
      cluster: 'prod',
      alertName: 'N',
      reason: 'opened',
      incident: 'new:0',
      ...changes,
    });
    const { id } = await store.deliveries.accept({
      body: '{}',
      sender: 's',
      senderCluster: null,
      groupKey: 'g',
      alertCount: 4,
      receivedAt: NOW,
    });
    const work = (fail: boolean) =>
      store.incidents.transact(async (tx) => {
        await tx.save([aDraft()], NOW);
        await tx.post(1, { kind: 'news', text: 'hello', broadcast: false, mention: false }, NOW);
        await tx.enqueue([jobOf('deliverCard', { incident: 1 })], NOW);
        await tx.account(
          id,
          [outcome({}), outcome({ reason: 'suppressed_watchdog', incident: null }), outcome({ reason: 'joined_name' })],
          1,
        );
        if (fail) throw new Error('no');
      });
    await expect(work(true)).rejects.toThrow('no');
    expect(await store.posts.find(1)).toBeNull();
    expect(await store.accounting()).toMatchObject({ received: 4, pending: 4, onIncident: 0 });
    await work(false);
    const settled = {
      received: 4,
      pending: 0,
      onIncident: 2,
      suppressed: { suppressed_watchdog: 1 },
      rejected: 1,
      dead: 0,
    };
    expect(await store.accounting()).toEqual(settled);
    expect(await store.posts.pendingFor(1)).toHaveLength(1);
    // The job runs again after a crash: the delivery is settled already.
    await store.incidents.transact((tx) => tx.account(id, [outcome({})], 0));
    expect(await store.accounting()).toEqual(settled);
  });
});
