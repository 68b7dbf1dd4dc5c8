import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/** A row id that grows and is never given twice; each engine has its own way to say so. */
function withId(table: CreateTableBuilder<string>, engine: 'sqlite' | 'postgres') {
  return engine === 'sqlite'
    ? table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    : table.addColumn('id', 'bigint', (column) => column.generatedAlwaysAsIdentity().primaryKey());
}

/** Tables and indices of the first release. */
export function initial(engine: 'sqlite' | 'postgres') {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await small(db);
      await intake(db, engine);
      await incidents(db, engine);
      await delivery(db, engine);
      await jobs(db, engine);
    },
  };
}

async function small(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('settings')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('counters')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'bigint', (column) => column.notNull())
    .execute();
  await sql`insert into counters (name, value) values ('incident', 0)`.execute(db);
  await db.schema
    .createTable('tallies')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('writer', 'text', (column) => column.notNull())
    .addColumn('amount', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('tallies_pk', ['name', 'writer'])
    .execute();
  await db.schema
    .createTable('once')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('once_at').on('once').column('at').execute();
  await db.schema
    .createTable('heartbeats')
    .addColumn('cluster', 'text', (column) => column.primaryKey())
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('beats', 'bigint', (column) => column.notNull())
    .execute();
}

async function intake(db: Kysely<unknown>, engine: 'sqlite' | 'postgres'): Promise<void> {
  await withId(db.schema.createTable('deliveries'), engine)
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('sender', 'text', (column) => column.notNull())
    .addColumn('sender_cluster', 'text')
    .addColumn('group_key', 'text', (column) => column.notNull())
    .addColumn('alert_count', 'integer', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .addColumn('settled_at', 'bigint')
    .execute();
  await sql`create index deliveries_unsettled on deliveries (id, alert_count) where settled_at is null`.execute(db);
  await sql`create index deliveries_settled on deliveries (settled_at) where settled_at is not null`.execute(db);
  await withId(db.schema.createTable('rejected_bodies'), engine)
    .addColumn('sender', 'text', (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('head', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
}

async function incidents(db: Kysely<unknown>, engine: 'sqlite' | 'postgres'): Promise<void> {
  await db.schema
    .createTable('incidents')
    .addColumn('number', 'integer', (column) => column.primaryKey())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('cluster', 'text', (column) => column.notNull())
    .addColumn('correlation_key', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('severity_rank', 'integer', (column) => column.notNull())
    .addColumn('channel', 'text')
    .addColumn('opened_at', 'bigint', (column) => column.notNull())
    .addColumn('last_activity_at', 'bigint', (column) => column.notNull())
    .addColumn('live_until', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .execute();
  await sql`create index incidents_key on incidents (correlation_key, live_until)`.execute(db);
  await sql`create index incidents_status on incidents (status, number)`.execute(db);
  await sql`create index incidents_channel on incidents (channel, number)`.execute(db);
  await sql`create index incidents_opened on incidents (opened_at)`.execute(db);
  await db.schema
    .createTable('incident_alerts')
    .addColumn('incident_number', 'integer', (column) => column.notNull())
    .addColumn('cluster', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull())
    .addColumn('node', 'text')
    .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
    .addColumn('live_until', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('incident_alerts_pk', ['incident_number', 'cluster', 'fingerprint'])
    .execute();
  await sql`create index incident_alerts_fingerprint on incident_alerts (fingerprint, cluster, live_until)`.execute(db);
  await sql`create index incident_alerts_name on incident_alerts (name_key, cluster, live_until)`.execute(db);
  await sql`create index incident_alerts_node on incident_alerts (node, cluster, live_until) where node is not null`.execute(
    db,
  );
  await sql`create index incident_alerts_seen on incident_alerts (name, cluster, last_seen_at)`.execute(db);
  await withId(db.schema.createTable('timeline'), engine)
    .addColumn('incident_number', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor_type', 'text', (column) => column.notNull())
    .addColumn('actor_id', 'text', (column) => column.notNull())
    .addColumn('actor_name', 'text')
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('recorded_at', 'bigint', (column) => column.notNull())
    .addColumn('permalink', 'text')
    .addColumn('once_key', 'text')
    .execute();
  await sql`create index timeline_incident on timeline (incident_number, at, id)`.execute(db);
  await sql`create index timeline_actor on timeline (actor_id, at)`.execute(db);
  await sql`create unique index timeline_once on timeline (incident_number, once_key)`.execute(db);
}

async function delivery(db: Kysely<unknown>, engine: 'sqlite' | 'postgres'): Promise<void> {
  await withId(db.schema.createTable('findings'), engine)
    .addColumn('incident_number', 'integer', (column) => column.notNull())
    .addColumn('diagnostic', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('recorded_at', 'bigint', (column) => column.notNull())
    .execute();
  await sql`create index findings_incident on findings (incident_number, id)`.execute(db);
  await withId(db.schema.createTable('evidence'), engine)
    .addColumn('incident_number', 'integer', (column) => column.notNull())
    .addColumn('diagnostic', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('mime', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('size', 'integer', (column) => column.notNull())
    .addColumn('truncated', 'integer', (column) => column.notNull())
    .addColumn('captured_at', 'bigint', (column) => column.notNull())
    .addColumn('recorded_at', 'bigint', (column) => column.notNull())
    .execute();
  await sql`create index evidence_incident on evidence (incident_number, id)`.execute(db);
  await sql`create index evidence_age on evidence (recorded_at, id, size, incident_number)`.execute(db);
  await withId(db.schema.createTable('posts'), engine)
    .addColumn('incident_number', 'integer')
    .addColumn('channel', 'text')
    .addColumn('thread_ts', 'text')
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('sending_since', 'bigint')
    .addColumn('sent_channel', 'text')
    .addColumn('sent_ts', 'text')
    .addColumn('reason', 'text')
    .execute();
  await sql`create index posts_waiting on posts (incident_number, id) where state in ('pending', 'sending')`.execute(
    db,
  );
  await db.schema
    .createTable('slack_messages')
    .addColumn('view', 'text', (column) => column.primaryKey())
    .addColumn('incident_number', 'integer')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('sending_since', 'bigint', (column) => column.notNull())
    .addColumn('rendered_hash', 'text')
    .addColumn('reason', 'text')
    .execute();
  await sql`create index slack_messages_place on slack_messages (channel, ts) where incident_number is not null`.execute(
    db,
  );
  await db.schema
    .createTable('mentions')
    .addColumn('view', 'text', (column) => column.primaryKey())
    .addColumn('incident_number', 'integer')
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await sql`create index mentions_channel on mentions (channel, at)`.execute(db);
  await sql`create index mentions_incident on mentions (incident_number, at)`.execute(db);
}

async function jobs(db: Kysely<unknown>, engine: 'sqlite' | 'postgres'): Promise<void> {
  await withId(db.schema.createTable('jobs'), engine)
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('lane', 'integer', (column) => column.notNull())
    .addColumn('ordering_key', 'text')
    .addColumn('coalesce_key', 'text')
    .addColumn('waiting', 'integer', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('run_at', 'bigint', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('lease_until', 'bigint')
    .addColumn('expiries', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('error', 'text')
    .addColumn('dead_at', 'bigint')
    .addColumn('delivery_id', 'bigint')
    .execute();
  await sql`create index jobs_claim on jobs (lane, run_at, id) where waiting = 0 and dead_at is null`.execute(db);
  await sql`create index jobs_key on jobs (ordering_key, waiting, id) where dead_at is null and ordering_key is not null`.execute(
    db,
  );
  await sql`create index jobs_coalesce on jobs (coalesce_key) where coalesce_key is not null and dead_at is null`.execute(
    db,
  );
  await sql`create index jobs_depth on jobs (lane, due_at) where dead_at is null`.execute(db);
  await sql`create index jobs_dead on jobs (dead_at) where dead_at is not null`.execute(db);
}
