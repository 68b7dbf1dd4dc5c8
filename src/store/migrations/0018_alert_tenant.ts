import { type Kysely, sql } from 'kysely';

/** Two tenants of one sender can send the same labels: the tenant joins the key of an incident's alerts. */
export function alertTenant(engine: 'sqlite' | 'postgres') {
  return { up: engine === 'sqlite' ? copied : altered };
}

const KEY = sql`(incident_number, cluster, fingerprint, tenant)`;

async function altered(db: Kysely<unknown>): Promise<void> {
  await sql`alter table incident_alerts add column tenant text not null default ''`.execute(db);
  const said = (label: string) => sql`nullif(state::json->'labels'->>${sql.lit(label)}, '')`;
  await sql`update incident_alerts set tenant = ${tenantBy(said)}`.execute(db);
  await sql`alter table incident_alerts drop constraint incident_alerts_pk`.execute(db);
  await sql`alter table incident_alerts add constraint incident_alerts_pk primary key ${KEY}`.execute(db);
}

/** SQLite changes no key: the rows move into a table that has the new one, and the indexes are made again. */
async function copied(db: Kysely<unknown>): Promise<void> {
  const indexes = await sql<{ sql: string }>`select sql from sqlite_master
    where type = 'index' and tbl_name = 'incident_alerts' and sql is not null`.execute(db);
  await sql`alter table incident_alerts rename to incident_alerts_before`.execute(db);
  await sql`create table incident_alerts (
    incident_number integer not null, cluster text not null, fingerprint text not null, tenant text not null default '',
    name text not null, name_key text not null, node text, last_seen_at bigint not null, live_until bigint not null,
    state text not null, firing integer not null default 0, active_at bigint not null default 0,
    constraint incident_alerts_pk primary key ${KEY})`.execute(db);
  const said = (label: string) => sql`nullif(json_extract(state, ${sql.lit(`$.labels.${label}`)}), '')`;
  await sql`insert into incident_alerts (incident_number, cluster, fingerprint, tenant, name, name_key, node, last_seen_at,
      live_until, state, firing, active_at)
    select incident_number, cluster, fingerprint, ${tenantBy(said)}, name, name_key, node, last_seen_at, live_until, state,
      firing, active_at from incident_alerts_before`.execute(db);
  await sql`drop table incident_alerts_before`.execute(db);
  for (const index of indexes.rows) await sql.raw(index.sql).execute(db);
}

/** The labels that name a tenant, in the order in which they were asked when this was written. */
function tenantBy(said: (label: string) => ReturnType<typeof sql>) {
  const account = said('vm_account_id');
  return sql`coalesce(${said('tenant')}, ${said('tenant_id')}, ${said('__tenant_id__')},
    ${account} || ':' || ${said('vm_project_id')}, ${account}, '')`;
}
