import { sql } from 'kysely';
import type { IncidentAlert, IncidentWithAlerts } from '../incidents/incident.ts';
import type { CandidateQuery } from '../jobs/ports.ts';
import type { Write } from './engine.ts';
import { nameKey } from './incidentRows.ts';
import { loadIncidents } from './loadIncidents.ts';
import { parseStored, storedLabels } from './stored.ts';

/** Incidents read of each alert name and namespace, and of each node: those seen last are enough to decide. */
const PER_NAME = 20;

/**
 * Incidents that a group of alerts may belong to, with their alerts (of one with very many, those of the group), locked for this transaction: unresolved or
 * resolved since `resolvedSince`, with one of the fingerprints, correlation keys, names or nodes; and per correlation
 * key the latest one resolved before that.
 */
export async function findCandidates(tx: Write, query: CandidateQuery): Promise<readonly IncidentWithAlerts[]> {
  // Two deliveries about one cluster would both see that there is no incident yet; SQLite's transactions exclude each other anyway.
  if (tx.grammar.engine === 'postgres')
    await sql`select pg_advisory_xact_lock(hashtext(${`decide:${query.cluster}`}))`.execute(tx.db);
  const keys = query.names.map(({ namespace, alertName }) => nameKey(namespace, alertName));
  const names = await byAlertColumn(tx, query, 'name_key', keys);
  const numbers = new Set([
    ...(await byFingerprint(tx, query)),
    ...(await byKey(tx, query)),
    ...names.map(({ number }) => number),
    ...(await byAlertColumn(tx, query, 'node', query.nodes)).map(({ number }) => number),
    ...(await previous(tx, query)),
  ]);
  const { cluster, fingerprints } = query;
  return loadIncidents(tx.db, tx.grammar, [...numbers], true, { cluster, fingerprints, names });
}

async function byFingerprint(tx: Write, query: CandidateQuery): Promise<readonly number[]> {
  if (query.fingerprints.length === 0) return [];
  const found = await sql<{ number: number }>`select distinct incident_number as number from incident_alerts
    where ${tx.grammar.amongTexts('fingerprint', query.fingerprints)} and cluster = ${query.cluster}
      and live_until >= ${query.resolvedSince}`.execute(tx.db);
  return found.rows.map((row) => row.number);
}

async function byKey(tx: Write, query: CandidateQuery): Promise<readonly number[]> {
  if (query.correlationKeys.length === 0) return [];
  const found = await sql<{ number: number }>`select number from incidents
    where ${tx.grammar.amongTexts('correlation_key', query.correlationKeys)}
      and live_until >= ${query.resolvedSince}`.execute(tx.db);
  return found.rows.map((row) => row.number);
}

async function byAlertColumn(
  tx: Write,
  query: CandidateQuery,
  column: 'name_key' | 'node',
  values: readonly string[],
): Promise<readonly { readonly key: string; readonly number: number }[]> {
  if (values.length === 0) return [];
  const found = await sql<{ key: string; number: number }>`select key, number from (
      select ${sql.ref(column)} as key, incident_number as number, row_number() over (
        partition by ${sql.ref(column)} order by max(last_seen_at) desc, incident_number desc) as place
      from incident_alerts
      where ${tx.grammar.amongTexts(column, values)} and ${sql.ref(column)} is not null and cluster = ${query.cluster}
        and live_until >= ${query.resolvedSince}
      group by ${sql.ref(column)}, incident_number) as ranked
    where place <= ${PER_NAME}`.execute(tx.db);
  return found.rows;
}

async function previous(tx: Write, query: CandidateQuery): Promise<readonly number[]> {
  if (query.correlationKeys.length === 0) return [];
  const found = await sql<{ number: number }>`select number from (
      select number, row_number() over (partition by correlation_key order by live_until desc, number desc) as place
      from incidents
      where ${tx.grammar.amongTexts('correlation_key', query.correlationKeys)}
        and live_until < ${query.resolvedSince}) as ranked
    where place = 1`.execute(tx.db);
  return found.rows.map((row) => row.number);
}

/** The most alerts that are read to count subjects: more than any matcher counts. */
const MOST_RECENT = 2_000;

/** The latest alerts of these names since a time, for matchers that count subjects. */
export async function findRecentAlerts(
  tx: Write,
  cluster: string,
  alertNames: readonly string[],
  since: number,
): Promise<readonly Pick<IncidentAlert, 'name' | 'labels' | 'lastSeenAt'>[]> {
  if (alertNames.length === 0) return [];
  const found = await sql<{ state: string }>`select state from incident_alerts
    where ${tx.grammar.amongTexts('name', alertNames)} and cluster = ${cluster}
      and last_seen_at >= ${since} order by last_seen_at desc limit ${MOST_RECENT}`.execute(tx.db);
  return found.rows.map((row) => parseStored(storedLabels, row.state, 'an alert'));
}
