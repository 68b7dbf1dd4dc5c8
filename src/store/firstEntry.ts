import type { TimelineDraft } from '../incidents/timeline.ts';
import type { Write } from './engine.ts';
import { entryDetail, parseStored } from './stored.ts';
import { appendEntries } from './timeline.ts';

/**
 * Appends an entry unless the incident has one with this key. True when the entry there is this one, told by
 * `detail.invocation`: a job that runs again after a crash finds its own entry and is still the first.
 */
export async function appendFirst(
  tx: Write,
  incidentNumber: number,
  entry: TimelineDraft,
  once: string,
  now: number,
): Promise<boolean> {
  await appendEntries(tx, incidentNumber, [entry], now, once);
  const kept = await tx.db
    .selectFrom('timeline')
    .select(['id', 'detail'])
    .where('incident_number', '=', incidentNumber)
    .where('once_key', '=', once)
    .executeTakeFirstOrThrow();
  const detail = parseStored(entryDetail, kept.detail, `timeline entry ${kept.id}`);
  return typeof detail.invocation === 'string' && detail.invocation === entry.detail.invocation;
}
