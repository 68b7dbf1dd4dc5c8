import { expect, test } from '@jest/globals';
import { RESPONDER } from '../../src/incidents/incident.ts';
import type { Store } from '../../src/store/store.ts';
import { onEveryEngine } from './engines.ts';
import { aDraft, aFinding, NOW } from './samples.ts';

const MINUTE = 60_000;

function accept(store: Store, changes: Partial<Parameters<Store['deliveries']['accept']>[0]> = {}) {
  return store.deliveries.accept({
    body: '{"alerts":[]}',
    sender: 'alertmanager',
    senderCluster: null,
    groupKey: '{}:{alertname="X"}',
    alertCount: 1,
    receivedAt: NOW,
    ...changes,
  });
}

const claim = (store: Store) =>
  store.jobs.claim({ lanes: { person: 99, incident: 99, edit: 99, evidence: 99 }, leaseMs: 1_000, now: NOW });

onEveryEngine('deliveries', (engine) => {
  test('accepted together come back each with its own job, one at a time by cluster', async () => {
    const store = await engine.open();
    const ids = await Promise.all(
      Array.from({ length: 600 }, (_, n) =>
        accept(store, { body: `{"n":${n}}`, senderCluster: n % 2 === 0 ? null : 'prod', alertCount: 2 }),
      ),
    );
    for (const n of [0, 1, 499, 500, 599])
      expect(await store.deliveries.find(ids[n]?.id ?? 0)).toEqual({
        id: ids[n]?.id,
        body: `{"n":${n}}`,
        sender: 'alertmanager',
        senderCluster: n % 2 === 0 ? null : 'prod',
        receivedAt: NOW,
        slices: 0,
      });
    const jobs = await claim(store);
    expect(jobs.map(({ kind, payload, orderingKey, lane }) => ({ kind, payload, orderingKey, lane }))).toEqual([
      { kind: 'handleAlertGroup', payload: { delivery: ids[0]?.id }, orderingKey: 'decide:default', lane: 'incident' },
      { kind: 'handleAlertGroup', payload: { delivery: ids[1]?.id }, orderingKey: 'decide:prod', lane: 'incident' },
    ]);
    expect(await store.accounting()).toMatchObject({ received: 1_200, pending: 1_200 });
    expect(await store.deliveries.find(999_999)).toBeNull();
  });

  test('with an alert labelled sev1 do not wait behind the others', async () => {
    const store = await engine.open();
    for (let n = 0; n < 20; n += 1) await accept(store, {});
    const body = '{"alerts":[{"labels":{"incident_severity": "sev1"}}]}';
    const [first, second] = [await accept(store, { body }), await accept(store, { body })];
    const [job, ...others] = await claim(store);
    expect(job).toMatchObject({ lane: 'person', payload: { delivery: first.id } });
    expect(others).toHaveLength(1);
    if (job) await store.jobs.complete([job]);
    expect((await claim(store))[0]?.payload).toEqual({ delivery: second.id });
  });

  test('whose job died are counted as dead, and as pending once revived', async () => {
    const store = await engine.open();
    await accept(store, { alertCount: 3 });
    await accept(store, { alertCount: 5 });
    const [job] = await claim(store);
    if (job) await store.jobs.dead(job, 'internal: defect', NOW);
    expect(await store.accounting()).toMatchObject({ received: 8, pending: 5, dead: 3 });
    await store.jobs.revive(job?.id ?? 0, NOW);
    expect(await store.accounting()).toMatchObject({ received: 8, pending: 8, dead: 0 });
  });

  test('keep every character but NUL', async () => {
    const store = await engine.open();
    const body = 'emoji 🦉, right-to-left مرحبا, quotes \' " \\ and a NUL \0 in the middle';
    const { id } = await accept(store, { body, groupKey: '\0' });
    expect((await store.deliveries.find(id))?.body).toBe(body.replace('\0', '\uFFFD'));
  });

  test('refused for good leave a redacted record', async () => {
    const store = await engine.open({
      redaction: { redact: (text) => text.replaceAll('hunter2', '[redacted]'), redactTree: (value) => value },
    });
    const head = `password=hunter2 ${'x'.repeat(70_000)}`;
    const { id } = await store.rejected.keep({ sender: 's', size: 99_999_999_999, reason: 'not JSON', head, at: NOW });
    const [kept] = await store.rejected.list(5);
    expect(kept).toMatchObject({ id, sender: 's', size: 99_999_999_999, reason: 'not JSON', at: NOW });
    expect(kept?.head).toMatch(/^password=\[redacted\] x+$/);
    expect(kept?.head.length).toBeLessThanOrEqual(64 * 1024 + 20);
  });
});

