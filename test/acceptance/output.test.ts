import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createControl } from '../../simulator/workspace/control.ts';
import { freePort } from '../chaos/stage.ts';
import { alert, delivery, shown, TOKEN, until } from './product.ts';
import { PROGRAM, ROOT } from './program.ts';

let folder: string;
let child: ChildProcess | null = null;
let opened: number[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-'));
});
afterEach(() => {
  if (child?.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  for (const fd of opened) closeSync(fd);
  opened = [];
  rmSync(folder, { recursive: true, force: true });
});

function open(path: string, flags: number | string): number {
  const fd = openSync(path, flags);
  opened.push(fd);
  return fd;
}

/** A pipe that is full, and that nobody empties. */
function fullPipe(): number {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const filler = open(path, constants.O_RDWR | constants.O_NONBLOCK);
  const some = Buffer.alloc(4096, 'x');
  try {
    for (;;) writeSync(filler, some);
  } catch {
    return open(path, constants.O_WRONLY);
  }
}

/** The reader ends after the first line, as `head -1` does. */
function endAfterFirstLine(stream: Readable | null): void {
  stream?.once('data', () => stream.destroy());
}

type Output = 'pipe' | number;

/** The product with these outputs, up and ready. */
async function start([stdout, stderr]: readonly [Output, Output], env: Readonly<Record<string, string>> = {}) {
  const [port, workspacePort] = [await freePort(), await freePort()];
  const running = spawn(process.execPath, PROGRAM, {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH ?? '',
      PORT: String(port),
      WORKSPACE_PORT: String(workspacePort),
      CLUSTER_PORT: '0',
      METRICS_PORT: '0',
      LOG_LEVEL: 'debug',
      WEBHOOK_TOKEN: TOKEN,
      DATABASE_URL: `sqlite:${join(folder, 'responder.db')}`,
      ...env,
    },
    stdio: ['ignore', stdout, stderr],
  });
  child = running;
  const gone = new Promise((done) => running.once('exit', (code, signal) => done(code ?? signal)));
  const late = () => new Promise((over) => setTimeout(over, 30_000, 'still running').unref());
  endAfterFirstLine(running.stdout);
  endAfterFirstLine(running.stderr);
  const url = `http://127.0.0.1:${port}`;
  const answers = (path: string) => fetch(`${url}${path}`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
  await until('it to be ready', async () => (await answers('/readyz'))?.ok, 30);
  return {
    url,
    answers,
    workspace: createControl(`http://127.0.0.1:${workspacePort}`),
    /** Its exit code or signal after this one. */
    async ends(signal: NodeJS.Signals): Promise<unknown> {
      running.kill(signal);
      return Promise.race([gone, late()]);
    },
  };
}

test.each<[string, () => readonly [Output, Output]]>([
  ['standard output ends after its first line', () => ['pipe', open('/dev/null', 'w')]],
  ['both outputs end after their first line', () => ['pipe', 'pipe']],
  ['standard output is a pipe that nobody empties', () => [fullPipe(), open('/dev/null', 'w')]],
  ['standard error is a pipe that nobody empties', () => [open('/dev/null', 'w'), fullPipe()]],
  ['standard output is a full disk', () => [open('/dev/full', 'w'), open('/dev/null', 'w')]],
])(
  'when %s, alerts are taken, cards come and SIGTERM ends it',
  async (_name, outputs) => {
    const { url, answers, workspace, ends } = await start(outputs());
    const sent = await fetch(`${url}/webhooks/alertmanager`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(delivery([alert('Unheard', { deployment: 'checkout' })])),
    });
    expect(sent.status).toBe(200);
    await until('the card', async () =>
      (await workspace.messages('#incidents')).some((message) => shown(message).includes('Unheard')),
    );
    expect((await answers('/healthz'))?.status).toBe(200);
    expect(await ends('SIGTERM')).toBe(0);
  },
  240_000,
);

test.each<[string, () => readonly [Output, Output]]>([
  ['takes nothing', () => [open('/dev/null', 'w'), fullPipe()]],
  ['ended', () => [open('/dev/null', 'w'), 'pipe']],
])(
  'an error nobody foresaw ends the process although standard error %s',
  async (_name, outputs) => {
    const thrower = 'process.on("SIGUSR2", () => { throw new Error("unforeseen"); })';
    const { ends } = await start(outputs(), {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(thrower)}`,
    });
    expect(await ends('SIGUSR2')).toBe(1);
  },
  240_000,
);
