import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inCluster } from '../../manifests/grafana/clusters.ts';
import { queriesOf } from '../../manifests/grafana/dashboard.ts';
import { dashboardFiles } from '../../manifests/grafana/dashboardFiles.ts';
import { knativeLambdaDashboard } from '../../manifests/grafana/knativeLambda.ts';
import { RESPONDER_DASHBOARD } from '../../manifests/grafana/responder.ts';
import { RESPONDER_ALERTS } from '../../manifests/prometheus/catalogue/responder.ts';
import { ERAS, namesOf, PROFILE_NAMES } from '../../manifests/prometheus/names.ts';
import { RECORDINGS } from '../../manifests/prometheus/recordings.ts';
import { ruleGroups } from '../../manifests/prometheus/ruleFile.ts';
import { selectorsOf } from '../../promql/node.ts';
import { readPromql } from '../../promql/read.ts';
import { type Metrics, startMetrics } from '../../simulator/metrics/start.ts';
import type { MetricStore } from '../../simulator/metrics/store.ts';
import { createMetrics, observe } from '../../src/telemetry/metrics.ts';
import { filledIn } from './filledIn.ts';

const NAMES = namesOf('builder', 'knative-1.18');
const DASHBOARD = knativeLambdaDashboard(NAMES);

function metricsIn(expr: string): readonly string[] {
  const read = readPromql(filledIn(expr));
  if (read === null) throw new Error(`cannot be read: ${expr}`);
  return selectorsOf(read).flatMap((one) => one.metric ?? []);
}

/** Two days of a platform at work: every metric the dashboard reads, under the names of the oldest Knative. */
function writePlatform(store: MetricStore): void {
  const from = { at: Date.now() - 2 * 86_400_000 };
  const app = { namespace_name: 'knative-lambda', service_name: 'hello', revision_name: 'hello-00001' };
  const grow = (name: string, labels: Record<string, string>, perSecond: number) =>
    store.set(name, labels, 0, { ...from, perSecond });
  grow('revision_app_request_count', { ...app, response_code_class: '2xx', response_code: '200' }, 10);
  grow('revision_app_request_count', { ...app, response_code_class: '5xx', response_code: '500' }, 0.05);
  for (const metric of ['revision_app_request_latencies', 'activator_request_latencies'])
    for (const [le, pace] of [
      ['100', 8],
      ['1000', 9.9],
      ['+Inf', 10],
    ] as const)
      grow(`${metric}_bucket`, { ...app, le }, pace);
  for (const metric of ['autoscaler_requested_pods', 'autoscaler_actual_pods']) store.set(metric, app, 3, from);
  grow('builds_total', {}, 0.05);
  grow('build_failures_total', {}, 0.001);
  for (const [le, pace] of [
    ['60', 0.03],
    ['300', 0.045],
    ['+Inf', 0.05],
  ] as const)
    grow('build_duration_seconds_bucket', { le }, pace);
  const job = { namespace: 'knative-lambda-builds', job_name: 'hello-build-1761132332' };
  store.set('kube_job_status_active', job, 1, from);
  store.set('kube_job_created', job, 1000, from);
  store.set('kube_job_status_start_time', job, 1004, from);
  const control = { namespace: 'knative-lambda', pod: 'knative-lambda-builder-a', container: 'builder' };
  store.set('container_memory_working_set_bytes', control, 100, from);
  store.set('container_spec_memory_limit_bytes', control, 256, from);
  grow('container_cpu_cfs_throttled_periods_total', control, 1);
  grow('container_cpu_cfs_periods_total', control, 10);
  store.set('go_goroutines', { namespace: 'knative-lambda', job: 'knative-lambda-builder', pod: 'p' }, 300, from);
  store.set('kube_job_status_failed', { ...job, reason: 'BackoffLimitExceeded' }, 1, from);
  const pod = { namespace: 'knative-lambda', pod: 'hello-00001-deployment-a', container: 'user-container' };
  grow('kube_pod_container_status_restarts_total', pod, 0.001);
  store.set('kube_pod_container_status_waiting_reason', { ...pod, reason: 'CrashLoopBackOff' }, 1, from);
  store.set(
    'kube_deployment_status_replicas_available',
    { namespace: 'knative-serving', deployment: 'webhook' },
    2,
    from,
  );
  for (const type of ['used', 'hard'])
    store.set('kube_resourcequota', { namespace: 'knative-lambda-builds', resource: 'limits.memory', type }, 40, from);
  store.set('kube_node_status_condition', { node: 'a', condition: 'MemoryPressure', status: 'true' }, 0, from);
  // Prometheus writes this one itself.
  store.set('ALERTS', { alertname: 'X', alertstate: 'firing', component: 'platform' }, 1, from);
  for (const queue of ['lambda-build-events', 'lambda-build-events-dlq'])
    store.set('rabbitmq_queue_messages', { namespace: 'rabbitmq', queue }, 3, from);
}

