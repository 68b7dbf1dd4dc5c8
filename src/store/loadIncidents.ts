import { type Kysely, sql, type Transaction } from 'kysely';
import { type AlertIdentity, alertIdentity } from '../alerts/identity.ts';
import type { Incident, IncidentAlert, IncidentWithAlerts } from '../incidents/incident.ts';
import type { Grammar } from './grammar.ts';
import { incidentOf } from './incidentRows.ts';
import type { Database } from './schema.ts';
import { parseStored, storedAlert } from './stored.ts';

type Reader = Kysely<Database> | Transaction<Database>;

/** Most alerts read in one load, and of one incident; of an incident with more, a part is read. */
const MOST = 2_000;
const MOST_OF_ONE = 500;
const LEAST_OF_ONE = 20;
/**
 * Alerts read of a large incident for a decision, beside the wanted ones: of the others it needs only whether they
 * fire.
 */
const PART_OF_ONE = 3;

/** Alerts that must be among those that are read. */
export interface Wanted {
  readonly cluster: string;
  readonly fingerprints: readonly string[];
  /** The latest alert of a name; the key is namespace and alert name as `nameKey` writes them. */
  readonly names: readonly { readonly key: string; readonly number: number }[];
}

interface AlertRow {
  readonly incident_number: number;
  readonly state: string;
}

/**
 * Loads incidents with their alerts, by number; locks the incidents' rows when asked to. Of one that has very many alerts a
 * part is read: what is wanted, then what fires and was active last; how many were not is in `unread`.
 * @param atOnce how many alerts of all of them, so that a few of each are read whole
 */
export async function loadIncidents(
  db: Reader,
  grammar: Grammar,
  numbers: readonly number[],
  lock: boolean,
  wanted: Wanted | null = null,
  atOnce = MOST,
): Promise<readonly IncidentWithAlerts[]> {
  if (numbers.length === 0) return [];
  const incidents = await sql<{ number: number; version: number; state: string }>`
    select number, version, state from incidents where ${grammar.amongIds('number', numbers)}
    order by number ${lock ? grammar.forUpdate : sql``}`.execute(db);
  const counted = await sql<{ incident_number: number; alerts: number; firing: number }>`
    select incident_number, count(*) as alerts, sum(firing) as firing from incident_alerts
    where ${grammar.amongIds('incident_number', numbers)} group by incident_number`.execute(db);
  const counts = new Map(counted.rows.map((row) => [row.incident_number, row]));
  const most = Math.max(LEAST_OF_ONE, Math.min(MOST_OF_ONE, Math.floor(atOnce / numbers.length)));
  const large = counted.rows.filter(({ alerts }) => alerts > most).map((row) => row.incident_number);
  const isLarge = new Set(large);
  const whole = numbers.filter((number) => !isLarge.has(number));
  const part = wanted === null ? most : PART_OF_ONE;
  const rows = [...(await readWhole(db, grammar, whole)), ...(await readPart(db, grammar, large, part, wanted))];
  const byIncident = Map.groupBy(rows, (row) => row.incident_number);
  return incidents.rows.map((row) => {
    const alerts = alertsOf(row.number, byIncident.get(row.number) ?? []);
    return withUnread(incidentOf(row), alerts, counts.get(row.number) ?? { alerts: 0, firing: 0 });
  });
}

async function readWhole(db: Reader, grammar: Grammar, numbers: readonly number[]): Promise<readonly AlertRow[]> {
  if (numbers.length === 0) return [];
  const found = await sql<AlertRow>`select incident_number, state from incident_alerts
    where ${grammar.amongIds('incident_number', numbers)}`.execute(db);
  return found.rows;
}

async function readPart(
  db: Reader,
  grammar: Grammar,
  numbers: readonly number[],
  most: number,
  wanted: Wanted | null,
): Promise<readonly AlertRow[]> {
  if (numbers.length === 0) return [];
  const rows: AlertRow[] = [];
  if (wanted !== null && wanted.fingerprints.length > 0) {
    const found = await sql<AlertRow>`select incident_number, state from incident_alerts
      where ${grammar.amongIds('incident_number', numbers)} and cluster = ${wanted.cluster}
        and ${grammar.amongTexts('fingerprint', wanted.fingerprints)}`.execute(db);
    rows.push(...found.rows);
  }
  for (const number of numbers) {
    const found = await sql<AlertRow>`select incident_number, state from incident_alerts
      where incident_number = ${number} order by firing desc, active_at desc limit ${most}`.execute(db);
    rows.push(...found.rows);
  }
  for (const { key, number } of wanted?.names ?? []) {
    if (!numbers.includes(number)) continue;
    const last = await sql<AlertRow>`select incident_number, state from incident_alerts
      where name_key = ${key} and cluster = ${wanted?.cluster ?? ''} and incident_number = ${number}
      order by last_seen_at desc limit 1`.execute(db);
    rows.push(...last.rows);
  }
  return rows;
}

/** Each alert once, ordered by when it was first seen. */
function alertsOf(number: number, rows: readonly AlertRow[]): readonly IncidentAlert[] {
  const alerts = rows.map((row) => parseStored(storedAlert, row.state, `an alert of incident #${number}`));
  return [...new Map(alerts.map((alert) => [alertIdentity(alert), alert])).values()].toSorted(
    (a, b) => a.firstSeenAt - b.firstSeenAt || (a.fingerprint < b.fingerprint ? -1 : 1),
  );
}

function withUnread(
  incident: Incident,
  alerts: readonly IncidentAlert[],
  count: { readonly alerts: number; readonly firing: number },
): IncidentWithAlerts {
  if (count.alerts <= alerts.length) return { incident, alerts };
  const read = alerts.filter((alert) => alert.status === 'firing').length;
  const firing = Math.max(0, count.firing - read);
  const resolved = Math.max(0, count.alerts - alerts.length - firing);
  return { incident, alerts, unread: { firing, resolved } };
}

/** A page of an incident's alerts after the given one, ordered by identity. */
export async function readAlerts(
  db: Reader,
  number: number,
  after: AlertIdentity | null,
  limit: number,
): Promise<readonly IncidentAlert[]> {
  const behind =
    after === null
      ? sql``
      : sql`and (cluster, fingerprint, tenant) > (${after.cluster}, ${after.fingerprint}, ${after.tenant})`;
  const found = await sql<AlertRow>`select incident_number, state from incident_alerts
    where incident_number = ${number} ${behind} order by cluster, fingerprint, tenant limit ${limit}`.execute(db);
  return found.rows.map((row) => parseStored(storedAlert, row.state, `an alert of incident #${number}`));
}
