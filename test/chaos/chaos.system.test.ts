import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ShownMessage } from '../../simulator/workspace/control.ts';
import { type PostgresServer, startPostgres } from '../conformance/postgres.ts';
import { incidents, type Known, quiet, viewOf } from './outcome.ts';
import { accounts, createSender, type Sender } from './sender.ts';
import { type Replica, type Stage, startStage, TOKEN } from './stage.ts';

/** Seconds of trouble on each store, and the seed that decides which; CHAOS_SECONDS=1800 CHAOS_SEED=1 for a long run of another one. */
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 40);
const SEED = Number(process.env.CHAOS_SEED ?? 4_711);
const CHANNELS = 6;
const LONG = (SECONDS + 240) * 1000;

let postgres: PostgresServer;
let stage: Stage | null = null;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterEach(async () => {
  await stage?.close();
  stage = null;
}, 60_000);
afterAll(() => postgres?.close(), 60_000);

/** Numbers in [0, 1) that the seed alone decides. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function open(): Promise<Stage> {
  const slots = Array.from({ length: CHANNELS }, (_, index) => `#chaos-${index}`);
  const opened = await startStage({
    routes: slots.map((channel, index) => ({ match: { slot: String(index) }, channel })),
    ownChannel: { enabled: false },
    quiet: { autoResolve: '3s' },
  });
  stage = opened;
  for (const channel of slots)
    await fetch(`${opened.simulator.workspace?.apiUrl}conversations.create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${opened.simulator.workspace?.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: channel.slice(1) }),
    });
  return opened;
}

/** One more thing that goes wrong; what it was, for the output of the test. */
type Trouble = () => Promise<string>;

function troubles(on: Stage, replicas: readonly Replica[], dice: () => number, restart: Trouble | null): Trouble[] {
  const one = () => replicas[Math.floor(dice() * replicas.length)];
  const slack = (fault: Parameters<Stage['workspace']['fault']>[0]): Trouble => {
    return async () => {
      await on.workspace.fault(fault);
      return `Slack ${fault.kind}${fault.method ? ` ${fault.method}` : ''}`;
    };
  };
  const cluster = (fault: Parameters<NonNullable<Stage['simulator']['cluster']>['world']['fault']>[0]): Trouble => {
    return async () => {
      const end = on.simulator.cluster?.world.fault(fault);
      setTimeout(() => end?.(), 4_000);
      return `Kubernetes ${fault.kind}`;
    };
  };
  return [
    async () => {
      const replica = one();
      await replica?.kill('SIGKILL');
      await replica?.start();
      return 'kill -9';
    },
    async () => {
      const replica = one();
      await replica?.kill('SIGTERM');
      await replica?.start();
      return 'restart';
    },
    slack({ kind: 'down', seconds: 4 }),
    slack({ kind: 'down', seconds: 3, status: 503 }),
    slack({ kind: 'rate_limited', seconds: 3 }),
    slack({ kind: 'lost_answer', method: 'chat.postMessage' }),
    slack({ kind: 'lost_answer', method: 'chat.update' }),
    slack({ kind: 'drop_socket' }),
    slack({ kind: 'duplicate_delivery', count: 3 }),
    slack({ kind: 'slow', seconds: 1, count: 4 }),
    cluster({ kind: 'status', code: 500 }),
    cluster({ kind: 'stall', ms: 5_000 }),
    cluster({ kind: 'reset' }),
    ...(restart ? [restart] : []),
  ];
}

async function runChaos(on: Stage, replicas: readonly Replica[], restart: Trouble | null): Promise<void> {
  const dice = random(SEED);
  const sender = createSender(replicas, TOKEN);
  const all = troubles(on, replicas, dice, restart);
  const log: string[] = [];
  const end = Date.now() + SECONDS * 1000;
  const making = trouble(all, dice, end, log, replicas);
  await send(sender, on, dice, end);
  await making;
  await on.workspace.clearFaults();
  on.simulator.cluster?.world.clearFaults();
  for (const replica of replicas) if (!replica.isUp()) await replica.start();
  await sender.settled();
  const first = replicas[0] as Replica; // there is always one
  await quiet(first);
  console.log(`seed ${SEED}: ${sender.sent().length} alerts, ${log.length} troubles: ${log.join(', ')}`);
  await verify(on, first, sender);
}

async function trouble(
  all: readonly Trouble[],
  dice: () => number,
  end: number,
  log: string[],
  replicas: readonly Replica[],
): Promise<void> {
  let balanced = 0;
  while (Date.now() < end) {
    await pause(800 + dice() * 1_500);
    const next = all[Math.floor(dice() * all.length)];
    if (next) log.push(await next());
    // The sum holds at every moment, in the middle of it too; a store that is away cannot be asked.
    const account = await accounts(replicas[balanced % replicas.length] as Replica).catch(() => null);
    if (!account || account.received === 0) continue;
    expect(account.rest).toBe(account.received);
    balanced += 1;
  }
  expect(balanced).toBeGreaterThan(0);
}

