import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Reply, reply } from '../../src/commands/reply.ts';
import type { Decision } from '../../src/incidents/decision.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import type { Actor } from '../../src/incidents/incident.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { handleAlertGroup } from '../../src/jobs/handleAlertGroup.ts';
import { createChanges } from '../../src/jobs/incidentChanges.ts';
import { runFirstLook } from '../../src/jobs/runFirstLook.ts';
import { runTimer } from '../../src/jobs/runTimer.ts';
import type { LookResult } from '../../src/jobs/tellLook.ts';
import { createLogger } from '../../src/logger.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { diagnosticResult } from '../builders/diagnostics.ts';
import { decidingOn } from '../conformance/deciding.ts';
import { asked } from '../conformance/samples.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-24T03:00:00Z');
const ANA: Actor = { type: 'slack', id: 'U1', name: 'Ana' };
const log = createLogger({ level: 'silent' });

let store: Store;
let now = START;
let decisions: Decision[] = [];
const clock = () => now;

beforeEach(async () => {
  now = START;
  decisions = [];
  store = await openStore('sqlite::memory:', { log, clock });
});
afterEach(() => store.close());

function changePorts() {
  return { store: store.incidents, policy: DEFAULT_POLICY, defaultCluster: 'default', clock, log };
}

/** Accepts a delivery as the webhook does and decides about it, as the worker does. */
async function deliver(alerts: readonly object[], over: object = {}): Promise<void> {
  const body = JSON.stringify({
    version: '4',
    groupKey: 'g',
    status: 'firing',
    receiver: 'r',
    externalURL: 'http://am',
    truncatedAlerts: 0,
    alerts,
    ...over,
  });
  const { id } = await store.deliveries.accept({
    body,
    sender: 'am',
    senderCluster: null,
    groupKey: 'g',
    alertCount: alerts.length,
    receivedAt: now,
  });
  await handleAlertGroup(
    id,
    decidingOn(store, {
      clock,
      log,
      decided: async (decision) => void decisions.push(decision),
    }),
  );
}

function alert(name: string, labels: Record<string, string> = {}, over: object = {}): object {
  return {
    status: 'firing',
    labels: { alertname: name, severity: 'warning', namespace: 'shop', ...labels },
    annotations: { summary: `${name} happened` },
    startsAt: new Date(START - MINUTE).toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    ...over,
  };
}

async function jobKinds(): Promise<readonly string[]> {
  const jobs = await store.jobs.claim({
    lanes: { person: 50, incident: 50, edit: 50, evidence: 50 },
    leaseMs: 1000,
    now: now + 48 * 60 * MINUTE,
  });
  return jobs.map((job) => job.kind).toSorted();
}

