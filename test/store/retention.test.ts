import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { pino } from 'pino';
import { migrations } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open.ts';
import { NodeSqliteDialect } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { aDraft, anAlert, NOW } from '../conformance/samples.ts';

const DAY = 24 * 60 * 60_000;
const RETENTION = { evidenceOlderThanMs: 90 * DAY, maxEvidenceBytes: 2 ** 31, now: NOW } as const;
const OUTCOME = {
  fingerprint: anAlert('a').fingerprint,
  cluster: 'default',
  alertName: 'Noise',
  incident: null,
  reason: 'suppressed_matcher',
} as const;
let folder = '';
let path = '';
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'responder-retention-'));
  path = join(folder, 'responder.db');
  store = await openStore(`sqlite:${path}`, { log: pino({ level: 'silent' }), clock: () => NOW - 100 * DAY });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function ask(pragma: string): number {
  const reader = new DatabaseSync(path, { readOnly: true });
  const value = Object.values(reader.prepare(`pragma ${pragma}`).get() ?? {})[0];
  reader.close();
  return Number(value);
}

async function accepted(count: number, bytes: number): Promise<readonly number[]> {
  const ids = await Promise.all(
    Array.from({ length: count }, () =>
      store.deliveries.accept({
        body: 'x'.repeat(bytes),
        sender: 's',
        senderCluster: null,
        groupKey: 'g',
        alertCount: 1,
        receivedAt: NOW - 100 * DAY,
      }),
    ),
  );
  return ids.map(({ id }) => id);
}

const OLD = { olderThanMs: DAY, maxBytes: 2 ** 31, now: NOW };

async function settled(ids: readonly number[]): Promise<void> {
  await store.incidents.transact(async (tx) => {
    for (const id of ids) await tx.account(id, [OUTCOME], 0);
  });
}

test('a new store is made so that its free pages can be given back', () => {
  // 2 is "incremental": https://sqlite.org/pragma.html#pragma_auto_vacuum
  expect(ask('auto_vacuum')).toBe(2);
});

test('the file shrinks by what was removed, and whoever asks meanwhile is answered', async () => {
  const ids = await accepted(3_000, 20_000);
  await settled(ids);
  const before = ask('page_count');
  expect(before).toBeGreaterThan(15_000);
  let answered = 0;
  let over = false;
  const asking = (async () => {
    while (!over) {
      await store.settings.get('instance');
      answered += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const trimmed = await store.trimDeliveries(OLD);
  over = true;
  await asking;
  expect(trimmed.deliveries).toBe(3_000);
  expect(trimmed.pages).toBeGreaterThan(10_000);
  expect(ask('page_count')).toBeLessThan(5_000);
  // 16 MiB are left for what comes next.
  expect(ask('freelist_count')).toBeLessThanOrEqual(4_096);
  expect(statSync(path).size).toBeLessThan(5_000 * 4_096);
  // The steps are of 128 pages: dozens of turns for others.
  expect(answered).toBeGreaterThan(30);
  expect(ask('quick_check(1)')).toBeNaN(); // It answers "ok", which is no number.
}, 180_000);

test('the file shrinks as well by evidence that was removed for its size', async () => {
  await store.incidents.transact(async (tx) => {
    await tx.save([aDraft({ status: 'resolved', resolvedAt: NOW }, [], 'new:0')], NOW);
  });
  const piece = {
    source: 's',
    capturedAt: NOW,
    mime: 'text/plain',
    content: 'x'.repeat(100_000),
    truncated: false,
  } as const;
  await store.evidence.keep(
    1,
    'logs',
    [],
    Array.from({ length: 400 }, () => piece),
    NOW,
  );
  const before = ask('page_count');
  const trimmed = await store.trim({ ...RETENTION, maxEvidenceBytes: 1_000_000 });
  expect(trimmed.evidence).toBe(390);
  expect(ask('page_count')).toBeLessThan(before - 5_000);
});

test('a stop ends the giving back after a step; the next round does the rest', async () => {
  await settled(await accepted(2_000, 20_000));
  const stop = new AbortController();
  const first = store.trimDeliveries({ ...OLD, stop: stop.signal });
  const stopping = (async () => {
    while (ask('freelist_count') === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
  })();
  const [{ pages }] = await Promise.all([first, stopping]);
  expect(pages).toBeLessThan(1_000);
  expect((await store.trimDeliveries(OLD)).pages).toBeGreaterThan(4_000);
});

test('a group that changes every minute does not fill the disk: the file stays in bounds', async () => {
  const sizes: number[] = [];
  for (let minute = 0; minute < 20; minute += 1) {
    await settled(await accepted(5, 1_000_000));
    await store.trimDeliveries({ ...OLD, olderThanMs: 200 * DAY, maxBytes: 20_000_000 });
    sizes.push(ask('page_count') * 4_096);
  }
  expect(Math.max(...sizes)).toBeGreaterThan(20_000_000);
  // What is kept, what came in the last minute, and what is left free.
  expect(Math.max(...sizes)).toBeLessThan(20_000_000 + 5_000_000 + 4_096 * 4_096 + 3_000_000);
}, 180_000);

test('a store from before the sizes were known is trimmed by size as well', async () => {
  const old = join(folder, 'old.db');
  const database = new DatabaseSync(old);
  const db = new Kysely<unknown>({ dialect: new NodeSqliteDialect(database) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations('sqlite') }) } });
  expect((await migrator.migrateTo('0007_expired_news')).error).toBeUndefined();
  const insert =
    database.prepare(`insert into deliveries (body, sender, group_key, alert_count, received_at, settled_at)
    values (?, 's', 'g', 1, ?, ?)`);
  for (let n = 0; n < 4; n += 1) insert.run('ü'.repeat(500), NOW + n, NOW + n);
  await db.destroy();
  const opened = await openStore(`sqlite:${old}`, { log: pino({ level: 'silent' }) });
  expect(await opened.trimDeliveries({ ...OLD, maxBytes: 2_500 })).toMatchObject({ deliveries: 2 });
  expect((await opened.deliveries.find(3))?.body).toBe('ü'.repeat(500));
  await opened.close();
});
