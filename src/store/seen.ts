import { sql } from 'kysely';
import type { SeenMembers } from '../slack/ports.ts';
import type { Engine } from './engine.ts';

/** The table of people and channels that were seen to be in good standing. */
export function createSeen(engine: Engine): SeenMembers {
  return {
    find: (id) =>
      engine.read(async (db) => {
        const row = await db.selectFrom('seen').select(['at', 'name']).where('id', '=', id).executeTakeFirst();
        return row ?? null;
      }),
    note: (id, at, name) =>
      engine.write(async (tx) => {
        await sql`insert into seen (id, at, name) values (${id}, ${at}, ${name})
          on conflict (id) do update set at = excluded.at, name = excluded.name where seen.at < excluded.at`.execute(
          tx.db,
        );
      }),
    forget: (id) =>
      engine.write(async (tx) => {
        await tx.db.deleteFrom('seen').where('id', '=', id).execute();
      }),
  };
}
