import { sql } from 'kysely';
import type { Engine } from './engine.ts';

/** Small values the program remembers by name. */
export interface Settings {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  /**
   * Compare and swap: writes when the value is still `expected` (null: none yet); false when another process wrote
   * first.
   */
  swap(key: string, expected: string | null, value: string): Promise<boolean>;
}

export interface Heartbeat {
  readonly cluster: string;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Number of heartbeats; the second one arms the dead man's switch. */
  readonly beats: number;
}

/** The last heartbeat of each cluster's watchdog. */
export interface Heartbeats {
  beat(cluster: string, at: number): Promise<Heartbeat>;
  list(): Promise<readonly Heartbeat[]>;
  /** Removes a cluster that is no longer expected. */
  forget(cluster: string): Promise<void>;
}

export function createSettings(engine: Engine): Settings {
  return {
    get: (key) =>
      engine.read(async (db) => {
        const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
        return row?.value ?? null;
      }),
    set: (key, value) =>
      engine.write(async (tx) => {
        await sql`insert into settings (key, value) values (${key}, ${value})
          on conflict (key) do update set value = excluded.value`.execute(tx.db);
      }),
    swap: (key, expected, value) =>
      engine.write(async (tx) => {
        const written =
          expected === null
            ? await sql`insert into settings (key, value) values (${key}, ${value})
                on conflict (key) do nothing returning key`.execute(tx.db)
            : await sql`update settings set value = ${value}
                where key = ${key} and value = ${expected} returning key`.execute(tx.db);
        return written.rows.length > 0;
      }),
  };
}

/** The value under a key; `value` is written unless one exists. */
export function settleSetting(engine: Engine, key: string, value: string): Promise<string> {
  return engine.write(async (tx) => {
    await sql`insert into settings (key, value) values (${key}, ${value}) on conflict (key) do nothing`.execute(tx.db);
    const row = await tx.db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirstOrThrow();
    return row.value;
  });
}

export function createHeartbeats(engine: Engine): Heartbeats {
  return {
    beat: (cluster, at) =>
      engine.write(async (tx) => {
        const row = await sql<{ first_at: number; last_at: number; beats: number }>`
          insert into heartbeats (cluster, first_at, last_at, beats) values (${cluster}, ${at}, ${at}, 1)
          on conflict (cluster) do update set beats = heartbeats.beats + 1,
            last_at = case when heartbeats.last_at > excluded.last_at then heartbeats.last_at else excluded.last_at end
          returning first_at, last_at, beats`.execute(tx.db);
        const beat = row.rows[0];
        return { cluster, firstAt: beat?.first_at ?? at, lastAt: beat?.last_at ?? at, beats: beat?.beats ?? 1 };
      }),
    list: () =>
      engine.read(async (db) => {
        const rows = await db.selectFrom('heartbeats').selectAll().orderBy('cluster').execute();
        return rows.map((row) => ({
          cluster: row.cluster,
          firstAt: row.first_at,
          lastAt: row.last_at,
          beats: row.beats,
        }));
      }),
    forget: (cluster) =>
      engine.write(async (tx) => {
        await tx.db.deleteFrom('heartbeats').where('cluster', '=', cluster).execute();
      }),
  };
}
