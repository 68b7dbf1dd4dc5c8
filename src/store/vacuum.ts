import { sql } from 'kysely';
import type { Engine } from './engine.ts';

/** Pages of 4 KiB given back in one step: some milliseconds, in which nothing else is answered. */
const STEP = 128;
/** Free pages that are left for what comes next: with a large delivery a minute the file neither grows nor shrinks. */
const KEPT = 4_096;

/**
 * Returns free pages to the file system, step by step until few are left; other statements run between two steps.
 * Resolves to the number of pages; 0 on PostgreSQL, which does this by itself.
 */
export async function giveBack(engine: Engine, stop?: AbortSignal): Promise<number> {
  if (engine.grammar.engine !== 'sqlite') return 0;
  const before = await freePages(engine);
  let free = before;
  while (free > KEPT && !stop?.aborted) {
    await engine.read((db) => sql.raw(`pragma incremental_vacuum(${STEP})`).execute(db));
    const left = await freePages(engine);
    // A file that was made without auto_vacuum keeps its pages, and uses them again.
    if (left >= free) break;
    free = left;
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Until its log is written back, the file itself does not shrink.
  if (free < before) await engine.read((db) => sql`pragma wal_checkpoint(passive)`.execute(db));
  return Math.max(0, before - free);
}

async function freePages(engine: Engine): Promise<number> {
  const found = await engine.read((db) => sql<{ freelist_count: number }>`pragma freelist_count`.execute(db));
  return found.rows[0]?.freelist_count ?? 0;
}
