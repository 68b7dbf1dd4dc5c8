import { sql } from 'kysely';
import type { EntryKind, TimelineDraft, TimelineEntry } from '../incidents/timeline.ts';
import { traceId } from '../telemetry/tracing.ts';
import type { Engine, Write } from './engine.ts';
import { chunks } from './rows.ts';
import { actorType, entryDetail, entryKind, parseStored } from './stored.ts';

/** Appends entries; with `once`, only the first entry of the incident with that key is kept. How many were written. */
export async function appendEntries(
  tx: Write,
  incidentNumber: number,
  entries: readonly TimelineDraft[],
  now: number,
  once: string | null = null,
): Promise<number> {
  const trace = traceId();
  let written = 0;
  for (const piece of chunks(entries)) {
    const inserted = await tx.db
      .insertInto('timeline')
      .values(
        piece.map((entry) => ({
          incident_number: incidentNumber,
          kind: entry.kind,
          at: entry.at,
          actor_type: entry.actor.type,
          actor_id: entry.actor.id,
          actor_name: entry.actor.name,
          text: entry.text,
          detail: JSON.stringify(trace === null ? entry.detail : { ...entry.detail, trace }),
          recorded_at: now,
          permalink: permalinkOf(entry),
          once_key: once,
        })),
      )
      .onConflict((conflict) => conflict.columns(['incident_number', 'once_key']).doNothing())
      .returning('id')
      .execute();
    written += inserted.length;
  }
  return written;
}

function permalinkOf(entry: TimelineDraft): string | null {
  const permalink = entry.detail.permalink;
  return typeof permalink === 'string' ? permalink : null;
}

/** All entries of an incident, or those of some kinds, in the order in which things happened. */
export function readTimeline(
  engine: Engine,
  incidentNumber: number,
  kinds: readonly EntryKind[] | null = null,
): Promise<readonly TimelineEntry[]> {
  return engine.read(async (db) => {
    const all = db.selectFrom('timeline').selectAll().where('incident_number', '=', incidentNumber);
    const chosen = kinds === null ? all : all.where('kind', 'in', kinds);
    const rows = await chosen.orderBy(sql`at, id`).execute();
    return rows.map((row) => ({
      id: row.id,
      incidentNumber: row.incident_number,
      kind: entryKind.parse(row.kind),
      at: row.at,
      actor: { type: actorType.parse(row.actor_type), id: row.actor_id, name: row.actor_name },
      text: row.text,
      detail: parseStored(entryDetail, row.detail, `timeline entry ${row.id}`),
      recordedAt: row.recorded_at,
      permalink: row.permalink,
    }));
  });
}
