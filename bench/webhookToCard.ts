// From the accepted webhook to the card in Slack: p50, p95, p99 over 100 new incidents, the resident memory after them,
// and start to ready. The responder runs as a process of its own against simulators in another; the simulated Slack
// limits posts as Slack does. Run: node bench/webhookToCard.ts [--bundle] [--rate=1] [--channels=1] [--count=100]
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControl } from '../simulator/workspace/control.ts';

const ROOT = join(import.meta.dirname, '..');
const option = (name: string, byDefault: number) =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? byDefault);
const BUNDLE = process.argv.includes('--bundle');
const RATE = option('rate', 1);
const CHANNELS = option('channels', 1);
const COUNT = option('count', 100);

const folder = mkdtempSync(join(tmpdir(), 'bench-card-'));
const children: ChildProcess[] = [];

function run(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess & { text(): string } {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  children.push(child);
  return Object.assign(child, { text: () => output });
}

async function until<T>(look: () => Promise<T | null | undefined | false>, seconds: number): Promise<T> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const found = await look().catch(() => null);
    if (found) return found;
    await new Promise((wake) => setTimeout(wake, 5));
  }
  throw new Error(`not within ${seconds} s`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

function quantile(sorted: readonly number[], q: number): string {
  return `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN)} ms`;
}

function memory(child: ChildProcess): string {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return `${Math.round(Number(kilobytes) / 1024)} MB`;
}

async function measure(): Promise<void> {
  const kubeconfig = join(folder, 'kubeconfig');
  const simulator = run(['simulator/main.ts'], {
    WORKSPACE_PORT: '0',
    CLUSTER_PORT: '0',
    METRICS_PORT: '0',
    KUBECONFIG_OUT: kubeconfig,
  });
  const addresses: { workspace: string; slackApiUrl: string; metrics: string } = JSON.parse(
    await until(
      async () =>
        simulator
          .text()
          .split('\n')
          .find((line) => line.startsWith('{')),
      60,
    ),
  );
  const workspace = createControl(addresses.workspace);
  const channels = Array.from({ length: CHANNELS }, (_, index) => (CHANNELS === 1 ? '#incidents' : `#bench-${index}`));
  const bot = { authorization: 'Bearer xoxb-simulated', 'content-type': 'application/json' };
  if (CHANNELS > 1) {
    for (const name of channels)
      await fetch(`${addresses.slackApiUrl}conversations.create`, {
        method: 'POST',
        headers: bot,
        body: JSON.stringify({ name: name.slice(1) }),
      });
  }
  const config = join(folder, 'responder.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      routes: channels.map((channel, index) => ({ match: { slot: String(index) }, channel })),
      ownChannel: { enabled: false },
    }),
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const begin = performance.now();
  const args = BUNDLE ? ['--max-semi-space-size=1', '--optimize-for-size', 'dist/main.js'] : ['src/main.ts'];
  const responder = run(args, {
    PORT: String(port),
    SLACK_BOT_TOKEN: 'xoxb-simulated',
    SLACK_APP_TOKEN: 'xapp-simulated',
    SLACK_API_URL: addresses.slackApiUrl,
    KUBECONFIG: kubeconfig,
    PROMETHEUS_URL: addresses.metrics,
    DATABASE_URL: `sqlite:${join(folder, 'responder.db')}`,
    RESPONDER_CONFIG: config,
    LOG_LEVEL: 'warn',
  });
  await until(async () => (await fetch(`${url}/readyz`)).ok, 60);
  const startMs = performance.now() - begin;
  await until(
    async () => ((await (await fetch(`${url}/readyz`)).json()) as { slack: { connected: boolean } }).slack.connected,
    60,
  );
  await new Promise((wake) => setTimeout(wake, 2_000));
  const idle = memory(responder);

  const accepted = new Map<string, number>();
  for (let index = 0; index < COUNT; index += 1) {
    const at = Date.now();
    const name = `Bench${index}x`;
    const labels = {
      alertname: name,
      severity: 'critical',
      namespace: `ns-${index}`,
      deployment: `app-${index}`,
      slot: String(index % CHANNELS),
    };
    const body = {
      version: '4',
      groupKey: name,
      status: 'firing',
      receiver: 'r',
      alerts: [{ status: 'firing', labels, annotations: {}, startsAt: new Date().toISOString() }],
    };
    const response = await fetch(`${url}/webhooks/alertmanager`, { method: 'POST', body: JSON.stringify(body) });
    if (response.status !== 200) throw new Error(`the webhook answered ${response.status}`);
    accepted.set(name, Date.now());
    await new Promise((wake) => setTimeout(wake, Math.max(0, at + 1000 / RATE - Date.now())));
  }
  const cardOf = (text: string) => /Bench\d+x/.exec(text)?.[0] ?? '';
  const posted = await until(async () => {
    const calls = (await workspace.calls('chat.postMessage')).filter(
      (call) => call.ok && call.args.thread_ts === undefined,
    );
    const times = new Map(calls.map((call) => [cardOf(String(call.args.text)), call.at]));
    return [...accepted.keys()].every((name) => times.has(name)) && times;
  }, 180);
  const delays = [...accepted].map(([name, at]) => (posted.get(name) ?? Number.NaN) - at).toSorted((a, b) => a - b);
  console.log(
    `responder: ${BUNDLE ? 'bundle' : 'source'}; ${COUNT} incidents at ${RATE}/s over ${CHANNELS} channel(s)`,
  );
  console.log(`start to ready        ${Math.round(startMs)} ms`);
  console.log(
    `accepted to card      p50 ${quantile(delays, 0.5)}  p95 ${quantile(delays, 0.95)}  p99 ${quantile(delays, 0.99)}`,
  );
  console.log(`resident memory       ${idle} idle, ${memory(responder)} after`);
}

try {
  await measure();
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
