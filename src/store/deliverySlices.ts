import { sql } from 'kysely';
import { type Accepted, decisionJob, rowOf, type Settlement, tallyOutcomes } from './deliveryRows.ts';
import type { Engine, Write } from './engine.ts';
import { enqueueJobs } from './enqueue.ts';

/**
 * Stores a delivery whose alerts come in slices, in one transaction. It is decided concurrently with other deliveries
 * of its cluster, which do not wait for it.
 */
export function acceptSliced(
  engine: Engine,
  delivery: Accepted,
  slices: Iterable<string>,
): Promise<{ readonly id: number }> {
  return engine.write(async (tx) => {
    const { id } = await tx.db
      .insertInto('deliveries')
      .values({ ...rowOf(delivery), slices: 1 })
      .returning('id')
      .executeTakeFirstOrThrow();
    let position = 0;
    for (const body of slices) {
      position += 1;
      await tx.db.insertInto('delivery_slices').values({ delivery_id: id, position, body }).execute();
      // Requests are answered in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await tx.db.updateTable('deliveries').set({ slices: position }).where('id', '=', id).execute();
    await enqueueJobs(tx, [decisionJob(id, delivery, 'sliced')], delivery.receivedAt);
    tx.tally('received', delivery.alertCount);
    return { id };
  });
}

/** The next slice behind `after`; null when there is none. */
export function readSliceOf(
  engine: Engine,
  deliveryId: number,
  after: number,
): Promise<{ readonly position: number; readonly body: string } | null> {
  return engine.read(async (db) => {
    const row = await db
      .selectFrom('delivery_slices')
      .select(['position', 'body'])
      .where('delivery_id', '=', deliveryId)
      .where('position', '>', after)
      .orderBy('position')
      .limit(1)
      .executeTakeFirst();
    return row ?? null;
  });
}

/** Deletes a slice so that this transaction decides about it; false when another transaction did. */
export async function takeSlice(tx: Write, deliveryId: number, position: number): Promise<boolean> {
  const taken = await sql`delete from delivery_slices
    where delivery_id = ${deliveryId} and position = ${position} returning position`.execute(tx.db);
  return taken.rows.length > 0;
}

/**
 * Settles a slice; with the last one the delivery is settled, and its envelope is replaced by `clean`, since it may
 * hold secrets.
 * @returns true when the delivery is settled
 */
export async function settleSlice(
  tx: Write,
  deliveryId: number,
  { outcomes, rejected, clean }: Settlement,
  now: number,
): Promise<boolean> {
  tallyOutcomes(tx, outcomes, rejected);
  await sql`update deliveries set alert_count = alert_count - ${outcomes.length + rejected}
    where id = ${deliveryId}`.execute(tx.db);
  const settled = await sql`update deliveries set settled_at = ${now}, group_key = '',
      body = ${clean === undefined ? sql`body` : clean}
    where id = ${deliveryId} and not exists (select 1 from delivery_slices where delivery_id = ${deliveryId})
    returning id`.execute(tx.db);
  return settled.rows.length > 0;
}
