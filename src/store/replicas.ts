import { sql } from 'kysely';
import type { Engine } from './engine.ts';

export interface Replica {
  readonly id: string;
  /** Time of its last report, epoch ms. */
  readonly at: number;
  /** It is connected to Slack. */
  readonly connected: boolean;
}

/** The processes on this store, as each reports itself. */
export interface Replicas {
  note(replica: Replica): Promise<void>;
  list(): Promise<readonly Replica[]>;
  /** Removes a process that stops, and those without a report since `before`. */
  forget(id: string, before: number): Promise<void>;
}

const PREFIX = 'replica:';

export function createReplicas(engine: Engine): Replicas {
  const mine = sql`substr(key, 1, ${PREFIX.length}) = ${PREFIX}`;
  const list = () =>
    engine.read(async (db) => {
      const found = await sql<{ key: string; value: string }>`select key, value from settings where ${mine}`.execute(
        db,
      );
      return found.rows.map(({ key, value }) => {
        const [at, connected] = value.split(' ');
        return { id: key.slice(PREFIX.length), at: Number(at), connected: connected === 'connected' };
      });
    });
  return {
    list,
    note: ({ id, at, connected }) =>
      engine.write(async (tx) => {
        const value = `${at} ${connected ? 'connected' : 'apart'}`;
        await sql`insert into settings (key, value) values (${PREFIX + id}, ${value})
          on conflict (key) do update set value = excluded.value`.execute(tx.db);
      }),
    async forget(id, before) {
      const gone = (await list()).filter((replica) => replica.id === id || replica.at < before);
      await engine.write(async (tx) => {
        for (const replica of gone) await sql`delete from settings where key = ${PREFIX + replica.id}`.execute(tx.db);
      });
    },
  };
}
