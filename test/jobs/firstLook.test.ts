import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Reply, reply } from '../../src/commands/reply.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import type { Actor } from '../../src/incidents/incident.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { handleAlertGroup } from '../../src/jobs/handleAlertGroup.ts';
import { createChanges } from '../../src/jobs/incidentChanges.ts';
import { runFirstLook } from '../../src/jobs/runFirstLook.ts';
import type { LookResult } from '../../src/jobs/tellLook.ts';
import { createLogger } from '../../src/logger.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { diagnosticResult } from '../builders/diagnostics.ts';
import { decidingOn } from '../conformance/deciding.ts';
import { asked } from '../conformance/samples.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.parse('2026-11-24T03:00:00Z');
const ANA: Actor = { type: 'slack', id: 'U1', name: 'Ana' };
const log = createLogger({ level: 'silent' });

let store: Store;
let now = START;
const clock = () => now;

beforeEach(async () => {
  now = START;
  store = await openStore('sqlite::memory:', { log, clock });
});
afterEach(() => store.close());

const changes = () =>
  createChanges({ store: store.incidents, policy: DEFAULT_POLICY, defaultCluster: 'default', clock });

async function fires(name: string, labels: Readonly<Record<string, string>>, status = 'firing'): Promise<void> {
  const alert = {
    status,
    labels: { alertname: name, severity: 'warning', ...labels },
    annotations: {},
    startsAt: new Date(now - MINUTE).toISOString(),
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : new Date(now).toISOString(),
  };
  const body = JSON.stringify({
    version: '4',
    groupKey: 'g',
    status,
    receiver: 'r',
    externalURL: 'http://am',
    truncatedAlerts: 0,
    alerts: [alert],
  });
  const { id } = await store.deliveries.accept({
    body,
    sender: 'am',
    senderCluster: null,
    groupKey: 'g',
    alertCount: 1,
    receivedAt: now,
  });
  await handleAlertGroup(id, decidingOn(store, { clock, log }));
}

function finding(parts: Partial<Finding> = {}): Finding {
  return {
    code: 'node-pressure',
    level: 'critical',
    confidence: 'confirmed',
    subject: { kind: 'Node', namespace: null, name: 'node-b' },
    count: 1,
    conclusion: 'Node node-b is under memory pressure.',
    because: ['MemoryPressure=True'],
    nextStep: null,
    ...parts,
  };
}

function found(findings: readonly Finding[], over: Partial<LookResult> = {}): LookResult {
  const summary = findings[0]?.conclusion ?? '';
  const result = diagnosticResult(now, {
    diagnostic: 'diagnosis',
    kubectl: 'first look',
    title: 'Diagnosis',
    summary,
    findings,
  });
  return { results: [result], failures: [], findings, summary, ...over };
}

async function look(incident: number, result: LookResult, listed: readonly Finding[] = []): Promise<Reply | undefined> {
  await runFirstLook(
    incident,
    'it opened',
    {
      store: store.incidents,
      evidence: store.evidence,
      timeline: store.incidents,
      changes: changes(),
      history: store.incidents,
      automaticCommands: () => (listed.length > 0 ? ['diag jobs'] : []),
      execute: async () => reply({ title: 'Jobs', findings: listed }),
      look: async () => result,
      clock,
      log,
    },
    new AbortController().signal,
  );
  const posts = await store.posts.pendingFor(incident);
  return posts.flatMap((post) => (post.body.kind === 'reply' ? [post.body.reply as Reply] : [])).at(-1); // runFirstLook wrote it as a Reply
}

describe('a first look that finds no incident', () => {
  const harmless = { why: 'all 5 functions are in phase Ready; the gauge is stale', decided: true };
  const notice = finding({ code: 'stale-gauge', level: 'notice', conclusion: 'Nothing is wrong.' });

  test('dismisses a sev3 with the evidence as the note', async () => {
    await fires('StuckDeploying', { namespace: 'shop' });
    const answer = await look(1, found([notice], { dismissal: harmless }));
    const known = await store.incidents.find(1);
    expect(known?.incident).toMatchObject({
      status: 'resolved',
      resolution: 'dismissed',
      resolvedBy: { type: 'responder' },
    });
    expect(answer?.notes.join(' ')).toMatch(/Dismissed as not an incident: all 5 functions/);
    expect(answer?.next.map(({ command }) => command)).toEqual(['reopen 1']);
    expect((await store.incidents.timeline(1)).at(-1)?.text).toContain('the gauge is stale');
  });

  test('only proposes it for a sev2, for one somebody works on, and where the evidence does not decide', async () => {
    await fires('StuckDeploying', { namespace: 'shop', severity: 'critical' });
    const proposed = await look(1, found([notice], { dismissal: harmless }));
    expect(proposed?.notes.join(' ')).toContain('Proposed: dismiss it');
    expect(proposed?.next.map(({ command }) => command)).toEqual(['resolve 1 --dismiss']);
    await fires('Other', { namespace: 'cart', deployment: 'cart' });
    await changes().apply(2, { kind: 'acknowledge' }, asked(ANA, now));
    await look(2, found([notice], { dismissal: harmless }));
    await fires('Third', { namespace: 'mail', deployment: 'mail' });
    await look(3, found([notice], { dismissal: { ...harmless, decided: false } }));
    for (const number of [1, 2, 3]) expect((await store.incidents.find(number))?.incident.status).not.toBe('resolved');
  });
});