onEveryEngine('what goes to Slack', (engine) => {
  test('is posted once: pending, sending, sent, and sent it stays', async () => {
    const store = await engine.open();
    const body = { kind: 'news', text: 'it is raised', broadcast: true, mention: false } as const;
    const id = await store.posts.create({ incidentNumber: 7, body, now: NOW });
    const elsewhere = await store.posts.create({
      incidentNumber: null,
      body: { kind: 'reply', reply: { title: 'x' }, actorId: 'U1', command: 'diag jobs' },
      now: NOW,
      where: { channel: 'C1', threadTs: '1.2' },
    });
    expect(await store.posts.find(id)).toEqual({
      id,
      incidentNumber: 7,
      channel: null,
      threadTs: null,
      body,
      createdAt: NOW,
      state: 'pending',
      sendingSince: null,
      handedOverAt: null,
      sentChannel: null,
      sentTs: null,
    });
    expect(await store.posts.find(elsewhere)).toMatchObject({ channel: 'C1', threadTs: '1.2', incidentNumber: null });
    await store.posts.markSending(id, NOW + 1);
    expect((await store.posts.pendingFor(7)).map(({ state }) => state)).toEqual(['sending']);
    await store.posts.markUnsent(id);
    expect((await store.posts.pendingFor(7)).map(({ state }) => state)).toEqual(['pending']);
    await store.posts.markSending(id, NOW + 2);
    await store.posts.markSending(id, NOW + 3);
    expect(await store.posts.find(id)).toMatchObject({ sendingSince: NOW + 2, handedOverAt: NOW + 3 });
    await store.posts.markSent(id, 'C9', '9.9');
    await store.posts.markSending(id, NOW + 2);
    await store.posts.markUnsent(id);
    await store.posts.markDead(id, 'too late');
    expect(await store.posts.find(id)).toMatchObject({ state: 'sent', sentChannel: 'C9', sentTs: '9.9' });
    expect(await store.posts.pendingFor(7)).toEqual([]);
    await store.posts.markDead(elsewhere, 'channel_not_found');
    expect((await store.posts.find(elsewhere))?.state).toBe('dead');
    expect(await store.posts.find(999)).toBeNull();
  });

  test('is remembered by view: a second begin keeps how far back to look', async () => {
    const store = await engine.open();
    const { messages } = store;
    expect(await messages.get('card:1')).toBeNull();
    await messages.begin('card:1', 'C1', NOW);
    await messages.begin('card:1', 'C1', NOW + 5);
    const sending = {
      view: 'card:1',
      channel: 'C1',
      ts: null,
      state: 'sending',
      sendingSince: NOW,
      handedOverAt: NOW + 5,
      renderedHash: null,
    };
    expect(await messages.get('card:1')).toEqual(sending);
    await messages.sent('card:1', 'C1', '5.5', 'h1');
    expect(await messages.get('card:1')).toEqual({ ...sending, ts: '5.5', state: 'sent', renderedHash: 'h1' });
    await messages.begin('card:1', 'C2', NOW + 9);
    expect(await messages.get('card:1')).toMatchObject({
      channel: 'C2',
      ts: null,
      state: 'sending',
      sendingSince: NOW + 9,
    });
    await messages.unsent('card:1');
    expect(await messages.get('card:1')).toMatchObject({ state: 'unsent', ts: null });
    await messages.begin('card:1', 'C2', NOW + 20);
    expect(await messages.get('card:1')).toMatchObject({ state: 'sending', sendingSince: NOW + 20 });
    await messages.sent('card:1', 'C2', '6.6', 'h2');
    await messages.unsent('card:1');
    expect(await messages.get('card:1')).toMatchObject({ state: 'sent', ts: '6.6' });
    await messages.dead('card:1', 'is_archived');
    expect((await messages.get('card:1'))?.state).toBe('dead');
  });

  test('mentions at most once per channel and incident within their times, and answers a retry alike', async () => {
    const store = await engine.open();
    const limits = { perIncidentMs: 15 * MINUTE, perChannelMs: 5 * MINUTE };
    const ask = (view: string, incidentNumber: number | null, channel: string, at: number) =>
      store.mentions.claim({ view, incidentNumber, channel, at, ...limits });
    expect(await ask('card:1', 1, 'C1', NOW)).toBe(true);
    expect(await ask('card:1', 1, 'C1', NOW + 1)).toBe(true);
    expect(await ask('card:2', 2, 'C1', NOW + MINUTE)).toBe(false);
    expect(await ask('post:1', 1, 'C2', NOW + 14 * MINUTE)).toBe(false);
    expect(await ask('card:2', 2, 'C1', NOW + 5 * MINUTE)).toBe(true);
    expect(await ask('post:1', 1, 'C2', NOW + 15 * MINUTE)).toBe(true);
    expect(await ask('storm:prod', null, 'C3', NOW)).toBe(true);
    expect(await ask('storm:test', null, 'C4', NOW)).toBe(true);
  });
});

