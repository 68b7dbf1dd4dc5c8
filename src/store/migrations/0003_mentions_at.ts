import { type Kysely, sql } from 'kysely';

/** Old mentions are found without reading all of them. */
export const mentionsAt = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index mentions_at on mentions (at)`.execute(db);
  },
};
