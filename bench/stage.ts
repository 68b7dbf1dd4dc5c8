import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Control, createControl } from '../simulator/workspace/control.ts';
import { BUNDLE, SOURCE } from '../test/acceptance/program.ts';
import { createReplica, freePort, type Replica } from '../test/chaos/stage.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** Before the program: a clock that `forward` puts forward. */
const CLOCK = ['--import', resolve(import.meta.dirname, 'clock.ts')];
const STEP_S = 10;

/** A number or a flag of the command line: `--rate=10`, `--bundle`. */
export const option = (name: string, byDefault: number): number =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? byDefault);
export const flag = (name: string): boolean => process.argv.includes(`--${name}`);

/** The simulators in one process, responders in others, so that each one's memory and time are its own. */
export interface Stage {
  readonly workspace: Control;
  readonly slackApiUrl: string;
  readonly folder: string;
  readonly kubeconfig: string;
  /** A responder, from source or with `--bundle` as the image runs it; not started. */
  replica(env?: Readonly<Record<string, string>>): Promise<Replica>;
  /** Puts the clocks of all processes but this one forward, ten seconds at a time. Only with `movesClock`. */
  forward(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** @param movesClock the processes have clocks that can be put forward */
export async function openStage(settings: object = {}, movesClock = false): Promise<Stage> {
  const before = movesClock ? CLOCK : [];
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const config = join(folder, 'responder.yaml');
  writeFileSync(config, JSON.stringify(settings)); // JSON is YAML
  const simulator = spawn(process.execPath, [...before, 'simulator/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, WORKSPACE_PORT: '0', CLUSTER_PORT: '0', METRICS_PORT: '0', KUBECONFIG_OUT: kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const addresses = await firstLine(simulator);
  const replicas: Replica[] = [];
  return {
    workspace: createControl(addresses.workspace),
    slackApiUrl: addresses.slackApiUrl,
    folder,
    kubeconfig,
    async replica(env = {}) {
      const base = {
        PORT: String(await freePort()),
        SLACK_BOT_TOKEN: 'xoxb-simulated',
        SLACK_APP_TOKEN: 'xapp-simulated',
        SLACK_API_URL: addresses.slackApiUrl,
        KUBECONFIG: kubeconfig,
        PROMETHEUS_URL: addresses.metrics,
        DATABASE_URL: `sqlite:${join(folder, 'responder.db')}`,
        RESPONDER_CONFIG: config,
        LOG_LEVEL: 'warn',
      };
      const one = createReplica({ ...base, ...env }, [...before, ...(flag('bundle') ? BUNDLE : SOURCE)]);
      replicas.push(one);
      return one;
    },
    async forward(seconds) {
      const pids = [simulator.pid, ...replicas.map((one) => one.pid())].filter((pid) => typeof pid === 'number');
      for (let gone = 0; gone < seconds; gone += STEP_S) {
        for (const pid of pids) process.kill(pid, 'SIGUSR2');
        // What was due by then is done before the clock goes on.
        await new Promise((wake) => setTimeout(wake, 250));
      }
    },
    async close() {
      await Promise.all(replicas.map((one) => one.kill('SIGKILL')));
      simulator.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function firstLine(
  child: ChildProcess,
): Promise<{ readonly workspace: string; readonly slackApiUrl: string; readonly metrics: string }> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const line = text.split('\n').find((one) => one.startsWith('{') && one.endsWith('}'));
    if (!line) continue;
    child.stdout?.resume();
    return JSON.parse(line);
  }
  throw new Error('the simulators did not start');
}

export async function slackConnected(replica: Replica): Promise<void> {
  await until('Slack to be connected', async () => {
    const ready: { slack: { connected: boolean } } = await (await fetch(`${replica.url}/readyz`)).json();
    return ready.slack.connected;
  });
}

export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  seconds = 60,
  everyMs = 20,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const found = await look().catch(() => null);
    if (found) return found;
    await new Promise((wake) => setTimeout(wake, everyMs));
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

/** Resident memory in MB; with `peak` the most it ever was. */
export function memory(pid: number, which: 'now' | 'peak' = 'now'): number {
  const name = which === 'now' ? 'VmRSS' : 'VmHWM';
  const kilobytes = new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes ?? 0) / 1024);
}

/** CPU time a process used so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  // utime and stime, in ticks of 10 ms: proc(5).
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export function quantiles(values: readonly number[], digits = 0): string {
  const show = (q: number) => `${quantile(values, q).toFixed(digits)} ms`;
  return `p50 ${show(0.5)}  p95 ${show(0.95)}  p99 ${show(0.99)}`;
}
