import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Control, createControl, type ShownMessage } from '../../simulator/workspace/control.ts';
import { type App, startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { ON_BUNDLE, ROOT, run } from './program.ts';

export const TOKEN = 'acceptance-token';

/** The whole product (with `BUNDLE=1` the bundle in a process of its own) on simulators, each over its real protocol, on free ports and a store of its own. */
export interface Product {
  readonly app: Pick<App, 'url' | 'table' | 'close'>;
  readonly workspace: Control;
  /** Where the workspace is shown in a browser. */
  readonly page: string;
  readonly cluster: string;
  readonly scenarios: string;
  readonly databaseUrl: string;
  /** Posts a delivery to the webhook; answers its status code. */
  deliver(body: unknown): Promise<number>;
  api(path: string): Promise<Response>;
  /** Every log line so far. */
  log(): string;
  close(): Promise<void>;
}

export async function startProduct(env: Readonly<Record<string, string>> = {}): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'acceptance-'));
  const databaseUrl = env.DATABASE_URL ?? `sqlite:${join(folder, 'responder.db')}`;
  const settings = {
    PORT: '0',
    WORKSPACE_PORT: '0',
    CLUSTER_PORT: '0',
    METRICS_PORT: '0',
    LOG_LEVEL: 'debug',
    WEBHOOK_TOKEN: TOKEN,
    DATABASE_URL: databaseUrl,
    ...env,
  };
  const { app, log } = await (ON_BUNDLE ? startBundle(settings) : startSource(settings));
  await until('Slack to be connected', async () => {
    const detail: { slack: { connected: boolean } } = await (await fetch(`${app.url}/readyz`)).json();
    return detail.slack.connected;
  });
  const address = (part: string) => new RegExp(`^${part}\\s+(\\S+)`, 'm').exec(app.table)?.[1] ?? '';
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return {
    app,
    workspace: createControl(address('workspace')),
    page: address('workspace'),
    cluster: address('cluster'),
    scenarios: `${address('workspace')}/ui/scenarios`,
    databaseUrl,
    deliver: async (body) =>
      (await fetch(`${app.url}/webhooks/alertmanager`, { method: 'POST', headers, body: JSON.stringify(body) })).status,
    log,
    api: (path) => fetch(`${app.url}${path}`, { headers }),
    async close() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Started {
  readonly app: Pick<App, 'url' | 'table' | 'close'>;
  readonly log: () => string;
}

/** In this process. */
async function startSource(env: Readonly<Record<string, string>>): Promise<Started> {
  let lines = '';
  const logTo = {
    write(line: string) {
      lines += line;
    },
  };
  return { app: await startApp(loadConfig(env, { root: ROOT }), ROOT, logTo), log: () => lines };
}

/** As the image runs it, but for the parts it lacks: those are asked to be simulated, and it listens to this machine only. */
async function startBundle(env: Readonly<Record<string, string>>): Promise<Started> {
  const parts = { workspace: 'SLACK_BOT_TOKEN', cluster: 'KUBECONFIG', metrics: 'PROMETHEUS_URL' };
  const missing = Object.entries(parts).filter(([, variable]) => env[variable] === undefined);
  const { child, output, ended } = run([], {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    SIMULATE: missing.map(([part]) => part).join(','),
    API_TOKEN: TOKEN,
    ...env,
  });
  const close = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 45_000);
    const { code, signal } = await ended;
    clearTimeout(late);
    if (code !== 0) throw new Error(`the bundle ended with ${code ?? signal}: ${output().slice(-2_000)}`);
  };
  const up = () => /^responder\s+(\S+)\s+real$/m.exec(output());
  const over = ended.then(() => true);
  while (!up()) {
    const gone = await Promise.race([over, new Promise<false>((wake) => setTimeout(wake, 20, false))]);
    if (gone) throw new Error(`the bundle ended before it was up: ${output().slice(-2_000)}`);
  }
  const table = output()
    .split('\n')
    .filter((line) => !line.startsWith('{'))
    .join('\n');
  return { app: { url: up()?.[1] ?? '', table, close }, log: output };
}

/** An alert as Alertmanager sends it. */
export function alert(name: string, labels: Readonly<Record<string, string>> = {}, over: object = {}): object {
  return {
    status: 'firing',
    labels: { alertname: name, severity: 'warning', namespace: 'shop', ...labels },
    annotations: { summary: `${name} happened` },
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus/graph?g0.expr=up',
    ...over,
  };
}

export function delivery(alerts: readonly object[], over: object = {}): object {
  return {
    version: '4',
    groupKey: '{}:{}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'lambda-responder',
    externalURL: 'http://alertmanager',
    alerts,
    ...over,
  };
}

/** Looks until it finds; rejects with `what` after so many seconds. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  seconds = 60,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** Everything a message shows. */
export function shown(message: ShownMessage): string {
  return `${message.text}\n${JSON.stringify(message.blocks ?? [])}`;
}
