import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { pino } from 'pino';
import type { Job } from '../../src/queue/job.ts';
import { startWorker, type Worker } from '../../src/queue/worker.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { onPostgres } from '../conformance/engines.ts';
import { aDraft, aJob, NOW } from '../conformance/samples.ts';

const log = pino({ level: 'silent' });
const ALL = { person: 50, incident: 50, edit: 50, evidence: 50 };
const children: ChildProcess[] = [];
const workers: Worker[] = [];
const stores: Store[] = [];
const clients: Client[] = [];

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.close();
  for (const store of stores.splice(0)) await store.close();
  for (const client of clients.splice(0)) await client.end().catch(() => {});
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function work(store: Store, run: (job: Job) => Promise<void>, leaseMs = 30_000): Worker {
  const worker = startWorker({
    jobs: store.jobs,
    handlers: { work: run },
    log,
    concurrency: { person: 4, incident: 4, edit: 4, evidence: 4, reading: 4 },
    leaseMs,
    pollMs: 500,
  });
  workers.push(worker);
  return worker;
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}

/** Waits for what another process or connection brings about; the test's own time limit ends a hopeless wait. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

onPostgres('the schema', (engine) => {
  test('is made once by many replicas that start together, and left alone by the next', async () => {
    const url = await engine.server().newDatabase();
    const opened = await Promise.all(Array.from({ length: 6 }, () => openStore(url, { log })));
    stores.push(...opened);
    expect(new Set(opened.map((store) => store.instance)).size).toBe(1);
    await opened[0]?.incidents.transact((tx) => tx.save([aDraft()], NOW));
    const late = await openStore(url, { log });
    stores.push(late);
    expect((await late.incidents.find(1))?.incident.number).toBe(1);
  });

  test('of a newer release is refused', async () => {
    const store = await engine.open();
    const client = await connected(engine.url());
    await client.query(`insert into kysely_migration values ('9999_future', '2027-01-01T00:00:00.000Z')`);
    await store.probe();
    await expect(openStore(engine.url(), { log })).rejects.toMatchObject({ code: 'config_invalid' });
  });
});

onPostgres('opening', (engine) => {
  test('says what is wrong with the address', async () => {
    await engine.open();
    const url = new URL(engine.url());
    const wrong = (change: (url: URL) => void) => {
      const changed = new URL(url);
      change(changed);
      return openStore(changed.href, { log });
    };
    await expect(wrong((it) => (it.password = 'guess'))).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(wrong((it) => (it.pathname = '/nowhere'))).rejects.toMatchObject({ code: 'not_found' });
    await expect(wrong((it) => (it.port = '1'))).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.not.stringContaining('secret'),
    });
  });

  test('is refused for a user that may not write, and for a standby', async () => {
    await engine.open();
    const client = await connected(engine.url());
    await client.query(`create role reader login password 'reader'`);
    const reader = new URL(engine.url());
    reader.username = 'reader';
    reader.password = 'reader';
    await expect(openStore(reader.href, { log })).rejects.toMatchObject({ code: 'forbidden' });
    await client.query(`alter role responder set default_transaction_read_only = on`);
    const refused = openStore(engine.url(), { log });
    await expect(refused).rejects.toMatchObject({ code: 'store_unavailable' });
    const writer = await connected(`${engine.url()}?options=-c%20default_transaction_read_only%3Doff`);
    await writer.query(`alter role responder reset default_transaction_read_only`);
  });
});

onPostgres('replicas', (engine) => {
  test('share the jobs: each runs once, and those of a key in order', async () => {
    const first = await engine.open();
    const second = await engine.again();
    const third = await engine.again();
    const ran: string[] = [];
    for (const store of [first, second, third])
      work(store, async (job) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        ran.push(String(job.payload));
      });
    for (let round = 0; round < 10; round += 1)
      await (round % 2 === 0 ? first : second).jobs.enqueue(
        Array.from({ length: 30 }, (_, n) =>
          aJob({ payload: `${n % 3}:${round * 10 + Math.floor(n / 3)}`, orderingKey: `k${n % 3}` }),
        ),
        Date.now(),
      );
    await until(() => ran.length >= 300);
    expect(new Set(ran).size).toBe(300);
    for (const key of ['0', '1', '2']) {
      const order = ran.filter((payload) => payload.startsWith(`${key}:`)).map((payload) => Number(payload.slice(2)));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }
  });

  test('never claim the same job, however they press', async () => {
    const store = await engine.open();
    const others = [store, await engine.again(), await engine.again()];
    await store.jobs.enqueue(
      Array.from({ length: 400 }, (_, n) => aJob({ payload: n, lane: n % 2 === 0 ? 'edit' : 'incident' })),
      NOW,
    );
    const claimed: number[] = [];
    await Promise.all(
      others.map(async (replica) => {
        for (;;) {
          const jobs = await replica.jobs.claim({ lanes: { edit: 7, incident: 7 }, leaseMs: 60_000, now: NOW });
          if (jobs.length === 0) return;
          claimed.push(...jobs.map(({ id }) => id));
        }
      }),
    );
    // A claim that found every row locked by the others ends early: what is left is claimed now.
    claimed.push(...(await store.jobs.claim({ lanes: ALL, leaseMs: 60_000, now: NOW })).map(({ id }) => id));
    expect(claimed).toHaveLength(400);
    expect(new Set(claimed).size).toBe(400);
  });

  test('that enqueue behind a job just as it completes strand nothing', async () => {
    const store = await engine.open();
    const other = await engine.again();
    let ran = 0;
    work(store, async () => {
      ran += 1;
    });
    for (let n = 0; n < 150; n += 1) await other.jobs.enqueue([aJob({ payload: n, orderingKey: 'same' })], Date.now());
    await until(() => ran === 150);
    expect((await store.trim({ evidenceOlderThanMs: 1e12, maxEvidenceBytes: 1e12, now: NOW })).stranded).toBe(0);
  });

  test('are woken by each other', async () => {
    const store = await engine.open();
    const other = await engine.again();
    let woken = 0;
    other.jobs.subscribe(() => {
      woken += 1;
    });
    await until(async () => {
      await store.jobs.enqueue([aJob()], NOW);
      return woken > 0;
    });
    expect(woken).toBeGreaterThan(0);
  });

  test('number incidents without gaps, and one of two that change an incident at once is told', async () => {
    const store = await engine.open();
    const other = await engine.again();
    const saved = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (n % 2 === 0 ? store : other).incidents.transact(async (tx) => {
          const numbers = await tx.save([aDraft()], NOW);
          if (n % 5 === 0) throw new Error('rolled back');
          return numbers.get('new:0');
        }),
      ).map((saving) => saving.catch(() => null)),
    );
    const numbers = saved.filter((number) => typeof number === 'number').toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 32 }, (_, n) => n + 1));
    const change = (replica: Store, title: string) =>
      replica.incidents.transact((tx) => tx.save([aDraft({ version: 2, title }, [], 1)], NOW));
    const results = await Promise.allSettled([change(store, 'a'), change(other, 'b')]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('that lock incidents in opposite order both succeed: a deadlock is run again', async () => {
    const store = await engine.open();
    await store.incidents.transact((tx) => tx.save([aDraft({}, [], 'new:0'), aDraft({}, [], 'new:1')], NOW));
    const both = Promise.withResolvers<void>();
    let locked = 0;
    const lockBoth = (first: number, second: number) =>
      store.incidents.transact(async (tx) => {
        await tx.lock(first);
        locked += 1;
        if (locked === 2) both.resolve();
        if (locked <= 2) await both.promise;
        return (await tx.lock(second))?.incident.number;
      });
    expect(await Promise.all([lockBoth(1, 2), lockBoth(2, 1)])).toEqual([2, 1]);
    expect(locked).toBeGreaterThan(2);
  });

  test('add up to the same accounting', async () => {
    const store = await engine.open();
    const other = await engine.again();
    const accept = (replica: Store) =>
      replica.deliveries.accept({
        body: '{}',
        sender: 's',
        senderCluster: null,
        groupKey: 'g',
        alertCount: 1,
        receivedAt: NOW,
      });
    await Promise.all(Array.from({ length: 50 }, (_, n) => accept(n % 2 === 0 ? store : other)));
    const opening = engine.again();
    await Promise.all(Array.from({ length: 50 }, (_, n) => accept(n % 2 === 0 ? store : other)));
    await opening;
    expect(await other.accounting()).toMatchObject({ received: 100, pending: 100 });
  });
});

onPostgres('a bad day', (engine) => {
  test('a restart of the server while we are idle ends nothing: reads, writes and notifications come back', async () => {
    const store = await engine.open();
    const other = await engine.again();
    await store.probe();
    await engine.server().restart();
    await until(() =>
      store.probe().then(
        () => true,
        () => false,
      ),
    );
    let woken = 0;
    other.jobs.subscribe(() => {
      woken += 1;
    });
    await until(async () => {
      await store.jobs.enqueue([aJob()], NOW).catch(() => {});
      return woken > 0;
    });
    expect(await other.accounting()).toMatchObject({ received: 0 });
  });

  test('while the server is away everything is refused as store_unavailable, and the worker goes on after it', async () => {
    const store = await engine.open();
    const ran: unknown[] = [];
    work(store, async (job) => {
      ran.push(job.payload);
    });
    await engine.server().stop();
    const delivery = { body: '{}', sender: 's', senderCluster: null, groupKey: 'g', alertCount: 1, receivedAt: NOW };
    await expect(store.deliveries.accept(delivery)).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(store.probe()).rejects.toMatchObject({ code: 'store_unavailable' });
    await engine.server().start();
    await until(() =>
      store.jobs.enqueue([aJob({ payload: 'after' })], Date.now()).then(
        () => true,
        () => false,
      ),
    );
    await until(() => ran.length > 0);
    expect(new Set(ran)).toEqual(new Set(['after']));
  });

  test('a statement that hangs on a lock is given up', async () => {
    const store = await engine.open();
    const client = await connected(engine.url());
    await client.query(`alter database ${new URL(engine.url()).pathname.slice(1)} set lock_timeout = '200ms'`);
    const impatient = await engine.again();
    await client.query('begin; lock table settings in exclusive mode');
    await expect(impatient.settings.set('k', 'v')).rejects.toMatchObject({ code: 'store_unavailable' });
    await client.query('rollback');
    await impatient.settings.set('k', 'v');
    expect(await store.settings.get('k')).toBe('v');
  });

  test('what was accepted by a replica that was killed is there, and another goes on with its jobs', async () => {
    const store = await engine.open();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'accepting.ts'), engine.url()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const ids: number[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      if (/^\d+$/.test(line)) ids.push(Number(line));
      if (ids.length >= 100) child.kill('SIGKILL');
    }
    for (const id of ids) expect(await store.deliveries.find(id)).not.toBeNull();
    const lost = await store.jobs.claim({ lanes: { incident: 1 }, leaseMs: 1_000, now: NOW });
    const again = await store.jobs.claim({ lanes: { incident: 1 }, leaseMs: 1_000, now: Date.now() + 5_000 });
    expect(again[0]?.payload).toEqual({ delivery: Math.min(...ids) });
    expect(lost.length).toBeLessThanOrEqual(1);
    const { received, pending } = await store.accounting();
    expect(received).toBeGreaterThanOrEqual(ids.length);
    expect(pending).toBe(received);
  });
});
