import { type Kysely, sql } from 'kysely';

/** Cards that stand for several incidents (storms), and every opening by time, from which a storm is seen. */
export function cardGroups(engine: 'sqlite' | 'postgres') {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const table = db.schema.createTable('card_groups');
      const groups =
        engine === 'sqlite'
          ? table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
          : table.addColumn('id', 'bigint', (column) => column.generatedAlwaysAsIdentity().primaryKey());
      await groups
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('cluster', 'text', (column) => column.notNull())
        .addColumn('alert_name', 'text')
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('since', 'bigint', (column) => column.notNull())
        .addColumn('ended_at', 'bigint')
        .execute();
      await sql`create index card_groups_name on card_groups (cluster, kind, alert_name, id)`.execute(db);
      await sql`create unique index card_groups_storm on card_groups (cluster)
        where kind = 'storm' and ended_at is null`.execute(db);
      await db.schema
        .createTable('openings')
        .addColumn('incident_number', 'integer', (column) => column.primaryKey())
        .addColumn('cluster', 'text', (column) => column.notNull())
        .addColumn('opened_at', 'bigint', (column) => column.notNull())
        .addColumn('severity_rank', 'integer', (column) => column.notNull())
        .addColumn('alert_name', 'text', (column) => column.notNull())
        .addColumn('group_id', 'bigint')
        .addColumn('unfolded', 'integer', (column) => column.notNull())
        .execute();
      await sql`create index openings_time on openings (cluster, opened_at)`.execute(db);
      await sql`create index openings_name on openings (cluster, alert_name, opened_at)`.execute(db);
      await sql`create index openings_group on openings (group_id, incident_number) where group_id is not null`.execute(
        db,
      );
      await sql`create index slack_messages_channels on slack_messages (sending_since)
        where substr(view, 1, 8) = 'channel:'`.execute(db);
      await sql`create index incidents_unresolved on incidents (severity_rank, number desc)
        where status <> 'resolved'`.execute(db);
    },
  };
}
