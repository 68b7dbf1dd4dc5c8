import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startWorkspace } from '../../simulator/workspace/start.ts';
import { createLogger } from '../../src/logger.ts';
import { installFetch } from '../../src/network/fetch.ts';
import { type ProxyFor, proxyChooser } from '../../src/network/proxies.ts';
import { openAlertmanager } from '../../src/prometheus/alertmanager.ts';
import { openPrometheus } from '../../src/prometheus/openPrometheus.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { startSlack } from '../../src/slack/startSlack.ts';
import { json, open, silent, startApiServer } from '../k8s/servers.ts';
import { configFor, until } from '../slack/bench.ts';
import { memoryPorts } from '../slack/memoryPorts.ts';
import { type ForwardProxy, startProxy } from './proxy.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const ports: Record<string, number> = {};
let proxy: ForwardProxy;
let proxyFor: ProxyFor | null;
beforeEach(async () => {
  for (const name of Object.keys(ports)) delete ports[name];
  proxy = await startProxy(ports);
  proxyFor = proxyChooser({ https: proxy.url, http: proxy.url, except: [] });
  closers.push(() => proxy.close());
});

const signal = new AbortController().signal;
const pods = { path: ['api', 'v1', 'pods'], priority: 'person', signal } as const;

async function startServer() {
  const server = await startApiServer((_, response) => json(response, { items: [] }));
  closers.push(() => server.close());
  return server;
}

test('a cluster’s own proxy-url counts before the environment’s', async () => {
  const server = await startServer();
  ports['api.test:80'] = Number(new URL(server.url).port);
  const kubeconfig = server.kubeconfig({}, { server: 'http://api.test', 'proxy-url': proxy.url });
  const cluster = open(kubeconfig, { proxyFor: () => 'http://127.0.0.1:1' });
  closers.push(() => cluster.close());
  expect(await cluster.json(pods)).toEqual({ items: [] });
  expect(proxy.seen).toEqual(['GET http://api.test/api/v1/pods']);
});

test('a proxy that refuses is told as what cannot be reached, with its status', async () => {
  proxy.refuseTunnels(403);
  const server = await startServer();
  const cluster = open(server.kubeconfig({}, { server: 'https://api.test' }), { proxyFor });
  closers.push(() => cluster.close());
  await expect(cluster.json(pods)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(/https:\/\/api\.test: Proxy response \(403\)/),
  });
  closers.push(installFetch(proxyFor));
  await expect(openAlertmanager('https://alertmanager.test').alerts(signal)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('Proxy response (403)'),
  });
});

test('a socket that the proxy refuses is a problem in words, and is opened once it no longer does', async () => {
  const workspace = await startWorkspace({ publicUrl: 'http://slack.test' });
  closers.push(() => workspace.close());
  ports['slack.test:80'] = workspace.port;
  proxy.refuseTunnels(403);
  closers.push(installFetch(proxyFor));
  const door = await startSlack({
    config: { ...configFor(workspace), apiUrl: 'http://slack.test/api/' },
    ports: memoryPorts(),
    log: createLogger({ level: 'silent' }),
    proxyFor,
  });
  closers.push(() => door.close());
  await until(() => door.status().problem?.includes('Proxy response (403)') === true);
  proxy.refuseTunnels(null);
  await until(() => door.status().connected);
  expect(proxy.seen).toContain('CONNECT slack.test:80');
});

test('a socket that is closed leaves no connection to the proxy', async () => {
  const workspace = await startWorkspace({ publicUrl: 'http://slack.test' });
  closers.push(() => workspace.close());
  ports['slack.test:80'] = workspace.port;
  const putBack = installFetch(proxyFor);
  const door = await startSlack({
    config: { ...configFor(workspace), apiUrl: 'http://slack.test/api/' },
    ports: memoryPorts(),
    log: createLogger({ level: 'silent' }),
    proxyFor,
  });
  await until(() => door.status().connected);
  await door.close();
  await putBack();
  await until(() => proxy.open() === 0);
});

test('Prometheus on this machine is read straight, whatever HTTP_PROXY says', async () => {
  const server = await startApiServer((_, response) =>
    json(response, { status: 'success', data: { version: '3.0.0' } }),
  );
  const before = process.env.http_proxy;
  process.env.http_proxy = proxy.url;
  closers.push(
    () => server.close(),
    () => {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    },
  );
  const options = { simulated: false, log: silent, redactor: createRedactor(), proxyFor };
  expect(await openPrometheus({ ...options, url: server.url }).status(signal)).toEqual({ version: '3.0.0' });
  expect(proxy.seen).toEqual([]);
});
