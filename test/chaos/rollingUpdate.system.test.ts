import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ShownMessage } from '../../simulator/workspace/control.ts';
import { shown } from '../acceptance/product.ts';
import { type PostgresServer, startPostgres } from '../conformance/postgres.ts';
import { incidents, type Known, quiet, viewOf } from './outcome.ts';
import { type Done, startPeople } from './people.ts';
import { accounts, createSender, type Sender } from './sender.ts';
import { type Service, startService } from './service.ts';
import { type Replica, type Stage, startStage, TOKEN } from './stage.ts';

/** For so long a cluster may go on sending to a pod that was told to stop. */
const ENDPOINTS_LAG_MS = 2_000;
const CARDS = Array.from({ length: 6 }, (_, index) => `#chaos-${index}`);
const ROOMS = Array.from({ length: 6 }, (_, index) => `#room-${index}`);
/** What the Deployment gives a pod to end (manifests/base/deployment.yaml, terminationGracePeriodSeconds). */
const GRACE_MS = 45_000;
const LONG = 420_000;
const ALERTS = 16;

let postgres: PostgresServer;
let stage: Stage | null = null;
let service: Service | null = null;
beforeAll(async () => {
  postgres = await startPostgres();
}, 300_000);
afterEach(async () => {
  await service?.close();
  await stage?.close();
  service = null;
  stage = null;
}, 180_000);
afterAll(() => postgres?.close(), 60_000);

