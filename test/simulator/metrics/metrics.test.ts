import { afterEach, describe, expect, it } from '@jest/globals';
import { PrometheusDriver } from 'prometheus-query';
import type { MetricsOptions } from '../../../simulator/metrics/start.ts';
import { startMetrics } from '../../../simulator/metrics/start.ts';

const closers: (() => Promise<void>)[] = [];
const NOW = Date.parse('2026-02-02T10:00:00Z');

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function metrics(options: MetricsOptions = {}) {
  const server = await startMetrics({ clock: { now: () => NOW }, ...options });
  closers.push(server.close);
  const api = async (path: string, params: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}/api/v1/${path}?${new URLSearchParams(params)}`);
    return { status: response.status, body: await response.json() };
  };
  const value = async (query: string): Promise<string | undefined> => {
    const { body } = await api('query', { query });
    const result = body.data?.result;
    return Array.isArray(result?.[0]?.value) ? result[0].value[1] : result?.[1];
  };
  return { ...server, api, value };
}

describe('simulated Prometheus', () => {
  it('answers the rate of a counter that grows', async () => {
    const { store, value } = await metrics();
    store.set('builds_total', { result: 'failed' }, 0, { at: NOW - 3_600_000, perSecond: 0.5 });
    expect(Number(await value('rate(builds_total[5m])'))).toBeCloseTo(0.5, 5);
    expect(Number(await value('increase(builds_total{result="failed"}[10m])'))).toBeCloseTo(300, 3);
  });

  it('sees an increase in a counter born by an increment', async () => {
    const { store, value } = await metrics();
    store.inc('errors_total', { type: 'x' }, 4, { at: NOW - 120_000 });
    expect(Number(await value('increase(errors_total[10m])'))).toBeGreaterThanOrEqual(4);
  });

  it('groups, filters and matches as Prometheus does', async () => {
    const { store, value, api } = await metrics();
    store.set('used', { namespace: 'a', resource: 'cpu' }, 9);
    store.set('used', { namespace: 'b', resource: 'cpu' }, 1);
    store.set('hard', { namespace: 'a', resource: 'cpu' }, 10);
    store.set('hard', { namespace: 'b', resource: 'cpu' }, 10);
    expect(await value('sum by (resource) (used)')).toBe('10');
    const { body } = await api('query', { query: 'max by (namespace) (used) / on (namespace) hard > 0.5' });
    expect(body.data.result).toEqual([{ metric: { namespace: 'a' }, value: [NOW / 1000, '0.9'] }]);
    expect(await value('count(used unless on (namespace) used{namespace="a"})')).toBe('1');
    expect(await value('1 + 2 * 3 ^ 2')).toBe('19');
  });

  it('computes quantiles of a histogram', async () => {
    const { store, value } = await metrics();
    for (let build = 0; build < 20; build += 1) store.observe('build_seconds', {}, 45, { at: NOW - 60_000 });
    const quantile = Number(await value('histogram_quantile(0.95, sum by (le) (rate(build_seconds_bucket[10m])))'));
    expect(quantile).toBeGreaterThan(30);
    expect(quantile).toBeLessThanOrEqual(60);
  });

  it('answers absence with the labels the selector names', async () => {
    const { api } = await metrics();
    const { body } = await api('query', { query: 'absent(up{job="builder", pod=~".+"})' });
    expect(body.data.result).toEqual([{ metric: { job: 'builder' }, value: [NOW / 1000, '1'] }]);
  });

  it('says bad_data for what it cannot evaluate', async () => {
    const { api } = await metrics();
    for (const query of ['sum(', 'holt_winters(x[5m], 0.5, 0.5)', '{}', 'rate(x)']) {
      const { status, body } = await api('query', { query });
      expect(status).toBe(400);
      expect(body).toMatchObject({ status: 'error', errorType: 'bad_data' });
    }
  });

  it('keeps the history of what was set and removed', async () => {
    const { store, api } = await metrics();
    store.set('queue', {}, 10, { at: NOW - 600_000 });
    store.set('queue', {}, 900, { at: NOW - 300_000 });
    store.remove('queue', {}, NOW - 60_000);
    const range = { query: 'queue', start: String(NOW / 1000 - 600), end: String(NOW / 1000), step: '150' };
    const { body } = await api('query_range', range);
    expect(body.data.result[0].values.map(([, value]: [number, string]) => value)).toEqual(['10', '10', '900', '900']);
  });

  it('knows recording rules and says which alerts fire', async () => {
    const rules = [
      {
        name: 'builds',
        rules: [
          { record: 'builds:failed:increase10m', expr: 'sum(increase(build_failures_total[10m]))' },
          { alert: 'BuildsFail', expr: 'builds:failed:increase10m > 3', for: '2m', labels: { severity: 'critical' } },
        ],
      },
    ];
    const { store, api } = await metrics({ rules });
    expect((await api('alerts')).body.data.alerts).toEqual([]);
    store.inc('build_failures_total', {}, 10, { at: NOW - 300_000 });
    expect((await api('alerts')).body.data.alerts).toMatchObject([
      { labels: { alertname: 'BuildsFail', severity: 'critical' }, state: 'firing' },
    ]);
    expect((await api('rules')).body.data.groups[0].rules).toMatchObject([
      { type: 'recording', name: 'builds:failed:increase10m' },
      { type: 'alerting', name: 'BuildsFail', state: 'firing', duration: 120 },
    ]);
  });

  it('exposes the same numbers for a scraper', async () => {
    const { store, url } = await metrics();
    store.declare('jobs_failed', 'gauge', 'Failed Jobs.');
    store.set('jobs_failed', { job_name: 'a"b\\c' }, 3);
    store.observe('build_seconds', {}, 45, { buckets: [30, 60] });
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('# TYPE jobs_failed gauge\njobs_failed{job_name="a\\"b\\\\c"} 3\n');
    expect(text).toContain('# TYPE build_seconds histogram');
    expect(text).toContain('build_seconds_bucket{le="60"} 1');
  });

  it('serves the client library', async () => {
    const { store, url } = await metrics();
    store.set('up', { job: 'builder' }, 1, { at: NOW - 3_600_000 });
    const client = new PrometheusDriver({ endpoint: url, baseURL: '/api/v1' });
    const instant = await client.instantQuery('up');
    expect(instant.result[0].value.value).toBe(1);
    const range = await client.rangeQuery('up', NOW - 600_000, NOW, 60);
    expect(range.result[0].values).toHaveLength(11);
    expect(await client.labelValues('job')).toEqual(['builder']);
  });
});
