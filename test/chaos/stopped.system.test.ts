import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { shown } from '../acceptance/product.ts';
import { type PostgresServer, startPostgres } from '../conformance/postgres.ts';
import { type Entry, incidents, quiet, viewOf } from './outcome.ts';
import { createSender, type Sender } from './sender.ts';
import { type Replica, type Stage, startStage, TOKEN } from './stage.ts';
import { STOPPED_MS } from './troubles.ts';

const LONG = 300_000;

let postgres: PostgresServer;
let stage: Stage | null = null;
let database: Client | null = null;
let sender: Sender | null = null;
beforeAll(async () => {
  postgres = await startPostgres();
}, 300_000);
afterEach(async () => {
  await database?.end();
  await stage?.close();
  database = null;
  stage = null;
}, 180_000);
afterAll(() => postgres?.close(), 60_000);

interface Pair {
  readonly on: Stage;
  readonly first: Replica;
  readonly second: Replica;
  readonly asking: Sender;
  readonly db: Client;
}

/** Two replicas of which only the first runs, with an incident that has its card and its first look. */
async function open(): Promise<Pair> {
  const on = await startStage({ ownChannel: { enabled: false } });
  stage = on;
  const url = await postgres.newDatabase();
  const db = new Client({ connectionString: url });
  await db.connect();
  database = db;
  const [first, second] = [await on.replica(url), await on.replica(url)];
  await second.kill('SIGKILL');
  const asking = createSender([first, second], TOKEN);
  sender = asking;
  asking.fire(0, { severity: 'critical', slot: '0' });
  await sender.settled();
  while (!(await timeline(first, 1)).some(({ kind }) => kind === 'first_look')) await pause(200);
  await quiet(first);
  return { on, first, second, asking, db };
}

async function timeline(replica: Replica, number: number): Promise<readonly Entry[]> {
  return (await incidents(replica)).find(({ incident }) => incident.number === number)?.timeline ?? [];
}

/**
 * Lets the first replica begin something, stops it where it waits for an answer about this table, has the other one do the
 * same work, and lets the first go on with the answer it got before.
 */
async function stopWhereItReads(
  { first, second, db }: Pair,
  table: string,
  begin: () => Promise<void>,
  isDone: (entries: readonly Entry[]) => boolean,
  number = 1,
): Promise<void> {
  await second.kill('SIGKILL');
  await db.query('begin');
  await db.query(`lock table ${table} in access exclusive mode`);
  await begin();
  const waiting = `select 1 from pg_locks where not granted and relation = '${table}'::regclass`;
  while ((await db.query(waiting)).rows.length === 0) await pause(20);
  first.signal('SIGSTOP');
  const since = Date.now();
  await db.query('rollback');
  await second.start();
  while (!isDone(await timeline(second, number))) await pause(200);
  await pause(Math.max(0, since + STOPPED_MS - Date.now()));
  first.signal('SIGCONT');
  await pause(2_000);
  await quiet(first);
}

test(
  'a note stands once, wherever the replica that wrote it was stopped past its lease',
  async () => {
    const pair = await open();
    const { on, second } = pair;
    const tables = ['timeline', 'incidents'];
    for (const table of tables) {
      const typed = { user: 'ana', channel: '#incidents', text: `/lambda note #1 stopped-at-${table}` };
      const isDone = (entries: readonly Entry[]) => entries.some(({ text }) => text === `stopped-at-${table}`);
      await stopWhereItReads(pair, table, async () => void on.workspace.command(typed), isDone);
    }
    const notes = (await timeline(second, 1)).filter(({ kind }) => kind === 'note').map(({ text }) => text);
    expect(notes).toEqual(tables.map((table) => `stopped-at-${table}`));
    const told = (await on.workspace.ephemerals('ana')).filter((message) =>
      JSON.stringify(message).includes('Noted on'),
    );
    expect(told).toHaveLength(tables.length);
  },
  LONG,
);

test(
  'a first look is told once, though the replica that took it was stopped past its lease',
  async () => {
    const pair = await open();
    const { on, second, asking } = pair;
    const isDone = (entries: readonly Entry[]) => entries.some(({ kind }) => kind === 'first_look');
    const fire = async () => asking.fire(1, { severity: 'critical', slot: '1' });
    await stopWhereItReads(pair, 'findings', fire, isDone, 2);
    const looks = (await timeline(second, 2)).filter(({ kind }) => kind === 'first_look');
    expect(looks).toHaveLength(1);
    const cards = (await on.workspace.messages('#incidents')).filter((message) => viewOf(message) === 'card:2');
    expect(cards).toHaveLength(1);
    const thread = await on.workspace.messages('#incidents', { thread: cards[0]?.ts ?? '' });
    expect(thread.filter((message) => /First look/i.test(shown(message)))).toHaveLength(1);
  },
  LONG,
);

test(
  'what a sender sent again elsewhere is not taken once more by the replica that was stopped when it came first',
  async () => {
    const { first, second } = await open();
    await second.start();
    const startsAt = new Date().toISOString();
    const tell = (replica: Replica, endsAt: string | null, patienceMs: number) =>
      fetch(`${replica.url}/webhooks/alertmanager`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(groupOf({ startsAt, endsAt })),
        signal: AbortSignal.timeout(patienceMs),
      }).then(
        ({ status }) => status,
        () => 'given up',
      );
    first.signal('SIGSTOP');
    expect(await tell(first, null, 2_000)).toBe('given up');
    expect(await tell(second, null, 10_000)).toBe(200);
    await pause(2_500);
    expect(await tell(second, new Date().toISOString(), 10_000)).toBe(200);
    first.signal('SIGCONT');
    await pause(2_000);
    await quiet(second);
    const told = (await incidents(second)).flatMap(({ alerts }) => alerts).find(({ name }) => name === 'SentTwice');
    expect(told?.status).toBe('resolved');
  },
  LONG,
);

function groupOf({ startsAt, endsAt }: { readonly startsAt: string; readonly endsAt: string | null }): object {
  const status = endsAt === null ? 'firing' : 'resolved';
  const labels = { alertname: 'SentTwice', namespace: 'shop', deployment: 'cart', severity: 'warning' };
  return {
    version: '4',
    groupKey: '{}:{alertname="SentTwice"}',
    truncatedAlerts: 0,
    status,
    receiver: 'lambda-responder',
    externalURL: 'http://alertmanager:9093',
    alerts: [{ status, labels, annotations: {}, startsAt, endsAt: endsAt ?? '0001-01-01T00:00:00Z' }],
  };
}
