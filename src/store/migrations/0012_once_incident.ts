import { type Kysely, sql } from 'kysely';

/** The incident to which an action with a key was applied, so that a repeat of the action can answer for it. */
export const onceIncident = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table once add column incident_number integer`.execute(db);
  },
};
