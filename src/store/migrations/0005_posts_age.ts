import { type Kysely, sql } from 'kysely';

/** Old posts, whose bodies hold evidence, are found without reading all of them. */
export const postsAge = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index posts_age on posts (created_at) where state in ('sent', 'dead')`.execute(db);
  },
};
