import { type Kysely, sql } from 'kysely';

/** Large deliveries lie in slices, which go as they are decided about. */
export const deliverySlices = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('delivery_slices')
      .addColumn('delivery_id', 'bigint', (column) => column.notNull())
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('delivery_slices_key', ['delivery_id', 'position'])
      .execute();
    await sql`alter table deliveries add column slices integer not null default 0`.execute(db);
    await sql`create index deliveries_sliced on deliveries (group_key) where settled_at is null and slices > 0`.execute(
      db,
    );
  },
};
