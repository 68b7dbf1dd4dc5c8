import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { startPrometheus } from '../prometheus/realPrometheus.ts';
import { alert, delivery, type Product, shown, startProduct, TOKEN, until } from './product.ts';

let product: Product | null = null;
afterEach(async () => {
  await product?.close();
  product = null;
});

/** Samples as `name{labels} value`. */
async function scrape(running: Product): Promise<string> {
  return (await fetch(`${running.app.url}/metrics`)).text();
}

/** The sum over all series of a metric whose labels contain `labels`. */
function sum(page: string, name: string, labels = ''): number {
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => line.includes(labels))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}

test('/metrics tells rate, errors and duration of every door and dependency, as promtool wants it, whatever the alerts are called', async () => {
  product = await startProduct();
  const running = product;
  const alerts = Array.from({ length: 40 }, (_, index) =>
    alert(`Outage${index}`, { namespace: `team-${index}`, deployment: `service-${index}`, severity: 'info' }),
  );
  expect(
    await running.deliver(delivery([...alerts, alert('Visible', { deployment: 'checkout', severity: 'critical' })])),
  ).toBe(200);
  const card = await until('the card', async () =>
    (await running.workspace.messages('#incidents')).find((message) => shown(message).includes('Visible')),
  );
  await running.workspace.mention({ user: 'ana', channel: '#incidents', thread: card.ts, text: 'diag jobs' });
  await until('the answer is counted', async () => sum(await scrape(running), 'responder_commands_total') > 0);
  await until('the queue is empty', async () => sum(await scrape(running), 'responder_queue_jobs') === 0);

  const page = await scrape(running);
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
  expect(checked.error).toBeUndefined();
  // prom-client's own process metrics are known to promtool's linter for their names; ours must pass whole.
  const complaints = `${checked.stdout}${checked.stderr}`.split('\n').filter((line) => line.includes('responder_'));
  expect(complaints).toEqual([]);

  expect(sum(page, 'responder_http_requests_total', 'route="/webhooks/alertmanager"')).toBeGreaterThanOrEqual(1);
  expect(sum(page, 'responder_commands_total', 'door="mention"')).toBe(1);
  expect(sum(page, 'responder_command_duration_seconds_count', 'door="mention"')).toBe(1);
  expect(sum(page, 'responder_jobs_total', 'kind="deliverCard"')).toBeGreaterThan(0);
  expect(sum(page, 'responder_webhook_to_card_seconds_count')).toBeGreaterThanOrEqual(1);
  for (const dependency of ['slack', 'kubernetes']) {
    expect(sum(page, 'responder_dependency_calls_total', `dependency="${dependency}"`)).toBeGreaterThan(0);
    expect(sum(page, 'responder_dependency_call_duration_seconds_count', `dependency="${dependency}"`)).toBeGreaterThan(
      0,
    );
  }
  // A series of each breaker there is, whether or not it ever opened.
  const breakers = [...page.matchAll(/^(responder_breaker_open\{.*\}) [01]$/gm)].map(([, series]) => series);
  expect(breakers.toSorted()).toEqual([
    'responder_breaker_open{dependency="kubernetes",target="default"}',
    'responder_breaker_open{dependency="prometheus",target="prometheus"}',
    'responder_breaker_open{dependency="slack",target="slack"}',
  ]);
  for (const operation of ['read', 'write'])
    expect(
      sum(page, 'responder_store_operation_duration_seconds_count', `operation="${operation}",outcome="ok"`),
    ).toBeGreaterThan(0);
  expect(page).toMatch(/nodejs_eventloop_lag_p99_seconds/);
  expect(sum(page, 'responder_alerts', 'state="received"')).toBe(
    sum(page, 'responder_alerts') - sum(page, 'responder_alerts', 'state="received"'),
  );

  const series = page.split('\n').filter((line) => line.startsWith('responder_'));
  expect(series.some((line) => /Outage|team-|checkout/.test(line))).toBe(false);
  expect(series.length).toBeLessThan(600);
}, 180_000);

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

test('a real Prometheus reads the trace of a slow card from its histogram, and the same counters in either form', async () => {
  const collector = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening));
  const address = collector.address();
  const running = await startProduct({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
  });
  product = running;
  const prometheus = await startPrometheus({ scrape: new URL(running.app.url).host, features: 'exemplar-storage' });
  try {
    let sent = 0;
    const send = () => {
      sent += 1;
      return fetch(`${running.app.url}/webhooks/alertmanager`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${TOKEN}`,
          'content-type': 'application/json',
          traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
        },
        body: JSON.stringify(delivery([alert(`TracedOutage${sent}`, { deployment: `checkout-${sent}` })])),
      });
    };
    const exemplars = async (metric: string): Promise<string> => {
      const query = new URLSearchParams({ query: metric, start: '0', end: '4000000000' });
      return (await fetch(`${prometheus.url}/api/v1/query_exemplars?${query}`)).text();
    };
    // A bucket has one exemplar: another card of the same second may have taken its place, so more are sent until one is read.
    for (const metric of ['responder_webhook_to_card_seconds_bucket', 'responder_job_duration_seconds_bucket'])
      await until(
        `an exemplar of ${metric}`,
        async () => {
          if ((await exemplars(metric)).includes(TRACE)) return true;
          expect((await send()).status).toBe(200);
          await new Promise((wake) => setTimeout(wake, 1_500));
          return false;
        },
        120,
      );

    const names = (page: string) => [...new Set(page.match(/^[a-z]\w*_total\b/gm))].toSorted();
    const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2';
    const before = names(await scrape(running));
    const open = await fetch(`${running.app.url}/metrics`, { headers: { accept } });
    expect(open.headers.get('content-type')).toContain('application/openmetrics-text');
    const page = await open.text();
    expect(page.endsWith('\n# EOF\n')).toBe(true);
    expect(names(page)).toEqual(before);
    expect(names(await scrape(running))).toEqual(before);
  } finally {
    await prometheus.close();
    collector.closeAllConnections();
    collector.close();
  }
}, 300_000);
