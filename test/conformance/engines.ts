import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { pino } from 'pino';
import { openStore, type StoreOptions } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';

export const silent = pino({ level: 'silent' });

export interface EngineUnderTest {
  readonly name: 'sqlite' | 'postgres';
  /** A new, empty store; closed after the test. */
  open(options?: Omit<StoreOptions, 'log'>): Promise<Store>;
  /** Where the store opened last is. */
  url(): string;
}

export interface PostgresUnderTest extends EngineUnderTest {
  /** Another replica on the database of the store opened last. */
  again(): Promise<Store>;
  server(): PostgresServer;
}

/** `DATABASES=sqlite` or `DATABASES=postgres` runs the suite on one engine only. */
const wanted = (process.env.DATABASES ?? 'sqlite,postgres').split(',');

/** Runs the same tests on every engine. */
export function onEveryEngine(title: string, tests: (engine: EngineUnderTest) => void): void {
  if (wanted.includes('sqlite')) describe(`${title} (sqlite)`, () => tests(sqliteEngine()));
  if (wanted.includes('postgres')) onPostgres(title, tests);
}

/** Runs tests of what only PostgreSQL can do. */
export function onPostgres(title: string, tests: (engine: PostgresUnderTest) => void): void {
  if (wanted.includes('postgres')) describe(`${title} (postgres)`, () => tests(postgresEngine()));
}

function sqliteEngine(): EngineUnderTest {
  let folder = '';
  let files = 0;
  const keep = closedAfterEach();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'responder-store-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    name: 'sqlite',
    url: () => `sqlite:${join(folder, `${files}.db`)}`,
    async open(options = {}) {
      files += 1;
      return keep(await openStore(`sqlite:${join(folder, `${files}.db`)}`, { log: silent, ...options }));
    },
  };
}

function postgresEngine(): PostgresUnderTest {
  let running: PostgresServer | null = null;
  let template = '';
  let url = '';
  const keep = closedAfterEach();
  beforeAll(async () => {
    running = await startPostgres();
    // The tables are made once and copied for each test.
    template = await running.newDatabase();
    await (await openStore(template, { log: silent })).close();
  }, 120_000);
  afterAll(() => running?.close());
  const server = () => {
    if (!running) throw new Error('PostgreSQL runs only during a test');
    return running;
  };
  return {
    name: 'postgres',
    server,
    async open(options = {}) {
      url = await server().newDatabase(template);
      return keep(await openStore(url, { log: silent, ...options }));
    },
    again: async () => keep(await openStore(url, { log: silent })),
    url: () => url,
  };
}

/** Everything opened in a test is closed after it. */
function closedAfterEach(): (store: Store) => Store {
  const opened: Store[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  return (store) => {
    opened.push(store);
    return store;
  };
}
