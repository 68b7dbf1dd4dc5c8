import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { type Simulator, startSimulator } from '../../simulator/start.ts';
import { createControl } from '../../simulator/workspace/control.ts';
import { alert, delivery, shown, TOKEN, until } from '../acceptance/product.ts';
import { ROOT } from '../acceptance/program.ts';
import { freePort } from '../chaos/stage.ts';
import { type Deployment, readDeployment } from './deployment.ts';
import { buildImage, type Image } from './dockerfile.ts';
import { type Pod, startPod } from './pod.ts';

let folder: string;
let image: Image;
let deployment: Deployment;
let simulator: Simulator;
let pod: Pod | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'image-'));
  deployment = readDeployment();
  image = await buildImage(folder);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  simulator = await startSimulator({
    parts: ['workspace', 'cluster', 'metrics'],
    host: '127.0.0.1',
    ports: { workspace: 0, cluster: 0, metrics: 0 },
    profile: 'builder',
  });
});
afterEach(async () => {
  await pod?.close();
  pod = null;
  await simulator.close();
});

/** The Deployment's environment, with what stands on this machine in place of the cluster. */
async function start(): Promise<{ readonly pod: Pod; readonly url: string }> {
  const port = await freePort();
  pod = startPod({
    folder,
    image,
    deployment,
    files: { kubeconfig: simulator.cluster?.kubeconfig() ?? '' },
    secrets: {
      SLACK_BOT_TOKEN: simulator.workspace?.botToken ?? '',
      SLACK_APP_TOKEN: simulator.workspace?.appToken ?? '',
      WEBHOOK_TOKEN: TOKEN,
      API_TOKEN: TOKEN,
    },
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      SLACK_API_URL: simulator.workspace?.apiUrl ?? '',
      PROMETHEUS_URL: simulator.metrics?.url ?? '',
      ALERTMANAGER_URL: '',
      KUBECONFIG: '/etc/lambda-responder/kubeconfig',
    },
  });
  return { pod, url: `http://127.0.0.1:${port}` };
}

test('the image is made by its own steps, runs as the user of the Deployment and holds nothing that only builds', () => {
  expect(image.user).toBe(`${deployment.uid}:${deployment.gid}`);
  const lock = z
    .object({ packages: z.record(z.string(), z.object({ dev: z.boolean().default(false) })) })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const building = Object.entries(lock.packages).filter(([, { dev }]) => dev);
  expect(building.length).toBeGreaterThan(100);
  const app = join(image.root, image.workdir);
  expect(building.map(([path]) => path).filter((path) => existsSync(join(app, path)))).toEqual([]);
  expect(readdirSync(join(app, 'node_modules')).filter((name) => name.startsWith('node-'))).toEqual([]);
  expect(readdirSync(app).toSorted()).toEqual(['dist', 'node_modules', 'package.json', 'runbooks']);
});

test('the image starts in time, takes an alert, answers, draws, backs up and stops, within the memory of its Deployment', async () => {
  const { pod: running, url } = await start();
  console.log(running.conditions.join('\n'));
  const answers = (path: string) => fetch(`${url}${path}`).catch(() => null);
  await until(
    'the start',
    async () => {
      if (!running.isUp()) throw new Error(running.output());
      return (await answers('/healthz'))?.ok;
    },
    deployment.startSeconds,
  );
  await until('Slack', async () => (await (await answers('/readyz'))?.json())?.slack.connected);
  simulator.begin(
    { webhookUrl: `${url}/webhooks/alertmanager`, webhookToken: TOKEN, alertmanagerUrl: null },
    { greet: false },
  );

  const sent = await fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(delivery([alert('Shipped', { deployment: 'checkout' })])),
  });
  expect(sent.status).toBe(200);
  const workspace = createControl(simulator.workspace?.url ?? '');
  const messages = () => workspace.messages('#incidents');
  const card = await until('the card', async () =>
    (await messages()).find((message) => shown(message).includes('Shipped')),
  );
  const asked = await fetch(`${url}/api/commands`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'diag golden' }),
  });
  expect(await asked.json()).toMatchObject({ tone: expect.not.stringMatching('error') });
  await fetch(`${simulator.scenarioUrl}/scenarios/t03/start`, { method: 'POST', body: '{"startedAgo":900}' });
  await until(
    'a chart',
    async () => {
      for (const { ts } of await messages())
        for (const one of await workspace.messages('#incidents', { thread: ts }))
          if (one.files?.some(({ name }) => name.endsWith('.png'))) return true;
      return false;
    },
    60,
  );
  expect(shown(card)).toContain('Shipped');
  const store = deployment.env.DATABASE_URL?.replace('sqlite:', '').replace(/[^/]+$/, '') ?? '';
  if (running.readOnly) {
    expect(await running.exec(`node dist/main.js backup ${store}copy.db`)).toMatch(/The store is copied/);
    await expect(running.exec('touch /app/written')).rejects.toThrow(/Read-only file system/);
    expect(await running.exec('id -u')).toBe(`${deployment.uid}\n`);
  }
  console.log(
    `most memory resident: ${Math.round(running.peak() / 1024 ** 2)} of ${deployment.memoryLimit / 1024 ** 2} MiB`,
  );
  expect(running.peak()).toBeLessThan(deployment.memoryLimit);
  expect(await running.stop()).toBe(0);
}, 360_000);
