import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Kysely, type LogEvent, PostgresDialect } from 'kysely';
import { coerceError, ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { FOLDED, foldTallies } from './accounting.ts';
import { createEngine, type Engine, type OnOperation } from './engine.ts';
import { POSTGRES, SQLITE } from './grammar.ts';
import type { TextRedaction } from './incidents.ts';
import { freeStranded } from './jobs.ts';
import { migrate } from './migrate.ts';
import { listen } from './notifications.ts';
import { openPool, transactionsCollided } from './postgres.ts';
import type { Database } from './schema.ts';
import { settleSetting } from './settings.ts';
import { coerceSqliteError, NodeSqliteDialect, noStoreAt, openSqliteFile, sqlitePath } from './sqlite.ts';
import { createStore, type Store } from './store.ts';

/** A replica does little at once: its transactions are short. */
const CONNECTIONS = 10;

export interface StoreOptions {
  readonly log: Logger;
  readonly clock?: () => number;
  /** An SQLite store that does not exist is not created. */
  readonly mustExist?: boolean;
  /** Redaction of texts that people wrote, texts of failures, and refused bodies, applied before they are stored. */
  readonly redaction?: TextRedaction;
  /** Called with every statement after it ran: tests look at its plan. */
  readonly onStatement?: (sql: string, parameters: readonly unknown[]) => void;
  readonly onOperation?: OnOperation;
}

function operationWatch({ onOperation }: StoreOptions) {
  return onOperation ? { onOperation } : {};
}

function statementLog({ onStatement }: StoreOptions) {
  return onStatement ? { log: (event: LogEvent) => onStatement(event.query.sql, event.query.parameters) } : {};
}

/**
 * Opens the store, creating it when there is none (unless `mustExist`): `sqlite:path/file.db`, `sqlite:/path/file.db`,
 * `sqlite::memory:` or `postgres://user:password@host:5432/database`.
 *
 * @throws ResponderError bad_input for another URL, store_unavailable when it cannot be written, conflict when another
 * process has the SQLite file open, config_invalid when a newer release wrote it, not_found for `mustExist`; unauthorized,
 * forbidden or not_found as PostgreSQL says.
 */
export async function openStore(url: string, options: StoreOptions): Promise<Store> {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgresStore(url, options);
  const path = sqlitePath(url);
  if (path !== null) return openSqliteStore(path, options);
  throw new ResponderError('bad_input', 'the address of the store is not supported', {
    hint: 'DATABASE_URL is sqlite:/path/file.db or postgres://user@host/database.',
  });
}

async function openSqliteStore(path: string, options: StoreOptions): Promise<Store> {
  if (options.mustExist && !existsSync(path)) throw noStoreAt(path);
  const file = openSqliteFile(path);
  const db = new Kysely<Database>({ dialect: new NodeSqliteDialect(file.database), ...statementLog(options) });
  const coerce = (thrown: unknown) => coerceSqliteError(thrown, path);
  const close = async () => {
    await db.destroy();
    if (file.database.isOpen) file.database.close();
    file.release();
  };
  try {
    await migrate(db, 'sqlite');
    // There is one writer only, so its totals need no row of their own.
    const watch = operationWatch(options);
    const parts = { db, grammar: SQLITE, writer: FOLDED, coerce, collided: () => false, log: options.log, ...watch };
    return await storeOver(createEngine(parts), options, close);
  } catch (error) {
    await close();
    throw coerce(error);
  }
}

async function openPostgresStore(url: string, options: StoreOptions): Promise<Store> {
  const { log } = options;
  await migratePostgres(url, log);
  const pool = openPool(url, log, { max: CONNECTIONS, limited: true });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }), ...statementLog(options) });
  const engine = createEngine({
    db,
    grammar: POSTGRES,
    writer: randomUUID().slice(0, 8),
    // The pool maps failures of the database; whatever else is thrown in a transaction is not one.
    coerce: coerceError,
    collided: transactionsCollided,
    log,
    ...operationWatch(options),
  });
  const notifications = listen(url, log, engine.wake);
  const close = async () => {
    await notifications.close();
    await db.destroy();
  };
  try {
    return await storeOver(engine, options, close);
  } catch (error) {
    await close();
    throw coerceError(error);
  }
}

/** On a connection without statement timeout: a migration, or waiting for another replica's, may take long. */
async function migratePostgres(url: string, log: Logger): Promise<void> {
  const pool = openPool(url, log, { max: 2, limited: false });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(db, 'postgres');
  } finally {
    await db.destroy();
  }
}

async function storeOver(engine: Engine, options: StoreOptions, close: () => Promise<void>): Promise<Store> {
  const instance = await settleSetting(engine, 'instance', randomUUID());
  await foldTallies(engine);
  await engine.write(freeStranded);
  const store = createStore({
    engine,
    instance,
    clock: options.clock ?? Date.now,
    redaction: options.redaction ?? { redact: (text) => text, redactTree: (value) => value },
    close,
  });
  await store.probe();
  return store;
}
