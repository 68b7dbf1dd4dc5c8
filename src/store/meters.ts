import { sql } from 'kysely';
import type { Engine } from './engine.ts';
import { parseStored, storedTimes } from './stored.ts';

/** The use of one of Slack's rate limits. Times are epoch milliseconds. */
export interface Meter {
  /** When the calls of the last minute were made. */
  readonly sentAt: readonly number[];
  /** Time until which a budget that refills by the second is spent. */
  readonly spentUntil: number;
  /** Time until which Slack asked for no call (Retry-After). */
  readonly heldUntil: number;
}

/** Meters by name, shared by every process on this store. */
export interface Meters {
  /**
   * Replaces these meters (null: never used) by the result of `step`, in one transaction; nothing is written when it
   * returns null. `step` may run more than once.
   */
  change<T>(
    names: readonly string[],
    step: (meters: readonly (Meter | null)[]) => { readonly meters: readonly Meter[]; readonly result: T },
  ): Promise<T>;
}

export function createMeters(engine: Engine): Meters {
  return {
    change: (names, step) =>
      engine.write(async (tx) => {
        const sorted = names.toSorted();
        // Rows are made and locked in the order of their names, so that two processes cannot wait for each other.
        await sql`insert into meters (name, sent_at, spent_until, held_until)
          values ${sql.join(sorted.map((name) => sql`(${name}, '[]', 0, 0)`))} on conflict (name) do nothing`.execute(
          tx.db,
        );
        const found = await sql<{ name: string; sent_at: string; spent_until: number; held_until: number }>`
          select name, sent_at, spent_until, held_until from meters where ${tx.grammar.amongTexts('name', sorted)}
          order by name ${tx.grammar.forUpdate}`.execute(tx.db);
        const known = new Map(
          found.rows.map((row) => [
            row.name,
            {
              sentAt: parseStored(storedTimes, row.sent_at, `meter ${row.name}`),
              spentUntil: row.spent_until,
              heldUntil: row.held_until,
            },
          ]),
        );
        const { meters, result } = step(names.map((name) => known.get(name) ?? null));
        for (const [index, meter] of meters.entries()) {
          await sql`update meters set sent_at = ${JSON.stringify(meter.sentAt)}, spent_until = ${meter.spentUntil},
            held_until = ${meter.heldUntil} where name = ${names[index]}`.execute(tx.db);
        }
        return result;
      }),
  };
}