onEveryEngine('what is kept beside an incident', (engine) => {
  test('is evidence with its findings, the worst one first for the card', async () => {
    const store = await engine.open();
    const text = {
      source: 'kubectl logs x',
      capturedAt: NOW - 1,
      mime: 'text/plain',
      content: 'OOMKilled',
      truncated: true,
    } as const;
    const findings = [
      aFinding('fine', { level: 'ok' }),
      aFinding('maybe', { level: 'critical', confidence: 'unknown' }),
      aFinding('sure', { level: 'critical', confidence: 'confirmed' }),
    ];
    await store.evidence.keep(1, 'logs', findings, [text, { ...text, truncated: false }], NOW);
    await store.evidence.keep(1, 'events', [], [], NOW);
    expect(await store.evidence.posted(1)).toEqual(findings);
    expect((await store.evidence.top(1))?.code).toBe('sure');
    expect(await store.evidence.top(2)).toBeNull();
    expect(await store.evidence.list(1)).toMatchObject([
      { ...text, incidentNumber: 1, diagnostic: 'logs', recordedAt: NOW },
      { truncated: false },
    ]);
  });

  test('is the latest picture of an incident', async () => {
    const store = await engine.open();
    const picture = { source: 'x', capturedAt: NOW, mime: 'image/png', truncated: false } as const;
    expect(await store.evidence.picture(1)).toBeNull();
    await store.evidence.keep(1, 'chart', [], [{ ...picture, content: 'b2xk' }], NOW);
    await store.evidence.keep(1, 'chart', [], [{ ...picture, content: 'bmV3' }], NOW);
    await store.evidence.keep(1, 'logs', [], [{ ...picture, mime: 'text/plain', content: 'later' }], NOW);
    await store.evidence.keep(2, 'chart', [], [{ ...picture, content: 'b3RoZXI=' }], NOW);
    expect(await store.evidence.picture(1)).toBe('bmV3');
  });

  test('is settings and heartbeats', async () => {
    const store = await engine.open();
    expect(await store.settings.get('k')).toBeNull();
    await store.settings.set('k', 'a');
    await store.settings.set('k', 'b');
    expect(await store.settings.get('k')).toBe('b');
    expect(await store.heartbeats.beat('prod', NOW)).toEqual({ cluster: 'prod', firstAt: NOW, lastAt: NOW, beats: 1 });
    await store.heartbeats.beat('prod', NOW + 5);
    expect(await store.heartbeats.beat('prod', NOW + 3)).toMatchObject({ firstAt: NOW, lastAt: NOW + 5, beats: 3 });
    expect(await store.heartbeats.list()).toHaveLength(1);
    await store.heartbeats.forget('prod');
    expect(await store.heartbeats.list()).toEqual([]);
  });

  test('is trimmed by age and size once resolved; open incidents and timelines keep everything', async () => {
    const store = await engine.open({ clock: () => NOW });
    const resolved = { status: 'resolved', resolvedAt: NOW } as const;
    await store.incidents.transact(async (tx) => {
      await tx.save([aDraft(resolved, [], 'new:0'), aDraft({}, [], 'new:1'), aDraft(resolved, [], 'new:2')], NOW);
      await tx.append(1, [{ kind: 'note', at: NOW, actor: RESPONDER, text: 'kept', detail: {} }], NOW);
    });
    const piece = (size: number) =>
      ({ source: 's', capturedAt: NOW, mime: 'text/plain', content: 'x'.repeat(size), truncated: false }) as const;
    const day = 24 * 60 * MINUTE;
    await store.evidence.keep(1, 'logs', [aFinding('f')], [piece(10), piece(10)], NOW - 40 * day);
    await store.evidence.keep(2, 'logs', [], [piece(10)], NOW - 40 * day);
    await store.evidence.keep(
      3,
      'logs',
      [],
      Array.from({ length: 9 }, () => piece(100)),
      NOW - day,
    );
    await store.rejected.keep({ sender: 's', size: 1, reason: 'r', head: 'h', at: NOW - 40 * day });
    const news = { kind: 'news', text: 'old', broadcast: false, mention: false } as const;
    const posts = await store.incidents.transact(async (tx) => [
      await tx.post(1, news, NOW - 40 * day),
      await tx.post(1, news, NOW - 40 * day),
    ]);
    await store.posts.markSent(posts[0] ?? 0, 'C1', '1.1');
    const later = { evidenceOlderThanMs: 30 * day, maxEvidenceBytes: 450, now: NOW + 31 * day };
    const first = await store.trim({ ...later, now: NOW });
    expect(first).toEqual({ evidence: 2 + 5, posts: 1, rejected: 1, stranded: 0, pages: 0 });
    // What was not sent is never removed either.
    expect(await Promise.all(posts.map(async (post) => (await store.posts.find(post)) !== null))).toEqual([
      false,
      true,
    ]);
    expect(await store.evidence.list(1)).toEqual([]);
    expect(await store.evidence.posted(1)).toHaveLength(1);
    expect(await store.evidence.list(2)).toHaveLength(1);
    expect(await store.evidence.list(3)).toHaveLength(4);
    expect(await store.incidents.timeline(1)).toHaveLength(1);
    expect(await store.trim(later)).toMatchObject({ evidence: 4 });
  });
});

