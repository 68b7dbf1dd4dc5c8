import { spawnSync } from 'node:child_process';
import { afterEach, expect, test } from '@jest/globals';
import { alert, delivery, type Product, shown, startProduct, until } from './product.ts';

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
  // A series of each breaker there is, before it ever opens.
  const breakers = page.split('\n').filter((line) => line.startsWith('responder_breaker_open{'));
  expect(breakers.toSorted()).toEqual([
    'responder_breaker_open{dependency="kubernetes",target="default"} 0',
    'responder_breaker_open{dependency="prometheus",target="prometheus"} 0',
    'responder_breaker_open{dependency="slack",target="slack"} 0',
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
}, 60_000);
