import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/start.ts';
import { type Control, createControl } from '../../simulator/workspace/control.ts';
import { PROGRAM, ROOT } from '../acceptance/program.ts';

export const TOKEN = 'chaos-token';

/** Characters of its output. */
const KEPT = 1_000_000;

/** A responder in a process of its own, which can be killed and started again on the same store and port. */
export interface Replica {
  readonly url: string;
  /** Its process; null before the first start. */
  pid(): number | null;
  /** Whether its process runs. */
  isUp(): boolean;
  /** Resolves when it is gone, with its exit code; null when the signal ended it, or when it did not run. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
  start(): Promise<void>;
  /** Stops its process where it stands, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** The end of what it wrote. */
  output(): string;
}

/** Simulated Slack and cluster in this process, responders in others. */
export interface Stage {
  readonly simulator: Simulator;
  readonly workspace: Control;
  /** A responder that is ready. */
  replica(databaseUrl: string, more?: Readonly<Record<string, string>>): Promise<Replica>;
  /** Folder for what the run needs, removed at the end. */
  readonly folder: string;
  close(): Promise<void>;
}

/**
 * @param settings what stands in `responder.yaml`
 * @param slack how Slack reaches the responders (over HTTP once `workspace.requestUrl` told it their address), and how it
 *   departs from the real one
 */
export async function startStage(
  settings: object,
  { mode, ...slack }: { readonly mode: 'socket' | 'http' } & SimulatorOptions['slack'] = { mode: 'socket' },
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const ports = { workspace: 0, cluster: 0, metrics: 0 };
  const parts = ['workspace', 'cluster', 'metrics'] as const;
  const simulator = await startSimulator({ parts, host: '127.0.0.1', ports, profile: 'builder', slack });
  const { workspace, cluster, metrics } = simulator;
  if (!workspace || !cluster || !metrics) throw new Error('a part of the simulator is missing');
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, cluster.kubeconfig());
  const config = join(folder, 'responder.yaml');
  writeFileSync(config, JSON.stringify(settings)); // JSON is YAML
  const env = {
    SLACK_BOT_TOKEN: workspace.botToken,
    ...(mode === 'socket'
      ? { SLACK_APP_TOKEN: workspace.appToken }
      : { SLACK_SIGNING_SECRET: workspace.signingSecret }),
    SLACK_API_URL: workspace.apiUrl,
    KUBECONFIG: kubeconfig,
    PROMETHEUS_URL: metrics.url,
    RESPONDER_CONFIG: config,
    WEBHOOK_TOKEN: TOKEN,
    LOG_LEVEL: process.env.CHAOS_KEEP ? 'info' : 'warn',
  };
  const replicas: Replica[] = [];
  return {
    simulator,
    workspace: createControl(workspace.url),
    folder,
    async replica(databaseUrl, more = {}) {
      const one = createReplica({ ...env, ...more, DATABASE_URL: databaseUrl, PORT: String(await freePort()) });
      replicas.push(one);
      await one.start();
      return one;
    },
    async close() {
      await Promise.all(replicas.map((one) => one.kill('SIGKILL')));
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A responder on 127.0.0.1 at the port of `env`, not started yet. */
export function createReplica(env: Readonly<Record<string, string>>, program: readonly string[] = PROGRAM): Replica {
  const url = `http://127.0.0.1:${env.PORT}`;
  let child: ChildProcess | null = null;
  let output = '';
  const isUp = () => child !== null && child.exitCode === null && child.signalCode === null;
  return {
    url,
    isUp,
    pid: () => child?.pid ?? null,
    signal: (signal) => void child?.kill(signal),
    output: () => output,
    async kill(signal) {
      const running = child;
      if (!running || !isUp()) return null;
      const ended = new Promise<number | null>((gone) => running.once('exit', gone));
      running.kill(signal);
      return await ended;
    },
    async start() {
      const started = spawn(process.execPath, program, {
        cwd: ROOT,
        env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      for (const stream of [started.stdout, started.stderr])
        stream.on('data', (chunk: Buffer) => {
          output = (output + chunk.toString()).slice(-KEPT);
        });
      const end = Date.now() + 60_000;
      while (Date.now() < end) {
        if (!isUp()) throw new Error(`the responder ended by itself: ${output.slice(-2_000)}`);
        if (
          await fetch(`${url}/readyz`).then(
            (answer) => answer.ok,
            () => false,
          )
        )
          return;
        await new Promise((wake) => setTimeout(wake, 5));
      }
      throw new Error(`the responder was not ready within 60 s: ${output.slice(-2_000)}`);
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address ? address.port : 0;
}
