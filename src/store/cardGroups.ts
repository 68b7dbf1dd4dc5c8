import { sql } from 'kysely';
import type { CardGroup, Opening } from '../incidents/decide/storm.ts';
import { SEVERITIES } from '../incidents/incident.ts';
import { JOB_KINDS, type JobKind } from '../jobs/jobKinds.ts';
import type { CardGroups, SharedCard } from '../jobs/ports.ts';
import { LANES } from '../queue/job.ts';
import type { Engine, Write } from './engine.ts';
import { chunks } from './rows.ts';
import { parseStored } from './stored.ts';

/** The most alert names that a card shows with their counts. */
const TOP = 8;
/** The most cards that are looked at to find one that waits too long. */
const UNSENT = 200;
const CARD = 'deliverCard' satisfies JobKind;

/** Cards that are shared by several incidents, for reading. */
export interface CardGroupRepository {
  /** The group as it is now. */
  find(id: number): Promise<CardGroup | null>;
  /** The group an incident is shown on instead of a card of its own. */
  of(incidentNumber: number): Promise<number | null>;
  /** Storms that have not ended. */
  storms(): Promise<readonly { readonly id: number; readonly cluster: string; readonly since: number }[]>;
  openings(cluster: string, since: number): Promise<readonly Opening[]>;
  /**
   * By cluster, the time (epoch ms) since which the oldest card that is due before `before` has been waiting for Slack.
   */
  unsent(before: number): Promise<ReadonlyMap<string, number>>;
}

interface OpeningRow {
  readonly incident_number: number;
  readonly opened_at: number;
  readonly severity_rank: number;
  readonly alert_name: string;
}

type Reader = Parameters<Parameters<Engine['read']>[0]>[0];

export function createCardGroups(engine: Engine): CardGroupRepository {
  return {
    find: (id) => engine.read((db) => findGroup(db, id)),
    of: (incidentNumber) =>
      engine.read(async (db) => {
        const found = await sql<{ group_id: number }>`select group_id from openings
          where incident_number = ${incidentNumber} and group_id is not null and unfolded = 0`.execute(db);
        return found.rows[0]?.group_id ?? null;
      }),
    storms: () =>
      engine.read(async (db) => {
        const found = await sql<{ id: number; cluster: string; since: number }>`select id, cluster, since
          from card_groups where kind = 'storm' and ended_at is null order by id`.execute(db);
        return found.rows;
      }),
    openings: (cluster, since) => engine.read((db) => readOpenings(db, cluster, since)),
    unsent: (before) => engine.read((db) => readUnsent(db, engine, before)),
  };
}

async function findGroup(db: Reader, id: number): Promise<CardGroup | null> {
  const found = await sql<{
    kind: string;
    cluster: string;
    alert_name: string | null;
    channel: string | null;
    since: number;
    ended_at: number | null;
  }>`select kind, cluster, alert_name, channel, since, ended_at from card_groups where id = ${id}`.execute(db);
  const row = found.rows[0];
  if (!row) return null;
  const counted = await sql<{ alert_name: string; total: number; unresolved: number; last: number }>`
    select o.alert_name, count(*) as total, max(o.incident_number) as last,
      sum(case when i.status = 'resolved' then 0 else 1 end) as unresolved
    from openings o join incidents i on i.number = o.incident_number
    where o.group_id = ${id} group by o.alert_name`.execute(db);
  const worst = await sql<{ number: number }>`select i.number from openings o
    join incidents i on i.number = o.incident_number
    where o.group_id = ${id} and i.status <> 'resolved' order by i.severity_rank, i.number limit 1`.execute(db);
  const groups = counted.rows
    .map((each) => ({ alertName: each.alert_name, total: each.total, unresolved: each.unresolved, last: each.last }))
    .toSorted((a, b) => b.unresolved - a.unresolved || b.total - a.total || (a.alertName < b.alertName ? -1 : 1));
  const sum = (of: (each: (typeof groups)[number]) => number) => groups.reduce((total, each) => total + of(each), 0);
  return {
    id,
    kind: row.kind === 'storm' ? 'storm' : 'shared',
    cluster: row.cluster,
    alertName: row.alert_name,
    channel: row.channel,
    worst: worst.rows[0]?.number ?? null,
    since: row.since,
    endedAt: row.ended_at,
    total: sum((each) => each.total),
    unresolved: sum((each) => each.unresolved),
    top: groups.slice(0, TOP),
    otherNames: Math.max(0, groups.length - TOP),
  };
}

async function readOpenings(
  db: Reader,
  cluster: string,
  since: number,
  alertName: string | null = null,
): Promise<readonly Opening[]> {
  const named = alertName === null ? sql`` : sql`and alert_name = ${alertName}`;
  const found = await sql<OpeningRow>`select incident_number, opened_at, severity_rank, alert_name from openings
    where cluster = ${cluster} and opened_at > ${since} ${named} order by opened_at desc limit 1000`.execute(db);
  return found.rows.map((row) => ({
    number: row.incident_number,
    at: row.opened_at,
    severity: SEVERITIES[row.severity_rank - 1] ?? 'sev3',
    alertName: row.alert_name,
  }));
}

