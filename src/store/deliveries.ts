import { type Selectable, sql } from 'kysely';
import { SAYS_SEV1, saysResolved } from '../alerts/severityWords.ts';
import { coerceError } from '../errors.ts';
import type { Delivery, Deliveries as KnownDeliveries, WaitingDecision } from '../jobs/ports.ts';
import { traceparent } from '../telemetry/tracing.ts';
import { type Accepted, decisionJob, type NewDelivery, rowOf, type Settlement, tallyOutcomes } from './deliveryRows.ts';
import { acceptSliced, readSliceOf } from './deliverySlices.ts';
import type { Engine, Write } from './engine.ts';
import { enqueueJobs } from './enqueue.ts';
import { createGroup } from './groupCommit.ts';
import { removeJobs } from './jobs.ts';
import { chunks } from './rows.ts';
import type { DeliveriesTable } from './schema.ts';
import { decisionPayload, parseStored } from './stored.ts';

export type { NewDelivery };

export interface Deliveries extends KnownDeliveries {
  /**
   * Resolves when the delivery and the job that decides about it are on disk. Deliveries of one turn of the event loop
   * share a commit.
   *
   * @throws ResponderError store_unavailable: nothing was kept, the sender has to try again.
   */
  accept(delivery: NewDelivery): Promise<{ readonly id: number }>;
}

export function createDeliveries(engine: Engine): Deliveries {
  const acceptance = createGroup<Accepted, { id: number }>(
    (deliveries) => engine.write((tx) => insertDeliveries(tx, deliveries)),
    coerceError,
  );
  return {
    accept: (delivery) => {
      const accepted = { ...delivery, trace: traceparent() };
      // A large delivery is stored by itself, so that small ones of the same moment do not wait for it.
      return delivery.slices ? acceptSliced(engine, accepted, delivery.slices) : acceptance.submit(accepted);
    },
    find: (id) =>
      engine.read(async (db) => {
        const row = await db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst();
        return row ? deliveryOf(row) : null;
      }),
    slice: (deliveryId, after) => readSliceOf(engine, deliveryId, after),
    isAhead: (delivery) =>
      engine.read(async (db) => {
        const found = await sql<{ id: number }>`select id from deliveries
          where settled_at is null and id < ${delivery.id} and sender = ${delivery.sender}
            and group_key = (select group_key from deliveries where id = ${delivery.id})
            and id not in (select delivery_id from jobs where dead_at is not null and delivery_id is not null)
          limit 1`.execute(db);
        return found.rows.length > 0;
      }),
    behind: (jobId, most) =>
      engine.read(async (db) => {
        const next = (waiting: 0 | 1) => sql`select * from (
          select id, delivery_id, payload, attempt, lease_until from jobs
          where ordering_key = (select ordering_key from jobs where id = ${jobId} and waiting = 0 and dead_at is null)
            and waiting = ${waiting} and dead_at is null and id > ${jobId}
          order by id limit ${most}) as with_waiting_${sql.raw(String(waiting))}`;
        const found = await sql<BehindRow>`${next(0)} union all ${next(1)}`.execute(db);
        const decisions: WaitingDecision[] = [];
        for (const row of found.rows.toSorted((a, b) => a.id - b.id).slice(0, most)) {
          // A job that is running or was tried keeps its turn; nothing behind it may overtake it here.
          if (row.attempt > 0 || row.lease_until !== null || row.delivery_id === null) break;
          const { trace = null } = parseStored(decisionPayload, row.payload, `job ${row.id}`);
          decisions.push({ jobId: row.id, deliveryId: row.delivery_id, trace });
        }
        return decisions;
      }),
    withdraw: (jobIds) =>
      engine.write(async (tx) => {
        await removeJobs(tx, jobIds, (job) => job.attempt === 0 && job.lease_until === null);
      }),
  };
}

