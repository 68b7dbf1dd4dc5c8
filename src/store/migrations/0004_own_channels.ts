import { type Kysely, sql } from 'kysely';

/** The incident of a channel is found without reading every message that was posted in it. */
export const ownChannels = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index slack_messages_own_channel on slack_messages (channel)
      where substr(view, 1, 8) = 'channel:'`.execute(db);
  },
};