describe('a delivery', () => {
  test('opens one incident with its timeline, its card and its first look in one go', async () => {
    await deliver([alert('PodCrashLooping', { deployment: 'checkout' })]);
    const known = await store.incidents.find(1);
    expect(known?.incident).toMatchObject({
      number: 1,
      severity: 'sev3',
      status: 'open',
      namespace: 'shop',
      subject: { kind: 'deployment', name: 'checkout' },
    });
    expect((await store.incidents.timeline(1)).map((entry) => entry.kind)).toContain('opened');
    expect(await jobKinds()).toEqual(expect.arrayContaining(['deliverCard', 'firstLook']));
    expect(await store.accounting()).toMatchObject({ received: 1, onIncident: 1, pending: 0, rejected: 0, dead: 0 });
  });

  test('that is repeated changes nothing but when it was last seen', async () => {
    await deliver([alert('A', { deployment: 'checkout' })]);
    const [before, entries] = [await store.incidents.find(1), await store.incidents.timeline(1)];
    now += 5 * MINUTE;
    await deliver([alert('A', { deployment: 'checkout' })]);
    const after = await store.incidents.find(1);
    expect(after?.incident).toEqual(before?.incident);
    expect(after?.alerts[0]?.lastSeenAt).toBe(now);
    expect(await store.incidents.timeline(1)).toEqual(entries);
    expect(decisions.at(-1)?.outcomes).toMatchObject([{ reason: 'refreshed' }]);
  });

  test('feeds several incidents when its alerts are about several things', async () => {
    await deliver([alert('A', { deployment: 'checkout' }), alert('B', { deployment: 'cart', namespace: 'cart' })]);
    expect(await store.incidents.open(10)).toHaveLength(2);
  });

  test('with one bad alert keeps the others and tells of it', async () => {
    await deliver([alert('A', { deployment: 'checkout' }), { status: 'firing', labels: 'nonsense' }]);
    expect((await store.incidents.timeline(1)).map((entry) => entry.kind)).toContain('alert_rejected');
    expect(await store.accounting()).toMatchObject({ received: 2, onIncident: 1, rejected: 1, pending: 0 });
    expect(await store.deliveries.find(2)).toBeNull();
  });

  test('with nothing but bad alerts is an incident of our own', async () => {
    await deliver([{ labels: 3 }]);
    const report = await store.deliveries.find(2);
    expect(JSON.parse(report?.body ?? '{}').alerts).toMatchObject([
      { labels: { alertname: 'ResponderAlertRejected', sender: 'am' } },
    ]);
  });

  test('of a watchdog is counted and opens nothing', async () => {
    await deliver([alert('Watchdog', { severity: 'none' })]);
    expect(await store.incidents.open(10)).toEqual([]);
    expect(await store.accounting()).toMatchObject({ received: 1, suppressed: { suppressed_watchdog: 1 } });
  });
});

describe('time', () => {
  test('resolves a quiet sev3 incident after ten minutes, and not when it fires again', async () => {
    await deliver([alert('A', { deployment: 'checkout' })]);
    now += MINUTE;
    await deliver([
      alert('A', { deployment: 'checkout' }, { status: 'resolved', endsAt: new Date(now).toISOString() }),
    ]);
    expect((await store.incidents.find(1))?.incident.quietSince).not.toBeNull();
    now += 5 * MINUTE;
    await runTimer(1, 'resolve_when_quiet', changePorts());
    expect((await store.incidents.find(1))?.incident.status).toBe('open');
    now += 6 * MINUTE;
    await runTimer(1, 'resolve_when_quiet', changePorts());
    expect((await store.incidents.find(1))?.incident).toMatchObject({ status: 'resolved', resolution: 'quiet' });
  });

  test('reminds once, also when its process ended before the timer was written off and it runs again', async () => {
    await deliver([alert('A', { deployment: 'checkout', severity: 'critical' })]);
    now += MINUTE;
    const ended = { status: 'resolved', endsAt: new Date(now).toISOString() };
    await deliver([alert('A', { deployment: 'checkout', severity: 'critical' }, ended)]);
    const reminders = async () =>
      (await store.incidents.timeline(1)).filter(({ kind }) => kind === 'reminder').map(({ at }) => at - START);
    now += 30 * MINUTE;
    const work = async () => (await store.jobs.depth(now)).map(({ due, scheduled }) => due + scheduled);
    await runTimer(1, 'remind', changePorts());
    const afterwards = await work();
    now += MINUTE;
    await runTimer(1, 'remind', changePorts());
    expect(await reminders()).toEqual([31 * MINUTE]);
    expect(await work()).toEqual(afterwards);
    now = START + 4 * 60 * MINUTE + MINUTE;
    await runTimer(1, 'remind', changePorts());
    expect(await reminders()).toEqual([31 * MINUTE, 241 * MINUTE]);
  });
});