async function readUnsent(db: Reader, engine: Engine, before: number): Promise<ReadonlyMap<string, number>> {
  const waiting = await sql<{ id: number; payload: string; due_at: number }>`select id, payload, due_at from jobs
    where lane = ${LANES.incident} and due_at <= ${before} and dead_at is null and kind = ${CARD}
    order by due_at limit ${UNSENT}`.execute(db);
  const dueAt = new Map(
    waiting.rows.map((row) => [
      parseStored(JOB_KINDS[CARD].payload, row.payload, `job ${row.id}`).incident,
      row.due_at,
    ]),
  );
  const unsent = await sql<{ number: number; cluster: string }>`select number, cluster from incidents
    where ${engine.grammar.amongIds('number', [...dueAt.keys()])} and not exists (
      select 1 from slack_messages m where m.view = 'card:' || cast(number as text) and m.state = 'sent')`.execute(db);
  const oldest = new Map<string, number>();
  for (const { number, cluster } of unsent.rows) {
    const at = dueAt.get(number) ?? before;
    oldest.set(cluster, Math.min(at, oldest.get(cluster) ?? at));
  }
  return oldest;
}

/**
 * Locks the storms of a cluster, so that of two transactions that see the same storm begin, the second finds the card
 * of the first.
 */
async function lockCluster(tx: Write, cluster: string): Promise<void> {
  if (tx.grammar.engine === 'postgres')
    await sql`select pg_advisory_xact_lock(hashtext(${`decide:${cluster}`}))`.execute(tx.db);
}

async function sharedCard(
  tx: Write,
  { cluster, alertName, channel }: SharedCard,
  activeSince: number,
): Promise<number | null> {
  const found = await sql<{ id: number }>`select g.id from card_groups g
    where g.cluster = ${cluster} and g.kind = 'shared' and g.alert_name = ${alertName}
      and coalesce(g.channel, '') = ${channel ?? ''} and exists (
        select 1 from openings o where o.group_id = g.id and o.opened_at > ${activeSince})
    order by g.id desc limit 1`.execute(tx.db);
  return found.rows[0]?.id ?? null;
}

/** The groups inside one transaction. */
export function cardGroupsIn(tx: Write): CardGroups {
  return {
    storm: (cluster) => ongoingStorm(tx, cluster),
    openings: (cluster, since, alertName) => readOpenings(tx.db, cluster, since, alertName),
    shared: async (card, activeSince) => {
      const known = await sharedCard(tx, card, activeSince);
      if (known !== null || tx.grammar.engine !== 'postgres') return known;
      await lockCluster(tx, card.cluster);
      return sharedCard(tx, card, activeSince);
    },
    begin: async (group, at) => {
      await lockCluster(tx, group.cluster);
      const known = group.kind === 'storm' ? await ongoingStorm(tx, group.cluster) : null;
      return known ? known.id : await insertGroup(tx, group, at);
    },
    end: async (id, at) => {
      const ended = await sql`update card_groups set ended_at = ${at} where id = ${id} and ended_at is null
        returning id`.execute(tx.db);
      return ended.rows.length > 0;
    },
    place: async (cluster, openings) => {
      const rows = openings.map(({ opening, group }) => ({
        incident_number: opening.number,
        cluster,
        opened_at: opening.at,
        severity_rank: SEVERITIES.indexOf(opening.severity) + 1,
        alert_name: opening.alertName,
        group_id: group,
        unfolded: 0,
      }));
      for (const piece of chunks(rows)) await tx.db.insertInto('openings').values(piece).execute();
    },
    of: (numbers) => groupsOf(tx, numbers),
    unfold: async (number) => {
      await sql`update openings set unfolded = 1 where incident_number = ${number}`.execute(tx.db);
    },
  };
}

async function ongoingStorm(tx: Write, cluster: string): ReturnType<CardGroups['storm']> {
  const found = await sql<{ id: number; since: number }>`select id, since from card_groups
    where cluster = ${cluster} and kind = 'storm' and ended_at is null`.execute(tx.db);
  return found.rows[0] ?? null;
}

async function insertGroup(tx: Write, group: Parameters<CardGroups['begin']>[0], at: number): Promise<number> {
  const begun = await tx.db
    .insertInto('card_groups')
    .values({
      kind: group.kind,
      cluster: group.cluster,
      alert_name: group.kind === 'shared' ? group.alertName : null,
      channel: group.kind === 'shared' ? group.channel : null,
      reason: group.reason,
      since: at,
      ended_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return begun.id;
}

async function groupsOf(tx: Write, numbers: readonly number[]): ReturnType<CardGroups['of']> {
  if (numbers.length === 0) return new Map();
  const found = await sql<{ incident_number: number; id: number; kind: string }>`
    select o.incident_number, g.id, g.kind from openings o join card_groups g on g.id = o.group_id
    where ${tx.grammar.amongIds('o.incident_number', numbers)} and o.group_id is not null and o.unfolded = 0`.execute(
    tx.db,
  );
  return new Map(
    found.rows.map((row) => [
      row.incident_number,
      { id: row.id, kind: row.kind === 'storm' ? ('storm' as const) : ('shared' as const) },
    ]),
  );
}
