import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const SETUP = resolve(import.meta.dirname, '../../scripts/setup.mjs');
/** Stands in for `npm ci`: notes that it ran, takes a moment, and leaves npm's note of what is installed. */
const NPM = `
const { appendFileSync, mkdirSync, copyFileSync } = require('node:fs');
appendFileSync('runs', 'x');
setTimeout(() => {
  if (process.env.NPM_FAILS) process.exit(7);
  mkdirSync('node_modules', { recursive: true });
  copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
}, 500);
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-'));
  mkdirSync(join(folder, 'scripts'));
  cpSync(SETUP, join(folder, 'scripts', 'setup.mjs'));
  writeFileSync(join(folder, 'npm.cjs'), NPM);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ optionalDependencies: {} }));
  lock('1.0.0');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lock(version: string): void {
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({
      packages: { '': {}, 'node_modules/a': { version }, 'node_modules/b': { version, optional: true } },
    }),
  );
}

function start(env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['scripts/setup.mjs'], {
    cwd: folder,
    env: { ...process.env, npm_execpath: join(folder, 'npm.cjs'), ...env },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)));
  const ended = new Promise<{ code: number | null; said: string }>((done) =>
    child.once('close', (code) => done({ code, said })),
  );
  return { child, ended };
}

const runs = () => readFileSync(join(folder, 'runs'), 'utf8').length;

async function ranOnce(): Promise<void> {
  while (!existsSync(join(folder, 'runs'))) await new Promise((wake) => setTimeout(wake, 20));
}

describe('the setup before npm start and npm test', () => {
  it('installs once when both begin at the same time', async () => {
    const both = await Promise.all([start().ended, start().ended]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(runs()).toBe(1);
  });

  it('installs again for another lock file, and not for another time of the same one', async () => {
    await start().ended;
    utimesSync(join(folder, 'package-lock.json'), new Date(), new Date(Date.now() + 60_000));
    await start().ended;
    expect(runs()).toBe(1);
    lock('1.0.1');
    await start().ended;
    expect(runs()).toBe(2);
  });

  it('waits for the npm of one that was killed', async () => {
    const { child, ended } = start();
    await ranOnce();
    child.kill('SIGKILL');
    await ended;
    expect(await start().ended).toMatchObject({ code: 0 });
    expect(runs()).toBe(1);
  });

  it('takes over from one that was killed with its npm', async () => {
    const { child, ended } = start();
    await ranOnce();
    child.kill('SIGKILL');
    process.kill(Number(readFileSync(join(folder, '.setup', 'pid'), 'utf8')), 'SIGKILL');
    await ended;
    expect(await start().ended).toMatchObject({ code: 0 });
    expect(runs()).toBe(2);
  });

  it('says that npm failed, and tries again the next time', async () => {
    const failed = await start({ NPM_FAILS: '1' }).ended;
    expect(failed).toEqual({ code: 1, said: expect.stringContaining('npm ci ended with 7') });
    expect(await start().ended).toMatchObject({ code: 0 });
  });
});
