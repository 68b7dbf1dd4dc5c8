import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createReach } from '../../src/network/reach.ts';
import { openAlertmanager, watchAlertmanager } from '../../src/prometheus/alertmanager.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

describe('how a dependency answered last', () => {
  test('is unknown before the first call, then the outcome of the last one and since when', () => {
    let now = 1_000;
    const reach = createReach(() => now);
    expect(reach.detail()).toEqual({ reachable: null, state: 'unknown', since: null, leftAlone: false });
    reach.outcome('ok');
    now = 2_000;
    reach.outcome('ok');
    expect(reach.detail()).toEqual({ reachable: true, state: 'ok', since: 1_000, leftAlone: false });
    reach.outcome('timeout');
    reach.breaker(true);
    now = 3_000;
    reach.outcome('timeout');
    expect(reach.detail()).toEqual({ reachable: false, state: 'timeout', since: 2_000, leftAlone: true });
    reach.outcome('unauthorized');
    reach.breaker(false);
    expect(reach.detail()).toEqual({ reachable: true, state: 'unauthorized', since: 3_000, leftAlone: false });
  });

  test('is not changed by a wrong question, nor by one that was not asked to its end', () => {
    const changes: string[] = [];
    const reach = createReach(
      () => 1,
      (state, before) => changes.push(`${before} -> ${state}`),
    );
    reach.outcome('not_found');
    expect(reach.detail()).toMatchObject({ reachable: true, state: 'ok' });
    reach.outcome('unreachable');
    for (const outcome of ['cancelled', 'rate_limited', 'internal'] as const) reach.outcome(outcome);
    expect(reach.detail()).toMatchObject({ reachable: false, state: 'unreachable' });
    expect(changes).toEqual(['unknown -> ok', 'ok -> unreachable']);
  });
});

test('what is left alone keeps what it said last: with the circuit open nobody asks it', () => {
  const reach = createReach(() => 1);
  reach.outcome('unreachable');
  reach.breaker(true);
  reach.outcome('unavailable');
  expect(reach.detail()).toMatchObject({ reachable: false, state: 'unreachable', leftAlone: true });
});

describe('the Alertmanager that is polled', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
  });

  async function serve(status: () => number): Promise<string> {
    const server = createServer((_, response) => response.writeHead(status()).end('[]'));
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  test('has its calls counted and timed, and its breaker shown from the start', async () => {
    let status = 200;
    const url = await serve(() => status);
    const metrics = createMetrics();
    const watch = watchAlertmanager(true, metrics, () => 7);
    const breaker = () => /responder_breaker_open\{dependency="alertmanager",target="alertmanager"\} (\d)/;
    expect((await metrics.registry.metrics()).match(breaker())?.[1]).toBe('0');
    expect(watch.detail()).toMatchObject({ configured: true, state: 'unknown' });
    const alertmanager = openAlertmanager(url, watch);
    await alertmanager.alerts(new AbortController().signal);
    expect(watch.detail()).toMatchObject({ reachable: true, state: 'ok', since: 7, leftAlone: false });

    status = 503;
    for (let poll = 0; poll < 4; poll += 1)
      await expect(alertmanager.alerts(new AbortController().signal)).rejects.toThrow();
    expect(watch.detail()).toMatchObject({ reachable: false, state: 'unavailable', leftAlone: true });
    const page = await metrics.registry.metrics();
    expect(page.match(breaker())?.[1]).toBe('1');
    expect(page).toContain('responder_dependency_calls_total{dependency="alertmanager",outcome="ok"} 1');
    expect(page).toContain('responder_dependency_calls_total{dependency="alertmanager",outcome="unavailable"} 4');
    expect(page).toContain('responder_dependency_call_duration_seconds_count{dependency="alertmanager"} 5');
  });

  test('has no breaker where none is polled', async () => {
    const metrics = createMetrics();
    const watch = watchAlertmanager(false, metrics, Date.now);
    expect(watch.detail()).toEqual({
      configured: false,
      reachable: null,
      state: 'unknown',
      since: null,
      leftAlone: false,
    });
    expect(await metrics.registry.metrics()).not.toContain('responder_breaker_open{');
  });
});
