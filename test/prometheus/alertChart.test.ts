import { afterEach, describe, expect, it } from '@jest/globals';
import { PROFILES } from '../../src/alerts/profile.ts';
import { openMetering } from '../../src/app/metering.ts';
import { loadConfig } from '../../src/config.ts';
import { ResponderError } from '../../src/errors.ts';
import type { IncidentAlert, IncidentWithAlerts } from '../../src/incidents/incident.ts';
import { chartAlert } from '../../src/prometheus/alertChart.ts';
import type { Chart } from '../../src/prometheus/chart/chart.ts';
import type { Renderer } from '../../src/prometheus/chart/renderer.ts';
import { foreignPace } from '../../src/prometheus/foreignPace.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { until } from '../acceptance/product.ts';
import { incidentAlertAt, incidentAt } from '../builders/incidents.ts';
import { client, createServers, silent } from './servers.ts';

const NOW = Date.parse('2026-02-02T10:00:00Z');
const MINUTE = 60_000;
const servers = createServers(() => NOW);
afterEach(() => servers.closeAll());

function incident(alert: Partial<IncidentAlert>): IncidentWithAlerts {
  const startsAt = NOW - 10 * MINUTE;
  return {
    incident: incidentAt(startsAt),
    alerts: [incidentAlertAt(startsAt, { cluster: 'a', name: 'DepthHigh', labels: {}, ...alert })],
  };
}

/** Remembers what it was asked to draw. */
function recorder(fails = false): Renderer & { readonly charts: Chart[] } {
  const charts: Chart[] = [];
  return {
    charts,
    warm() {},
    async render(chart) {
      if (typeof chart !== 'string') charts.push(chart);
      if (fails) throw new ResponderError('internal', 'the chart could not be drawn: no font');
      return new Uint8Array([1, 2, 3]);
    },
    close: async () => {},
  };
}

function charting(url: string, renderer: Renderer) {
  const clock = () => NOW;
  const { prometheus } = client(url);
  return {
    prometheus,
    renderer,
    redactor: createRedactor(),
    clock,
    pace: foreignPace(clock),
    profile: PROFILES.builder,
  };
}

const soon = () => AbortSignal.timeout(60_000);
const link = (expression: string) => `http://p/graph?${new URLSearchParams({ 'g0.expr': expression })}`;

