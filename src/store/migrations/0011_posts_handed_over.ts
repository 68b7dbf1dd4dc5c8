import { type Kysely, sql } from 'kysely';

/** When a post was last handed to Slack; `sending_since` is when it was first. Null: then, as earlier releases wrote it. */
export const postsHandedOver = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table posts add column handed_over_at bigint`.execute(db);
  },
};
