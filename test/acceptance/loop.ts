import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { installPlatform } from '../../simulator/cluster/healthyPlatform.ts';
import { type Cluster, startCluster } from '../../simulator/cluster/start.ts';
import { startMetrics } from '../../simulator/metrics/start.ts';
import type { MetricStore } from '../../simulator/metrics/store.ts';
import { createDirector, type Director } from '../../simulator/scenarios/director.ts';
import { type Control, createControl } from '../../simulator/workspace/control.ts';
import { startWorkspace } from '../../simulator/workspace/start.ts';
import { PROMETHEUS } from '../prometheus/realPrometheus.ts';
import { until } from './product.ts';
import { PROGRAM, ROOT } from './program.ts';

const RULES = join(ROOT, 'manifests/prometheus/generated/builder');
const TOKENS = { WEBHOOK_TOKEN: 'loop-webhook-token', API_TOKEN: 'loop-api-token' };
/** Twenty minutes of rules and scenarios pass in one: every range and every `for` of the shipped rules is divided by it. */
export const FASTER = 20;

/** A real Prometheus and a real Alertmanager between the simulated cluster's numbers and the responder. */
export interface Loop {
  readonly workspace: Control;
  readonly director: Director;
  readonly prometheus: string;
  api<T>(path: string): Promise<T>;
  /** The last output of the three programs, for when something did not happen. */
  output(): string;
  close(): Promise<void>;
}

export async function startLoop(): Promise<Loop> {
  for (const program of ['prometheus', 'prometheus-alertmanager'])
    if (!existsSync(`/usr/bin/${program}`))
      throw new Error(`/usr/bin/${program} is missing: apt-get install ${program}`);
  const closers: (() => unknown)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'loop-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const programs: Program[] = [];
  const run = (name: string, command: string, args: readonly string[], env = {}) => {
    const program = start(name, command, args, env);
    programs.push(program);
    closers.push(program.stop);
    return program;
  };
  const close = async () => {
    for (const one of closers.toReversed()) await one();
  };
  const [responderPort, prometheusPort, alertmanagerPort] = await freePorts();
  const responder = `127.0.0.1:${responderPort}`;
  const prometheus = `http://127.0.0.1:${prometheusPort}`;
  const alertmanager = `127.0.0.1:${alertmanagerPort}`;
  const output = () => programs.map(({ name, output: text }) => `--- ${name}\n${text().slice(-4000)}`).join('\n');
  try {
    const metrics = await startMetrics();
    closers.push(() => metrics.close());
    const cluster = await startCluster({ profile: 'builder' });
    closers.push(() => cluster.close());
    installPlatform(cluster.world, { profile: 'builder', now: Date.now() });
    writeHealth(metrics.store, cluster);
    const workspace = await startWorkspace();
    closers.push(() => workspace.close());
    // Neither a webhook nor an Alertmanager: whatever fires here was fired by Prometheus.
    const director = createDirector({ world: cluster.world, metrics: metrics.store, profile: 'builder' });
    closers.push(() => director.close());
    writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig());
    writePrometheus(folder, { responder, alertmanager, simulator: `127.0.0.1:${metrics.port}` });
    writeAlertmanager(folder, responder);
    run('alertmanager', '/usr/bin/prometheus-alertmanager', [
      `--config.file=${join(folder, 'alertmanager.yaml')}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      `--web.listen-address=${alertmanager}`,
      '--cluster.listen-address=',
    ]);
    const bot = run('responder', process.execPath, PROGRAM, {
      ...TOKENS,
      PORT: String(responderPort),
      SLACK_BOT_TOKEN: 'xoxb-simulated',
      SLACK_APP_TOKEN: 'xapp-simulated',
      SLACK_API_URL: workspace.apiUrl,
      KUBECONFIG: join(folder, 'kubeconfig'),
      PROMETHEUS_URL: prometheus,
      ALERTMANAGER_URL: `http://${alertmanager}`,
      DATABASE_URL: `sqlite:${join(folder, 'responder.db')}`,
    });
    await until(
      'Slack connected',
      async () => {
        if (!bot.runs()) throw new Error('the responder ended');
        return (await ready(`http://${responder}/readyz`))?.slack?.connected;
      },
      60,
    );
    // After the responder: at this pace one that is nine seconds late is down.
    run('prometheus', PROMETHEUS, [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
    ]);
    await until('Prometheus up', async () => (await fetch(`${prometheus}/-/ready`).catch(() => null))?.ok, 60);
    return {
      workspace: createControl(workspace.url),
      director,
      prometheus,
      output,
      close,
      async api<T>(path: string): Promise<T> {
        const headers = { authorization: `Bearer ${TOKENS.API_TOKEN}` };
        return (await fetch(`http://${responder}${path}`, { headers })).json() as Promise<T>; // The test states the shape it reads.
      },
    };
  } catch (thrown) {
    const text = output();
    await close();
    throw new Error(`the loop did not start\n${text}`, { cause: thrown });
  }
}

