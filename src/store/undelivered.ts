import { type RawBuilder, sql } from 'kysely';
import type { Undelivered } from '../jobs/ports.ts';
import type { Engine } from './engine.ts';

/**
 * Most results of one round. A result whose job is enqueued is not found again, so the rest follows in the next round.
 */
const AT_ONCE = 100;

/** Age in milliseconds above which expired news is ignored. */
const EXPIRED_MS = 60 * 60_000;

/** Messages about unresolved sev1 incidents that Slack should show and does not. */
export interface UndeliveredRepository {
  /** Those due before `at`, not in Slack, and without a fallback enqueued under their key. */
  before(at: number): Promise<readonly Found[]>;
  /** Whether Slack has it by now. */
  isShown(undelivered: Undelivered): Promise<boolean>;
  /** Unresolved sev1 incidents that are on this shared card instead of one of their own, the oldest first, at most 100. */
  graveOf(group: number): Promise<readonly number[]>;
}

interface Found {
  readonly key: string;
  readonly undelivered: Undelivered;
}

type Reader = Parameters<Parameters<Engine['read']>[0]>[0];

export function createUndelivered(engine: Engine): UndeliveredRepository {
  return {
    before: (at) =>
      engine.read(async (db) => [
        ...(await withoutCard(db, at)),
        ...(await withNews(db, at, sql`p.state in ('pending', 'sending') and (${NEWS} or ${CALLS})`)),
        // Dropped as too old (slack/delivery/thread.ts): an edited card notifies nobody of it.
        ...(await withNews(
          db,
          at,
          sql`p.state = 'dead' and p.reason like 'superseded%' and ${NEWS}
          and p.created_at > ${at - EXPIRED_MS}`,
        )),
      ]),
    isShown: (undelivered) =>
      engine.read(async (db) => {
        if ('group' in undelivered) return isSent(db, `group:${undelivered.group}`);
        if ('post' in undelivered) {
          const sent = await sql`select 1 from posts where id = ${undelivered.post} and state = 'sent'`.execute(db);
          return sent.rows.length > 0;
        }
        if (await isSent(db, `card:${undelivered.incident}`)) return true;
        const on = await sql<{ group_id: number }>`select group_id from openings
          where incident_number = ${undelivered.incident} and group_id is not null and unfolded = 0`.execute(db);
        const [row] = on.rows;
        return row !== undefined && (await isSent(db, `group:${row.group_id}`));
      }),
    graveOf: (group) =>
      engine.read(async (db) => {
        const found = await sql<{ number: number }>`select i.number from openings o
          join incidents i on i.number = o.incident_number
          where o.group_id = ${group} and o.unfolded = 0 and i.severity_rank = 1 and i.status <> 'resolved'
          order by i.number limit ${AT_ONCE}`.execute(db);
        return found.rows.map(({ number }) => number);
      }),
  };
}

async function isSent(db: Reader, view: string): Promise<boolean> {
  const found = await sql`select 1 as yes from slack_messages where view = ${view} and state = 'sent'`.execute(db);
  return found.rows.length > 0;
}

/**
 * Incidents without a card of their own or a shared one. One that was raised or reopened after `at` may have its card
 * on the way, so its time counts from there.
 */
async function withoutCard(db: Reader, at: number): Promise<readonly Found[]> {
  const found = await sql<{ number: number; group_id: number | null }>`select i.number, o.group_id from incidents i
    left join openings o on o.incident_number = i.number and o.group_id is not null and o.unfolded = 0
    where i.status <> 'resolved' and i.severity_rank = 1 and i.opened_at < ${at}
      and not exists (select 1 from slack_messages m where m.state = 'sent'
        and m.view in ('card:' || cast(i.number as text), 'group:' || cast(o.group_id as text)))
      and not exists (select 1 from timeline t where t.incident_number = i.number and t.at >= ${at}
        and t.kind in ('severity', 'reopened'))
      and not exists (select 1 from once k
        where k.key = coalesce('fallback:group:' || cast(o.group_id as text), 'fallback:' || cast(i.number as text)))
    order by i.number limit ${AT_ONCE}`.execute(db);
  const groups = new Set<number>();
  return found.rows.flatMap(({ number, group_id: group }): readonly Found[] => {
    if (group === null) return [{ key: `fallback:${number}`, undelivered: { incident: number } }];
    if (groups.has(group)) return [];
    groups.add(group);
    return [{ key: `fallback:group:${group}`, undelivered: { group } }];
  });
}

/** News that is meant for the channel (a raise, a reopening, a refire), and what calls people. */
const NEWS = sql`(substr(p.body, 1, 14) = '{"kind":"news"' and p.body like '%"broadcast":true%')`;
const CALLS = sql`(substr(p.body, 1, 14) = '{"kind":"call"' and p.body like '%"ask":"acknowledge"%')`;

/** The newest of these posts of each incident that is not in Slack. */
async function withNews(db: Reader, at: number, unsent: RawBuilder<unknown>): Promise<readonly Found[]> {
  // `cross join`: the few unresolved sev1 come first, and their posts are found by an index.
  const found = await sql<{ number: number; post: number }>`select n.number, n.post from (
      select i.number, max(p.id) as post from incidents i cross join posts p
      where i.status <> 'resolved' and i.severity_rank = 1 and p.incident_number = i.number
        and p.created_at < ${at} and ${unsent}
      group by i.number) n
    where not exists (select 1 from once k
      where k.key = 'fallback:' || cast(n.number as text) || ':' || cast(n.post as text))
    order by n.number limit ${AT_ONCE}`.execute(db);
  return found.rows.map(({ number, post }) => ({
    key: `fallback:${number}:${post}`,
    undelivered: { incident: number, post },
  }));
}
