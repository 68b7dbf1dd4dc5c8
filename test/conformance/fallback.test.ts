import { expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { tellFallback } from '../../src/jobs/fallback.ts';
import { handleAlertGroup } from '../../src/jobs/handleAlertGroup.ts';
import { createChanges } from '../../src/jobs/incidentChanges.ts';
import type { FallbackMessage } from '../../src/jobs/ports.ts';
import type { Store } from '../../src/store/store.ts';
import { decidingOn } from './deciding.ts';
import { onEveryEngine, silent } from './engines.ts';
import { asked } from './samples.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-24T03:00:00Z');
const ANA = { type: 'slack', id: 'U1', name: 'Ana' } as const;
const BEN = { type: 'slack', id: 'U2', name: 'Ben' } as const;

/** One incident for each namespace, opened by the same alert. */
async function open(store: Store, count: number, severity = 'sev1', at = START): Promise<void> {
  const alerts = Array.from({ length: count }, (_, index) => ({
    status: 'firing',
    labels: { alertname: 'Down', incident_severity: severity, namespace: `team-${index}`, deployment: 'api' },
    annotations: {},
    startsAt: new Date(at).toISOString(),
  }));
  const body = JSON.stringify({ version: '4', groupKey: 'g', status: 'firing', receiver: 'r', alerts });
  const accepted = { body, sender: 'am', senderCluster: null, groupKey: 'g', alertCount: count, receivedAt: at };
  const { id } = await store.deliveries.accept(accepted);
  await handleAlertGroup(id, decidingOn(store, { clock: () => at }));
}

function changesOf(store: Store, at: number) {
  const ports = { store: store.incidents, policy: DEFAULT_POLICY, defaultCluster: 'default', clock: () => at };
  return createChanges(ports);
}

/** What a round two minutes later sends, as the jobs it asks for would. */
async function told(store: Store, now: number): Promise<readonly FallbackMessage[]> {
  const sent: FallbackMessage[] = [];
  const ports = {
    store: store.incidents,
    timeline: store.incidents,
    undelivered: store.undelivered,
    posts: store.posts,
    send: async (message: FallbackMessage) => {
      sent.push(message);
      return 'webhook example.com';
    },
    publicUrl: null,
    instance: store.instance,
    clock: () => now,
    log: silent,
  };
  for (const { key, undelivered } of await store.undelivered.before(now - 2 * MINUTE)) {
    const job = { kind: 'tellFallback', payload: undelivered, lane: 'person', orderingKey: key } as const;
    if (await store.jobs.enqueueOnce(key, [job], now))
      await tellFallback(undelivered, ports, new AbortController().signal);
  }
  return sent;
}

function post(store: Store, ...views: readonly string[]): Promise<unknown> {
  return Promise.all(views.map((view, index) => store.messages.sent(view, 'C1', `1.${index + 1}`, null)));
}

function cards(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `card:${index + 1}`);
}

