import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { openStore } from '../../src/store/open.ts';
import { alert, delivery, TOKEN, until } from './product.ts';
import { PROGRAM, ROOT } from './program.ts';

const run = promisify(execFile);

let folder = '';
let env: NodeJS.ProcessEnv = {};
let child: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  const ports = { PORT: '0', WORKSPACE_PORT: '0', CLUSTER_PORT: '0', METRICS_PORT: '0' };
  const store = { DATABASE_URL: `sqlite:${join(folder, 'responder.db')}`, WEBHOOK_TOKEN: TOKEN };
  env = { ...process.env, ...ports, ...store, NODE_ENV: '', RESPONDER_URL: '' };
});
afterEach(async () => {
  await stopped();
  rmSync(folder, { recursive: true, force: true });
});

/** The responder as a process of its own; resolves to its address. */
async function started(): Promise<string> {
  const responder = spawn(process.execPath, PROGRAM, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'ignore'] });
  child = responder;
  let output = '';
  responder.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
  return until('the responder', async () => /^responder\s+(http:\S+)/m.exec(output)?.[1], 60);
}

async function stopped(): Promise<void> {
  const running = child;
  child = null;
  if (!running || running.exitCode !== null) return;
  const ended = new Promise((done) => running.once('exit', done));
  running.kill('SIGTERM');
  await ended;
}

function caller(url: string) {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return {
    async post(name: string): Promise<number> {
      const body = JSON.stringify(delivery([alert(name, { namespace: name.toLowerCase() })], { groupKey: name }));
      return (await fetch(`${url}/webhooks/alertmanager`, { method: 'POST', headers, body })).status;
    },
    async incidents(): Promise<readonly { number: number; title: string }[]> {
      const answer: { incidents: { number: number; title: string }[] } = await (
        await fetch(`${url}/api/incidents`, { headers })
      ).json();
      return answer.incidents;
    },
  };
}

test('a backup beside a responder that takes alerts without a pause is a store a responder starts on, with the same incidents', async () => {
  const { post, incidents } = caller(await started());
  for (let n = 0; n < 20; n += 1) expect(await post(`Before${n}`)).toBe(200);
  const before = await until('their incidents', async () => {
    const found = await incidents();
    return found.filter(({ title }) => title.includes('Before')).length === 20 && found;
  });
  let over = false;
  const statuses: number[] = [];
  const load = (async () => {
    for (let n = 0; !over; n += 1) statuses.push(await post(`During${n % 10}`));
  })();
  const copy = join(folder, 'copy.db');
  const { stdout, stderr } = await run(process.execPath, [...PROGRAM, 'backup', copy], { cwd: ROOT, env });
  over = true;
  await load;
  expect({ stdout, stderr }).toEqual({
    stdout: `The store is copied to ${copy}, and the copy is checked.\n`,
    stderr: '',
  });
  expect(statuses.length).toBeGreaterThan(2);
  expect(new Set(statuses)).toEqual(new Set([200]));
  await stopped();

  const [original, copied] = await Promise.all(
    [env.DATABASE_URL ?? '', `sqlite:${copy}`].map((url) => openStore(url, { log: pino({ level: 'silent' }) })),
  );
  if (!original || !copied) throw new Error('both are opened');
  for (const { number } of before) {
    const entries = await copied.incidents.timeline(number);
    expect(entries.length).toBeGreaterThan(0);
    expect((await original.incidents.timeline(number)).slice(0, entries.length)).toEqual(entries);
  }
  expect(copied.instance).toBe(original.instance);
  await Promise.all([original.close(), copied.close()]);

  env = { ...env, DATABASE_URL: `sqlite:${copy}` };
  const restored = caller(await started());
  expect(await restored.incidents()).toEqual(
    expect.arrayContaining(before.map(({ number, title }) => expect.objectContaining({ number, title }))),
  );
  expect(await restored.post('AfterTheRestore')).toBe(200);
}, 360_000);
