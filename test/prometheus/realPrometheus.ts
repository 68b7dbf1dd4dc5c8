import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { MetricStore } from '../../simulator/metrics/store.ts';
import { until } from '../acceptance/product.ts';

export interface RealPrometheus {
  readonly url: string;
  close(): Promise<void>;
}

export interface RealOptions {
  readonly rules?: readonly object[];
  /** `host:port` whose `/metrics` is scraped every second. */
  readonly scrape?: string;
  /** Labels of the scraped target, as a ServiceMonitor gives it its namespace. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Series of the last `hours`, a sample a minute, as if they had been scraped. */
  readonly history?: { readonly store: MetricStore; readonly hours: number; readonly now: number };
  /** Features switched on, such as `exemplar-storage`. */
  readonly features?: string;
  /** Path it is served under, `/prom`. */
  readonly prefix?: string;
  /** User and bcrypt hash. */
  readonly users?: Readonly<Record<string, string>>;
}

const execute = promisify(execFile);

/** Where Prometheus is: Debian's, a 2; PROMETHEUS_FOLDER names that of another, such as the 3 of `scripts/clusterBinaries.mjs`. */
export const PROMETHEUS = join(process.env.PROMETHEUS_FOLDER ?? '/usr/bin', 'prometheus');
const PROMTOOL = '/usr/bin/promtool';

/** Starts a real Prometheus on a free port with a store of its own. */
export async function startPrometheus(options: RealOptions): Promise<RealPrometheus> {
  for (const program of [PROMETHEUS, PROMTOOL])
    if (!existsSync(program)) throw new Error(`${program} is missing: apt-get install prometheus`);
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const data = join(folder, 'data');
  if (options.history) {
    const file = join(folder, 'history.om');
    await writeFile(file, openMetrics(options.history));
    await execute(PROMTOOL, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, data]);
  }
  await writeFile(join(folder, 'rules.yaml'), stringify({ groups: options.rules ?? [] }));
  await writeFile(join(folder, 'web.yaml'), stringify({ basic_auth_users: options.users ?? {} }));
  await writeFile(join(folder, 'prometheus.yaml'), stringify(configOf(options)));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${options.prefix ?? ''}`;
  const running = spawn(PROMETHEUS, [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--web.config.file=${join(folder, 'web.yaml')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.external-url=${url}`,
    `--storage.tsdb.path=${data}`,
    '--storage.tsdb.retention.time=40d',
    '--log.level=error',
    ...(options.features ? [`--enable-feature=${options.features}`] : []),
  ]);
  let output = '';
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (text) => (output += text));
  const close = async () => {
    await stop(running);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until(
      'Prometheus is ready',
      async () => {
        if (running.exitCode !== null) throw new Error(`Prometheus ended: ${output}`);
        const answer = await fetch(`${url}/-/ready`).catch(() => null);
        return answer !== null && (answer.ok || answer.status === 401);
      },
      60,
    );
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return { url, close };
}

function configOf({ scrape, labels = {} }: RealOptions): object {
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    scrape_configs: scrape
      ? [{ job_name: 'simulator', honor_labels: true, static_configs: [{ targets: [scrape], labels }] }]
      : [],
  };
}

/** https://prometheus.io/docs/prometheus/latest/storage/#backfilling-from-openmetrics-format */
function openMetrics({ store, hours, now }: NonNullable<RealOptions['history']>): string {
  const lines: string[] = [];
  for (const name of store.names()) {
    for (const series of store.series(name)) {
      const labels = Object.entries(series.labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
      for (let at = now - hours * 3_600_000; at <= now; at += 60_000) {
        const value = series.valueAt(at);
        if (value !== undefined) lines.push(`${name}{${labels.join(',')}} ${value} ${at / 1000}`);
      }
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function stop(running: ChildProcess): Promise<void> {
  if (running.exitCode !== null) return;
  const ended = new Promise((resolve) => running.once('exit', resolve));
  running.kill('SIGTERM');
  const late = setTimeout(() => running.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(late);
}
