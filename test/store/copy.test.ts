import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { runCli } from '../../src/cli.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { aDraft, NOW } from '../conformance/samples.ts';

const log = pino({ level: 'silent' });
const CHILD = join(import.meta.dirname, 'accepting.ts');
let folder = '';
let path = '';
let copy = '';
let child: ChildProcess | null = null;
let opened: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'responder-copy-'));
  path = join(folder, 'store', 'responder.db');
  copy = join(folder, 'copy.db');
});

afterEach(async () => {
  await killed();
  for (const store of opened.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function killed(): Promise<void> {
  const running = child;
  child = null;
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  const ended = new Promise((done) => running.once('exit', done));
  running.kill('SIGKILL');
  await ended;
}

async function open(file: string): Promise<Store> {
  const store = await openStore(`sqlite:${file}`, { log });
  opened.push(store);
  return store;
}

/** The terminal, on the store of this test. */
async function terminal(argv: readonly string[], env: Readonly<Record<string, string>> = {}, signal?: AbortSignal) {
  let out = '';
  let err = '';
  const code = await runCli(argv, {
    env: { DATABASE_URL: `sqlite:${path}`, ...env },
    root: resolve(import.meta.dirname, '../..'),
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    signal: signal ?? new AbortController().signal,
  });
  return { code, out, err };
}

/** A store with one incident and one delivery, and the process that has it open is this one. */
async function filled(): Promise<Store> {
  const store = await open(path);
  await store.incidents.transact(async (tx) => {
    await tx.save([aDraft()], NOW);
  });
  await store.deliveries.accept({
    body: 'kept',
    sender: 's',
    senderCluster: null,
    groupKey: 'g',
    alertCount: 1,
    receivedAt: NOW,
  });
  return store;
}

/** Another process that writes without a pause; resolves once it accepted so many deliveries. */
async function writing(count: number): Promise<{ accepted(): number }> {
  const writer = spawn(process.execPath, [CHILD, `sqlite:${path}`, '2000'], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = writer;
  let accepted = 0;
  const lines = createInterface({ input: writer.stdout });
  await new Promise<void>((enough, failed) => {
    lines.on('line', (line) => {
      if (/^\d+$/.test(line)) accepted += 1;
      if (accepted === count) enough();
    });
    writer.once('exit', () => failed(new Error('the writer ended')));
  });
  return { accepted: () => accepted };
}

test('backup copies the store of a process that writes to it without a pause, and disturbs it in nothing', async () => {
  const writer = await writing(2_000);
  const before = writer.accepted();
  expect(await terminal(['backup', copy])).toEqual({
    code: 0,
    err: '',
    out: `The store is copied to ${copy}, and the copy is checked.\n`,
  });
  const after = writer.accepted();
  // It goes on, and what it says it accepted is in the copy.
  while (writer.accepted() < after + 100) await new Promise((wake) => setTimeout(wake, 20));
  await killed();
  const copied = await open(copy);
  const { received, pending } = await copied.accounting();
  expect(received).toBeGreaterThanOrEqual(before);
  expect(pending).toBe(received);
  const original = await open(path);
  expect(copied.instance).toBe(original.instance);
  expect((await original.accounting()).received).toBeGreaterThan(received);
}, 180_000);

test('the copy holds the same incidents, is as private as the store, and nothing else is left', async () => {
  const store = await filled();
  const mode = statSync(path).mode;
  expect(await terminal(['backup', copy])).toMatchObject({ code: 0 });
  expect(readdirSync(folder).toSorted()).toEqual(['copy.db', 'store']);
  expect(statSync(copy).mode).toBe(mode);
  const copied = await open(copy);
  expect(await copied.incidents.find(1)).toEqual(await store.incidents.find(1));
  expect((await copied.deliveries.find(1))?.body).toBe('kept');
});

test('a store that its process left in the middle of writing is copied with what is in its log', async () => {
  const writer = await writing(500);
  await killed();
  expect(existsSync(`${path}-wal`)).toBe(true);
  expect(await terminal(['backup', copy])).toMatchObject({ code: 0 });
  const copied = await open(copy);
  expect((await copied.accounting()).received).toBeGreaterThanOrEqual(writer.accepted());
});

test('a store that is not there is neither copied nor created, nor by a look at its jobs', async () => {
  const said = { code: 1, out: '', err: expect.stringContaining(`there is no store at ${path}`) };
  expect(await terminal(['backup', copy])).toEqual(said);
  expect(await terminal(['jobs', 'list'])).toEqual(said);
  expect(await terminal(['jobs', 'refused'])).toEqual(said);
  expect(await terminal(['postmortem', '1'])).toEqual(said);
  expect(readdirSync(folder)).toEqual([]);
});

test('with RESPONDER_URL backup says where to run it, and copies nothing', async () => {
  await filled();
  const { code, err } = await terminal(['backup', copy], { RESPONDER_URL: 'http://127.0.0.1:1' });
  expect(code).toBe(2);
  expect(err).toContain('not through RESPONDER_URL');
  expect(err).toContain('kubectl -n lambda-responder exec deploy/lambda-responder -- node dist/main.js backup');
  expect(existsSync(copy)).toBe(false);
});

test('PostgreSQL is left to pg_dump', async () => {
  const { code, err } = await terminal(['backup', copy], { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/d' });
  expect(code).toBe(2);
  expect(err).toContain('pg_dump');
});

test.each(['', '-wal', '-shm', '-journal'])(
  'a target whose file NAME%s exists is refused and left as it is',
  async (end) => {
    await filled();
    writeFileSync(`${copy}${end}`, 'somebody’s');
    const { code, err } = await terminal(['backup', copy]);
    expect(code).toBe(1);
    expect(err).toContain(`${copy}${end} exists already`);
    expect(readFileSync(`${copy}${end}`, 'utf8')).toBe('somebody’s');
    expect(readdirSync(folder).toSorted()).toEqual([`copy.db${end}`, 'store']);
  },
);

test('the store itself is refused as the target, by whatever name', async () => {
  const store = await filled();
  symlinkSync(path, copy);
  for (const target of [path, copy])
    expect(await terminal(['backup', target])).toMatchObject({
      code: 1,
      err: expect.stringContaining('exists already'),
    });
  expect((await store.deliveries.find(1))?.body).toBe('kept');
});

test('what is no store of the responder is not copied as one', async () => {
  mkdirSync(join(folder, 'store'));
  const other = new DatabaseSync(path);
  other.exec('create table notes (text)');
  other.close();
  expect(await terminal(['backup', copy])).toMatchObject({
    code: 2,
    err: expect.stringContaining('is not a store of the responder'),
  });
  writeFileSync(path, '');
  expect(await terminal(['backup', copy])).toMatchObject({ code: 2 });
  writeFileSync(path, 'no database at all, but as long as a page of one would be'.repeat(100));
  expect((await terminal(['backup', copy])).err).toContain('is not a SQLite database');
  expect(existsSync(copy)).toBe(false);
});

test('a damaged store is named as such, and no damaged copy is kept', async () => {
  const store = await filled();
  await store.close();
  opened = [];
  const bytes = readFileSync(path);
  // A page in the middle, of a table or an index.
  bytes.fill(0xff, 4_096 * 9, 4_096 * 9 + 2_000);
  writeFileSync(path, bytes);
  const { code, err } = await terminal(['backup', copy]);
  expect(code).toBe(1);
  expect(err).toMatch(/damaged/);
  expect(readdirSync(folder).toSorted()).toEqual(['store']);
});

test('a backup that is stopped leaves nothing behind', async () => {
  await filled();
  const stop = new AbortController();
  const copying = terminal(['backup', copy], {}, stop.signal);
  stop.abort();
  expect((await copying).code).toBe(130);
  expect(readdirSync(folder).toSorted()).toEqual(['store']);
});

test('a folder that is not there is named', async () => {
  await filled();
  const { code, err } = await terminal(['backup', join(folder, 'nowhere', 'copy.db')]);
  expect(code).toBe(1);
  expect(err).toContain(`the folder ${join(folder, 'nowhere')} cannot be read`);
});

test('a command that needs the store of a running responder says how to ask it', async () => {
  await filled();
  const { code, err } = await terminal(['jobs', 'list']);
  expect(code).toBe(1);
  expect(err).toContain('set RESPONDER_URL');
});
