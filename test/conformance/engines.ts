import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { pino } from 'pino';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';

export const silent = pino({ level: 'silent' });

export interface EngineUnderTest {
  readonly name: 'sqlite' | 'postgres';
  /** A new, empty store; closed after the test. */
  open(options?: { readonly clock?: () => number; readonly redact?: (text: string) => string }): Promise<Store>;
  /** Another handle on the store opened last: a replica. SQLite has none. */
  again(): Promise<Store>;
}

/** `DATABASES=sqlite` or `DATABASES=postgres` runs the suite on one engine only. */
const wanted = (process.env.DATABASES ?? 'sqlite').split(',');

/** Runs the same tests on every engine. */
export function onEveryEngine(title: string, tests: (engine: EngineUnderTest) => void): void {
  if (wanted.includes('sqlite')) describe(`${title} (sqlite)`, () => tests(sqliteEngine()));
}

function sqliteEngine(): EngineUnderTest {
  let folder = '';
  const opened: Store[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'responder-store-'));
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;
  return {
    name: 'sqlite',
    async open(options = {}) {
      files += 1;
      const store = await openStore(`sqlite:${join(folder, `${files}.db`)}`, { log: silent, ...options });
      opened.push(store);
      return store;
    },
    again: () => Promise.reject(new Error('SQLite has one process')),
  };
}