/** What kube-state-metrics and the scraped targets say of the healthy platform; scenarios change it. */
function writeHealth(store: MetricStore, { world }: Cluster): void {
  for (const { metadata } of world.list({ apiVersion: 'apps/v1', kind: 'Deployment' })) {
    const labels = { namespace: metadata.namespace ?? '', deployment: metadata.name };
    for (const name of ['status_replicas_available', 'status_replicas_ready', 'spec_replicas'])
      store.set(`kube_deployment_${name}`, labels, 1);
  }
  for (const { metadata, spec } of world.list({ apiVersion: 'v1', kind: 'Pod' })) {
    const containers = (spec as { containers?: { name: string }[] } | undefined)?.containers ?? []; // Pods are objects of the simulator's own making.
    for (const { name } of containers)
      store.set(
        'kube_pod_container_status_restarts_total',
        { namespace: metadata.namespace ?? '', pod: metadata.name, container: name },
        0,
      );
  }
  store.set('up', { namespace: 'knative-lambda', job: 'knative-lambda-builder' }, 1);
  store.set('autoscaler_desired_pods', { namespace_name: 'knative-lambda', service_name: 'hello-nodejs' }, 1);
  store.set('controller_workqueue_depth', { name: 'revision' }, 0);
  store.set('builds_total', {}, 100);
  store.set('build_failures_total', {}, 0);
}

function writePrometheus(folder: string, at: { responder: string; alertmanager: string; simulator: string }): void {
  const files = [
    join(RULES, 'recordings.yaml'),
    ...readdirSync(join(RULES, 'alerts')).map((name) => join(RULES, 'alerts', name)),
  ];
  const groups = files.flatMap((file) => parse(readFileSync(file, 'utf8'))?.spec?.groups ?? []);
  writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: hurried(groups) }));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [join(folder, 'rules.yaml')],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [at.alertmanager] }] }] },
    scrape_configs: [
      // kube-state-metrics and the exporters of the cluster: the labels are theirs.
      { job_name: 'cluster', honor_labels: true, static_configs: [{ targets: [at.simulator] }] },
      { job_name: 'lambda-responder', static_configs: [{ targets: [at.responder] }] },
    ],
  };
  writeFileSync(join(folder, 'prometheus.yaml'), stringify(config));
}

interface Group {
  readonly rules: readonly { readonly expr: string; readonly for?: string }[];
}

/** The same rules in a bringForward. Thresholds stay: rates are per second whatever the window. */
function hurried(groups: readonly Group[]): readonly Group[] {
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 };
  const shorter = (duration: string) =>
    duration.replace(
      /(\d+)([smhd])/,
      (_whole, amount: string, unit: keyof typeof seconds) =>
        `${Math.ceil((Number(amount) * seconds[unit]) / FASTER)}s`,
    );
  return groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({
      ...rule,
      expr: rule.expr.replace(/\[\d+[smhd]/g, shorter),
      ...(rule.for === undefined ? {} : { for: shorter(rule.for) }),
    })),
  }));
}

/** The shipped routes with short waits. */
function writeAlertmanager(folder: string, responder: string): void {
  writeFileSync(join(folder, 'token'), TOKENS.WEBHOOK_TOKEN);
  const config = readFileSync(join(ROOT, 'manifests/alertmanager/alertmanager.yaml'), 'utf8')
    .replace('http://lambda-responder.lambda-responder/', `http://${responder}/`)
    .replace(/credentials_file: .*/, `credentials_file: ${join(folder, 'token')}`)
    .replaceAll('group_wait: 10s', 'group_wait: 1s')
    .replaceAll('group_interval: 1m', 'group_interval: 2s');
  writeFileSync(join(folder, 'alertmanager.yaml'), config);
}

interface Program {
  readonly name: string;
  readonly output: () => string;
  readonly runs: () => boolean;
  readonly stop: () => Promise<void>;
}

function start(name: string, command: string, args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const child: ChildProcess = spawn(command, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-100_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(error.message)));
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  return {
    name,
    output: () => output,
    runs: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}

async function ready(url: string): Promise<{ slack?: { connected?: boolean } } | null> {
  const response = await fetch(url).catch(() => null);
  return response?.ok ? (response.json() as Promise<{ slack?: { connected?: boolean } }>) : null; // The shape is http/server.ts's own.
}

async function freePorts(): Promise<readonly [number, number, number]> {
  const servers = [createServer(), createServer(), createServer()] as const;
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    ports.push(typeof address === 'object' ? (address?.port ?? 0) : 0);
  }
  for (const server of servers) await new Promise<void>((closed) => server.close(() => closed()));
  const [a = 0, b = 0, c = 0] = ports;
  return [a, b, c];
}
