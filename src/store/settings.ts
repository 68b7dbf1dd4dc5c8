import { sql } from 'kysely';
import type { Engine } from './engine.ts';

/** Small values the program remembers by name. */
export interface Settings {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  /** Writes when the value is still `expected` (null: there is none yet); false when somebody was first. */
  swap(key: string, expected: string | null, value: string): Promise<boolean>;
}

export interface Heartbeat {
  readonly cluster: string;
  readonly firstAt: number;
  readonly lastAt: number;
  /** How many were heard; the dead man's switch is armed by the second. */
  readonly beats: number;
}

/** When each cluster's watchdog was last heard. */
export interface Heartbeats {
  beat(cluster: string, at: number): Promise<Heartbeat>;
  list(): Promise<readonly Heartbeat[]>;
  /** No longer expected: a cluster that was taken away. */
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

/** The value under a key, written now unless somebody was first. */
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
