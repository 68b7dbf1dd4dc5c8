import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { alertIdentity, identityOf } from '../alerts/identity.ts';
import { truth } from '../alerts/truth.ts';
import { ResponderError } from '../errors.ts';
import type { IncidentDraft, IncidentKey } from '../incidents/decision.ts';
import { activityOf, type Incident, type IncidentAlert, SEVERITIES } from '../incidents/incident.ts';
import type { Write } from './engine.ts';
import { chunks } from './rows.ts';
import { ALIVE } from './schema.ts';
import { parseStored, storedIncident } from './stored.ts';

/** Namespace and alert name as one value, so that pairs are looked up through one index and one parameter. */
export function nameKey(namespace: string | null, alertName: string): string {
  return `${namespace ?? ''}/${alertName}`;
}

export function incidentOf(row: {
  readonly number: number;
  readonly version: number;
  readonly state: string;
}): Incident {
  return { ...parseStored(storedIncident, row.state, `incident #${row.number}`), version: row.version };
}

/** Writes drafts and numbers the new ones 1, 2, 3 ... without gaps: the counter rolls back with the transaction. */
export async function saveIncidents(
  tx: Write,
  drafts: readonly IncidentDraft[],
): Promise<ReadonlyMap<IncidentKey, number>> {
  const numbers = new Map<IncidentKey, number>();
  const opened = drafts.filter((draft) => typeof draft.key !== 'number');
  let next = await takeNumbers(tx, opened.length);
  for (const draft of opened) {
    numbers.set(draft.key, next);
    next += 1;
  }
  for (const piece of chunks(opened)) {
    await tx.db
      .insertInto('incidents')
      .values(piece.map((draft) => incidentRow({ ...draft.incident, number: numbers.get(draft.key) ?? 0 }, 1)))
      .execute();
  }
  for (const draft of drafts) {
    if (typeof draft.key !== 'number') continue;
    numbers.set(draft.key, draft.key);
    await update(tx, { ...draft.incident, number: draft.key });
  }
  await removeAlerts(tx, drafts, numbers);
  await saveAlerts(tx, drafts, numbers);
  return numbers;
}

async function takeNumbers(tx: Write, count: number): Promise<number> {
  if (count === 0) return 0;
  const taken = await sql<{ value: number }>`update counters set value = value + ${count}
    where name = 'incident' returning value`.execute(tx.db);
  const last = taken.rows[0]?.value;
  if (last === undefined) throw new ResponderError('internal', 'the store has no counter for incidents');
  return last - count + 1;
}

function incidentRow(incident: Incident, version: number) {
  return {
    number: incident.number,
    version,
    cluster: incident.cluster,
    correlation_key: incident.correlationKey,
    status: incident.status,
    severity_rank: SEVERITIES.indexOf(incident.severity) + 1,
    channel: incident.channel,
    opened_at: incident.openedAt,
    last_activity_at: incident.lastActivityAt,
    live_until: liveUntil(incident),
    state: JSON.stringify({ ...incident, version }),
  };
}

function liveUntil(incident: Incident): number {
  return incident.status === 'resolved' ? (incident.resolvedAt ?? incident.lastActivityAt) : ALIVE;
}

/** A draft counts the version up when it changes the incident; one that changes only alerts carries it as it was read. */
async function update(tx: Write, incident: Incident): Promise<void> {
  const { number, ...columns } = incidentRow(incident, incident.version);
  const found = await sql<{ version: number; state: string; live_until: number }>`
    select version, state, live_until from incidents where number = ${number} ${tx.grammar.forUpdate}`.execute(tx.db);
  const was = found.rows[0];
  if (was?.version === incident.version && isDeepStrictEqual(JSON.parse(was.state), JSON.parse(columns.state))) return;
  if (!was || was.version !== incident.version - 1)
    throw new ResponderError('conflict', `incident #${number} was changed by somebody else meanwhile`, {
      retryable: true,
      hint: 'Look at it as it is now, and try again.',
    });
  await tx.db.updateTable('incidents').set(columns).where('number', '=', number).execute();
  if (was.live_until !== columns.live_until)
    await tx.db
      .updateTable('incident_alerts')
      .set({ live_until: columns.live_until })
      .where('incident_number', '=', number)
      .execute();
}

async function saveAlerts(
  tx: Write,
  drafts: readonly IncidentDraft[],
  numbers: ReadonlyMap<IncidentKey, number>,
): Promise<void> {
  const rows = drafts.flatMap((draft) =>
    uniqueAlerts(draft.alerts).map((alert) =>
      alertRow({ ...alert, incidentNumber: numbers.get(draft.key) ?? 0 }, draft.incident),
    ),
  );
  for (const piece of chunks(rows)) {
    await tx.db
      .insertInto('incident_alerts')
      .values(piece)
      .onConflict((conflict) =>
        conflict.columns(['incident_number', 'cluster', 'fingerprint', 'tenant']).doUpdateSet((eb) => ({
          name: eb.ref('excluded.name'),
          name_key: eb.ref('excluded.name_key'),
          node: eb.ref('excluded.node'),
          firing: eb.ref('excluded.firing'),
          active_at: eb.ref('excluded.active_at'),
          last_seen_at: eb.ref('excluded.last_seen_at'),
          live_until: eb.ref('excluded.live_until'),
          state: eb.ref('excluded.state'),
        })),
      )
      .execute();
  }
}

/** Copies to one incident the alerts of another that it lacks, in one statement. */
export async function copyAlerts(tx: Write, from: number, into: number): Promise<void> {
  await sql`insert into incident_alerts (incident_number, cluster, fingerprint, tenant, name, name_key, node, firing, active_at,
      last_seen_at, live_until, state)
    select ${into}, cluster, fingerprint, tenant, name, name_key, node, firing, active_at, last_seen_at,
      (select live_until from incidents where number = ${into}),
      ${tx.grammar.withNumber('state', 'incidentNumber', into)}
    from incident_alerts where incident_number = ${from}
    on conflict (incident_number, cluster, fingerprint, tenant) do nothing`.execute(tx.db);
}

async function removeAlerts(
  tx: Write,
  drafts: readonly IncidentDraft[],
  numbers: ReadonlyMap<IncidentKey, number>,
): Promise<void> {
  for (const { key, removed = [] } of drafts)
    for (const { cluster, fingerprint, tenant } of removed.map(identityOf))
      await tx.db
        .deleteFrom('incident_alerts')
        .where('incident_number', '=', numbers.get(key) ?? 0)
        .where('cluster', '=', cluster)
        .where('fingerprint', '=', fingerprint)
        .where('tenant', '=', tenant)
        .execute();
}

/** The last of several with one identity: PostgreSQL refuses to upsert a row twice in one statement. */
function uniqueAlerts(alerts: readonly IncidentAlert[]): readonly IncidentAlert[] {
  return [...new Map(alerts.map((alert) => [alertIdentity(alert), alert])).values()];
}

function alertRow(alert: IncidentAlert, incident: Incident) {
  return {
    incident_number: alert.incidentNumber,
    ...identityOf(alert),
    name: alert.name,
    name_key: nameKey(incident.namespace, alert.name),
    firing: alert.status === 'firing' ? 1 : 0,
    active_at: activityOf(alert),
    node: truth(alert.labels).node || null,
    last_seen_at: alert.lastSeenAt,
    live_until: liveUntil(incident),
    state: JSON.stringify(alert),
  };
}
