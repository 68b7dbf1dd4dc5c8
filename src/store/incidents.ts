import { sql } from 'kysely';
import type { AlertIdentity } from '../alerts/identity.ts';
import type { Incident, IncidentAlert, IncidentWithAlerts, Status } from '../incidents/incident.ts';
import { STEP_SOURCES } from '../incidents/runbookKnown.ts';
import type { TimelineDraft, TimelineEntry } from '../incidents/timeline.ts';
import type { IncidentTransaction } from '../jobs/ports.ts';
import type { Redactor } from '../redaction/redactor.ts';
import { traceparent } from '../telemetry/tracing.ts';
import { findCandidates, findRecentAlerts } from './candidates.ts';
import { cardGroupsIn } from './cardGroups.ts';
import { findUndecided, insertDeliveries, settleDelivery } from './deliveries.ts';
import { settleSlice, takeSlice } from './deliverySlices.ts';
import type { Engine, Write } from './engine.ts';
import { enqueueJobs } from './enqueue.ts';
import { appendFirst, enterOnce, noteOnce, readOnce } from './firstEntry.ts';
import { copyAlerts, incidentOf, saveIncidents } from './incidentRows.ts';
import { loadIncidents, readAlerts } from './loadIncidents.ts';
import { insertPost } from './posts.ts';
import { appendEntries, readTimeline } from './timeline.ts';

export interface IncidentFilter {
  readonly status?: readonly Status[];
  /** The route's channel, or one in which a view of the incident was posted. */
  readonly channel?: string;
  /** Incidents shown on this shared card. */
  readonly group?: number;
  /** Incidents this actor id acted on since `touchedSince`. */
  readonly touchedBy?: string;
  readonly touchedSince?: number;
  /** Epoch ms, inclusive. */
  readonly openedSince?: number;
  /** Epoch ms, exclusive. */
  readonly openedBefore?: number;
  readonly limit: number;
}

export interface Incidents {
  /**
   * One transaction. `work` awaits nothing but `tx`; on PostgreSQL it runs again from the start when it met a deadlock,
   * so it must not change anything outside.
   */
  transact<T>(work: (tx: IncidentTransaction) => Promise<T>): Promise<T>;
  find(number: number): Promise<IncidentWithAlerts | null>;
  /**
   * A page of an incident's alerts after the given one, ordered by identity; for incidents with too many to read at
   * once.
   */
  alertsOf(number: number, after: AlertIdentity | null, limit: number): Promise<readonly IncidentAlert[]>;
  /** The incident to which the action with this key was applied; null when it was not. */
  made(key: string): Promise<number | null>;
  /** The incident whose own channel (view `channel:N`) or card thread (view `card:N`) this is. */
  at(channel: string, threadTs: string | null): Promise<Incident | null>;
  /** Newest first. */
  list(filter: IncidentFilter): Promise<readonly Incident[]>;
  /** Unresolved incidents, the worst and newest first. */
  open(limit: number): Promise<readonly Incident[]>;
  /** Resolved ones about the same thing, with their alerts, newest first. */
  earlier(incident: Incident, limit: number): Promise<readonly IncidentWithAlerts[]>;
  timeline(number: number): Promise<readonly TimelineEntry[]>;
  /** What tells how far a runbook is: its steps, first looks, commands, notes. */
  stepSources(number: number): Promise<readonly TimelineEntry[]>;
  /** Appends to the timeline; with `once`, only the first entry with that key is kept. */
  append(number: number, entry: TimelineDraft, once: string | null): Promise<void>;
}

export function createIncidents(engine: Engine, clock: () => number, redaction: TextRedaction): Incidents {
  return {
    transact: (work) => engine.write((tx) => work(transactionOf(tx, clock, redaction))),
    find: (number) => engine.read(async (db) => (await loadIncidents(db, engine.grammar, [number], false))[0] ?? null),
    alertsOf: (number, after, limit) => engine.read((db) => readAlerts(db, number, after, limit)),
    made: (key) => readOnce(engine, key),
    at: (channel, threadTs) => engine.read((db) => findAt(db, channel, threadTs)),
    list: (filter) => engine.read((db) => listIncidents(db, filter)),
    open: (limit) =>
      engine.read(async (db) => {
        const found = await sql<IncidentRow>`select number, version, state from incidents
          where status in ('open', 'acknowledged', 'mitigated')
          order by severity_rank, number desc limit ${limit}`.execute(db);
        return found.rows.map(incidentOf);
      }),
    earlier: (incident, limit) =>
      engine.read(async (db) => {
        const found = await sql<{ number: number }>`select number from incidents
          where correlation_key = ${incident.correlationKey} and number < ${incident.number} and status = 'resolved'
          order by number desc limit ${limit}`.execute(db);
        const numbers = found.rows.map((row) => row.number);
        const loaded = await loadIncidents(db, engine.grammar, numbers, false);
        return loaded.toSorted((a, b) => b.incident.number - a.incident.number);
      }),
    timeline: (number) => readTimeline(engine, number),
    stepSources: (number) => readTimeline(engine, number, STEP_SOURCES),
    append: (number, entry, once) =>
      engine.write(async (tx) => void (await appendEntries(tx, number, [redaction.redactTree(entry)], clock(), once))),
  };
}

