import { sql } from 'kysely';
import type { Engine } from './engine.ts';

/** Periodic rounds that one replica does for all: the one that takes the turn. */
export interface Turns {
  /** True at most once in `everyMs`, over all processes on this store. A clock set back far does not stop the round. */
  take(name: string, everyMs: number, now: number): Promise<boolean>;
}

export function createTurns(engine: Engine): Turns {
  return {
    take: (name, everyMs, now) =>
      engine.write(async (tx) => {
        const taken = await sql`insert into settings (key, value) values (${`turn:${name}`}, ${String(now)})
          on conflict (key) do update set value = excluded.value
            where cast(settings.value as bigint) <= ${now - everyMs} or cast(settings.value as bigint) > ${now + everyMs}
          returning key`.execute(tx.db);
        return taken.rows.length > 0;
      }),
  };
}
