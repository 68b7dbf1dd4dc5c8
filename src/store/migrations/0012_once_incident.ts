import { type Kysely, sql } from 'kysely';

/** Which incident something that is done once was done to, so that whoever does it again can answer for it. */
export const onceIncident = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table once add column incident_number integer`.execute(db);
  },
};