onEveryEngine('a delivery that is done with', (engine) => {
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  let now = NOW;

  async function settled(store: Store, at: number, bytes: number): Promise<number> {
    const { id } = await accept(store, { body: 'ü'.repeat(bytes / 2), receivedAt: at });
    now = at;
    await store.incidents.transact((tx) => tx.account(id, [], 1));
    return id;
  }

  async function left(store: Store, ids: readonly number[]): Promise<readonly boolean[]> {
    return Promise.all(ids.map(async (id) => (await store.deliveries.find(id)) !== null));
  }

  test('is removed after its time; one that waits for a decision never, and the books stay as they are', async () => {
    const store = await engine.open({ clock: () => now });
    const ids = [await settled(store, NOW - 2 * DAY, 10), await settled(store, NOW - HOUR, 10)];
    const pending = await accept(store, { receivedAt: NOW - 40 * DAY });
    const before = await store.accounting();
    expect(await store.trimDeliveries({ olderThanMs: DAY, maxBytes: 1_000, now: NOW })).toMatchObject({
      deliveries: 1,
    });
    expect(await left(store, [...ids, pending.id])).toEqual([false, true, true]);
    expect(await store.accounting()).toEqual(before);
    expect(before).toMatchObject({ received: 3, pending: 1, rejected: 2 });
  });

  test('is removed at once when all together are too large, the oldest first', async () => {
    const store = await engine.open({ clock: () => now });
    const ids: number[] = [];
    for (let n = 4; n > 0; n -= 1) ids.push(await settled(store, NOW - n * MINUTE, 1_000));
    const pending = await accept(store, { body: 'x'.repeat(5_000) });
    const trim = (maxBytes: number) => store.trimDeliveries({ olderThanMs: DAY, maxBytes, now: NOW });
    expect(await trim(4_000)).toMatchObject({ deliveries: 0 });
    expect(await trim(2_500)).toMatchObject({ deliveries: 2 });
    expect(await left(store, [...ids, pending.id])).toEqual([false, false, true, true, true]);
    expect(await trim(0)).toMatchObject({ deliveries: 2 });
    expect(await left(store, [pending.id])).toEqual([true]);
  });

  test('is kept as long as its job is a dead letter', async () => {
    const store = await engine.open({ clock: () => now });
    const id = await settled(store, NOW - 40 * DAY, 10);
    const other = await settled(store, NOW - 40 * DAY, 10);
    const lanes = { person: 5, incident: 5, edit: 5, evidence: 5 };
    const claim = { lanes, leaseMs: 1_000, now: NOW, kinds: ['handleAlertGroup'] };
    const [job] = await store.jobs.claim(claim);
    if (!job) throw new Error('no job');
    await store.jobs.dead(job, 'for good', NOW);
    expect(await store.trimDeliveries({ olderThanMs: DAY, maxBytes: 0, now: NOW })).toMatchObject({ deliveries: 1 });
    expect(await left(store, [id, other])).toEqual([true, false]);
    expect(await store.jobs.revive(job.id, NOW)).toBe(true);
  });
});