interface BehindRow {
  readonly id: number;
  readonly delivery_id: number | null;
  readonly payload: string;
  readonly attempt: number;
  readonly lease_until: number | null;
}

type DeliveryRow = Pick<
  Selectable<DeliveriesTable>,
  'id' | 'body' | 'sender' | 'sender_cluster' | 'received_at' | 'slices'
>;

function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    body: row.body,
    sender: row.sender,
    senderCluster: row.sender_cluster,
    receivedAt: row.received_at,
    slices: row.slices,
  };
}

export async function insertDeliveries(tx: Write, deliveries: readonly Accepted[]): Promise<readonly { id: number }[]> {
  const ids: number[] = [];
  for (const piece of chunks(deliveries)) {
    const inserted = await tx.db.insertInto('deliveries').values(piece.map(rowOf)).returning('id').execute();
    // Ids grow in the order of the rows, but RETURNING promises no order.
    ids.push(...inserted.map((row) => row.id).toSorted((a, b) => a - b));
  }
  const now = Math.max(...deliveries.map((delivery) => delivery.receivedAt));
  const sliced = await groupsInSlices(tx, deliveries);
  const jobs = deliveries.map((delivery, index) => {
    // A delivery with an alert that says it is sev1 does not wait behind a storm of others: those of one alert stay in order,
    // for its labels do not change. One at a time as well, so that they take no more than one place of what people wait for.
    const isGrave = SAYS_SEV1.test(delivery.body);
    // A resolution must not be decided before the alert it resolves.
    const follows = sliced.has(delivery.groupKey) && !(isGrave && !saysResolved(delivery.body));
    const isFirst = isGrave && !follows;
    const apart = follows ? 'sliced' : isFirst ? 'sev1' : undefined;
    return decisionJob(ids[index] ?? 0, delivery, apart);
  });
  await enqueueJobs(tx, jobs, now);
  tx.tally(
    'received',
    deliveries.reduce((sum, delivery) => sum + delivery.alertCount, 0),
  );
  return ids.map((id) => ({ id }));
}

/** Those of the groups that have an undecided delivery in slices. */
async function groupsInSlices(tx: Write, deliveries: readonly Accepted[]): Promise<ReadonlySet<string>> {
  const keys = [...new Set(deliveries.map(({ groupKey }) => groupKey))];
  const found = await sql<{ group_key: string }>`select group_key from deliveries
    where ${tx.grammar.amongTexts('group_key', keys)} and settled_at is null and slices > 0`.execute(tx.db);
  return new Set(found.rows.map((row) => row.group_key));
}

/** Null when every alert of it is accounted for. */
export async function findUndecided(tx: Write, id: number): Promise<Delivery | null> {
  const row = await tx.db
    .selectFrom('deliveries')
    .selectAll()
    .where('id', '=', id)
    .where('settled_at', 'is', null)
    .executeTakeFirst();
  return row ? deliveryOf(row) : null;
}

/**
 * Settles a delivery: records the outcome of each of its alerts, once; a job that runs again changes nothing. Should
 * the delivery hold another number of alerts than was counted at the door, the difference goes to `received`, so that
 * the sum holds. Its body is replaced by the redacted one and its group key is cleared, since either may hold secrets.
 * @returns false when it was settled before
 */
export async function settleDelivery(
  tx: Write,
  deliveryId: number,
  { outcomes, rejected, clean }: Settlement,
  now: number,
): Promise<boolean> {
  const settled = await sql<{
    alert_count: number;
  }>`update deliveries set settled_at = ${now}, body = ${clean === undefined ? sql`body` : clean}, group_key = ''
    where id = ${deliveryId} and settled_at is null returning alert_count`.execute(tx.db);
  const counted = settled.rows[0]?.alert_count;
  if (counted === undefined) return false;
  tx.tally('received', outcomes.length + rejected - counted);
  tallyOutcomes(tx, outcomes, rejected);
  return true;
}
