import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';

const log = pino({ level: 'silent' });
const CHILD = join(import.meta.dirname, 'accepting.ts');
let folder = '';
let path = '';
let opened: Store[] = [];
let children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'responder-file-'));
  path = join(folder, 'responder.db');
});

afterEach(async () => {
  for (const store of opened) await store.close();
  opened = [];
  for (const child of children) await ended(child, 'SIGKILL');
  children = [];
  rmSync(folder, { recursive: true, force: true });
});

async function open(url = `sqlite:${path}`): Promise<Store> {
  const store = await openStore(url, { log });
  opened.push(store);
  return store;
}

async function reopened(store: Store): Promise<Store> {
  await store.close();
  opened = opened.filter((other) => other !== store);
  return open();
}

function accept(store: Store, body = '{}'): Promise<{ readonly id: number }> {
  return store.deliveries.accept({
    body,
    sender: 's',
    senderCluster: null,
    groupKey: 'g',
    alertCount: 1,
    receivedAt: Date.now(),
  });
}

/**
 * Runs the accepting process, under `ulimit -f` (blocks of 512 bytes) when a limit is given. `bound`: permissions hold for it
 * as for anybody, also as root, who keeps the name (another user may not reach a clone in /root) and loses the capabilities.
 */
function accepting(
  options: { readonly bodyBytes?: number; readonly fileBlocks?: number; readonly bound?: boolean } = {},
) {
  const limit = options.fileBlocks === undefined ? '' : `ulimit -f ${options.fileBlocks}; `;
  const bound = options.bound && process.getuid?.() === 0 ? 'setpriv --bounding-set=-all --inh-caps=-all ' : '';
  const child = spawn(
    'sh',
    [
      '-c',
      `${limit}exec ${bound}"$0" "$@"`,
      process.execPath,
      CHILD,
      `sqlite:${path}`,
      String(options.bodyBytes ?? 200),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout }) };
}

function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (signal) child.kill(signal);
  });
}

/** Lets the process accept until it said so `count` times, and kills it in the middle of the next ones. */
async function acceptedBeforeKill(count: number): Promise<readonly number[]> {
  const { child, lines } = accepting();
  const ids: number[] = [];
  for await (const line of lines) {
    if (/^\d+$/.test(line)) ids.push(Number(line));
    if (ids.length >= count) child.kill('SIGKILL');
  }
  await ended(child);
  return ids;
}

test('creates the folder and the file, and keeps its instance', async () => {
  path = join(folder, 'deep/er/responder.db');
  const first = await open();
  const { instance } = first;
  expect(instance).toMatch(/^[0-9a-f-]{36}$/);
  expect((await reopened(first)).instance).toBe(instance);
});

test('understands sqlite addresses with and without slashes, and refuses others', async () => {
  await open(`sqlite://${path}`);
  expect(existsSync(path)).toBe(true);
  await expect(openStore('mysql://x', { log })).rejects.toMatchObject({ code: 'bad_input' });
});

test('a second writer is refused with a clear error until the first ends', async () => {
  const store = await open();
  await expect(openStore(`sqlite:${path}`, { log })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('another process has the store'),
  });
  const { lines } = accepting();
  const said: string[] = [];
  for await (const line of lines) said.push(line);
  expect(said).toEqual([expect.stringContaining('failed conflict: another process has the store')]);
  // The refusals took nothing from the first.
  await accept(store);
  await reopened(store);
});

test('what was accepted is there after kill -9', async () => {
  const ids = await acceptedBeforeKill(200);
  const store = await open();
  for (const id of ids) expect(await store.deliveries.find(id)).not.toBeNull();
  const { received, pending } = await store.accounting();
  expect(received).toBeGreaterThanOrEqual(ids.length);
  expect(pending).toBe(received);
  const [lane] = (await store.jobs.depth(Date.now())).filter(({ due }) => due > 0);
  expect(lane?.due).toBe(received);
});

test('a torn write at the end of the log costs only what was not acknowledged, and the store goes on', async () => {
  const ids = await acceptedBeforeKill(100);
  const wal = `${path}-wal`;
  const size = statSync(wal).size;
  // Half a frame of garbage, as a power cut leaves it.
  const file = openSync(wal, 'a');
  writeSync(file, Buffer.alloc(3_000, 0x5a));
  closeSync(file);
  expect(statSync(wal).size).toBeGreaterThan(size);
  const store = await open();
  for (const id of ids) expect(await store.deliveries.find(id)).not.toBeNull();
  const { id } = await accept(store);
  expect((await (await reopened(store)).deliveries.find(id))?.body).toBe('{}');
});

test('a log cut in the middle still opens, with everything before the cut', async () => {
  const ids = await acceptedBeforeKill(100);
  const wal = `${path}-wal`;
  truncateSync(wal, Math.floor(statSync(wal).size * 0.6));
  const store = await open();
  const { received, pending } = await store.accounting();
  expect(received).toBeLessThan(ids.length);
  expect(pending).toBe(received);
  expect((await store.jobs.depth(Date.now())).reduce((sum, { due }) => sum + due, 0)).toBe(received);
  await accept(store);
});

test('a full disk refuses with store_unavailable, fails the probe, and loses nothing it accepted', async () => {
  const { child, lines } = accepting({ bodyBytes: 20_000, fileBlocks: 6_000 });
  const ids: number[] = [];
  let refusal = '';
  for await (const line of lines) {
    if (/^\d+$/.test(line)) ids.push(Number(line));
    else if (line.startsWith('refused')) refusal = line;
  }
  await ended(child);
  expect(ids.length).toBeGreaterThan(5);
  expect(refusal).toBe(`refused store_unavailable; probe store_unavailable; received ${ids.length}`);
  // Space was made: everything is there, and it goes on.
  const store = await open();
  for (const id of ids) expect((await store.deliveries.find(id))?.body).toHaveLength(20_000);
  expect((await store.accounting()).received).toBe(ids.length);
  await accept(store);
});

test('a folder that may not be written is refused with what to do', async () => {
  chmodSync(folder, 0o555);
  const { lines } = accepting({ bound: true });
  const said: string[] = [];
  for await (const line of lines) said.push(line);
  chmodSync(folder, 0o755);
  expect(said).toEqual([expect.stringContaining('failed store_unavailable: the store')]);
});

test('a file that is no database, or a damaged one, is named as such', async () => {
  writeFileSync(path, 'this is not a database, but long enough to look like a page of one'.repeat(100));
  await expect(openStore(`sqlite:${path}`, { log })).rejects.toMatchObject({
    code: 'store_unavailable',
    retryable: false,
    message: expect.stringContaining('is not a SQLite database'),
  });
});

test('a database written by a newer release is refused', async () => {
  const store = await open();
  await store.close();
  opened = [];
  const database = new DatabaseSync(path);
  database.exec(`insert into kysely_migration values ('9999_from_the_future', '2027-01-01T00:00:00.000Z')`);
  database.close();
  await expect(openStore(`sqlite:${path}`, { log })).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('newer release'),
  });
});

test('another program may read the file while we write', async () => {
  const store = await open();
  await accept(store);
  const reader = new DatabaseSync(path, { readOnly: true });
  expect(reader.prepare('select count(*) as n from deliveries').get()).toEqual({ n: 1 });
  await accept(store);
  expect(reader.prepare('select count(*) as n from deliveries').get()).toEqual({ n: 2 });
  reader.close();
});