onEveryEngine('the fallback', (engine) => {
  test('is silent about a sev1 on a shared card that Slack has', async () => {
    const store = await engine.open();
    await open(store, 14);
    await post(store, ...cards(10), 'group:1');
    expect(await told(store, START + 3 * MINUTE)).toEqual([]);
  });

  test('tells of those on a shared card that Slack has not with one message, noted on each', async () => {
    const store = await engine.open();
    await open(store, 14);
    await post(store, ...cards(10));
    const sent = await told(store, START + 3 * MINUTE);
    expect(sent).toMatchObject([{ incident: { number: 11 }, others: [12, 13, 14] }]);
    expect(sent[0]?.subject).toMatch(/^SEV1 #11 Down \(api .* and 3 more$/);
    expect(sent[0]?.text).toContain('With 3 more like it: #12, #13 and #14.');
    for (const number of [11, 14])
      expect((await store.incidents.timeline(number)).map(({ text }) => text)).toContain(
        'Slack could not be reached: sent by webhook example.com',
      );
    expect(await told(store, START + 4 * MINUTE)).toEqual([]);
  });

  test('tells of every sev1 without a card, however many there are', async () => {
    const store = await engine.open();
    for (let index = 0; index < 120; index += 1)
      await changesOf(store, START).declare(
        { title: `Down ${index}`, severity: 'sev1', namespace: null, subject: null, channel: null },
        asked(ANA, START),
      );
    expect(await told(store, START + MINUTE)).toEqual([]);
    const sent = [...(await told(store, START + 3 * MINUTE)), ...(await told(store, START + 3 * MINUTE + 5_000))];
    expect(new Set(sent.map(({ incident }) => incident.number)).size).toBe(120);
  });

  test('gives the card of what was just raised to sev1 its time', async () => {
    const store = await engine.open();
    await open(store, 1, 'sev4');
    const raisedAt = START + 60 * MINUTE;
    await changesOf(store, raisedAt).apply(1, { kind: 'setSeverity', severity: 'sev1' }, asked(ANA, raisedAt));
    expect(await told(store, raisedAt + 5_000)).toEqual([]);
    expect(await told(store, raisedAt + 3 * MINUTE)).toHaveLength(1);
  });

  test('tells once of a sev2 raised to sev1 while Slack is away, although it has a card from before', async () => {
    const store = await engine.open();
    await open(store, 1, 'sev2');
    await post(store, 'card:1');
    const raisedAt = START + 20 * MINUTE;
    await changesOf(store, raisedAt).apply(1, { kind: 'setSeverity', severity: 'sev1' }, asked(ANA, raisedAt));
    expect(await told(store, raisedAt + MINUTE)).toEqual([]);
    const sent = await told(store, raisedAt + 3 * MINUTE);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.text).toContain('Raised from SEV2 to SEV1 by Ana');
    expect(await told(store, raisedAt + 4 * MINUTE)).toEqual([]);
  });

  test('tells of a sev1 reopened while Slack is away, and again of its next reopening', async () => {
    const store = await engine.open();
    await open(store, 1);
    await post(store, 'card:1');
    for (const at of [START + 10 * MINUTE, START + 30 * MINUTE]) {
      const changes = changesOf(store, at);
      await changes.apply(1, { kind: 'resolve', note: null, dismissed: false }, asked(ANA, at));
      expect(await told(store, at + 3 * MINUTE)).toEqual([]);
      await changes.apply(1, { kind: 'reopen', note: null }, asked(ANA, at + 4 * MINUTE));
      const sent = await told(store, at + 7 * MINUTE);
      expect(sent.map(({ text }) => text)).toEqual([expect.stringContaining('Reopened by Ana')]);
      expect(await told(store, at + 8 * MINUTE)).toEqual([]);
    }
  });

  test('tells whom a sev1 calls while Slack is away, and not once somebody has it', async () => {
    const store = await engine.open();
    await open(store, 2);
    await post(store, 'card:1', 'card:2');
    const at = START + 10 * MINUTE;
    const page = { kind: 'page', notify: [{ kind: 'group', name: 'oncall' }] } as const;
    await changesOf(store, at).apply(1, page, asked(ANA, at));
    const sent = await told(store, at + 3 * MINUTE);
    expect(sent).toMatchObject([{ incident: { number: 1 }, text: expect.stringContaining('Ana calls @oncall') }]);
    expect(await told(store, at + 4 * MINUTE)).toEqual([]);
    const taken = at + 5 * MINUTE;
    await changesOf(store, taken).apply(2, page, asked(ANA, taken));
    await changesOf(store, taken).apply(2, { kind: 'resolve', note: null, dismissed: false }, asked(BEN, taken));
    expect(await told(store, taken + 3 * MINUTE)).toEqual([]);
  });

  test('is silent about a raise that Slack has, and tells of one whose news expired unsent', async () => {
    const store = await engine.open();
    await open(store, 2, 'sev2');
    await post(store, ...cards(2));
    const raisedAt = START + MINUTE;
    for (const number of [1, 2])
      await changesOf(store, raisedAt).apply(number, { kind: 'setSeverity', severity: 'sev1' }, asked(ANA, raisedAt));
    for (const { id } of await store.posts.pendingFor(1)) await store.posts.markSent(id, 'C1', '2.1');
    for (const { id } of await store.posts.pendingFor(2)) await store.posts.markDead(id, 'superseded: too old');
    const sent = await told(store, raisedAt + 20 * MINUTE);
    expect(sent.map(({ incident }) => incident.number)).toEqual([2]);
  });

  test('tells one thing once: news that was on its way when a sev1 without a card was told is not told again', async () => {
    const store = await engine.open();
    await open(store, 1, 'sev2');
    const raisedAt = START + MINUTE;
    await changesOf(store, raisedAt).apply(1, { kind: 'setSeverity', severity: 'sev1' }, asked(ANA, raisedAt));
    expect(await told(store, raisedAt + 3 * MINUTE)).toHaveLength(1);
    expect(await told(store, raisedAt + 6 * MINUTE)).toEqual([]);
  });
});
