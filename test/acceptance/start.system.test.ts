import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');

let folder: string;
let child: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
});
afterEach(() => {
  if (child?.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** `npm start` in a process group of its own, as a terminal would have it. */
function npmStart(env: Readonly<Record<string, string>> = {}) {
  const ports = { PORT: '0', WORKSPACE_PORT: '0', CLUSTER_PORT: '0', METRICS_PORT: '0' };
  const started = spawn('npm', ['start'], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...ports, NODE_ENV: '', DATABASE_URL: `sqlite:${join(folder, 'r.db')}`, ...env },
  });
  child = started;
  let output = '';
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const ended = new Promise<number | null>((done) => started.once('close', (code) => done(code)));
  return {
    pid: started.pid ?? 0,
    ended,
    output: () => output,
    async until(pattern: RegExp): Promise<string> {
      for (let tries = 0; tries < 600; tries += 1) {
        const found = pattern.exec(output);
        if (found) return found[1] ?? found[0];
        await new Promise((wake) => setTimeout(wake, 100));
      }
      throw new Error(`no ${pattern} in ${output}`);
    },
  };
}

async function isUp(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

test.each([
  ['SIGTERM to npm alone, as a supervisor sends it', (pid: number) => process.kill(pid, 'SIGTERM')],
  ['Ctrl-C, which the terminal sends to npm and to the product', (pid: number) => process.kill(-pid, 'SIGINT')],
])('npm start ends cleanly on %s', async (_, stop) => {
  const started = npmStart();
  const url = await started.until(/^responder\s+(http:\S+)\s+real/m);
  const workspace = /^workspace\s+(http:\S+)\s+simulated/m.exec(started.output())?.[1];
  expect(await isUp(url)).toBe(true);
  expect(await started.until(/^open (http:\S+)\n$/m)).toBe(workspace);
  stop(started.pid);
  expect(await started.ended).toBe(0);
  expect(started.output()).not.toMatch(/^\s+at .*\(|npm error/m);
  expect(await isUp(url)).toBe(false);
});

test('npm start says which variable names a port that is in use', async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = String(typeof address === 'object' && address ? address.port : 0);
  const started = npmStart({ WORKSPACE_PORT: port });
  expect(await started.ended).not.toBe(0);
  expect(started.output()).toContain(`WORKSPACE_PORT: 127.0.0.1:${port} is in use`);
  expect(started.output()).not.toMatch(/^\s+at /m);
  server.close();
});
