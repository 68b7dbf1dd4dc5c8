import { sql } from 'kysely';
import type { Engine } from './engine.ts';
import { giveBack } from './vacuum.ts';

/** Limits for settled deliveries, which nothing reads any more. */
export interface DeliveryRetention {
  readonly olderThanMs: number;
  /** The oldest go first until what is left is at most this many bytes. */
  readonly maxBytes: number;
  readonly now: number;
  /** Aborted when the process stops: the rest is left to the next round. */
  readonly stop?: AbortSignal;
}

export interface TrimmedDeliveries {
  readonly deliveries: number;
  /** Pages of the file that were given back to the file system (SQLite). */
  readonly pages: number;
}

/** Deliveries removed in one transaction at the most. */
const BATCH = 500;
const BATCH_BYTES = 16 * 1024 * 1024;

/**
 * Removes settled deliveries, in small transactions. Undecided ones are kept whatever their age and size, and so are
 * those that a dead letter would read when it is run again.
 */
export async function trimDeliveries(engine: Engine, retention: DeliveryRetention): Promise<TrimmedDeliveries> {
  const before = retention.now - retention.olderThanMs;
  const sum = await engine.read((db) =>
    sql<{ size: number }>`select coalesce(sum(size), 0) as size from deliveries
      where settled_at is not null`.execute(db),
  );
  let excess = (sum.rows[0]?.size ?? 0) - retention.maxBytes;
  let deliveries = 0;
  while (!retention.stop?.aborted) {
    const oldest = await readOldest(engine);
    const ids: number[] = [];
    let bytes = 0;
    for (const row of oldest) {
      if (row.settled_at >= before && excess <= 0) break;
      if (ids.length > 0 && bytes + row.size > BATCH_BYTES) break;
      ids.push(row.id);
      bytes += row.size;
      excess -= row.size;
    }
    if (ids.length === 0) break;
    await engine.write((tx) => sql`delete from deliveries where ${tx.grammar.amongIds('id', ids)}`.execute(tx.db));
    deliveries += ids.length;
    // Requests are answered between the batches.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { deliveries, pages: await giveBack(engine, retention.stop) };
}

interface SettledRow {
  readonly id: number;
  readonly size: number;
  readonly settled_at: number;
}

async function readOldest(engine: Engine): Promise<readonly SettledRow[]> {
  const found = await engine.read((db) =>
    sql<SettledRow>`select id, size, settled_at from deliveries
      where settled_at is not null
        and id not in (select delivery_id from jobs where dead_at is not null and delivery_id is not null)
      order by settled_at, id limit ${BATCH}`.execute(db),
  );
  return found.rows;
}
