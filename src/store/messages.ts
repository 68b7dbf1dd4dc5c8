import { sql } from 'kysely';
import type { SlackMessage } from '../incidents/post.ts';
import { threadKey } from '../jobs/jobKinds.ts';
import type { MentionLimits } from '../slack/ports.ts';
import type { Engine, Write } from './engine.ts';
import { messageState } from './stored.ts';

/** Where each view was posted: `card:N`, `channel:N` (an incident's own channel), `post:ID`, `storm:cluster`. */
export interface MessageRepository {
  get(view: string): Promise<SlackMessage | null>;
  /**
   * Marks a view `sending`, committed before Slack is called; a view that is `sending` keeps its older `sendingSince`.
   */
  begin(view: string, channel: string, now: number): Promise<void>;
  /** Resets a view that is `sending`: Slack is known not to have the message. */
  unsent(view: string): Promise<void>;
  /** Marks a view `sent`; jobs that waited for the thread of an incident's card become due. */
  sent(view: string, channel: string, ts: string, hash: string | null): Promise<void>;
  dead(view: string, reason: string): Promise<void>;
  /** Number of incidents that got a channel of their own since then. */
  channelsSince(since: number): Promise<number>;
}

export function createMessages(engine: Engine, clock: () => number): MessageRepository {
  return {
    get: (view) =>
      engine.read(async (db) => {
        const row = await db.selectFrom('slack_messages').selectAll().where('view', '=', view).executeTakeFirst();
        return row
          ? {
              view: row.view,
              channel: row.channel,
              ts: row.ts,
              state: messageState.parse(row.state),
              sendingSince: row.sending_since,
              handedOverAt: row.handed_over_at ?? row.sending_since,
              renderedHash: row.rendered_hash,
            }
          : null;
      }),
    begin: (view, channel, now) =>
      engine.write(async (tx) => {
        await sql`insert into slack_messages (view, incident_number, channel, state, sending_since, handed_over_at)
          values (${view}, ${incidentOfView(view)}, ${channel}, 'sending', ${now}, ${now})
          on conflict (view) do update set channel = excluded.channel, state = 'sending', ts = null, reason = null,
            rendered_hash = null, handed_over_at = excluded.handed_over_at, sending_since = case when slack_messages.state = 'sending'
              then slack_messages.sending_since else excluded.sending_since end`.execute(tx.db);
      }),
    unsent: (view) =>
      engine.write(async (tx) => {
        await sql`update slack_messages set state = 'unsent' where view = ${view} and state = 'sending'`.execute(tx.db);
      }),
    sent: (view, channel, ts, hash) =>
      engine.write(async (tx) => {
        await sql`insert into slack_messages (view, incident_number, channel, ts, state, sending_since, rendered_hash)
          values (${view}, ${incidentOfView(view)}, ${channel}, ${ts}, 'sent', ${clock()}, ${hash})
          on conflict (view) do update set channel = excluded.channel, ts = excluded.ts, state = 'sent',
            rendered_hash = excluded.rendered_hash, reason = null`.execute(tx.db);
        if (view.startsWith('card:')) await bringThreadForward(tx, view.slice('card:'.length), clock());
      }),
    channelsSince: (since) =>
      engine.read(async (db) => {
        const found = await sql<{ n: number }>`select count(*) as n from slack_messages
          where substr(view, 1, 8) = 'channel:' and sending_since > ${since} and state = 'sent'`.execute(db);
        return found.rows[0]?.n ?? 0;
      }),
    dead: (view, reason) =>
      engine.write(async (tx) => {
        await tx.db
          .updateTable('slack_messages')
          .set({ state: 'dead', reason: reason.slice(0, 2_000) })
          .where('view', '=', view)
          .execute();
      }),
  };
}

/** Makes jobs due that tried to post in the thread before it existed. */
async function bringThreadForward(tx: Write, incident: string, now: number): Promise<void> {
  const moved = await sql<{ id: number }>`update jobs set run_at = ${now}
    where ordering_key = ${threadKey(Number(incident))} and waiting = 0 and dead_at is null and lease_until is null
      and attempt > 0 and run_at > ${now}
    returning id`.execute(tx.db);
  if (moved.rows.length > 0) tx.wake();
}

function incidentOfView(view: string): number | null {
  const match = /^(?:card|channel):(\d+)$/.exec(view);
  return match ? Number(match[1]) : null;
}

/** The limits on mentions: a claim within them is recorded in the same transaction. */
export function createMentions(engine: Engine): MentionLimits {
  return {
    has: (view, since) =>
      engine.read(async (db) => {
        const row = await db
          .selectFrom('mentions')
          .select('view')
          .where('view', '=', view)
          .where('at', '>=', since)
          .executeTakeFirst();
        return row !== undefined;
      }),
    claim: (request) =>
      engine.write(async (tx) => {
        const { view, incidentNumber, channel, at } = request;
        // Serialises two replicas that claim for one channel at once.
        if (tx.grammar.engine === 'postgres')
          await sql`select pg_advisory_xact_lock(hashtext(${`mention:${channel}`}))`.execute(tx.db);
        const known = await tx.db.selectFrom('mentions').select('view').where('view', '=', view).executeTakeFirst();
        if (known) return true;
        const recent = await sql`select view from mentions
          where channel = ${channel} and at > ${at - request.perChannelMs}
          union all
          select view from mentions where incident_number = ${incidentNumber} and at > ${at - request.perIncidentMs}
          limit 1`.execute(tx.db);
        if (recent.rows.length > 0) return false;
        await tx.db.insertInto('mentions').values({ view, incident_number: incidentNumber, channel, at }).execute();
        return true;
      }),
  };
}