type Reader = Parameters<Parameters<Engine['read']>[0]>[0];

interface IncidentRow {
  readonly number: number;
  readonly version: number;
  readonly state: string;
}

/** Redaction of texts that people wrote, applied before they are stored by any door. */
export type TextRedaction = Pick<Redactor, 'redact' | 'redactTree'>;

function transactionOf(tx: Write, clock: () => number, { redactTree }: TextRedaction): IncidentTransaction {
  return {
    candidates: (query) => findCandidates(tx, query),
    recentAlerts: (cluster, alertNames, since) => findRecentAlerts(tx, cluster, alertNames, since),
    lock: (number, alerts = []) => lockIncident(tx, number, alerts),
    save: (drafts) => saveIncidents(tx, drafts),
    copyAlerts: (from, into) => copyAlerts(tx, from, into),
    append: async (incidentNumber, entries, now) =>
      void (await appendEntries(tx, incidentNumber, redactTree(entries), now)),
    appendFirst: (incidentNumber, entry, once, now) => appendFirst(tx, incidentNumber, redactTree(entry), once, now),
    enterOnce: (key, now) => enterOnce(tx, key, now),
    noteOnce: (key, incidentNumber) => noteOnce(tx, key, incidentNumber),
    post: (incidentNumber, body, now, where) => insertPost(tx, incidentNumber, body, now, where),
    enqueue: (jobs, now) => enqueueJobs(tx, jobs, now),
    groups: cardGroupsIn(tx),
    undecided: (deliveryId) => findUndecided(tx, deliveryId),
    takeSlice: (deliveryId, position) => takeSlice(tx, deliveryId, position),
    accountSlice: (deliveryId, outcomes, rejected, clean) =>
      settleSlice(tx, deliveryId, { outcomes, rejected, clean }, clock()),
    accept: async (delivery) => void (await insertDeliveries(tx, [{ ...delivery, trace: traceparent() }])),
    account: (deliveryId, outcomes, rejected, clean) =>
      settleDelivery(tx, deliveryId, { outcomes, rejected, clean }, clock()),
  };
}

async function lockIncident(
  tx: Write,
  number: number,
  alerts: readonly IncidentAlert[],
): Promise<IncidentWithAlerts | null> {
  // One incident, and therefore one cluster.
  const cluster = alerts[0]?.cluster ?? '';
  const wanted = { cluster, fingerprints: alerts.map(({ fingerprint }) => fingerprint), names: [] };
  return (await loadIncidents(tx.db, tx.grammar, [number], true, wanted))[0] ?? null;
}

async function findAt(db: Reader, channel: string, threadTs: string | null): Promise<Incident | null> {
  const found = await sql<IncidentRow>`select number, version, state from (
      select i.number, i.version, i.state, 0 as place from slack_messages m join incidents i on i.number = m.incident_number
        where m.channel = ${channel} and m.ts = ${threadTs} and m.incident_number is not null
      union all
      select i.number, i.version, i.state, 1 as place from slack_messages m join incidents i on i.number = m.incident_number
        where m.channel = ${channel} and substr(m.view, 1, 8) = 'channel:') as found
    order by place, number desc limit 1`.execute(db);
  const row = found.rows[0];
  return row ? incidentOf(row) : null;
}

async function listIncidents(db: Reader, filter: IncidentFilter): Promise<readonly Incident[]> {
  let query = db.selectFrom('incidents').select(['number', 'version', 'state']);
  if (filter.status) query = query.where('status', 'in', filter.status.length > 0 ? [...filter.status] : ['']);
  if (filter.openedSince !== undefined) query = query.where('opened_at', '>=', filter.openedSince);
  if (filter.openedBefore !== undefined) query = query.where('opened_at', '<', filter.openedBefore);
  const channel = filter.channel;
  if (channel !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('channel', '=', channel),
        eb(
          'number',
          'in',
          eb
            .selectFrom('slack_messages')
            .select('incident_number')
            .where('channel', '=', channel)
            .where('incident_number', 'is not', null)
            .$castTo<{ incident_number: number }>(),
        ),
      ]),
    );
  const group = filter.group;
  if (group !== undefined)
    query = query.where((eb) =>
      eb('number', 'in', eb.selectFrom('openings').select('incident_number').where('group_id', '=', group)),
    );
  const touchedBy = filter.touchedBy;
  if (touchedBy !== undefined)
    query = query.where((eb) =>
      eb(
        'number',
        'in',
        eb
          .selectFrom('timeline')
          .select('incident_number')
          .where('actor_id', '=', touchedBy)
          .where('at', '>=', filter.touchedSince ?? 0),
      ),
    );
  const rows = await query.orderBy('number', 'desc').limit(filter.limit).execute();
  return rows.map(incidentOf);
}
