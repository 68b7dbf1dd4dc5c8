import { afterEach, describe, expect, it, test } from '@jest/globals';
import { namesOf } from '../../manifests/prometheus/names.ts';
import { ruleGroups } from '../../manifests/prometheus/ruleFile.ts';
import { PROFILES } from '../../src/alerts/profile.ts';
import { chartAlert } from '../../src/prometheus/alertChart.ts';
import { LINES, THRESHOLD } from '../../src/prometheus/chart/option.ts';
import { createRenderer } from '../../src/prometheus/chart/renderer.ts';
import { foreignPace } from '../../src/prometheus/foreignPace.ts';
import { createMetricDiagnostics } from '../../src/prometheus/metricDiagnostics.ts';
import { requestsServed } from '../../src/prometheus/served.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { until } from '../acceptance/product.ts';
import { asking } from '../builders/diagnostics.ts';
import { incidentAlertAt, incidentAt } from '../builders/incidents.ts';
import { decodePng } from './png.ts';
import { type RealOptions, startPrometheus } from './realPrometheus.ts';
import { client, createServers, silent } from './servers.ts';

const servers = createServers();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await servers.closeAll();
});

async function real(options: RealOptions): Promise<string> {
  const started = await startPrometheus(options);
  closers.push(() => started.close());
  return started.url;
}

const soon = () => AbortSignal.timeout(60_000);

describe('a real Prometheus', () => {
  const platforms = [
    { profile: 'builder', era: 'knative-1.18' },
    { profile: 'operator', era: 'knative-1.20.1' },
  ] as const;
  test.each(platforms)(
    'gives the golden signals and objectives of $profile and $era from three days of samples',
    async (platform) => {
      const now = Math.floor(Date.now() / 60_000) * 60_000;
      const { store } = await servers.simulated(platform);
      const url = await real({ history: { store, hours: 75, now } });
      const diagnostics = createMetricDiagnostics({
        prometheus: client(url).prometheus,
        profile: platform.profile,
        redactor: createRedactor(),
        clock: () => now,
      });
      const golden = await diagnostics.run(asking('golden'));
      const value = new Map(golden.table?.rows.map(([name = '', cell = '']) => [name, cell]));
      expect(golden.notes).toEqual([]);
      expect(value.get('requests (5m)')).toBe('6.25/s');
      expect(value.get('failing requests')).toBe('0.032%');
      expect(value.get('request P95')).toMatch(/^470 ms$/);
      expect(value.get('cold start P95')).toBe('4.31 s');
      expect(value.get('build success')).toMatch(/^98(\.\d+)?%$/);
      expect(value.get('function pods')).toBe('5');
      const slo = await diagnostics.run(asking('slo'));
      const rows = new Map(slo.table?.rows.map(([name = '', ...cells]) => [name, cells]));
      expect(rows.get('available 3d')?.slice(0, 4)).toEqual(['99.9%', '99.968%', '68%', '0.32x']);
      expect(rows.get('builds <5m 3d')?.slice(0, 2)).toEqual(['95%', '99.5%']);
      expect(slo.notes.join()).toContain('some are measured over 3d');
    },
    300_000,
  );

  test.each(platforms)('counts requests, failures and latency by revision of $era', async (platform) => {
    const now = Math.floor(Date.now() / 60_000) * 60_000;
    const { store } = await servers.simulated(platform);
    const { prometheus } = client(await real({ history: { store, hours: 3, now } }));
    const namespaces = ['knative-lambda', 'knative-lambda-functions', 'default'];
    for (const agoMs of [0, 3_600_000]) {
      const read = await Promise.all(namespaces.map((name) => requestsServed(prometheus, name, agoMs, soon())));
      const rows = read.flatMap((served) => served ?? []);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) {
        expect(row.revision).toMatch(/-\d{5}$/);
        expect(row.perSecond).toBeGreaterThan(0);
        expect(row.errors).toBeLessThan(0.05);
        expect(row.p95Seconds).toBeGreaterThan(0);
      }
    }
    expect(await requestsServed(prometheus, 'nothing-here', 0, soon())).toBeNull();
  });

  it('scrapes the simulator, evaluates the shipped rules, and gives the alert its chart, behind a prefix and a password', async () => {
    const { url: simulator, store } = await servers.simulated({ profile: 'builder', era: 'knative-1.18' });
    // The password of this hash is in https://prometheus.io/docs/guides/basic-auth/
    const users = { admin: '$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay' };
    const url = await real({
      rules: ruleGroups(namesOf('builder', 'knative-1.18')),
      scrape: new URL(simulator).host,
      prefix: '/prom',
      users,
    });
    await expect(client(url).prometheus.query('up', { signal: soon() })).rejects.toMatchObject({
      code: 'unauthorized',
    });
    const { prometheus } = client(url.replace('http://', 'http://admin:test@'));
    expect(await prometheus.status(soon())).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/) });
    const queue = { namespace: 'rabbitmq-prd', queue: 'lambda-build-events-prd-dlq', vhost: '/' };
    store.set('rabbitmq_queue_messages', queue, 40);
    const labels = { alertname: 'KnativeLambdaDeadLettersHigh', queue: queue.queue, namespace: queue.namespace };
    await until(
      'the queue is scraped and recorded',
      async () =>
        (await prometheus.query('rabbitmq:queue_messages{queue=~".*dlq"} == 40', { signal: soon() })).length > 0,
      30,
    );
    const rules = ruleGroups(namesOf('builder', 'knative-1.18')).flatMap((group) => group.rules);
    const shipped = rules.find(
      (rule) => rule.alert && /^rabbitmq:queue_messages\{queue=~"\.\*\(dlq\|dead\)\.\*"\} > \d+$/.test(rule.expr),
    );
    const stage = { ...labels, severity: shipped?.labels?.severity ?? '' };
    const rule = await prometheus.ruleFor(shipped?.alert ?? '', stage, soon());
    expect(rule).toMatchObject({
      name: shipped?.alert,
      labels: expect.objectContaining({ severity: shipped?.labels?.severity }),
    });
    expect(rule?.forMs).toBe(minutes(shipped?.for ?? ''));

    const renderer = createRenderer({ log: silent });
    closers.push(() => renderer.close());
    const startsAt = Date.now() - 5_000;
    const alert = incidentAlertAt(startsAt, { name: shipped?.alert ?? '', labels: stage });
    const known = { incident: incidentAt(startsAt), alerts: [alert] };
    const chart = await chartAlert(
      known,
      {
        prometheus,
        renderer,
        redactor: createRedactor(),
        clock: Date.now,
        pace: foreignPace(Date.now),
        profile: PROFILES.builder,
      },
      soon(),
    );
    expect(chart?.words).toMatch(/40 now \(alerts > \d+\)/);
    expect(chart?.notes).toEqual([]);
    const picture = decodePng(chart?.file?.content ?? new Uint8Array());
    expect(picture.count(LINES[0])).toBeGreaterThan(5);
    expect(picture.count(THRESHOLD)).toBeGreaterThan(300);
  }, 300_000);
});

function minutes(text: string): number {
  return Number.parseInt(text, 10) * 60_000;
}