describe('the dashboard of Knative Lambda', () => {
  let metrics: Metrics;
  beforeAll(async () => {
    metrics = await startMetrics({ rules: ruleGroups(NAMES) });
    writePlatform(metrics.store);
  });
  afterAll(() => metrics.close());

  it.each(queriesOf(DASHBOARD).map((expr) => [expr]))('has data for %s', async (expr) => {
    const url = `${metrics.url}/api/v1/query?${new URLSearchParams({ query: filledIn(expr) })}`;
    const answer = (await (await fetch(url)).json()) as {
      status: string;
      error?: string;
      data: { result: { value: [number, string] }[] };
    }; // Prometheus's documented answer.
    expect({ status: answer.status, error: answer.error }).toEqual({ status: 'success', error: undefined });
    const values = answer.data.result.map(({ value }) => Number(value[1]));
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter((value) => !Number.isFinite(value))).toEqual([]);
  });

  it('asks everything of the clusters that are chosen, and has no panel without a query', () => {
    for (const dashboard of [DASHBOARD, RESPONDER_DASHBOARD]) {
      for (const expr of queriesOf(dashboard)) {
        const read = readPromql(filledIn(expr));
        const without =
          read && selectorsOf(read).filter(({ matchers }) => matchers.every(({ label }) => label !== 'cluster'));
        expect([expr, without]).toEqual([expr, []]);
      }
      expect(dashboard.rows.flatMap(({ panels }) => panels).filter(({ queries }) => queries.length === 0)).toEqual([]);
    }
    const bare = inCluster('sum(rate(a[$__rate_interval])) / (b{} > 0) and c{x="}"} offset 5m');
    expect(bare).toBe(
      'sum(rate(a{cluster=~"$cluster"}[$__rate_interval])) / (b{cluster=~"$cluster"} > 0) and c{x="}", cluster=~"$cluster"} offset 5m',
    );
  });

  it('reads only recordings, and metrics that are the same in every era', () => {
    const recorded = new Set(RECORDINGS.map((one) => one.record));
    for (const profile of PROFILE_NAMES) {
      const [first, ...others] = ERAS.map((era) => queriesOf(knativeLambdaDashboard(namesOf(profile, era))));
      for (const other of others) expect(other).toEqual(first);
      const colons = (first ?? []).flatMap(metricsIn).filter((name) => name.includes(':'));
      expect(colons.filter((name) => !recorded.has(name))).toEqual([]);
    }
  });
});

describe('the dashboard and the alerts of the responder', () => {
  it('read only metrics that it exposes', async () => {
    const metrics = createMetrics();
    const nothing = { queue: async () => [], accounting: async () => ({}), deadJobs: async () => 0 };
    observe(metrics, { ...nothing, probe: async () => {}, slackConnected: () => true });
    const exposed = new Set(
      (await metrics.registry.getMetricsAsJSON()).flatMap(({ name, type }) =>
        String(type) === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
      ),
    );
    const alerts = RESPONDER_ALERTS.map((rule) => rule.expr(NAMES) ?? '');
    const read = [...queriesOf(RESPONDER_DASHBOARD), ...alerts].flatMap(metricsIn);
    const unknown = read.filter((name) => !exposed.has(name) && !['up', 'ALERTS'].includes(name));
    expect(new Set(read).size).toBeGreaterThan(15);
    expect([...new Set(unknown)]).toEqual([]);
  });
});

describe('generated dashboards', () => {
  it('are up to date and well formed: unique panels that do not overlap', async () => {
    for (const [name, text] of Object.entries(dashboardFiles())) {
      const path = join(import.meta.dirname, '../../manifests/grafana/generated', name);
      const written = await readFile(path, 'utf8').catch(() => '(missing)');
      if (written !== text) throw new Error(`${name} is out of date: run node manifests/grafana/generate.ts`);
      if (!name.endsWith('.json')) continue;
      const { panels } = JSON.parse(text) as {
        panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
      }; // Grafana's model.
      expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
    }
  });
});
