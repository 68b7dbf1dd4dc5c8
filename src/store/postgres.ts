import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { Pool, type PoolClient, type PoolConfig, types } from 'pg';
import { type ErrorCode, ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';

const CONNECT_MS = 5_000;
const STATEMENT_MS = 15_000;
/**
 * Milliseconds after which an idle transaction is ended: a process that hangs holds its locks no longer than its leases
 * (15 s).
 */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** int8 and numeric as numbers: times and counts stay far below 2^53. */
const INT8 = 20;
const NUMERIC = 1700;
const PARSERS: NonNullable<PoolConfig['types']> = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 || oid === NUMERIC ? Number : types.getTypeParser(oid, format),
};

/** What every connection to the database has in common. */
export function connectionSettings(url: string): PoolConfig {
  return {
    connectionString: url,
    application_name: 'lambda-responder',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    types: PARSERS,
  };
}

/**
 * A pool in the shape Kysely's dialect knows. Idle connections that break are logged and replaced (a pool without an
 * error handler would end the process with the server); NUL, which PostgreSQL refuses, is replaced in every text; and
 * what goes wrong is a ResponderError.
 */
export function openPool(url: string, log: Logger, options: { readonly max: number; readonly limited: boolean }) {
  const pool = new Pool({
    ...connectionSettings(url),
    max: options.max,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...(options.limited ? { statement_timeout: STATEMENT_MS, query_timeout: STATEMENT_MS + CONNECT_MS } : {}),
  });
  pool.on('error', (error) =>
    log.warn({ err: coercePostgresError(error) }, 'an idle connection to the database was lost'),
  );
  const wrapped = new WeakMap<PoolClient, PostgresPoolClient>();
  const kysely: PostgresPool = {
    options: pool.options,
    async connect() {
      try {
        const client = await pool.connect();
        const known = wrapped.get(client) ?? asKyselyClient(client);
        wrapped.set(client, known);
        return known;
      } catch (error) {
        throw coercePostgresError(error);
      }
    },
    end: () => pool.end(),
  };
  return kysely;
}

function asKyselyClient(client: PoolClient): PostgresPoolClient {
  // A connection that breaks while it is checked out says so through the query that fails.
  client.on('error', () => {});
  let broken = false;
  async function query(sql: unknown, parameters?: readonly unknown[]): Promise<unknown> {
    try {
      return await client.query(String(sql), parameters?.map(bindable));
    } catch (error) {
      broken ||= sqlState(error) === null;
      throw coercePostgresError(error);
    }
  }
  return {
    // Kysely's signature has a second overload for cursors, which we never use.
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy || broken),
  };
}

function bindable(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
  if (Array.isArray(value)) return value.map(bindable);
  return value;
}

/** SQLSTATE classes and codes (https://www.postgresql.org/docs/current/errcodes-appendix.html), the longest match wins. */
const REASONS: readonly (readonly [string, ErrorCode, string])[] = [
  ['08', 'store_unavailable', 'the connection failed'],
  ['25006', 'store_unavailable', 'it is read-only (a standby?)'],
  ['28', 'unauthorized', 'the user or password is wrong'],
  ['3D000', 'not_found', 'there is no such database'],
  ['40001', 'store_unavailable', 'transactions collided'],
  ['40P01', 'store_unavailable', 'transactions waited for each other'],
  ['42501', 'forbidden', 'the user lacks a privilege'],
  ['53', 'store_unavailable', 'the server is out of disk space, memory or connections'],
  ['55P03', 'store_unavailable', 'a lock was not available'],
  ['57', 'store_unavailable', 'the server is stopping or cancelled the query'],
  ['58', 'store_unavailable', 'the server met a system error'],
  ['XX', 'store_unavailable', 'the server met an internal error'],
];

/** The five characters by which the server names a failure; null when it was not the server that failed. */
export function sqlState(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('severity' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Maps what `pg` throws. Without a SQLSTATE it is the connection that failed. */
export function coercePostgresError(error: unknown): ResponderError {
  if (error instanceof ResponderError) return error;
  const state = sqlState(error);
  if (state === null)
    return new ResponderError('store_unavailable', 'the database cannot be reached', {
      cause: error,
      hint: 'Check that PostgreSQL runs and that DATABASE_URL names it.',
    });
  const reason = REASONS.filter(([prefix]) => state.startsWith(prefix)).at(-1);
  if (reason) return new ResponderError(reason[1], `the database failed: ${reason[2]} (${state})`, { cause: error });
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  return new ResponderError('internal', `the database refused a statement (${state}): ${message}`, { cause: error });
}

/** A deadlock or a serialisation failure: the transaction did nothing and may run again. */
export function transactionsCollided(error: unknown): boolean {
  const state = sqlState(error instanceof ResponderError ? error.cause : error);
  return state === '40001' || state === '40P01';
}
