import { type Insertable, sql } from 'kysely';
import type { JobKind } from '../jobs/jobKinds.ts';
import { LANES } from '../queue/job.ts';
import { traceparent } from '../telemetry/tracing.ts';
import type { Write } from './engine.ts';
import type { NewJob } from './jobShape.ts';
import { chunks } from './rows.ts';
import type { JobsTable } from './schema.ts';

type JobRow = Insertable<JobsTable>;

/** The kind whose jobs decide about a delivery; accounting follows them. */
export const DECISION_KIND = 'handleAlertGroup' satisfies JobKind;

/**
 * Writes jobs in the transaction. A job whose coalesce key waits already is absorbed by that one: the earlier time and
 * the better lane win, except that a job backing off keeps its time. A job behind another of its ordering key is
 * written as `waiting`, so that a claim never looks at it however long the queue is.
 */
export async function enqueueJobs(tx: Write, jobs: readonly NewJob[], now: number): Promise<void> {
  const fresh = await absorb(tx, jobs, now);
  if (fresh.length === 0) return tx.wake();
  const held = await heldKeys(tx, fresh, now);
  const rows = fresh.map((job): JobRow => {
    const dueAt = job.runAt ?? now;
    const due = dueAt <= now;
    const waiting = due && job.orderingKey !== null && held.has(job.orderingKey);
    if (due && job.orderingKey !== null) held.add(job.orderingKey);
    return {
      kind: job.kind,
      payload: JSON.stringify(traced(job.payload)),
      lane: LANES[job.lane],
      ordering_key: job.orderingKey,
      coalesce_key: job.coalesceKey ?? null,
      waiting: waiting ? 1 : 0,
      due_at: dueAt,
      run_at: dueAt,
      attempt: 0,
      lease_until: null,
      expiries: 0,
      expired_at: null,
      expired_by: null,
      holder: null,
      created_at: now,
      error: null,
      dead_at: null,
      delivery_id: deliveryOf(job),
    };
  });
  for (const piece of chunks(rows)) await tx.db.insertInto('jobs').values(piece).execute();
  tx.wake();
}

/** The payload with the current trace, to which the job's spans belong. */
function traced(payload: NewJob['payload']): NewJob['payload'] {
  const trace = traceparent();
  if (trace === null || payload === null || typeof payload !== 'object' || Array.isArray(payload)) return payload;
  return { trace, ...payload };
}

function deliveryOf(job: NewJob): number | null {
  if (job.kind !== DECISION_KIND || job.payload === null || typeof job.payload !== 'object') return null;
  const delivery = 'delivery' in job.payload ? job.payload.delivery : null;
  return typeof delivery === 'number' ? delivery : null;
}

/** The jobs left to insert; of several new jobs with one coalesce key the first is kept. */
async function absorb(tx: Write, jobs: readonly NewJob[], now: number): Promise<readonly NewJob[]> {
  const merged = new Map<string, NewJob>();
  const rest: NewJob[] = [];
  for (const job of jobs) {
    if (job.coalesceKey === undefined) {
      rest.push(job);
      continue;
    }
    const first = merged.get(job.coalesceKey);
    merged.set(job.coalesceKey, first ? better(first, job, now) : job);
  }
  if (merged.size === 0) return rest;
  // In the order of the keys, so that two transactions absorbing the same jobs cannot wait for each other.
  for (const [key, job] of [...merged].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const runAt = job.runAt ?? now;
    const lane = LANES[job.lane];
    const absorbed = await sql<{ id: number }>`update jobs set
        lane = case when lane > ${lane} then ${lane} else lane end,
        due_at = case when attempt = 0 and due_at > ${runAt} then ${runAt} else due_at end,
        run_at = case when attempt = 0 and run_at > ${runAt} then ${runAt} else run_at end
      where coalesce_key = ${key} and dead_at is null and lease_until is null
      returning id`.execute(tx.db);
    if (absorbed.rows.length > 0) merged.delete(key);
  }
  return [...rest, ...merged.values()];
}

function better(first: NewJob, second: NewJob, now: number): NewJob {
  const runAt = Math.min(first.runAt ?? now, second.runAt ?? now);
  const lane = LANES[second.lane] < LANES[first.lane] ? second.lane : first.lane;
  return { ...first, lane, runAt };
}

/**
 * The ordering keys that have a job running or queued already. PostgreSQL locks those rows against deletion until our
 * commit: whoever completes one of them then sees our job and lets it through.
 */
async function heldKeys(tx: Write, jobs: readonly NewJob[], now: number): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const job of jobs) if (job.orderingKey !== null && (job.runAt ?? now) <= now) keys.add(job.orderingKey);
  if (keys.size === 0) return new Set();
  const rows = await sql<{ ordering_key: string }>`select ordering_key from jobs
    where ${tx.grammar.amongTexts('ordering_key', [...keys])}
      and ordering_key is not null and waiting = 0 and dead_at is null and (due_at <= ${now} or lease_until is not null)
    order by id ${tx.grammar.forKeyShare}`.execute(tx.db);
  return new Set(rows.rows.map((row) => row.ordering_key));
}
