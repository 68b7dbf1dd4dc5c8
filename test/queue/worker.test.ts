import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { ResponderError } from '../../src/errors.ts';
import { stillHeld } from '../../src/queue/held.ts';
import type { JobHandler, NewJob } from '../../src/queue/job.ts';
import type { JobSource } from '../../src/queue/ports.ts';
import { type Outcome, startWorker, type Worker, type WorkerOptions } from '../../src/queue/worker.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';

const MINUTE = 60_000;
const log = pino({ level: 'silent' });
let store: Store;
let workers: Worker[] = [];

beforeEach(async () => {
  store = await openStore('sqlite::memory:', { log });
});

afterEach(async () => {
  for (const worker of workers) await worker.close();
  workers = [];
  await store.close();
});

function start(handlers: Readonly<Record<string, JobHandler>>, options: Partial<WorkerOptions> = {}): Worker {
  const worker = startWorker({
    jobs: store.jobs,
    handlers,
    log,
    concurrency: { person: 2, incident: 2, edit: 2, evidence: 2, reading: 2 },
    leaseMs: 30_000,
    pollMs: 60_000,
    random: () => 0,
    ...options,
  });
  workers.push(worker);
  return worker;
}

function enqueue(...jobs: Partial<NewJob>[]): Promise<void> {
  return store.jobs.enqueue(
    jobs.map((job) => ({ kind: 'work', payload: null, lane: 'edit', orderingKey: null, ...job })),
    Date.now(),
  );
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

const left = async () => (await store.jobs.depth(Date.now())).reduce((sum, lane) => sum + lane.due + lane.scheduled, 0);

test('runs what is enqueued, in the order of its key, and removes it', async () => {
  const ran: unknown[] = [];
  const worker = start({
    work: async (job) => {
      ran.push(job.payload);
    },
  });
  await enqueue({ payload: 1, orderingKey: 'k' }, { payload: 2, orderingKey: 'k' });
  await enqueue({ payload: 3, orderingKey: 'k' });
  await worker.idle();
  expect(ran).toEqual([1, 2, 3]);
  expect(await left()).toBe(0);
});

test('tries again what may work later, and ends what never will as a dead letter', async () => {
  const outcomes: string[] = [];
  const settled = gate();
  start(
    {
      flaky: async (job) => {
        if (job.attempt < 3) throw new ResponderError('unavailable', 'the server answered 503');
      },
      refused: async () => {
        throw new ResponderError('forbidden', 'the scope chat:write is missing');
      },
      hopeless: async () => {
        throw new ResponderError('timeout', 'no answer');
      },
      broken: async () => {
        throw new TypeError('x is undefined');
      },
    },
    {
      limits: { hopeless: { maxAttempts: 2, leastMs: 0 } },
      onOutcome: (kind, outcome) => {
        outcomes.push(`${kind} ${outcome}`);
        if (outcomes.length === 7) settled.open();
      },
    },
  );
  await enqueue({ kind: 'flaky' }, { kind: 'refused' }, { kind: 'hopeless' }, { kind: 'broken' });
  await settled.opened;
  expect(outcomes.toSorted()).toEqual([
    'broken dead',
    'flaky done',
    'flaky retried',
    'flaky retried',
    'hopeless dead',
    'hopeless retried',
    'refused dead',
  ]);
  const letters = await store.jobs.deadLetters(10);
  expect(letters.map(({ kind, error }) => `${kind}: ${error}`).toSorted()).toEqual([
    'broken: internal: x is undefined',
    'hopeless: timeout: no answer',
    'refused: forbidden: the scope chat:write is missing',
  ]);
});

test('waits at least as long as the server asked', async () => {
  const retried = gate();
  start(
    {
      work: async () => {
        throw new ResponderError('rate_limited', 'slow down', { retryAfterMs: 30_000 });
      },
    },
    { onOutcome: () => retried.open() },
  );
  const before = Date.now();
  await enqueue({});
  await retried.opened;
  expect(await store.jobs.nextDueAt(Date.now())).toBeGreaterThanOrEqual(before + 30_000);
});

test('a lane that is full holds up no other', async () => {
  const slow = gate();
  const answered = gate();
  start({
    slow: () => slow.opened,
    click: async () => answered.open(),
  });
  await enqueue(...Array.from({ length: 20 }, () => ({ kind: 'slow', lane: 'evidence' as const })));
  await enqueue({ kind: 'click', lane: 'person' });
  await answered.opened;
  slow.open();
});

test('a lane takes what waits as its places become free', async () => {
  let ran = 0;
  let together = 0;
  let most = 0;
  const worker = start({
    work: async () => {
      together += 1;
      most = Math.max(most, together);
      await new Promise((resolve) => setTimeout(resolve, 1));
      together -= 1;
      ran += 1;
    },
  });
  await enqueue(...Array.from({ length: 25 }, () => ({})));
  await worker.idle();
  expect(ran).toBe(25);
  expect(most).toBe(2);
});

test('a handler that takes longer than its lease keeps it', async () => {
  let runs = 0;
  const handlers = {
    work: async () => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    },
  };
  const outcomes: Outcome[] = [];
  const options = { leaseMs: 800, pollMs: 20, onOutcome: (_: string, outcome: Outcome) => outcomes.push(outcome) };
  const first = start(handlers, options);
  const second = start(handlers, options);
  await enqueue({});
  await Promise.all([first.idle(), second.idle()]);
  while (outcomes.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(runs).toBe(1);
  expect(outcomes).toEqual(['done']);
});

test('a handler whose lease went to another is told to stop, and its end changes nothing', async () => {
  const lost = gate();
  const outcomes: Outcome[] = [];
  const stolen: JobSource = { ...store.jobs, renew: async () => [] };
  start(
    {
      work: async (_, signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        lost.open();
        throw new ResponderError('cancelled', 'stopped');
      },
    },
    { jobs: stolen, leaseMs: 150, onOutcome: (_, outcome) => outcomes.push(outcome) },
  );
  await enqueue({});
  await lost.opened;
  while (outcomes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(outcomes).toEqual(['lost']);
  expect(await store.jobs.deadLetters(1)).toEqual([]);
});

test('what a killed process had claimed runs again when its lease is over', async () => {
  await enqueue({ payload: 'left behind' });
  const crashed = await store.jobs.claim({ lanes: { edit: 1 }, leaseMs: 1_000, now: Date.now() });
  expect(crashed).toHaveLength(1);
  const ran = gate();
  start({ work: async () => ran.open() }, { clock: () => Date.now() + 2_000, pollMs: 20 });
  await ran.opened;
});

test('a job that seems to end the process is not run for ever', async () => {
  await enqueue({});
  let now = Date.now();
  for (let crash = 0; crash < 6; crash += 1) {
    await store.jobs.claim({ lanes: { edit: 1 }, leaseMs: 15_000, now, holder: `process ${crash}` });
    now += MINUTE;
  }
  let ran = false;
  const dead = gate();
  start(
    {
      work: async () => {
        ran = true;
      },
    },
    { clock: () => now, onOutcome: () => dead.open() },
  );
  await dead.opened;
  expect(ran).toBe(false);
  expect((await store.jobs.deadLetters(1))[0]?.error).toContain('it seems to end the process');
});

test('a job whose processes were killed now and then, hours apart, is run all the same', async () => {
  await enqueue({});
  let now = Date.now();
  for (let kill = 0; kill < 12; kill += 1) {
    await store.jobs.claim({ lanes: { edit: 1 }, leaseMs: 15_000, now, holder: `process ${kill}` });
    now += 60 * MINUTE;
  }
  const worker = start({ work: async () => {} }, { clock: () => now });
  await worker.idle();
  expect(await left()).toBe(0);
  expect(await store.jobs.deadLetters(1)).toEqual([]);
});

test('a job that one process loses again and again, but does not end with, is run all the same', async () => {
  await enqueue({});
  let now = Date.now();
  for (let stop = 0; stop < 12; stop += 1) {
    await store.jobs.claim({ lanes: { edit: 1 }, leaseMs: 15_000, now, holder: 'the same' });
    now += MINUTE;
  }
  const worker = start({ work: async () => {} }, { clock: () => now });
  await worker.idle();
  expect(await store.jobs.deadLetters(1)).toEqual([]);
});

test('a job that came to an end in between, if only to be tried again, is not held to what happened before', async () => {
  await enqueue({});
  let now = Date.now();
  for (let crash = 0; crash < 12; crash += 1) {
    const [job] = await store.jobs.claim({ lanes: { edit: 1 }, leaseMs: 15_000, now, holder: `process ${crash}` });
    if (crash % 4 === 3 && job) await store.jobs.retry(job, now, 'unavailable: later');
    now += MINUTE;
  }
  const worker = start({ work: async () => {} }, { clock: () => now });
  await worker.idle();
  expect(await store.jobs.deadLetters(1)).toEqual([]);
});

test('what stood beside a job that ends every process is done, and only that one is set aside', async () => {
  let now = Date.now() + MINUTE;
  const names = ['innocent 1', 'the culprit', 'innocent 2', 'innocent 3'];
  await enqueue(...names.map((payload) => ({ payload })));
  const done: unknown[] = [];
  // Each process runs what it takes until it takes the culprit, which ends it: whatever it runs then is left behind.
  for (let life = 0; life < 12; life += 1) {
    const died = gate();
    let isDead = false;
    const mortal: JobSource = {
      ...store.jobs,
      claim: (request) => (isDead ? Promise.resolve([]) : store.jobs.claim({ ...request, holder: `process ${life}` })),
      complete: async (leases) => void (isDead || (await store.jobs.complete(leases))),
      retry: async (...given) => void (isDead || (await store.jobs.retry(...given))),
      renew: async (leases) => leases.map(({ id }) => id),
    };
    const worker = start(
      {
        work: async (job, signal) => {
          if (job.payload === 'the culprit') {
            isDead = true;
            died.open();
          }
          // What others do takes a moment, in which the process may end.
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (isDead) await new Promise((resolve) => signal.addEventListener('abort', resolve));
          signal.throwIfAborted();
          done.push(job.payload);
        },
      },
      {
        jobs: mortal,
        clock: () => now,
        concurrency: { person: 4, incident: 4, edit: 4, evidence: 4, reading: 4 },
        onOutcome: (_, outcome) => {
          if (outcome === 'dead') died.open();
        },
      },
    );
    await Promise.race([died.opened, worker.idle()]);
    workers.splice(workers.indexOf(worker), 1);
    isDead = true;
    await worker.close();
    now += MINUTE;
  }
  expect(done.toSorted()).toEqual(['innocent 1', 'innocent 2', 'innocent 3']);
  expect((await store.jobs.deadLetters(5)).map(({ payload }) => payload)).toEqual(['the culprit']);
});

test('a process that stood still keeps what it ran when nobody took it', async () => {
  let now = Date.now() + MINUTE;
  const started = gate();
  const woken = gate();
  let runs = 0;
  const outcomes: Outcome[] = [];
  const worker = start(
    {
      work: async () => {
        runs += 1;
        started.open();
        await woken.opened;
        await stillHeld();
      },
    },
    { clock: () => now, onOutcome: (_, outcome) => outcomes.push(outcome) },
  );
  await enqueue({});
  await started.opened;
  now += MINUTE;
  await enqueue({ kind: 'other' });
  woken.open();
  await worker.idle();
  expect([runs, outcomes]).toEqual([1, ['done']]);
});

test('a handler of a process that stood still asks before what it cannot take back, and hears that another has the job', async () => {
  let now = Date.now() + MINUTE;
  const started = gate();
  const woken = gate();
  const ended = gate();
  let told = 0;
  const outcomes: Outcome[] = [];
  start(
    {
      work: async () => {
        started.open();
        await woken.opened;
        await stillHeld();
        told += 1;
      },
    },
    {
      clock: () => now,
      onOutcome: (_, outcome) => {
        outcomes.push(outcome);
        ended.open();
      },
    },
  );
  await enqueue({});
  await started.opened;
  now += MINUTE;
  const [taken] = await store.jobs.claim({ lanes: { edit: 1 }, leaseMs: 15_000, now, holder: 'another' });
  woken.open();
  await ended.opened;
  expect([told, outcomes]).toEqual([0, ['lost']]);
  if (taken) await store.jobs.complete([taken]);
  expect(await left()).toBe(0);
});

test('drain takes nothing new and waits for what runs', async () => {
  const started = gate();
  const slow = gate();
  const worker = start({
    work: async () => {
      started.open();
      await slow.opened;
    },
  });
  await enqueue({ orderingKey: 'k' }, { orderingKey: 'k' });
  await started.opened;
  const drained = worker.drain(10_000);
  slow.open();
  expect(await drained).toBe(true);
  expect(await left()).toBe(1);
});

test('drain stops what does not end in time, and gives it back', async () => {
  const started = gate();
  const worker = start({
    work: (_, signal) => {
      started.open();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  });
  await enqueue({ payload: 'unfinished' });
  await started.opened;
  expect(await worker.drain(10)).toBe(false);
  const again = await store.jobs.claim({ lanes: { edit: 1 }, leaseMs: 1_000, now: Date.now() });
  expect(again).toMatchObject([{ payload: 'unfinished', attempt: 2, expiries: 0 }]);
});

test('goes on after the store could not be asked', async () => {
  let failures = 3;
  const failing: JobSource = {
    ...store.jobs,
    claim: async (request) => {
      failures -= 1;
      if (failures >= 0) throw new ResponderError('store_unavailable', 'the disk is full');
      return store.jobs.claim(request);
    },
  };
  const ran = gate();
  start({ work: async () => ran.open() }, { jobs: failing });
  await enqueue({});
  await ran.opened;
});

test('asks for nothing while nothing happens', async () => {
  let claims = 0;
  const counting: JobSource = {
    ...store.jobs,
    claim: (request) => {
      claims += 1;
      return store.jobs.claim(request);
    },
  };
  const worker = start({ work: async () => {} }, { jobs: counting });
  await enqueue({});
  await worker.idle();
  const before = claims;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(claims).toBe(before);
});

test('leaves jobs of a kind it does not know to a release that does', async () => {
  const worker = start({ work: async () => {} });
  await enqueue({ kind: 'next release' }, {});
  await worker.idle();
  expect(await left()).toBe(1);
  expect(await store.jobs.deadLetters(1)).toEqual([]);
});
