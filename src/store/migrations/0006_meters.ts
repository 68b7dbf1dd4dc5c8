import { type Kysely, sql } from 'kysely';

/** What was used of Slack's limits, so that replicas keep to them together. */
export const meters = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table meters (
      name text primary key, sent_at text not null, spent_until bigint not null, held_until bigint not null)`.execute(
      db,
    );
  },
};
