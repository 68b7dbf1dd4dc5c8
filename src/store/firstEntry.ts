import { sql } from 'kysely';
import type { TimelineDraft } from '../incidents/timeline.ts';
import type { Entered, FirstEntry } from '../jobs/ports.ts';
import type { Engine, Write } from './engine.ts';
import { entryDetail, parseStored } from './stored.ts';
import { appendEntries } from './timeline.ts';

/** Appends an entry unless the incident has one with this key, and returns whose entry it has. */
export async function appendFirst(
  tx: Write,
  incidentNumber: number,
  entry: TimelineDraft,
  once: string,
  now: number,
): Promise<FirstEntry> {
  if ((await appendEntries(tx, incidentNumber, [entry], now, once)) > 0) return 'written';
  const kept = await tx.db
    .selectFrom('timeline')
    .select(['id', 'detail'])
    .where('incident_number', '=', incidentNumber)
    .where('once_key', '=', once)
    .executeTakeFirstOrThrow();
  const detail = parseStored(entryDetail, kept.detail, `timeline entry ${kept.id}`);
  const isOurs = typeof detail.invocation === 'string' && detail.invocation === entry.detail.invocation;
  return isOurs ? 'ours' : 'others';
}

/**
 * Inserts a key unless it exists. Waits for another transaction that inserts the same one, and then sees its effects
 * or, when it failed, inserts it here.
 */
export async function enterOnce(tx: Write, key: string, now: number): Promise<Entered> {
  const entered = await sql`insert into once (key, at) values (${key}, ${now})
    on conflict (key) do nothing returning key`.execute(tx.db);
  if (entered.rows.length > 0) return { isFirst: true };
  const row = await tx.db.selectFrom('once').select('incident_number').where('key', '=', key).executeTakeFirstOrThrow();
  return { isFirst: false, incident: row.incident_number };
}

export async function noteOnce(tx: Write, key: string, incidentNumber: number): Promise<void> {
  await tx.db.updateTable('once').set({ incident_number: incidentNumber }).where('key', '=', key).execute();
}

export function readOnce(engine: Engine, key: string): Promise<number | null> {
  return engine.read(async (db) => {
    const row = await db.selectFrom('once').select('incident_number').where('key', '=', key).executeTakeFirst();
    return row?.incident_number ?? null;
  });
}
