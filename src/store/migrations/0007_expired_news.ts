import { type Kysely, sql } from 'kysely';

/** News that was given up is found by its incident without reading every post. */
export const expiredNews = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index posts_given_up on posts (incident_number, id) where state = 'dead'`.execute(db);
  },
};
