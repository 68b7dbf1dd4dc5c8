import { type Kysely, sql } from 'kysely';

/** When a view was last handed to Slack; null: when it was first, as earlier releases wrote it. */
export const handedOver = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table slack_messages add column handed_over_at bigint`.execute(db);
  },
};