describe('a first look at something that was wrong before', () => {
  test('says when, what was run and what fixed it, in one line and once', async () => {
    await fires('BuildOOMKilled', { namespace: 'shop', deployment: 'resizer' });
    await changes().record(1, {
      kind: 'command',
      at: now,
      actor: ANA,
      text: '/lambda diag logs resizer: 100 lines',
      detail: { command: 'diag logs resizer' },
    });
    now += 14 * MINUTE;
    await changes().apply(1, { kind: 'resolve', note: 'raised the limit to 8Gi', dismissed: false }, asked(ANA, now));
    now += 3 * DAY;
    await fires('BuildOOMKilled', { namespace: 'shop', deployment: 'resizer' });
    const answer = await look(2, found([finding()]));
    expect(answer?.notes[0]).toBe(
      'Seen before: #1, 3 d ago; resolved: “raised the limit to 8Gi”; ran: diag logs resizer',
    );
    now += 11 * MINUTE;
    const again = await look(2, found([finding({ code: 'other' })]));
    expect(again?.notes.join(' ')).not.toContain('Seen before');
  });

  test('is silent about other subjects', async () => {
    await fires('BuildOOMKilled', { namespace: 'shop', deployment: 'resizer' });
    await changes().apply(1, { kind: 'resolve', note: 'x', dismissed: false }, asked(ANA, now));
    now += DAY;
    await fires('BuildOOMKilled', { namespace: 'shop', deployment: 'cart' });
    expect((await look(2, found([finding()])))?.notes.join(' ')).not.toContain('before');
  });
});

describe('incidents with one cause', () => {
  test('are linked to each other and stay two', async () => {
    await fires('PodsEvicted', { namespace: 'builds', deployment: 'a' });
    await fires('StorageDown', { namespace: 'minio', deployment: 'minio' });
    await look(1, found([finding()]));
    await look(2, found([finding()]));
    const related = async (number: number) => (await store.incidents.find(number))?.incident.related;
    expect(await related(1)).toEqual([{ number: 2, why: 'same cause: node node-b' }]);
    expect(await related(2)).toEqual([{ number: 1, why: 'same cause: node node-b' }]);
  });

  test('are linked although many that are newer are open', async () => {
    for (let number = 1; number <= 32; number += 1)
      await fires('PodsEvicted', { namespace: `n${number}`, deployment: 'a' });
    await look(32, found([finding()]));
    await look(1, found([finding()]));
    expect((await store.incidents.find(1))?.incident.related).toEqual([{ number: 32, why: 'same cause: node node-b' }]);
  });

  test('are not linked by what each of them has of its own, or by what only follows', async () => {
    const own = finding({ code: 'crash-loop', subject: { kind: 'Pod', namespace: 'shop', name: 'a' } });
    const symptom = finding({ level: 'warning' });
    await fires('A', { namespace: 'shop', deployment: 'a' });
    await fires('B', { namespace: 'cart', deployment: 'b' });
    await look(1, found([own, symptom]));
    await look(2, found([own, symptom]));
    expect((await store.incidents.find(2))?.incident.related).toEqual([]);
  });
});

test('the card shows the first of findings that are equally bad', async () => {
  await fires('A', { namespace: 'shop', deployment: 'a' });
  await look(1, found([finding(), finding({ code: 'second', conclusion: 'Something else.' })]));
  expect((await store.evidence.top(1))?.code).toBe('node-pressure');
});

test('what a runbook’s list shows besides is told below the diagnosis, and never on the card as the cause', async () => {
  const unknown = finding({ code: 'undecided', level: 'notice', confidence: 'unknown', conclusion: 'Unknown.' });
  const job = finding({
    code: 'job-failed',
    subject: { kind: 'Job', namespace: 'shop', name: 'nightly' },
    conclusion: 'Job nightly failed.',
  });
  await fires('A', { namespace: 'shop', deployment: 'a' });
  const answer = await look(1, found([unknown]), [job]);
  expect(answer?.findings.map(({ level, conclusion }) => [level, conclusion])).toEqual([
    ['notice', 'Unknown.'],
    ['notice', 'Also listed: Job nightly failed.'],
  ]);
  expect((await store.evidence.top(1))?.code).toBe('undecided');
});

describe('a first look that the API server did not answer', () => {
  test('is made up for: the next one is told and kept, and that nothing could be read is told once', async () => {
    await fires('KubePodCrashLooping', { namespace: 'shop', pod: 'cart-1' });
    const failures = [{ diagnostic: 'pods in shop', message: 'no answer in time' }];
    const unread: LookResult = { results: [], failures, findings: [], summary: 'not read', isMade: false };
    const first = await look(1, unread);
    expect(first?.summary).toBe('not read');
    now += 5_000;
    await look(1, unread);
    now += 10_000;
    const made = await look(1, found([finding()]));
    expect(made?.findings).toMatchObject([{ code: 'node-pressure' }]);
    const looks = (await store.incidents.timeline(1)).filter(({ kind }) => kind === 'first_look');
    expect(looks.map(({ detail }) => detail?.isMade ?? true)).toEqual([false, false, true]);
    expect(await store.posts.pendingFor(1)).toHaveLength(2);
  });
});
