// The whole way, on real parts: simulated Slack and Kubernetes in a process of their own, a real Alertmanager with the
// shipped routes, and the responder from source or (`--bundle`) as the bundle, which knows nothing of any of it but
// addresses. Runs under the pinned Node: `npm run e2e`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControl } from '../simulator/workspace/control.ts';
import { BUNDLE, SOURCE } from '../test/acceptance/program.ts';

const ROOT = join(import.meta.dirname, '..');
const WITH_BUNDLE = process.argv.includes('--bundle');
const folder = mkdtempSync(join(tmpdir(), 'lambda-responder-e2e-'));
const children = [];
const WEBHOOK_TOKEN = 'e2e-webhook-token';
const API_TOKEN = 'e2e-api-token';
let checks = 0;

function check(name, holds, seen = '') {
  if (!holds) throw new Error(`${name}${seen ? `: saw ${seen}` : ''}`);
  checks += 1;
  console.log(`  ok: ${name}`);
}

async function until(name, look, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found) {
        check(name, true);
        return found;
      }
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${name}: not within ${seconds} s${last ? ` (${last.message})` : ''}`);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function run(name, command, args, env = {}) {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const started = {
    name,
    child,
    output: '',
    ended: new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal }))),
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      started.output = (started.output + chunk).slice(-200_000);
    });
  }
  children.push(started);
  return started;
}

async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, text: await response.text() };
}

const ports = { responder: await freePort(), alertmanager: await freePort() };
const responderUrl = `http://127.0.0.1:${ports.responder}`;
const alertmanagerUrl = `http://127.0.0.1:${ports.alertmanager}`;
const kubeconfig = join(folder, 'kubeconfig');

