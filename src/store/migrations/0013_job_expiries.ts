import { type Kysely, sql } from 'kysely';

/** Whose leases on a job ran out and when, so that a job is only blamed for processes that ended under it one after the other. */
export const jobExpiries = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table jobs add column holder text`.execute(db);
    await sql`alter table jobs add column expired_by text`.execute(db);
    await sql`alter table jobs add column expired_at bigint`.execute(db);
  },
};
