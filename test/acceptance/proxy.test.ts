import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { installPlatform } from '../../simulator/cluster/healthyPlatform.ts';
import { startCluster } from '../../simulator/cluster/start.ts';
import { startMetrics } from '../../simulator/metrics/start.ts';
import { createControl } from '../../simulator/workspace/control.ts';
import { startWorkspace } from '../../simulator/workspace/start.ts';
import { startProxy, startTerminator } from '../network/proxy.ts';
import { alert, delivery, shown, TOKEN, until } from './product.ts';
import { type Running, run } from './program.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port; // it listens on TCP
}

/** Everything outside, on ports that only the proxy knows the names of; TLS where it is usual. */
async function startOutside() {
  const workspace = await startWorkspace({ publicUrl: 'https://slack.test' });
  const cluster = await startCluster();
  installPlatform(cluster.world, { profile: 'builder', now: Date.now() });
  const metrics = await startMetrics();
  closers.push(
    () => workspace.close(),
    () => cluster.close(),
    () => metrics.close(),
  );
  const alertmanager = createServer((_, response) => response.setHeader('content-type', 'application/json').end('[]'));
  const posts: string[] = [];
  const pager = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    posts.push(body);
    response.end();
  });
  const traces: string[] = [];
  const collector = createServer((request, response) => {
    traces.push(request.url ?? '');
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'));
  });
  const tls = await startTerminator({
    'slack.test': workspace.port,
    'kubernetes.test': cluster.port,
    'alertmanager.test': await listen(alertmanager),
    'pager.test': await listen(pager),
  });
  closers.push(() => tls.close());
  const proxy = await startProxy({
    'slack.test:443': tls.port,
    'kubernetes.test:6443': tls.port,
    'alertmanager.test:443': tls.port,
    'pager.test:443': tls.port,
    'prometheus.test:9090': metrics.port,
    'traces.test:4318': await listen(collector),
  });
  closers.push(() => proxy.close());
  return { workspace, cluster, tls, proxy, posts, traces };
}

type Outside = Awaited<ReturnType<typeof startOutside>>;

/** The program, with addresses that only a proxy can find. */
function startProgram({ workspace, cluster, tls, proxy }: Outside): Running {
  const folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const program = run([], {
    PORT: '0',
    HTTPS_PROXY: proxy.url,
    HTTP_PROXY: proxy.url,
    NO_PROXY: '.internal.test,10.0.0.0/8',
    NODE_EXTRA_CA_CERTS: file('ca.pem', tls.ca),
    SLACK_API_URL: 'https://slack.test/api/',
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    KUBECONFIG: file('kubeconfig', cluster.kubeconfig().replace(cluster.url, 'https://kubernetes.test:6443')),
    PROMETHEUS_URL: 'http://prometheus.test:9090',
    ALERTMANAGER_URL: 'https://alertmanager.test',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://traces.test:4318',
    DATABASE_URL: `sqlite:${join(folder, 'responder.db')}`,
    WEBHOOK_TOKEN: TOKEN,
    RESPONDER_CONFIG: file('responder.yaml', 'polling: {every: 1s}\nfallback: {after: 1s, webhookVariable: HOOK}\n'),
    HOOK: 'https://pager.test/hook',
  });
  closers.push(() => program.child.kill('SIGKILL'));
  return program;
}

test('Slack, its socket, cluster, Prometheus, Alertmanager, traces and fallback are reached through the proxy of the environment', async () => {
  const outside = await startOutside();
  const { workspace, proxy, posts, traces } = outside;
  const program = startProgram(outside);
  const url = await until('the start', async () => /^responder\s+(http:\S+)/m.exec(program.output())?.[1], 60);
  const people = createControl(workspace.url);
  await until('the socket', async () => (await people.status()).sockets === 1);

  const say = (text: string) => people.command({ user: 'ana', channel: '#incidents', text });
  expect((await say('/lambda diag pods')).outcome).toBe('acked');
  expect((await say('/lambda diag golden')).outcome).toBe('acked');
  const shows = (text: string) => async () =>
    (await people.ephemerals('ana')).some((message) => shown(message).includes(text));
  await until('the pods', shows('Pods in knative-lambda: 8 pods'));
  await until('Alertmanager', async () => proxy.seen.includes('CONNECT alertmanager.test:443'));
  await until('Prometheus', shows('Golden'));
  await until('traces', async () => traces.includes('/v1/traces'));
  expect(proxy.seen).toEqual(
    expect.arrayContaining([
      'CONNECT slack.test:443',
      'CONNECT kubernetes.test:6443',
      'POST http://traces.test:4318/v1/traces',
    ]),
  );

  await people.fault({ kind: 'down', method: 'chat.postMessage' });
  const sent = await fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(delivery([alert('Down', { incident_severity: 'sev1', deployment: 'checkout' })])),
  });
  expect(sent.status).toBe(200);
  await until('the fallback', async () => posts.length > 0, 40);
  expect(posts[0]).toContain('SEV1 #1 Down');
  expect(proxy.seen).toContain('CONNECT pager.test:443');
  // What is at home goes straight, and the program stops as ever.
  expect(proxy.seen.filter((line) => line.includes('127.0.0.1'))).toEqual([]);
  program.child.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0 });
}, 300_000);