describe('the chart of an alert', () => {
  it('is of the rule’s expression as loaded, from before its `for` to now, with the time it fires', async () => {
    const { url } = await servers.simulated({ profile: 'builder', era: 'knative-1.18' });
    const renderer = recorder();
    const labels = { namespace: 'knative-lambda', function: 'hello-nodejs' };
    const known = incident({ name: 'KnativeLambdaFunctionLatencyHigh', labels });
    const chart = await chartAlert(known, charting(url, renderer), soon());
    expect(renderer.charts[0]).toMatchObject({
      title: 'KnativeLambdaFunctionLatencyHigh hello-nodejs',
      unit: 'seconds',
      threshold: 1,
      comparison: '>',
      firing: { from: NOW - 10 * MINUTE, to: NOW },
      to: NOW,
    });
    expect(NOW - (renderer.charts[0]?.from ?? 0)).toBeGreaterThanOrEqual(60 * MINUTE);
    expect(chart?.words).toMatch(/^hello-nodejs: 470 ms now \(alerts > 1 s\)\. 0 of 5 series are beyond it now\.$/);
    expect(chart?.file).toMatchObject({ name: 'KnativeLambdaFunctionLatencyHigh.png', mime: 'image/png' });
    expect(chart?.evidence[0]?.content).toContain('hello-nodejs 1');
  });

  it('is of the expression in its link when no such rule is loaded, and of nothing when there is none', async () => {
    const { url, store } = await servers.simulated();
    store.set('depth', { queue: 'builds' }, 7, { at: NOW - 3_600_000 });
    const renderer = recorder();
    const linked = await chartAlert(incident({ generatorUrl: link('depth > 5') }), charting(url, renderer), soon());
    expect(linked?.words).toBe('builds: 7 now (alerts > 5).');
    expect(await chartAlert(incident({}), charting(url, renderer), soon())).toBeNull();
  });

  it('leaves the values in words when it cannot be drawn', async () => {
    const { url, store } = await servers.simulated();
    store.set('depth', { queue: 'builds' }, 7, { at: NOW - 3_600_000 });
    const chart = await chartAlert(
      incident({ generatorUrl: link('depth > 5') }),
      charting(url, recorder(true)),
      soon(),
    );
    expect(chart).toMatchObject({
      words: 'builds: 7 now (alerts > 5).',
      file: null,
      notes: ['No chart: the chart could not be drawn: no font'],
    });
  });

  it('says when Prometheus has no data, or cannot read the expression', async () => {
    const { url } = await servers.simulated();
    const ask = (expression: string) =>
      chartAlert(incident({ generatorUrl: link(expression) }), charting(url, recorder()), soon());
    expect(await ask('gone > 5')).toMatchObject({ words: '', file: null, notes: ['Prometheus has no data for gone.'] });
    expect((await ask('sum( > 5'))?.notes[0]).toMatch(
      /^No chart\. The expression in the alert's link is not run: it is not PromQL: unexpected ">" at character 6/,
    );
  });

  it('names in its title what the incident is about, not what was scraped', async () => {
    const { url } = await servers.simulated({ profile: 'builder', era: 'knative-1.18' });
    const renderer = recorder();
    const pod = 'cart-7d9c5b6f4c-x2x4x';
    const labels = { exported_pod: pod, pod: 'kube-state-metrics-0', namespace: 'm', exported_namespace: 'shop' };
    const known = incident({ name: 'DepthHigh', labels, generatorUrl: link('up > 0') });
    await chartAlert(known, charting(url, renderer), soon());
    expect(renderer.charts[0]?.title).toBe('DepthHigh cart');
  });

  it('has no secret in its title, words, alternative text or evidence', async () => {
    const { url, store } = await servers.simulated();
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    store.set('calls', { token: secret }, 7, { at: NOW - 3_600_000 });
    const renderer = recorder();
    const known = incident({
      labels: { token: secret, pod: secret },
      generatorUrl: link(`calls{token="${secret}"} > 5`),
    });
    const chart = await chartAlert(known, charting(url, renderer), soon());
    expect(chart?.words).toContain('7 now');
    expect(JSON.stringify([chart, renderer.charts])).not.toContain(secret);
    // Though hidden in the picture, it is the alert's own series.
    expect(renderer.charts[0]?.lines[0]?.own).toBe(true);
  });
});

describe('what the product knows of Prometheus', () => {
  const root = new URL('../..', import.meta.url).pathname;
  const opened = (url: string, checkMs = 30_000) =>
    openMetering({
      config: loadConfig({ PROMETHEUS_URL: url }, { root }),
      simulator: null,
      redactor: createRedactor(),
      log: silent,
      clock: () => NOW,
      checkMs,
    });

  it('is the `for` of the rule, asked once a minute', async () => {
    const { url } = await servers.simulated({ profile: 'builder', era: 'knative-1.18' });
    const metering = opened(url);
    const known = incident({ name: 'KnativeLambdaFunctionLatencyHigh' });
    expect(await metering.ruleFor(known, soon())).toBe(10 * MINUTE);
    await servers.closeAll();
    expect(await metering.ruleFor(known, soon())).toBe(10 * MINUTE);
    expect(
      await metering.ruleFor(incident({ fingerprint: 'other' as IncidentAlert['fingerprint'] }), soon()),
    ).toBeNull();
    await metering.close();
  });

  it('is how it answered last; who asks makes no call', async () => {
    let calls = 0;
    const metering = opened(
      await servers.other(() => {
        calls += 1;
      }),
    );
    for (let asked = 0; asked < 20; asked += 1)
      expect(metering.detail()).toMatchObject({ configured: true, reachable: null, state: 'unknown', since: null });
    await new Promise((wake) => setTimeout(wake, 200));
    expect(calls).toBe(0);
    await metering.close();
  });

  it('is found out by a check of its own where nobody asks anything else', async () => {
    const metering = opened(await servers.other(() => {}), 100);
    await until('the check to end', async () => metering.detail().state === 'timeout');
    expect(metering.detail()).toMatchObject({ reachable: false, since: NOW, leftAlone: false });
    await metering.close();
  });
});