onEveryEngine('a transaction', (engine) => {
  test('that uses the store by another handle than its own fails at once instead of waiting for ever', async () => {
    const store = await engine.open();
    const reading = store.incidents.transact(async () => store.incidents.find(1));
    await expect(reading).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('another handle'),
    });
    const writing = store.incidents.transact(async () => store.settings.set('k', 'v'));
    await expect(writing).rejects.toMatchObject({ code: 'internal' });
    await store.settings.set('k', 'after');
    expect(await store.settings.get('k')).toBe('after');
  });

  test('sees its own writes, and others see them when it is over', async () => {
    const store = await engine.open();
    const inside = await store.incidents.transact(async (tx) => {
      await tx.save([aDraft()], NOW);
      return tx.lock(1);
    });
    expect(inside?.incident.number).toBe(1);
    expect((await store.incidents.find(1))?.incident.number).toBe(1);
  });

  test('of many at once each take their turn', async () => {
    const store = await engine.open();
    const numbers = await Promise.all(
      Array.from({ length: 30 }, () => store.incidents.transact((tx) => tx.save([aDraft()], NOW))),
    );
    expect(numbers.map((saved) => saved.get('new:0') ?? 0).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, n) => n + 1),
    );
  });

  test('proves that the store can be written', async () => {
    const store = await engine.open();
    await store.probe();
    expect(store.engine).toBe(engine.name);
  });
});
