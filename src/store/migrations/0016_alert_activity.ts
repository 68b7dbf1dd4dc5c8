import { type Kysely, sql } from 'kysely';

/** What is asked of the alerts of an incident that has too many to read, so that they are counted and chosen from an index. */
export function alertActivity(engine: 'sqlite' | 'postgres') {
  const firing =
    engine === 'sqlite'
      ? sql`case when json_extract(state, '$.status') = 'firing' then 1 else 0 end`
      : sql`case when state::json->>'status' = 'firing' then 1 else 0 end`;
  const active =
    engine === 'sqlite'
      ? sql`case when json_extract(state, '$.status') = 'resolved' then last_seen_at
          else max(coalesce(json_extract(state, '$.cycles[#-1]'), 0), json_extract(state, '$.firstSeenAt')) end`
      : sql`case when state::json->>'status' = 'resolved' then last_seen_at
          else greatest(coalesce((state::json->'cycles'->>-1)::bigint, 0), (state::json->>'firstSeenAt')::bigint) end`;
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql`alter table incident_alerts add column firing integer not null default 0`.execute(db);
      await sql`alter table incident_alerts add column active_at bigint not null default 0`.execute(db);
      await sql`update incident_alerts set firing = ${firing}, active_at = ${active}`.execute(db);
      await sql`create index incident_alerts_active on incident_alerts (incident_number, firing, active_at)`.execute(
        db,
      );
      await sql`drop index incident_alerts_name`.execute(db);
      await sql`create index incident_alerts_named
        on incident_alerts (name_key, cluster, incident_number, last_seen_at, live_until)`.execute(db);
    },
  };
}