describe('people', () => {
  test('acknowledge, note and resolve; each is on the timeline with who and when', async () => {
    await deliver([alert('A', { deployment: 'checkout' })]);
    const changes = createChanges(changePorts());
    await changes.apply(1, { kind: 'acknowledge' }, asked(ANA, now + 1));
    await changes.apply(1, { kind: 'note', text: 'looking' }, asked(ANA, now + 2));
    const resolved = await changes.apply(1, { kind: 'resolve', note: 'fixed', dismissed: false }, asked(ANA, now + 3));
    expect(resolved).toMatchObject({ status: 'resolved', resolvedBy: ANA, resolution: 'person' });
    const entries = await store.incidents.timeline(1);
    expect(entries.slice(-3)).toMatchObject([
      { kind: 'acknowledged', actor: ANA, at: now + 1 },
      { kind: 'note', actor: ANA, at: now + 2 },
      { kind: 'resolved', actor: ANA, at: now + 3 },
    ]);
  });

  test('a command that runs again because Slack did not take its answer stands on the timeline once', async () => {
    await deliver([alert('A', { deployment: 'checkout' })]);
    const changes = createChanges(changePorts());
    const ran = (command: string, invocation: string) =>
      changes.record(1, {
        kind: 'command',
        at: clock(),
        actor: ANA,
        text: `/lambda ${command}: 5 pods`,
        detail: { command, invocation },
      });
    await ran('diag pods', 'i-1');
    now += MINUTE;
    await ran('diag pods', 'i-1');
    await ran('diag events', 'i-1');
    await ran('diag pods', 'i-2');
    const kept = (await store.incidents.timeline(1)).filter(({ kind }) => kind === 'command');
    expect(kept.map(({ detail }) => [detail.command, detail.invocation])).toEqual([
      ['diag pods', 'i-1'],
      ['diag events', 'i-1'],
      ['diag pods', 'i-2'],
    ]);
  });

  test('cannot resolve what is resolved, and hear why', async () => {
    await deliver([alert('A', { deployment: 'checkout' })]);
    const changes = createChanges(changePorts());
    await changes.apply(1, { kind: 'resolve', note: null, dismissed: false }, asked(ANA, now));
    await expect(changes.apply(1, { kind: 'acknowledge' }, asked(ANA, now))).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(changes.apply(99, { kind: 'acknowledge' }, asked(ANA, now))).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('split off again what was merged, with its alerts as they are and as it was taken', async () => {
    await deliver([
      alert('PodCrashing', { deployment: 'checkout' }),
      alert('PodCrashing', { deployment: 'cart', namespace: 'cart' }),
    ]);
    const changes = createChanges(changePorts());
    await changes.apply(2, { kind: 'acknowledge' }, asked(ANA, now));
    await changes.apply(2, { kind: 'mergeInto', target: 1 }, asked(ANA, now));
    await changes.apply(2, { kind: 'split' }, asked(ANA, now + 1));
    const [into, off] = await Promise.all([store.incidents.find(1), store.incidents.find(2)]);
    expect(off?.incident).toMatchObject({
      status: 'acknowledged',
      resolution: null,
      mergedInto: null,
      resolvedAt: null,
    });
    expect(off?.alerts.map(({ status }) => status)).toEqual(['firing']);
    expect(into?.alerts).toHaveLength(1);
    expect((await store.incidents.timeline(1)).at(-1)?.text).toMatch(/^#2 .* was split off again by Ana$/);
    await expect(changes.apply(2, { kind: 'split' }, asked(ANA, now + 2))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('lock the lower number first, whether they merge or split, so that two at once cannot wait for each other', async () => {
    await deliver([alert('A', { deployment: 'checkout' }), alert('B', { deployment: 'cart', namespace: 'cart' })]);
    const locks: number[] = [];
    const watched: typeof store.incidents = new Proxy(store.incidents, {
      get: (incidents, name) => {
        if (name !== 'transact') return Reflect.get(incidents, name);
        return (work: Parameters<typeof incidents.transact>[0]) =>
          incidents.transact((tx) =>
            work({
              ...tx,
              lock: (number) => {
                locks.push(number);
                return tx.lock(number);
              },
            }),
          );
      },
    });
    const changes = createChanges({ ...changePorts(), store: watched });
    await changes.apply(2, { kind: 'mergeInto', target: 1 }, asked(ANA, now));
    await changes.apply(2, { kind: 'split' }, asked(ANA, now + 1));
    expect(locks).toEqual([1, 2, 1, 2]);
  });

  test('merge one incident into another, with its alerts', async () => {
    await deliver([alert('A', { deployment: 'checkout' }), alert('B', { deployment: 'cart', namespace: 'cart' })]);
    await createChanges(changePorts()).apply(2, { kind: 'mergeInto', target: 1 }, asked(ANA, now));
    expect((await store.incidents.find(2))?.incident).toMatchObject({
      status: 'resolved',
      resolution: 'merged',
      mergedInto: 1,
    });
    expect((await store.incidents.find(1))?.alerts.map((one) => one.name).toSorted()).toEqual(['A', 'B']);
  });

  test('declare an incident that no alert told of', async () => {
    const draft = {
      title: 'Checkout is slow',
      severity: 'sev2',
      namespace: null,
      subject: null,
      channel: null,
    } as const;
    expect(await createChanges(changePorts()).declare(draft, asked(ANA, now))).toMatchObject({
      number: 1,
      declared: true,
    });
    expect(await jobKinds()).toContain('deliverCard');
  });
});

describe('the first look', () => {
  const finding: Finding = {
    code: 'oom-killed',
    level: 'critical',
    confidence: 'confirmed',
    subject: { kind: 'Pod', namespace: 'shop', name: 'checkout-1' },
    count: 1,
    conclusion: 'The container was killed for using more memory than its limit.',
    because: ['exit code 137'],
    nextStep: null,
  };
  const result = diagnosticResult(START, { findings: [finding] });
  const found: LookResult = { results: [result], failures: [], findings: [finding], summary: 'OOMKilled' };

  async function look(
    result: LookResult | Error,
    options: { commands?: readonly string[]; execute?: () => Promise<Reply> } = {},
  ): Promise<void> {
    await runFirstLook(
      1,
      'it opened',
      {
        store: store.incidents,
        evidence: store.evidence,
        timeline: store.incidents,
        changes: createChanges(changePorts()),
        automaticCommands: () => options.commands ?? [],
        execute: options.execute ?? (async () => reply({ title: 'Jobs', summary: '1 of 3 failed' })),
        look: async () => {
          if (result instanceof Error) throw result;
          return result;
        },
        clock,
        log,
      },
      new AbortController().signal,
    );
  }

  async function posted(): Promise<readonly Reply[]> {
    const posts = await store.posts.pendingFor(1);
    return posts.flatMap((post) => (post.body.kind === 'reply' ? [post.body.reply as Reply] : [])); // written by runFirstLook as a Reply
  }

  async function looks(): Promise<readonly string[]> {
    const entries = await store.incidents.timeline(1);
    return entries.filter((entry) => entry.kind === 'first_look').map((entry) => entry.text);
  }

  beforeEach(() => deliver([alert('A', { deployment: 'checkout' })]));

  test('posts one message with the findings and remembers it', async () => {
    await look(found);
    expect(await posted()).toMatchObject([{ summary: 'OOMKilled', findings: [finding], visibility: 'thread' }]);
    expect((await store.incidents.timeline(1)).at(-1)).toMatchObject({ kind: 'first_look' });
  });

  test('says what failed and why, instead of saying nothing', async () => {
    await look(new Error('connection refused'));
    expect((await posted())[0]?.notes.join(' ')).toContain('connection refused');
  });

  test("runs the runbook's automatic commands and keeps what they showed as evidence", async () => {
    await look(found, { commands: ['diag jobs'] });
    expect(await store.evidence.list(1)).toMatchObject([
      { source: '/lambda diag jobs', content: expect.stringContaining('1 of 3 failed') },
    ]);
  });

  test('is taken again after ten minutes only, three times at most', async () => {
    await look(found);
    await look(found);
    expect(await looks()).toHaveLength(1);
    for (let round = 0; round < 4; round += 1) {
      now += 11 * MINUTE;
      await look(found);
    }
    expect(await looks()).toHaveLength(3);
    // The same findings are told once.
    expect(await posted()).toHaveLength(1);
  });
});