function startAlertmanager() {
  writeFileSync(join(folder, 'token'), WEBHOOK_TOKEN);
  const config = readFileSync(join(ROOT, 'manifests/alertmanager/alertmanager.yaml'), 'utf8')
    .replace('http://lambda-responder.lambda-responder/', `${responderUrl}/`)
    .replace(/credentials_file: .*/, `credentials_file: ${join(folder, 'token')}`)
    .replaceAll('group_wait: 10s', 'group_wait: 1s')
    .replaceAll('group_interval: 1m', 'group_interval: 2s');
  writeFileSync(join(folder, 'alertmanager.yaml'), config);
  return run('alertmanager', 'prometheus-alertmanager', [
    `--config.file=${join(folder, 'alertmanager.yaml')}`,
    `--storage.path=${join(folder, 'alertmanager')}`,
    `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
    '--cluster.listen-address=',
  ]);
}

/** A slow machine takes longer than 15 s from kill -9 to the last card; that is not the storm this run is about. */
const settings = join(folder, 'responder.yaml');
writeFileSync(settings, 'storm: { oldestUnsent: 10m }\n');

function startResponder(addresses) {
  return run('responder', process.execPath, WITH_BUNDLE ? BUNDLE : SOURCE, {
    PORT: String(ports.responder),
    RESPONDER_CONFIG: settings,
    SLACK_BOT_TOKEN: 'xoxb-simulated',
    SLACK_APP_TOKEN: 'xapp-simulated',
    SLACK_API_URL: addresses.slackApiUrl,
    KUBECONFIG: kubeconfig,
    PROMETHEUS_URL: addresses.metrics,
    ALERTMANAGER_URL: alertmanagerUrl,
    DATABASE_URL: `sqlite:${join(folder, 'responder.db')}`,
    WEBHOOK_TOKEN,
    API_TOKEN,
  });
}

async function ready() {
  const response = await fetch(`${responderUrl}/readyz`, { signal: AbortSignal.timeout(1000) });
  return response.ok ? response.json() : null;
}

const api = async (path) =>
  (await fetch(`${responderUrl}${path}`, { headers: { authorization: `Bearer ${API_TOKEN}` } })).json();
const shown = (message) => `${message.text}\n${JSON.stringify(message.blocks ?? [])}`;

function alertNamed(name, labels, extra = {}) {
  return {
    labels: { alertname: name, severity: 'warning', namespace: 'shop', ...labels },
    annotations: { summary: `${name} in a test` },
    startsAt: new Date().toISOString(),
    ...extra,
  };
}

async function playScenario(workspace, addresses) {
  await post(`${addresses.scenarios}/scenarios/s01/start`, { startedAgo: 240 });
  const card = await until('the card of the OOM-killed build is in #incidents', async () =>
    (await workspace.messages('#incidents')).find((message) => /KnativeLambdaBuild/.test(shown(message))),
  );
  check(
    'the card names severity and subject in 120 characters',
    /^SEV\d/.test(card.text) && card.text.length <= 120,
    card.text,
  );
  check(
    'the card shows the first steps of the runbook',
    /☐|:white_large_square:|checkboxes/.test(shown(card)),
    shown(card),
  );
  const look = await until('the first look is in the thread', async () =>
    (await workspace.messages('#incidents', { thread: card.ts }))
      .slice(1)
      .find((message) => /OOM/i.test(shown(message))),
  );
  check('the first look names the cause', /memory|OOMKilled/i.test(shown(look)), shown(look));

  const taken = await workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda diag jobs' });
  check('/lambda diag jobs is acknowledged in time', taken.outcome === 'acked', JSON.stringify(taken));
  await until('its answer lists the build job', async () => {
    const thread = await workspace.messages('#incidents', { thread: card.ts });
    const own = await workspace.ephemerals('ana');
    return [...thread.slice(1), ...own].some(
      (message) => /-build-/.test(shown(message)) && /Job/i.test(shown(message)),
    );
  });

  const ack = card.blocks
    .flatMap((block) => block.elements ?? [])
    .find((element) => /#\d+ ack/.test(element.value ?? ''));
  await workspace.click({ user: 'ana', channel: '#incidents', ts: card.ts, actionId: ack.action_id });
  const find = async (pattern) => {
    const now = (await workspace.messages('#incidents')).find((message) => message.ts === card.ts);
    return now && pattern.test(shown(now)) ? now : null;
  };
  await until('the card says who acknowledged', () => find(/acknowledged/i));

  const { runs } = await (await fetch(`${addresses.scenarios}/runs`)).json();
  await post(`${addresses.scenarios}/runs/${runs[0].id}/heal`, {});
  await post(`${addresses.scenarios}/runs/${runs[0].id}/end`, {});
  await until('resolving edits the card', () => find(/quiet|resolved/i), 60);
  await workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda resolve 1 raised the memory limit' });
  await until('the card says that it is resolved', () => find(/resolved/i));
  await workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda postmortem 1' });
  await until('the post-mortem is a file in the thread', async () =>
    (await workspace.messages('#incidents', { thread: card.ts })).some((message) =>
      message.files?.some((file) => file.name.endsWith('.md')),
    ),
  );
  const incident = await api('/api/incidents/1');
  const kinds = new Set(incident.timeline.map((entry) => entry.kind));
  check(
    'the timeline has alert, first look, command, acknowledgement and resolution',
    ['opened', 'first_look', 'command', 'acknowledged', 'resolved'].every((kind) => kinds.has(kind)),
    [...kinds].join(' '),
  );
}

async function survivesKill(workspace, addresses, responder) {
  const names = Array.from({ length: 8 }, (_, index) => `KillTest${index}`);
  const before = (await workspace.messages('#incidents')).length;
  await post(
    `${alertmanagerUrl}/api/v2/alerts`,
    names.map((name, index) => alertNamed(name, { deployment: `d${index}` })),
  );
  await until(
    'the first of eight cards is there',
    async () => (await workspace.messages('#incidents')).length > before,
  );
  responder.child.kill('SIGKILL');
  await responder.ended;
  const next = startResponder(addresses);
  await until('the responder is up again after kill -9', ready);
  await until(
    'all eight cards are there',
    async () => {
      const texts = (await workspace.messages('#incidents')).map(shown);
      return names.every((name) => texts.some((text) => text.includes(name)));
    },
    60,
  );
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const texts = (await workspace.messages('#incidents')).map(shown);
  for (const name of names)
    check(`${name} has one card`, texts.filter((text) => text.includes(name)).length === 1, texts.join(' | '));
  return next;
}

async function main() {
  const alertmanager = startAlertmanager();
  const simulator = run('simulator', process.execPath, ['simulator/main.ts'], {
    WORKSPACE_PORT: '0',
    CLUSTER_PORT: '0',
    METRICS_PORT: '0',
    KUBECONFIG_OUT: kubeconfig,
    ALERTMANAGER_URL: alertmanagerUrl,
  });
  const line = await until('the simulators are up', async () =>
    simulator.output.split('\n').find((text) => text.startsWith('{')),
  );
  const addresses = JSON.parse(line);
  const workspace = createControl(addresses.workspace);
  await until('Alertmanager is up', async () => (await fetch(`${alertmanagerUrl}/-/ready`)).ok);
  const begin = performance.now();
  const responder = startResponder(addresses);
  await until('the responder is ready', ready);
  console.log(`  start to ready: ${Math.round(performance.now() - begin)} ms`);
  await until('Slack is connected', async () => (await ready())?.slack.connected);
  check('the start-up table says what is real', /responder\s+http:\S+\s+real/.test(responder.output), responder.output);

  check(
    'the webhook refuses a wrong token',
    (await post(`${responderUrl}/webhooks/alertmanager`, {}, { authorization: 'Bearer no' })).status === 401,
  );
  await playScenario(workspace, addresses);
  const survivor = await survivesKill(workspace, addresses, responder);

  const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${survivor.child.pid}/status`, 'utf8'))?.[1];
  console.log(`  resident memory: ${Math.round(Number(memory) / 1024)} MB`);
  survivor.child.kill('SIGTERM');
  const { code } = await survivor.ended;
  check('SIGTERM ends it cleanly', code === 0, String(code));
  for (const one of [alertmanager, simulator]) one.child.kill('SIGTERM');
}

try {
  await main();
  console.log(`end to end${WITH_BUNDLE ? ' on the bundle' : ''}: ${checks} checks passed`);
} catch (error) {
  console.error(`end to end failed: ${error.message}`);
  for (const { name, output } of children) console.error(`--- last output of ${name}\n${output.slice(-6000)}`);
  process.exitCode = 1;
} finally {
  for (const { child } of children) if (child.exitCode === null) child.kill('SIGKILL');
  await Promise.all(children.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
}
