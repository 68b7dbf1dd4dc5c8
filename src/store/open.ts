import { randomUUID } from 'node:crypto';
import { backup } from 'node:sqlite';
import { Kysely } from 'kysely';
import { ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { foldTallies } from './accounting.ts';
import { createEngine } from './engine.ts';
import { SQLITE } from './grammar.ts';
import { freeStranded } from './jobs.ts';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';
import { settleSetting } from './settings.ts';
import { coerceSqliteError, NodeSqliteDialect, openSqliteFile } from './sqlite.ts';
import { createStore, type Store } from './store.ts';

export interface StoreOptions {
  readonly log: Logger;
  readonly clock?: () => number;
  /** What texts of failures and refused bodies pass before they are kept. */
  readonly redact?: (text: string) => string;
}

/**
 * Opens the store, creating it when there is none: `sqlite:path/file.db`, `sqlite:/path/file.db` or `sqlite::memory:`.
 *
 * @throws ResponderError bad_input for another URL, store_unavailable when it cannot be written, conflict when another
 * process has the file open, config_invalid when a newer release wrote it.
 */
export async function openStore(url: string, options: StoreOptions): Promise<Store> {
  const path = sqlitePath(url);
  if (path === null)
    throw new ResponderError('bad_input', 'the store address is not one that is understood', {
      hint: 'DATABASE_URL is sqlite:/path/file.db or postgres://user@host/database.',
    });
  return openSqliteStore(path, options);
}

function sqlitePath(url: string): string | null {
  const match = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url);
  return match?.[1] ?? null;
}

async function openSqliteStore(path: string, options: StoreOptions): Promise<Store> {
  const file = openSqliteFile(path);
  const db = new Kysely<Database>({ dialect: new NodeSqliteDialect(file.database) });
  const coerce = (thrown: unknown) => coerceSqliteError(thrown, path);
  const close = async () => {
    await db.destroy();
    if (file.database.isOpen) file.database.close();
    file.release();
  };
  try {
    await migrate(db, 'sqlite');
    const engine = createEngine({
      db,
      grammar: SQLITE,
      writer: 'folded',
      coerce,
      collided: () => false,
      log: options.log,
    });
    const instance = await settleSetting(engine, 'instance', randomUUID());
    await foldTallies(engine);
    await engine.write(freeStranded);
    const store = createStore({
      engine,
      instance,
      clock: options.clock ?? Date.now,
      redact: options.redact ?? ((text) => text),
      backup: async (to) => {
        try {
          await backup(file.database, to);
        } catch (error) {
          throw coerceSqliteError(error, to);
        }
      },
      close,
    });
    await store.probe();
    return store;
  } catch (error) {
    await close();
    throw coerce(error);
  }
}
