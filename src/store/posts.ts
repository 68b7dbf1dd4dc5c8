import { type Selectable, sql } from 'kysely';
import type { Post, PostBody } from '../incidents/post.ts';
import type { Engine, Write } from './engine.ts';
import type { PostsTable } from './schema.ts';
import { parseStored, postState, storedPostBody } from './stored.ts';

export interface NewPost {
  readonly incidentNumber: number | null;
  readonly body: PostBody;
  readonly now: number;
  readonly where?: { readonly channel: string; readonly threadTs: string | null };
}

/** The outbox: messages posted once, each row sent by a delivery job. */
export interface PostRepository {
  create(post: NewPost): Promise<number>;
  find(id: number): Promise<Post | null>;
  /** Committed before Slack is called, because the call cannot be taken back. */
  markSending(id: number, now: number): Promise<void>;
  /** Resets a post that is `sending`: Slack is known not to have it. */
  markUnsent(id: number): Promise<void>;
  markSent(id: number, channel: string, ts: string): Promise<void>;
  markDead(id: number, reason: string): Promise<void>;
  /** Calls of people written after this post, sent or not, oldest first; without those that were given up. */
  callsAfter(incidentNumber: number, id: number): Promise<readonly Post[]>;
  /** Not sent yet, oldest first. */
  pendingFor(incidentNumber: number): Promise<readonly Post[]>;
}

export async function insertPost(
  tx: Write,
  incidentNumber: number | null,
  body: PostBody,
  now: number,
  where?: { readonly channel: string; readonly threadTs: string | null },
): Promise<number> {
  const row = await tx.db
    .insertInto('posts')
    .values({
      incident_number: incidentNumber,
      channel: where?.channel ?? null,
      thread_ts: where?.threadTs ?? null,
      body: JSON.stringify(body),
      created_at: now,
      state: 'pending',
      sending_since: null,
      handed_over_at: null,
      sent_channel: null,
      sent_ts: null,
      reason: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export function createPosts(engine: Engine): PostRepository {
  return {
    create: ({ incidentNumber, body, now, where }) =>
      engine.write((tx) => insertPost(tx, incidentNumber, body, now, where)),
    find: (id) =>
      engine.read(async (db) => {
        const row = await db.selectFrom('posts').selectAll().where('id', '=', id).executeTakeFirst();
        return row ? postOf(row) : null;
      }),
    markSending: (id, now) =>
      engine.write(async (tx) => {
        await sql`update posts set state = 'sending', handed_over_at = ${now},
            sending_since = case when state = 'sending' then sending_since else ${now} end
          where id = ${id} and state in ('pending', 'sending')`.execute(tx.db);
      }),
    markUnsent: (id) =>
      engine.write(async (tx) => {
        await sql`update posts set state = 'pending' where id = ${id} and state = 'sending'`.execute(tx.db);
      }),
    markSent: (id, channel, ts) =>
      engine.write(async (tx) => {
        await tx.db
          .updateTable('posts')
          .set({ state: 'sent', sent_channel: channel, sent_ts: ts, reason: null })
          .where('id', '=', id)
          .execute();
      }),
    markDead: (id, reason) =>
      engine.write(async (tx) => {
        await sql`update posts set state = 'dead', reason = ${reason.slice(0, 2_000)}
          where id = ${id} and state <> 'sent'`.execute(tx.db);
      }),
    callsAfter: (incidentNumber, id) =>
      engine.read(async (db) => {
        const rows = await db
          .selectFrom('posts')
          .selectAll()
          .where('incident_number', '=', incidentNumber)
          .where('id', '>', id)
          .where(sql<boolean>`state <> 'dead' and substr(body, 1, 14) = '{"kind":"call"'`)
          .orderBy('id')
          .execute();
        return rows.map(postOf);
      }),
    pendingFor: (incidentNumber) =>
      engine.read(async (db) => {
        const rows = await db
          .selectFrom('posts')
          .selectAll()
          .where('incident_number', '=', incidentNumber)
          .where(sql<boolean>`state in ('pending', 'sending')`)
          .orderBy('id')
          .execute();
        return rows.map(postOf);
      }),
  };
}

function postOf(row: Selectable<PostsTable>): Post {
  return {
    id: row.id,
    incidentNumber: row.incident_number,
    channel: row.channel,
    threadTs: row.thread_ts,
    body: parseStored(storedPostBody, row.body, `post ${row.id}`),
    createdAt: row.created_at,
    state: postState.parse(row.state),
    sendingSince: row.sending_since,
    handedOverAt: row.handed_over_at ?? row.sending_since,
    sentChannel: row.sent_channel,
    sentTs: row.sent_ts,
  };
}
