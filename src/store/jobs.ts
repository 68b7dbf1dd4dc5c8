import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { coerceError } from '../errors.ts';
import { LANE_NAMES, LANES, type NewJob } from '../queue/job.ts';
import { claimJobs } from './claim.ts';
import type { Engine, Write } from './engine.ts';
import { enqueueJobs } from './enqueue.ts';
import { createGroup } from './groupCommit.ts';
import type { DeadLetter, Jobs, LaneDepth, Lease } from './jobShape.ts';
import { jobPayload, parseStored } from './stored.ts';

/** Literals rather than parameters, so that the index of claimable jobs serves each lane. */
const EVERY_LANE = sql.raw(Object.values(LANES).join(', '));

/** The one table of work: intake, follow-ups, delivery and timers. */
export function createJobs(engine: Engine, redact: (text: string) => string): Jobs {
  const holder = randomUUID();
  const completions = createGroup<Lease, void>(async (leases) => {
    await engine.write((tx) => removeCompleted(tx, leases));
    return leases.map(() => undefined);
  }, coerceError);

  return {
    enqueue: (jobs, now) => engine.write((tx) => enqueueJobs(tx, jobs, now)),
    enqueueOnce: (key, jobs, now) => engine.write((tx) => enqueueUnless(tx, key, jobs, now)),
    claim: (request) => claimJobs(engine, { ...request, holder: request.holder ?? holder }),
    nextDueAt: (now) => engine.read((db) => readNextDueAt(db, now)),
    async complete(leases) {
      await Promise.all(leases.map((lease) => completions.submit(lease)));
    },
    defer: (leases, runAt) => engine.write((tx) => deferJobs(tx, leases, runAt)),
    retry: (lease, runAt, error) => engine.write((tx) => retryJob(tx, lease, runAt, redact(error).slice(0, 2_000))),
    dead: (lease, error, now) => engine.write((tx) => bury(tx, lease, redact(error).slice(0, 2_000), now)),
    renew: (leases, leaseUntil) => engine.write((tx) => renewLeases(tx, leases, leaseUntil)),
    deadLetters: (limit) => engine.read((db) => readDeadLetters(db, limit)),
    deadLetter: (id) => engine.read(async (db) => (await readDeadLetters(db, 1, id))[0] ?? null),
    revive: (id, now) => engine.write((tx) => revive(tx, id, now)),
    bringForward: (kinds, now) => engine.write((tx) => bringJobsForward(tx, kinds, now)),
    depth: (now) => engine.read((db) => readDepth(db, now)),
    deadCount: () =>
      engine.read(async (db) => {
        const found = await sql<{ n: number }>`select count(*) as n from jobs where dead_at is not null`.execute(db);
        return found.rows[0]?.n ?? 0;
      }),
    subscribe: (listener) => engine.subscribe(listener),
  };
}

/** False, and nothing enqueued, when the key was used before. */
async function enqueueUnless(tx: Write, key: string, jobs: readonly NewJob[], now: number): Promise<boolean> {
  const first = await sql`insert into once (key, at) values (${key}, ${now})
    on conflict (key) do nothing returning key`.execute(tx.db);
  if (first.rows.length === 0) return false;
  await enqueueJobs(tx, jobs, now);
  return true;
}

async function readNextDueAt(db: Reader, now: number): Promise<number | null> {
  const found = await sql<{ at: number | null }>`select min(run_at) as at from jobs
    where waiting = 0 and dead_at is null and lane in (${EVERY_LANE}) and run_at > ${now}`.execute(db);
  return found.rows[0]?.at ?? null;
}

async function deferJobs(tx: Write, leases: readonly Lease[], runAt: number): Promise<void> {
  for (const lease of leases.toSorted((a, b) => a.id - b.id))
    await tx.db
      .updateTable('jobs')
      .set({ lease_until: null, run_at: runAt })
      .where('id', '=', lease.id)
      .where('attempt', '=', lease.attempt)
      .execute();
}

async function retryJob(tx: Write, lease: Lease, runAt: number, error: string): Promise<void> {
  await tx.db
    .updateTable('jobs')
    .set({ lease_until: null, expiries: 0, expired_at: null, run_at: runAt, error })
    .where('id', '=', lease.id)
    .where('attempt', '=', lease.attempt)
    .execute();
  tx.wake();
}

async function revive(tx: Write, id: number, now: number): Promise<boolean> {
  const revived = await tx.db
    .updateTable('jobs')
    .set({ dead_at: null, attempt: 0, expiries: 0, expired_at: null, lease_until: null, run_at: now, waiting: 0 })
    .where('id', '=', id)
    .where('dead_at', 'is not', null)
    .returning('id')
    .execute();
  tx.wake();
  return revived.length > 0;
}

async function removeCompleted(tx: Write, leases: readonly Lease[]): Promise<void> {
  const attempts = new Map(leases.map((lease) => [lease.id, lease.attempt]));
  await removeJobs(
    tx,
    leases.map(({ id }) => id),
    (job) => attempts.get(job.id) === job.attempt,
  );
}

interface JobRow {
  readonly id: number;
  readonly attempt: number;
  readonly lease_until: number | null;
  readonly ordering_key: string | null;
}

