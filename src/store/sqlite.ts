import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely';
import { coerceError, ResponderError } from '../errors.ts';

/** Longer statements (inserts of many rows) differ each time and would only push the others out. */
const CACHED_SQL_LENGTH = 4_000;
const CACHED_STATEMENTS = 200;
const PRAGMA = /^\s*pragma\b/i;

/** What SQLite binds: PostgreSQL refuses NUL in text, so both engines store the replacement character. */
function bindable(value: unknown): SQLInputValue {
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint8Array) return value;
  throw new ResponderError('internal', `a ${typeof value} cannot be stored`);
}

/** `node:sqlite` in the shape Kysely's SQLite dialect knows (that of better-sqlite3), with prepared statements kept. */
function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  const cache = new Map<string, StatementSync>();
  function prepared(sql: string): StatementSync {
    const known = cache.get(sql);
    if (known) {
      cache.delete(sql);
      cache.set(sql, known);
      return known;
    }
    const statement = database.prepare(sql);
    if (sql.length > CACHED_SQL_LENGTH) return statement;
    cache.set(sql, statement);
    if (cache.size > CACHED_STATEMENTS) cache.delete(cache.keys().next().value ?? '');
    return statement;
  }
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = prepared(sql);
      return {
        // A pragma without columns may still work row by row (incremental_vacuum): run() would end it after the first.
        reader: statement.columns().length > 0 || PRAGMA.test(sql),
        all: (parameters) => statement.all(...parameters.map(bindable)),
        run: (parameters) => statement.run(...parameters.map(bindable)),
        iterate: (parameters) => statement.iterate(...parameters.map(bindable)),
      };
    },
  };
}

/** Kysely's dialect, but a transaction takes the write lock when it begins, and its schema changes are atomic. */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #database: DatabaseSync;
  readonly #config: SqliteDialectConfig;

  constructor(database: DatabaseSync) {
    const config = { database: asKyselyDatabase(database) };
    super(config);
    this.#database = database;
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.#database, this.#config);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #database: DatabaseSync;
  readonly #turn = createTurns();

  constructor(database: DatabaseSync, config: SqliteDialectConfig) {
    super(config);
    this.#database = database;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    return inTurns(await super.acquireConnection(), this.#turn);
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // A full disk makes SQLite roll back by itself; a second rollback would hide the reason.
    if (this.#database.isTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'));
  }
}

/** Milliseconds of consecutive statements after which the event loop is yielded. */
const TURN_MS = 20;

/**
 * Yields to the event loop when due: `node:sqlite` is synchronous, so consecutive statements, in one transaction or in
 * several, would starve requests and timers.
 */
function createTurns(): () => Promise<void> {
  let begun: number | null = null;
  return async () => {
    const now = performance.now();
    if (begun === null) {
      begun = now;
      setImmediate(() => {
        begun = null;
      });
    } else if (now - begun > TURN_MS) await new Promise((resolve) => setImmediate(resolve));
  };
}

function inTurns(connection: DatabaseConnection, turn: () => Promise<void>): DatabaseConnection {
  return {
    async executeQuery(query, ...rest) {
      await turn();
      return connection.executeQuery(query, ...rest);
    },
    streamQuery: (...query) => connection.streamQuery(...query),
  };
}

/** The file of a `sqlite:` address; null for another address. */
export function sqlitePath(url: string): string | null {
  const match = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url);
  return match?.[1] ?? null;
}

export function noStoreAt(path: string): ResponderError {
  return new ResponderError('not_found', `there is no store at ${path}`, {
    hint: 'DATABASE_URL names the file that the responder uses; a relative one starts at the current folder.',
  });
}

export interface SqliteFile {
  readonly database: DatabaseSync;
  /** Releases the lock; call after the database is closed. */
  release(): void;
}

/**
 * Opens the file, creating it and its folder. Only one process may write: it holds an exclusive lock on a file beside
 * it (`.lock`) as long as it lives; the lock dies with the process, so nothing is left behind by `kill -9`.
 *
 * @throws ResponderError conflict when another process has it open, store_unavailable when it cannot be written.
 */
export function openSqliteFile(path: string): SqliteFile {
  const memory = path === ':memory:';
  if (!memory) {
    try {
      mkdirSync(dirname(path), { recursive: true });
    } catch (error) {
      throw new ResponderError('store_unavailable', `the folder of the store ${path} cannot be created`, {
        cause: error,
        hint: 'Point DATABASE_URL at a folder that this process may write.',
      });
    }
  }
  const lock = memory ? null : holdLock(path);
  try {
    const database = new DatabaseSync(path, { timeout: 2_000, allowExtension: false });
    try {
      // auto_vacuum must be chosen before the first table; the journal before the first write.
      database.exec('pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full');
      database.exec('pragma journal_size_limit = 67108864; pragma temp_store = memory; pragma cache_size = -8000');
    } catch (error) {
      database.close();
      throw error;
    }
    return { database, release: () => lock?.close() };
  } catch (error) {
    lock?.close();
    throw coerceSqliteError(error, path);
  }
}

function holdLock(path: string): DatabaseSync {
  let lock: DatabaseSync;
  try {
    lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  } catch (error) {
    throw coerceSqliteError(error, path);
  }
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (resultCode(error) === BUSY)
      throw new ResponderError('conflict', `another process has the store ${path} open`, {
        cause: error,
        hint: 'Stop it first, or use PostgreSQL (DATABASE_URL=postgres://...) for more than one replica.',
      });
    throw coerceSqliteError(error, path);
  }
}

const BUSY = 5;
/** SQLite's primary result codes (https://sqlite.org/rescode.html) that mean: cannot be written now. */
const UNAVAILABLE: Readonly<Record<number, string>> = {
  5: 'it is locked by another program',
  6: 'it is locked',
  7: 'there is no memory left',
  8: 'it is read-only',
  10: 'reading or writing its file failed',
  13: 'the disk is full',
  14: 'its file cannot be opened',
};
const DAMAGED: Readonly<Record<number, string>> = {
  11: 'its file is damaged',
  26: 'its file is not a SQLite database',
};

function resultCode(error: unknown): number | null {
  // Extended codes keep the primary one in the lowest byte.
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}

/** Maps what `node:sqlite` throws: store_unavailable with the reason, `internal` for a defect of ours. */
export function coerceSqliteError(error: unknown, path: string): ResponderError {
  if (error instanceof ResponderError) return error;
  const code = resultCode(error);
  const unavailable = code === null ? undefined : UNAVAILABLE[code];
  if (unavailable)
    return new ResponderError('store_unavailable', `the store ${path} cannot be used: ${unavailable}`, {
      cause: error,
      hint: 'Check free space, the permissions of the folder and what else has the file open.',
    });
  const damaged = code === null ? undefined : DAMAGED[code];
  if (damaged)
    return new ResponderError('store_unavailable', `the store ${path} cannot be used: ${damaged}`, {
      cause: error,
      retryable: false,
      hint: 'Put a backup in its place, or move the file away to start empty.',
    });
  return coerceError(error);
}
