import { sql } from 'kysely';
import type { Engine } from './engine.ts';
import { freeStranded } from './jobs.ts';
import { giveBack } from './vacuum.ts';

export interface Retention {
  /** Age in milliseconds above which evidence of resolved incidents, finished posts and refused bodies are removed. */
  readonly evidenceOlderThanMs: number;
  /** Bytes of evidence of resolved incidents that may remain; beyond it the oldest is removed first. */
  readonly maxEvidenceBytes: number;
  readonly now: number;
  /** Aborted when the process stops: the rest is left to the next round. */
  readonly stop?: AbortSignal;
}

export interface Trimmed {
  readonly evidence: number;
  /** Rows of the outbox that were sent or given up: their bodies hold evidence. */
  readonly posts: number;
  readonly rejected: number;
  /** Jobs released that waited behind no other; normally 0. */
  readonly stranded: number;
  /** Pages of the file that were given back to the file system (SQLite). */
  readonly pages: number;
}

const BATCH = 500;
const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * 3_600_000;

/**
 * Removes what is no longer needed, in small transactions so that nothing else waits long, and gives the room back.
 * Incidents, their alerts, findings and timelines are kept.
 */
export async function trimStore(engine: Engine, retention: Retention): Promise<Trimmed> {
  const before = retention.now - retention.evidenceOlderThanMs;
  const old = sql<{ id: number }>`select e.id from evidence e join incidents i on i.number = e.incident_number
    where e.recorded_at < ${before} and i.status = 'resolved' order by e.recorded_at limit ${BATCH}`;
  let evidence = await inBatches(() => removeEvidence(engine, old));
  evidence += await shrink(engine, retention.maxEvidenceBytes);
  const posts = await inBatches(() =>
    engine.write(async (tx) => {
      const removed = await sql`delete from posts where id in (select id from posts
        where state in ('sent', 'dead') and created_at < ${before} order by created_at limit ${BATCH})
        returning id`.execute(tx.db);
      return removed.rows.length;
    }),
  );
  const rejected = await engine.write(async (tx) => {
    const removed = await sql`delete from rejected_bodies where at < ${before} returning id`.execute(tx.db);
    await sql`delete from once where at < ${retention.now - WEEK_MS}`.execute(tx.db);
    await sql`delete from mentions where at < ${retention.now - WEEK_MS}`.execute(tx.db);
    await sql`delete from seen where at < ${retention.now - WEEK_MS}`.execute(tx.db);
    await sql`delete from meters where spent_until < ${retention.now - HOUR_MS} and held_until < ${retention.now - HOUR_MS}
      and sent_at = '[]'`.execute(tx.db);
    return removed.rows.length;
  });
  const stranded = await engine.write(freeStranded);
  const pages = await giveBack(engine, retention.stop);
  return { evidence, posts, rejected, stranded, pages };
}

async function inBatches(batch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const removed = await batch();
    total += removed;
    if (removed < BATCH) break;
    // Requests are answered between the batches.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return total;
}

function removeEvidence(engine: Engine, which: ReturnType<typeof sql<{ id: number }>>): Promise<number> {
  return engine.write(async (tx) => {
    const removed = await sql`delete from evidence where id in (${which}) returning id`.execute(tx.db);
    return removed.rows.length;
  });
}

async function shrink(engine: Engine, maxBytes: number): Promise<number> {
  const sum = await engine.read((db) =>
    sql<{ size: number }>`select coalesce(sum(size), 0) as size from evidence`.execute(db),
  );
  let excess = (sum.rows[0]?.size ?? 0) - maxBytes;
  let total = 0;
  while (excess > 0) {
    const oldest = await engine.read((db) =>
      sql<{ id: number; size: number }>`select e.id, e.size from evidence e
        join incidents i on i.number = e.incident_number
        where i.status = 'resolved' order by e.recorded_at limit ${BATCH}`.execute(db),
    );
    const ids: number[] = [];
    for (const row of oldest.rows) {
      if (excess <= 0) break;
      ids.push(row.id);
      excess -= row.size;
    }
    if (ids.length === 0) break;
    total += await removeEvidence(engine, sql<{ id: number }>`${sql.join(ids)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return total;
}