/** Removes the jobs for which `ended` is true, and releases the jobs waiting behind them. */
export async function removeJobs(tx: Write, ids: readonly number[], ended: (job: JobRow) => boolean): Promise<void> {
  // Rows are locked in the order of their ids, so that two processes removing jobs cannot wait for each other.
  const found = await sql<JobRow>`select id, attempt, lease_until, ordering_key from jobs
    where ${tx.grammar.amongIds('id', ids)} order by id ${tx.grammar.forUpdate}`.execute(tx.db);
  const gone = found.rows.filter(ended);
  if (gone.length === 0) return;
  await sql`delete from jobs where ${tx.grammar.amongIds(
    'id',
    gone.map(({ id }) => id),
  )}`.execute(tx.db);
  await letThrough(
    tx,
    gone.map((row) => row.ordering_key),
  );
}

async function bury(tx: Write, lease: Lease, error: string, now: number): Promise<void> {
  await sql`select id from jobs where id = ${lease.id} ${tx.grammar.forUpdate}`.execute(tx.db);
  const buried = await tx.db
    .updateTable('jobs')
    .set({ dead_at: now, error, lease_until: null, waiting: 0 })
    .where('id', '=', lease.id)
    .where('attempt', '=', lease.attempt)
    .where('dead_at', 'is', null)
    .returning('ordering_key')
    .execute();
  await letThrough(
    tx,
    buried.map((row) => row.ordering_key),
  );
}

/** Makes the oldest job waiting behind each ordering key claimable. */
async function letThrough(tx: Write, orderingKeys: readonly (string | null)[]): Promise<void> {
  const keys = [...new Set(orderingKeys.filter((key) => key !== null))];
  if (keys.length === 0) return;
  const freed = await sql<{ id: number }>`update jobs set waiting = 0 where id in (
      select min(id) from jobs
      where ${tx.grammar.amongTexts('ordering_key', keys)} and ordering_key is not null and waiting = 1 and dead_at is null
      group by ordering_key)
    returning id`.execute(tx.db);
  if (freed.rows.length > 0) tx.wake();
}

/**
 * Releases jobs that wait behind no other. None should exist; run at start and with retention, it turns a bookkeeping
 * defect into a delay instead of a loss. Returns how many.
 */
export async function freeStranded(tx: Write): Promise<number> {
  const freed = await sql<{ id: number }>`update jobs set waiting = 0 where id in (
      select min(j.id) from jobs j
      where j.waiting = 1 and j.dead_at is null and j.ordering_key is not null and not exists (
        select 1 from jobs o where o.ordering_key = j.ordering_key and o.waiting = 0 and o.dead_at is null)
      group by j.ordering_key)
    returning id`.execute(tx.db);
  if (freed.rows.length > 0) tx.wake();
  return freed.rows.length;
}

async function bringJobsForward(tx: Write, kinds: readonly string[], now: number): Promise<number> {
  const moved = await sql<{ id: number }>`update jobs set run_at = ${now} where id in (
      select id from jobs where lane in (${EVERY_LANE}) and waiting = 0 and dead_at is null and run_at > ${now}
        and lease_until is null and attempt > 0 and ${tx.grammar.amongTexts('kind', kinds)}
      order by id ${tx.grammar.skipLocked})
    returning id`.execute(tx.db);
  if (moved.rows.length > 0) tx.wake();
  return moved.rows.length;
}

async function renewLeases(tx: Write, leases: readonly Lease[], leaseUntil: number): Promise<readonly number[]> {
  const renewed: number[] = [];
  for (const lease of leases.toSorted((a, b) => a.id - b.id)) {
    const rows = await tx.db
      .updateTable('jobs')
      .set({ lease_until: leaseUntil })
      .where('id', '=', lease.id)
      .where('attempt', '=', lease.attempt)
      .where('lease_until', 'is not', null)
      .returning('id')
      .execute();
    renewed.push(...rows.map((row) => row.id));
  }
  return renewed;
}

type Reader = Parameters<Parameters<Engine['read']>[0]>[0];

async function readDeadLetters(db: Reader, limit: number, id: number | null = null): Promise<readonly DeadLetter[]> {
  const rows = await db
    .selectFrom('jobs')
    .selectAll()
    .where('dead_at', 'is not', null)
    .$if(id !== null, (query) => query.where('id', '=', id))
    .orderBy('dead_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    payload: parseStored(jobPayload, row.payload, `job ${row.id}`),
    lane: LANE_NAMES[row.lane] ?? 'evidence',
    orderingKey: row.ordering_key,
    attempts: row.attempt,
    createdAt: row.created_at,
    deadAt: row.dead_at ?? row.created_at,
    error: row.error ?? '',
  }));
}

async function readDepth(db: Reader, now: number): Promise<readonly LaneDepth[]> {
  const found = await sql<{ lane: number; due: number; scheduled: number; oldest: number }>`
    select lane, sum(case when due_at <= ${now} then 1 else 0 end) as due,
      sum(case when due_at > ${now} then 1 else 0 end) as scheduled, min(due_at) as oldest
    from jobs where dead_at is null group by lane`.execute(db);
  const byLane = new Map(found.rows.map((row) => [row.lane, row]));
  return LANE_NAMES.map((lane, number) => {
    const row = byLane.get(number);
    return {
      lane,
      due: row?.due ?? 0,
      scheduled: row?.scheduled ?? 0,
      oldestDueAt: row && row.due > 0 ? row.oldest : null,
    };
  });
}
