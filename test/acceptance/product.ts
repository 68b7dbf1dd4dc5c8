import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Control, createControl, type ShownMessage } from '../../simulator/workspace/control.ts';
import { type App, startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';

const ROOT = resolve(import.meta.dirname, '../..');
export const TOKEN = 'acceptance-token';

/** The whole product on embedded simulators, each over its real protocol, on free ports and a store of its own. */
export interface Product {
  readonly app: App;
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
  const config = loadConfig(
    {
      PORT: '0',
      WORKSPACE_PORT: '0',
      CLUSTER_PORT: '0',
      METRICS_PORT: '0',
      LOG_LEVEL: 'debug',
      WEBHOOK_TOKEN: TOKEN,
      DATABASE_URL: databaseUrl,
      ...env,
    },
    { root: ROOT },
  );
  let lines = '';
  const logTo = {
    write(line: string) {
      lines += line;
    },
  };
  const app = await startApp(config, ROOT, logTo);
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
    log: () => lines,
    api: (path) => fetch(`${app.url}${path}`, { headers }),
    async close() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
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
  seconds = 20,
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
