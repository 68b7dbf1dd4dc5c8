import { type Kysely, sql } from 'kysely';

/** A card that several incidents share belongs to the channel their route chose; null means the default channel. */
export const groupChannels = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table card_groups add column channel text`.execute(db);
  },
};
