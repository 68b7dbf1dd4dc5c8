import { isDeepStrictEqual } from 'node:util';
import { type Kysely, sql, type Transaction } from 'kysely';
import { ResponderError } from '../errors.ts';
import type { IncidentDraft, IncidentKey } from '../incidents/decision.ts';
import { type Incident, type IncidentAlert, type IncidentWithAlerts, SEVERITIES } from '../incidents/incident.ts';
import type { Write } from './engine.ts';
import type { Grammar } from './grammar.ts';
import { chunks } from './rows.ts';
import { ALIVE, type Database } from './schema.ts';
import { parseStored, storedAlert, storedIncident } from './stored.ts';

type Reader = Kysely<Database> | Transaction<Database>;

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

/** Loads incidents with all their alerts, by number; locks the incidents' rows when asked to. */
export async function loadIncidents(
  db: Reader,
  grammar: Grammar,
  numbers: readonly number[],
  lock: boolean,
): Promise<readonly IncidentWithAlerts[]> {
  if (numbers.length === 0) return [];
  const incidents = await sql<{ number: number; version: number; state: string }>`
    select number, version, state from incidents where ${grammar.amongIds('number', numbers)}
    order by number ${lock ? grammar.forUpdate : sql``}`.execute(db);
  const alerts = await sql<{ incident_number: number; state: string }>`
    select incident_number, state from incident_alerts where ${grammar.amongIds('incident_number', numbers)}`.execute(
    db,
  );
  const byIncident = Map.groupBy(alerts.rows, (row) => row.incident_number);
  return incidents.rows.map((row) => ({
    incident: incidentOf(row),
    alerts: (byIncident.get(row.number) ?? [])
      .map((alert) => parseStored(storedAlert, alert.state, `an alert of incident #${row.number}`))
      .toSorted((a, b) => a.firstSeenAt - b.firstSeenAt || (a.fingerprint < b.fingerprint ? -1 : 1)),
  }));
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
        conflict.columns(['incident_number', 'cluster', 'fingerprint']).doUpdateSet((eb) => ({
          name: eb.ref('excluded.name'),
          name_key: eb.ref('excluded.name_key'),
          node: eb.ref('excluded.node'),
          last_seen_at: eb.ref('excluded.last_seen_at'),
          live_until: eb.ref('excluded.live_until'),
          state: eb.ref('excluded.state'),
        })),
      )
      .execute();
  }
}

/** The last of several with one identity: PostgreSQL refuses to upsert a row twice in one statement. */
function uniqueAlerts(alerts: readonly IncidentAlert[]): readonly IncidentAlert[] {
  return [...new Map(alerts.map((alert) => [`${alert.cluster}/${alert.fingerprint}`, alert])).values()];
}

function alertRow(alert: IncidentAlert, incident: Incident) {
  return {
    incident_number: alert.incidentNumber,
    cluster: alert.cluster,
    fingerprint: alert.fingerprint,
    name: alert.name,
    name_key: nameKey(incident.namespace, alert.name),
    node: alert.labels.node || null,
    last_seen_at: alert.lastSeenAt,
    live_until: liveUntil(incident),
    state: JSON.stringify(alert),
  };
}
