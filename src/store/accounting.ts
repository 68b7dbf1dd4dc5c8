import { sql } from 'kysely';
import type { Engine } from './engine.ts';

/** In alerts: received = onIncident + pending + the sum of suppressed + rejected + dead, always. */
export interface Accounting {
  readonly received: number;
  readonly onIncident: number;
  /** Accepted, not decided yet. */
  readonly pending: number;
  /** By reason. */
  readonly suppressed: Readonly<Record<string, number>>;
  /** Not understood: kept with their delivery and reported. */
  readonly rejected: number;
  /** Their delivery's job is a dead letter. */
  readonly dead: number;
}

/** Reads all totals in one statement, so that they belong to one moment. */
export function readAccounting(engine: Engine): Promise<Accounting> {
  return engine.read(async (db) => {
    const found = await sql<{ name: string; amount: number }>`
      select name, sum(amount) as amount from tallies group by name
      union all
      select 'unsettled', coalesce(sum(alert_count), 0) from deliveries where settled_at is null
      union all
      select 'dead', coalesce(sum(d.alert_count), 0) from jobs j join deliveries d on d.id = j.delivery_id
        where j.dead_at is not null and d.settled_at is null`.execute(db);
    const amounts = new Map(found.rows.map((row) => [row.name, row.amount]));
    const suppressed: Record<string, number> = {};
    for (const [name, amount] of amounts)
      if (name.startsWith('suppressed:')) suppressed[name.slice('suppressed:'.length)] = amount;
    const dead = amounts.get('dead') ?? 0;
    return {
      received: amounts.get('received') ?? 0,
      onIncident: amounts.get('on_incident') ?? 0,
      pending: (amounts.get('unsettled') ?? 0) - dead,
      suppressed,
      rejected: amounts.get('rejected') ?? 0,
      dead,
    };
  });
}

/** The writer of totals whose process ended. */
export const FOLDED = 'folded';

/** Merges the totals of ended processes into one row each; a process that still lives starts a new one. */
export function foldTallies(engine: Engine): Promise<void> {
  return engine.write(async (tx) => {
    const gone = await sql<{ name: string; amount: number }>`delete from tallies where writer <> ${FOLDED}
      returning name, amount`.execute(tx.db);
    const sums = new Map<string, number>();
    for (const { name, amount } of gone.rows) sums.set(name, (sums.get(name) ?? 0) + amount);
    for (const [name, amount] of [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      await sql`insert into tallies (name, writer, amount) values (${name}, ${FOLDED}, ${amount})
        on conflict (name, writer) do update set amount = tallies.amount + excluded.amount`.execute(tx.db);
  });
}
