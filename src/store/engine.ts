import { AsyncLocalStorage } from 'node:async_hooks';
import { type Kysely, sql, type Transaction } from 'kysely';
import { type ErrorCode, ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Grammar } from './grammar.ts';
import { CHANNEL } from './notifications.ts';
import type { Database } from './schema.ts';

/** One transaction. Nothing is awaited in it but its own `db`: no network, no other handle. */
export interface Write {
  readonly db: Transaction<Database>;
  readonly grammar: Grammar;
  /** Wakes the workers after the commit: there is something to claim. */
  wake(): void;
  /** Adds to an accounting total, last thing before the commit. */
  tally(name: string, amount: number): void;
}

/** The database behind every repository. Whatever it throws is a ResponderError. */
export interface Engine {
  readonly grammar: Grammar;
  read<T>(query: (db: Kysely<Database>) => Promise<T>): Promise<T>;
  /** Runs the work in a transaction; on PostgreSQL again, from the start, when it met a deadlock. */
  write<T>(work: (tx: Write) => Promise<T>): Promise<T>;
  subscribe(listener: () => void): () => void;
  /** True since a write was refused; until `recovered` is called. */
  readonly troubled: boolean;
  recovered(): void;
}

export interface EngineParts {
  readonly db: Kysely<Database>;
  readonly grammar: Grammar;
  /** The name under which this process writes its totals. */
  readonly writer: string;
  readonly coerce: (thrown: unknown) => ResponderError;
  /** A deadlock or a serialisation failure: the whole transaction may be run again. */
  readonly collided: (thrown: unknown) => boolean;
  readonly log: Logger;
  readonly onOperation?: OnOperation;
}

/**
 * Called with how each read and each transaction ended, and its milliseconds with all attempts and the wait for a
 * connection.
 */
export type OnOperation = (operation: 'read' | 'write', outcome: 'ok' | ErrorCode, ms: number) => void;

const ATTEMPTS = 5;
const SLOW_MS = 1_000;

/** Builds the one door to the database. A repository never sees the outer handle inside a transaction. */
export function createEngine(parts: EngineParts): Engine & { readonly wake: () => void } {
  const inside = new AsyncLocalStorage<true>();
  const listeners = new Set<() => void>();
  let troubled = false;
  const wake = () => {
    for (const listener of listeners) listener();
  };

  function outside(): void {
    // With the one SQLite connection this would deadlock silently.
    if (inside.getStore())
      throw new ResponderError('internal', 'the store was used inside a transaction by another handle than its own');
  }

  async function write<T>(work: (tx: Write) => Promise<T>): Promise<T> {
    outside();
    const started = performance.now();
    for (let tries = 1; ; tries += 1) {
      try {
        const { result, woken } = await attempt(work, inside, parts);
        if (woken) wake();
        const ms = performance.now() - started;
        parts.onOperation?.('write', 'ok', ms);
        if (ms > SLOW_MS) parts.log.warn({ ms: Math.round(ms) }, 'a transaction of the store was slow');
        return result;
      } catch (error) {
        if (tries < ATTEMPTS && parts.collided(error)) continue;
        const coerced = parts.coerce(error);
        parts.onOperation?.('write', coerced.code, performance.now() - started);
        if (coerced.code === 'store_unavailable') troubled = true;
        throw coerced;
      }
    }
  }

  return {
    grammar: parts.grammar,
    async read(query) {
      outside();
      return await readNow(query, parts);
    },
    write,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get troubled() {
      return troubled;
    },
    recovered() {
      troubled = false;
    },
    wake,
  };
}

/**
 * Runs the work in one transaction, marked as `inside` for whatever it awaits. `woken`: the work asked to wake the
 * workers.
 */
async function attempt<T>(
  work: (tx: Write) => Promise<T>,
  inside: AsyncLocalStorage<true>,
  { db: outer, grammar, writer }: EngineParts,
): Promise<{ readonly result: T; readonly woken: boolean }> {
  const tallies = new Map<string, number>();
  let woken = false;
  const result = await outer.transaction().execute((db) =>
    inside.run(true, async () => {
      const done = await work({
        db,
        grammar,
        wake: () => {
          woken = true;
        },
        tally: (name, amount) => tallies.set(name, (tallies.get(name) ?? 0) + amount),
      });
      await writeTallies(db, tallies, writer);
      if (woken && grammar.engine === 'postgres') await sql`select pg_notify(${CHANNEL}, '')`.execute(db);
      return done;
    }),
  );
  return { result, woken };
}

/** Runs a query outside of any transaction. @throws ResponderError */
async function readNow<T>(
  query: (db: Kysely<Database>) => Promise<T>,
  { db, onOperation, coerce }: EngineParts,
): Promise<T> {
  const started = performance.now();
  try {
    const found = await query(db);
    onOperation?.('read', 'ok', performance.now() - started);
    return found;
  } catch (error) {
    const coerced = coerce(error);
    onOperation?.('read', coerced.code, performance.now() - started);
    throw coerced;
  }
}

/** Writes the totals in the order of their names, so that two transactions lock the rows in the same order. */
async function writeTallies(
  db: Transaction<Database>,
  tallies: ReadonlyMap<string, number>,
  writer: string,
): Promise<void> {
  const rows = [...tallies].filter(([, amount]) => amount !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, amount] of rows) {
    await sql`insert into tallies (name, writer, amount) values (${name}, ${writer}, ${amount})
      on conflict (name, writer) do update set amount = tallies.amount + excluded.amount`.execute(db);
  }
}
