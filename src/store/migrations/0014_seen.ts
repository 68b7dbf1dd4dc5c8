import { type Kysely, sql } from 'kysely';

/** Whom Slack called a full member, and which channel ours alone, and when last. */
export const seen = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table seen (id text primary key, at bigint not null, name text)`.execute(db);
  },
};
