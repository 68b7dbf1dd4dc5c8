import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type PostgresServer, startPostgres } from '../conformance/postgres.ts';
import { createDice, shuffledBags } from './dice.ts';
import { keepEvidence } from './evidence.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { sendAlerts, writeNotes } from './load.ts';
import { verifyOrder } from './order.ts';
import { incidents, quiet } from './outcome.ts';
import { accounts, createSender, deadJobs, type Sender } from './sender.ts';
import { verifyNotes, verifySlack } from './shown.ts';
import { type Replica, type Stage, startStage, TOKEN } from './stage.ts';
import { type Trouble, troublesOf } from './troubles.ts';

/**
 * Seconds of trouble on each store, and the seed that decides which; CHAOS_SECONDS=1800 CHAOS_SEED=1 for a long run of another
 * one. What each actor does follows from the seed alone; how far it gets in the time is up to the machine.
 */
const SECONDS = Number(process.env.CHAOS_SECONDS ?? 40);
const SEED = Number(process.env.CHAOS_SEED ?? 4_711);
/** Folder for what the replicas logged, knew and sent to Slack when a run fails. */
const KEEP = process.env.CHAOS_KEEP;
const CHANNELS = Array.from({ length: 6 }, (_, index) => `#chaos-${index}`);
const LONG = (3 * SECONDS + 300) * 1000;

let postgres: PostgresServer;
let stage: Stage | null = null;
beforeAll(async () => {
  postgres = await startPostgres();
}, 300_000);
afterEach(async () => {
  await stage?.close();
  stage = null;
}, 180_000);
afterAll(() => postgres?.close(), 60_000);

async function open(): Promise<Stage> {
  const opened = await startStage({
    routes: CHANNELS.map((channel, index) => ({ match: { slot: String(index) }, channel })),
    ownChannel: { enabled: false },
    quiet: { autoResolve: '3s', remindAt: ['3s'] },
  });
  stage = opened;
  for (const channel of CHANNELS)
    await fetch(`${opened.simulator.workspace?.apiUrl}conversations.create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${opened.simulator.workspace?.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: channel.slice(1) }),
    });
  return opened;
}

/** A trouble that began, when, and whether somebody met it. */
interface Made {
  readonly name: string;
  readonly afterMs: number;
  readonly met: Promise<boolean>;
}

async function runChaos(on: Stage, replicas: readonly Replica[], restart: (() => Promise<void>) | null): Promise<void> {
  const made: Made[] = [];
  try {
    await trouble(on, replicas, troublesOf(on, replicas, { restartDatabase: restart, isLong: SECONDS > 60 }), made);
  } catch (thrown) {
    const message = `CHAOS_SEED=${SEED} CHAOS_SECONDS=${SECONDS}: ${list(made)}`;
    console.error(message);
    if (KEEP) await keepEvidence(KEEP, on, replicas, message);
    throw thrown;
  }
}

function list(made: readonly Made[]): string {
  return made.map(({ name, afterMs }) => `${(afterMs / 1_000).toFixed(1)} s ${name}`).join(', ');
}

/** Troubles one after the other, several at a time where they last, under load; then the reckoning. */
async function trouble(on: Stage, replicas: readonly Replica[], all: readonly Trouble[], made: Made[]): Promise<void> {
  const sender = createSender(replicas, TOKEN);
  const ledger = createLedger(replicas, sender);
  const over = new AbortController();
  const actors = [
    sendAlerts(sender, SEED, CHANNELS.length, over.signal),
    writeNotes(on, SEED, over.signal),
    ledger.watch(over.signal),
  ] as const;
  const going = Promise.all(actors);
  const steps = makeTroubles(all, ledger, made, over.signal).finally(() => over.abort());
  // Whoever fails first ends the run.
  const [, [, acknowledged, seen]] = await Promise.all([steps, going]).finally(() => over.abort());
  await verifyMade(all, made);
  await on.workspace.clearFaults();
  on.simulator.cluster?.world.clearFaults();
  await sender.settled();
  const first = replicas[0] as Replica; // there is always one
  await quiet(first, 180 + 2 * SECONDS);
  await ledger.check();
  console.log(
    `CHAOS_SEED=${SEED}: ${sender.sent().length} alerts told ${sender.accepted()} times, accounting seen ${seen} times in between; ${list(made)}`,
  );
  expect(seen).toBeGreaterThan(made.length);
  expect(acknowledged).toBeGreaterThan(SECONDS / 4);
  await verify(on, first, sender);
}

/** Each kind once in a shuffled order before any comes again; until the time is over and each has come. */
async function makeTroubles(all: readonly Trouble[], ledger: Ledger, made: Made[], failed: AbortSignal): Promise<void> {
  const dice = createDice(SEED, 'troubles');
  const begin = Date.now();
  const bags = shuffledBags(all, dice);
  while (!failed.aborted && (Date.now() < begin + SECONDS * 1_000 || made.length < all.length)) {
    await pause(500 + dice() * 1_500);
    const next = bags.next().value;
    const entry = { name: next.name, afterMs: Date.now() - begin };
    // Also what cannot be made to happen belongs to what is told.
    const begun = next.begin(dice);
    made.push({ ...entry, met: begun.then(({ met }) => met).catch(() => false) });
    await begun;
    await ledger.check();
  }
  // The load goes on until what came last was met as well.
  await Promise.all(made.map(({ met }) => met));
  await ledger.check();
}

/** A run in which a kind of trouble came and nobody noticed has shown nothing. */
async function verifyMade(all: readonly Trouble[], made: readonly Made[]): Promise<void> {
  const met = new Set<string>();
  for (const one of made) if (await one.met) met.add(one.name);
  expect([...met].toSorted()).toEqual(all.map(({ name }) => name).toSorted());
}

async function verify(on: Stage, replica: Replica, sender: Sender): Promise<void> {
  const known = await incidents(replica);
  const account = await accounts(replica);
  expect(account).toEqual({ received: account.rest, rest: account.rest, pending: 0, dead: 0 });
  expect(await deadJobs(replica)).toBe(0);

  // Nothing lost, nothing doubled: every alert is on exactly one incident, in the state it was last sent in.
  for (const { name, status } of sender.sent()) {
    const holding = known.filter(({ alerts }) => alerts.some((alert) => alert.name === name));
    const states = holding.map(({ alerts }) => alerts.find((alert) => alert.name === name)?.status);
    expect([name, states]).toEqual([name, [status]]);
  }
  const chaos = known.filter(({ incident }) => incident.title.startsWith('Chaos'));
  expect(chaos.length).toBeGreaterThan(SECONDS / 2);
  const history = sender.history();
  for (const one of chaos) verifyOrder(one, history);
  for (const kind of ['note', 'first_look', 'quiet', 'reminder', 'resolved', 'refired', 'reopened'])
    expect([kind, chaos.some(({ timeline }) => timeline.some((entry) => entry.kind === kind))]).toEqual([kind, true]);
  await verifyNotes(on, known);
  await verifySlack(on, [...CHANNELS, '#incidents'], chaos);
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
    await runChaos(on, replicas, () => postgres.restart());
  },
  LONG,
);