async function open(mode: 'socket' | 'http'): Promise<Stage> {
  const opened = await startStage(
    {
      routes: CARDS.map((channel, index) => ({ match: { slot: String(index) }, channel })),
      ownChannel: { enabled: false },
      quiet: { autoResolve: '3s', remindAt: ['3s'] },
      // Every incident has a card of its own, also where a busy machine is slow to post it.
      storm: { perMinute: 1_000, perTenMinutes: 1_000, oldestUnsent: '10m' },
    },
    // A machine too busy for Slack's three seconds is no loss of the update; what is never acknowledged is one.
    { mode, ackTimeoutMs: 30_000 },
  );
  stage = opened;
  const { workspace } = opened.simulator;
  for (const channel of [...CARDS, ...ROOMS])
    await fetch(`${workspace?.apiUrl}conversations.create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${workspace?.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: channel.slice(1) }),
    });
  for (const user of ['ana', 'jun', 'kim'])
    for (const channel of [...CARDS, ...ROOMS]) await opened.workspace.join(user, channel);
  return opened;
}

/** How a process ended that was told to. */
interface Ended {
  readonly code: number | null;
  readonly ms: number;
}

/** What a Deployment with maxSurge 1 and maxUnavailable 0 does: a new pod, and once it is ready an old one is told to stop. */
async function replaceAll(old: readonly Replica[], start: () => Promise<Replica>, behind: Service) {
  const fresh: Replica[] = [];
  const endings: Promise<Ended>[] = [];
  for (const one of old) {
    const replica = await start();
    behind.add(replica);
    fresh.push(replica);
    // The pod is told to stop and taken out of the Service side by side, and nobody waits for its end.
    setTimeout(() => behind.remove(one), ENDPOINTS_LAG_MS);
    const begin = Date.now();
    endings.push(one.kill('SIGTERM').then((code) => ({ code, ms: Date.now() - begin })));
  }
  return { fresh, ends: await Promise.all(endings) };
}

/** New alerts all the time, most of which resolve again: their timers fall due in the middle of it. */
async function alarm(sender: Sender, stop: AbortSignal): Promise<void> {
  const resolving: Promise<void>[] = [];
  for (let index = 0; index < ALERTS && !stop.aborted; index += 1) {
    sender.fire(index, {
      severity: index % 4 === 3 ? 'warning' : 'critical',
      slot: String(index % CARDS.length),
    });
    if (index % 2 === 1) resolving.push(pause(2_000 + (index % 4) * 1_000).then(() => sender.resolve(index)));
    await pause(1_500);
  }
  await Promise.all(resolving);
}

async function roll(mode: 'socket' | 'http'): Promise<void> {
  const on = await open(mode);
  const behind = await startService();
  service = behind;
  const url = await postgres.newDatabase();
  const start = () => on.replica(url);
  const old = await Promise.all([start(), start()]);
  for (const replica of old) behind.add(replica);
  if (mode === 'http') await on.workspace.requestUrl(`${behind.url}/slack/events`);
  else while ((await on.workspace.status()).sockets < 2) await pause(50);

  const sender = createSender([behind], TOKEN);
  const stop = new AbortController();
  const alarming = alarm(sender, stop.signal);
  while (!(await on.workspace.messages(CARDS[0] ?? '')).some((message) => viewOf(message) === 'card:1'))
    await pause(100);
  const people = startPeople(on.workspace, ROOMS, CARDS);
  await pause(3_000);
  const rolling = Date.now();
  const { fresh, ends } = await replaceAll(old, start, behind);
  const rolled = Date.now();
  await pause(2_000);
  stop.abort();
  await alarming;
  const done = await people.stop();
  await sender.settled();
  const settled = Date.now();
  const [survivor] = fresh;
  if (!survivor) throw new Error('no new process started');
  await quiet(survivor);
  console.log(
    `${mode}: ${sender.sent().length} alerts, ${done.length} things people did, rolled over in ${rolled - rolling} ms, quiet ${Date.now() - settled} ms after the last of it, stopped in ${ends.map(({ ms }) => `${ms} ms`).join(' and ')}, longest acknowledgement ${Math.max(...done.map(({ ms }) => ms))} ms`,
  );
  for (const end of ends) expect(end).toEqual({ code: 0, ms: expect.any(Number) });
  for (const { ms } of ends) expect(ms).toBeLessThan(GRACE_MS);
  const known = await incidents(survivor);
  await verifyAlerts(on, survivor, sender, known);
  await verifyPeople(on, mode, done, known);
  expect((await on.workspace.status()).lostEvents).toBe(0);
  if (mode === 'socket') expect((await on.workspace.status()).sockets).toBe(2);
}

/** Nothing lost, nothing doubled, every timer once. */
async function verifyAlerts(on: Stage, replica: Replica, sender: Sender, known: readonly Known[]): Promise<void> {
  const account = await accounts(replica);
  expect(account).toMatchObject({ received: account.rest, pending: 0, dead: 0 });
  for (const { name, status } of sender.sent()) {
    const holding = known.filter(({ alerts }) => alerts.some((alert) => alert.name === name));
    expect([name, holding.map(({ alerts }) => alerts.find((alert) => alert.name === name)?.status)]).toEqual([
      name,
      [status],
    ]);
  }
  const messages = (await Promise.all(CARDS.map((channel) => on.workspace.messages(channel)))).flat();
  const cards = messages.flatMap((message) => viewOf(message) ?? []).filter((view) => view.startsWith('card:'));
  expect(cards.toSorted()).toEqual(known.map(({ incident }) => `card:${incident.number}`).toSorted());
  let reminded = 0;
  for (const { incident, alerts, timeline } of known) {
    const count = (kind: string) => timeline.filter((entry) => entry.kind === kind).length;
    const over = alerts.every(({ status }) => status === 'resolved');
    const grave = incident.severity === 'sev2';
    expect({ incident: incident.number, opened: count('opened'), reminder: count('reminder') }).toEqual({
      incident: incident.number,
      opened: 1,
      reminder: over && grave ? 1 : 0,
    });
    expect([incident.number, count('resolved')]).toEqual([incident.number, over && !grave ? 1 : 0]);
    reminded += count('reminder');
    const card = messages.find((message) => viewOf(message) === `card:${incident.number}`) as ShownMessage; // asserted above
    const thread = await on.workspace.messages(card.channel, { thread: card.ts });
    const views = thread.flatMap((message) => viewOf(message) ?? []);
    expect(views.toSorted()).toEqual([...new Set(views)].toSorted());
  }
  expect(reminded).toBeGreaterThan(1);
}

/** What was typed, said or pressed was taken, done once and answered once. */
async function verifyPeople(
  on: Stage,
  mode: 'socket' | 'http',
  done: readonly Done[],
  known: readonly Known[],
): Promise<void> {
  for (const [kind, least] of [
    ['command', 15],
    ['mention', 2],
    ['press', 2],
  ] as const)
    expect(done.filter((one) => one.kind === kind).length).toBeGreaterThan(least);
  // Over HTTP a busy machine gives up by itself after three seconds (Bolt does); what the update lost failed at once.
  const slow = ({ ms }: Done) => mode === 'http' && ms > 3_000;
  expect(done.filter((one) => one.outcome !== 'acked' && one.outcome !== 'sent' && !slow(one))).toEqual([]);
  const told = (await on.workspace.ephemerals('ana')).map((message) => JSON.stringify(message));
  const entries = (number: number, kind: string, text: string) =>
    known
      .find(({ incident }) => incident.number === number)
      ?.timeline.filter((entry) => entry.kind === kind && entry.text.includes(text)).length;
  for (const { kind, mark, channel, ts } of done) {
    if (kind === 'press') expect([mark, entries(Number(mark), 'acknowledged', '')]).toEqual([mark, 1]);
    if (kind === 'command') {
      // Slack shows the answer beside the line that says a slow command is running.
      const answers = told.filter((message) => message.includes(mark) && !message.includes('⏳'));
      const noted = [expect.stringContaining('Noted on')];
      expect({ mark, written: entries(1, 'note', mark), answers }).toEqual({ mark, written: 1, answers: noted });
    }
    if (kind === 'mention' && ts !== null) {
      const replies = (await on.workspace.messages(channel, { thread: ts })).filter((message) => message.ts !== ts);
      // The answer with its whole table as one file: one message, or two where a slow one had said that it is running.
      expect(replies.filter((message) => /Jobs in /.test(shown(message)))).toHaveLength(1);
      expect(replies.flatMap(({ files }) => files ?? [])).toHaveLength(1);
    }
  }
}

test(
  'Socket Mode: a rolling update under load loses no command and no alert, and doubles nothing',
  () => roll('socket'),
  LONG,
);

test(
  'HTTP mode: a rolling update under load loses no command and no alert, and doubles nothing',
  () => roll('http'),
  LONG,
);