/** New alerts all the time, most of which resolve again, and people who acknowledge. */
async function send(sender: Sender, on: Stage, dice: () => number, end: number): Promise<void> {
  for (let index = 0; Date.now() < end; index += 1) {
    const grave = index % 4 !== 0 || index > 60;
    sender.fire(index, { severity: grave ? 'critical' : 'warning', slot: String(index % CHANNELS) });
    if (dice() < 0.6) setTimeout(() => sender.resolve(index), 1_000 + dice() * 6_000);
    if (dice() < 0.3) {
      const number = 1 + Math.floor(dice() * (index + 1));
      await on.workspace
        .command({ user: 'ana', channel: '#incidents', text: `/lambda note ${number} chaos-note-${index}` })
        .catch(() => null);
    }
    await pause(400 + dice() * 400);
  }
}

async function verify(on: Stage, replica: Replica, sender: Sender): Promise<void> {
  const known = await incidents(replica);
  const account = await accounts(replica);
  expect(account.received).toBe(account.rest);
  expect(account.pending).toBe(0);
  expect(account.dead).toBe(0);

  // Nothing lost, nothing doubled: every alert is on exactly one incident, in the state it was last sent in.
  for (const { name, status } of sender.sent()) {
    const on = known.filter(({ alerts }) => alerts.some((alert) => alert.name === name));
    expect([name, on.length]).toEqual([name, 1]);
    expect([name, on[0]?.alerts.find((alert) => alert.name === name)?.status]).toEqual([name, status]);
  }

  const chaos = known.filter(({ incident }) => incident.title.startsWith('Chaos'));
  expect(chaos.length).toBeGreaterThan(SECONDS / 2);
  expect(chaos.some(({ timeline }) => timeline.some(({ kind }) => kind === 'note'))).toBe(true);
  for (const { incident, timeline } of chaos) {
    const kinds = timeline.map(({ kind }) => kind);
    // Order within an incident, and its timer once.
    expect(kinds.indexOf('alert_firing')).toBeGreaterThanOrEqual(0);
    if (kinds.includes('alert_resolved'))
      expect(kinds.lastIndexOf('alert_resolved')).toBeGreaterThan(kinds.indexOf('alert_firing'));
    expect([incident.number, kinds.filter((kind) => kind === 'opened').length]).toEqual([incident.number, 1]);
    expect(kinds.filter((kind) => kind === 'resolved').length).toBe(incident.status === 'resolved' ? 1 : 0);
    const notes = timeline.filter(({ kind }) => kind === 'note').map(({ text }) => text);
    expect(new Set(notes).size).toBe(notes.length);
  }
  await verifySlack(on, chaos);
}

/** Every grave incident has one card that shows what the store knows, and no message of a thread stands there twice. */
async function verifySlack(on: Stage, chaos: readonly Known[]): Promise<void> {
  const cards = new Map<string, ShownMessage[]>();
  for (let index = 0; index < CHANNELS; index += 1)
    for (const message of await on.workspace.messages(`#chaos-${index}`)) {
      const view = viewOf(message);
      if (view?.startsWith('card:')) cards.set(view, [...(cards.get(view) ?? []), message]);
    }
  for (const { incident } of chaos.filter(({ incident: { severity } }) => severity === 'sev2')) {
    const shown = cards.get(`card:${incident.number}`) ?? [];
    expect([incident.number, shown.length]).toEqual([incident.number, 1]);
    const [card] = shown;
    if (!card) continue;
    const known = chaos.find((one) => one.incident.number === incident.number);
    const firing = known?.alerts.some(({ status }) => status === 'firing');
    expect([incident.number, JSON.stringify(card.blocks)]).toEqual([
      incident.number,
      expect.stringMatching(firing ? /Firing/ : /Quiet|Resolved/),
    ]);
    const replies = (await on.workspace.messages(card.channel, { thread: card.ts })).flatMap(
      (one) => viewOf(one) ?? [],
    );
    expect(replies.toSorted()).toEqual([...new Set(replies)].toSorted());
  }
}

test(
  'SQLite: kills, outages of Slack and of Kubernetes lose nothing and double nothing',
  async () => {
    const on = await open();
    const replica = await on.replica(`sqlite:${join(on.folder, 'responder.db')}`);
    await runChaos(on, [replica], null);
  },
  LONG,
);

test(
  'PostgreSQL with two replicas: kills, a restarted database, outages lose nothing and double nothing',
  async () => {
    const on = await open();
    const url = await postgres.newDatabase();
    const replicas = await Promise.all([on.replica(url), on.replica(url)]);
    await runChaos(on, replicas, async () => {
      await postgres.restart();
      return 'PostgreSQL restarted';
    });
  },
  LONG,
);
