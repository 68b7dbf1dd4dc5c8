import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** A real Alertmanager (Debian: prometheus-alertmanager) with the route prefix /am. */
export interface RealAlertmanager {
  readonly url: string;
  /** Posts to its API. */
  post(path: string, body: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** One that sends everything to the responder at once. */
export function startAlertmanager(port: number, webhook: string, token: string): Promise<RealAlertmanager> {
  const config = {
    route: { receiver: 'responder', group_by: ['alertname'], group_wait: '1s', group_interval: '1s' },
    receivers: [
      {
        name: 'responder',
        webhook_configs: [
          { url: webhook, send_resolved: true, http_config: { authorization: { credentials: token } } },
        ],
      },
    ],
  };
  // JSON is YAML.
  return startAlertmanagerWith(port, JSON.stringify(config));
}

/** One with this configuration. */
export async function startAlertmanagerWith(port: number, config: string): Promise<RealAlertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  writeFileSync(join(folder, 'alertmanager.yml'), config);
  const running: ChildProcess = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.route-prefix=/am',
      '--cluster.listen-address=',
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => {
    running.once('exit', () => resolve());
    running.once('error', () => resolve());
  });
  const url = `http://127.0.0.1:${port}/am`;
  for (let attempt = 0; ; attempt += 1) {
    const ready = await fetch(`${url}/-/ready`).catch(() => null);
    if (ready?.ok) break;
    if (attempt > 200 || running.exitCode !== null) throw new Error('Alertmanager does not start');
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return {
    url,
    async post(path, body) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      const text = await answer.text();
      return text === '' ? null : JSON.parse(text);
    },
    async close() {
      running.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
