import { type Kysely, sql } from 'kysely';

/** How large a delivery is, and the index from which those that are done with are summed and found, without their bodies. */
export function deliverySize(engine: 'sqlite' | 'postgres') {
  // SQLite cannot add a stored one; the index holds its value.
  const kept = sql.raw(engine === 'sqlite' ? 'virtual' : 'stored');
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql`alter table deliveries add column size integer generated always as (octet_length(body)) ${kept}`.execute(
        db,
      );
      await sql`drop index deliveries_settled`.execute(db);
      await sql`create index deliveries_settled on deliveries (settled_at, id, size) where settled_at is not null`.execute(
        db,
      );
    },
  };
}
