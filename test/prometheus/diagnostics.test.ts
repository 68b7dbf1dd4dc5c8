import { afterEach, describe, expect, it, test } from '@jest/globals';
import { ERAS, PROFILE_NAMES } from '../../manifests/prometheus/names.ts';
import type { DiagnosticRequest } from '../../src/commands/ports.ts';
import { createMetricDiagnostics } from '../../src/prometheus/metricDiagnostics.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { asking } from '../builders/diagnostics.ts';
import { client, createServers } from './servers.ts';

const NOW = Date.parse('2026-02-02T10:00:00Z');
const HOUR = 3_600_000;
const servers = createServers(() => NOW);

afterEach(() => servers.closeAll());

function diagnosticsOf(url: string | null, profile: 'builder' | 'operator' = 'builder') {
  return createMetricDiagnostics({
    prometheus: url === null ? null : client(url).prometheus,
    profile,
    redactor: createRedactor(),
    clock: () => NOW,
  });
}

/** The table as name -> cells, without the query. */
async function read(url: string, diagnostic: string, over: Partial<DiagnosticRequest> = {}) {
  const result = await diagnosticsOf(url).run(asking(diagnostic, over));
  const cells = new Map(result.table?.rows.map(([name, ...rest]) => [name, rest]));
  return { result, cells, value: (name: string) => cells.get(name)?.[0] };
}

describe('golden signals', () => {
  const platforms = PROFILE_NAMES.flatMap((profile) => ERAS.map((era) => ({ profile, era })));
  test.each(platforms)('are found under the names of $profile and $era', async (platform) => {
    const { url } = await servers.simulated(platform);
    const { result, value, cells } = await read(url, 'golden');
    expect(value('requests (5m)')).toBe('6.25/s');
    expect(value('failing requests')).toBe('0.032%');
    expect(value('request P50')).toBe('71.4 ms');
    expect(value('request P95')).toBe('470 ms');
    expect(value('cold start P95')).toBe('4.31 s');
    expect(value('builds (1h)')).toBe('12');
    expect(value('build success')).toBe('98%');
    expect(value('build P95')).toBe('112 s');
    expect(value('function pods')).toBe('5');
    expect(cells.get('failing requests')?.at(-1)).toContain('rate(');
    expect(result).toMatchObject({
      simulated: true,
      notes: platform.profile === 'builder' ? [] : [expect.stringContaining('operator generation')],
    });
    expect(result.findings).toEqual([]);
  });

  it('names the function that fails and the one that is slow', async () => {
    const { url, store } = await servers.simulated({ profile: 'builder', era: 'knative-1.18' });
    const of = (name: string) => ({ namespace_name: 'knative-lambda', service_name: name });
    const failing = { ...of('hello-python'), response_code_class: '5xx', response_code: '500' };
    store.set('revision_app_request_count', failing, 0, { at: NOW - HOUR, perSecond: 0.4 });
    for (const [le, pace] of [
      ['100', 0.2],
      ['500', 0.5],
      ['1000', 1],
      ['5000', 4],
      ['+Inf', 4],
    ] as const)
      store.grow('revision_app_request_latencies_bucket', { ...of('hello-nodejs'), le }, pace, NOW - HOUR);
    const { result } = await read(url, 'golden');
    expect(result.findings.map(({ code, subject }) => [code, subject.name])).toEqual([
      ['function-requests-fail', 'hello-python'],
      ['function-slow', 'hello-nodejs'],
    ]);
    expect(result.findings[0]?.conclusion).toBe('40% of the requests to hello-python fail (5m)');
  });

  it('are of one namespace when one is named', async () => {
    const { url, store } = await servers.simulated({ profile: 'builder', era: 'knative-1.18' });
    const labels = {
      namespace_name: 'shop',
      service_name: 'checkout',
      response_code_class: '2xx',
      response_code: '200',
    };
    store.set('revision_app_request_count', labels, 0, { at: NOW - HOUR, perSecond: 10 });
    expect((await read(url, 'golden')).value('requests (5m)')).toBe('16.3/s');
    expect((await read(url, 'golden', { namespace: 'shop' })).value('requests (5m)')).toBe('10/s');
    expect((await read(url, 'golden', { namespace: 'knative-lambda' })).value('requests (5m)')).toBe('6.25/s');
  });

  it('take the era with requests now while two are installed', async () => {
    const { url, store } = await servers.simulated({ profile: 'builder', era: 'knative-1.20.1' });
    const old = { namespace_name: 'knative-lambda', service_name: 'hello-python', response_code_class: '2xx' };
    store.set('revision_app_request_count', old, 5_000, { at: NOW - HOUR });
    const { result, value } = await read(url, 'golden');
    expect(value('requests (5m)')).toBe('6.25/s');
    expect(result.notes.join()).toContain('these numbers are of knative-1.20.1');
  });

  it('say "no data" where there is none, never 0', async () => {
    const { url } = await servers.simulated();
    const { result, cells } = await read(url, 'golden');
    const values = [...cells.values()].map(([value]) => value);
    expect(values.length).toBeGreaterThan(8);
    expect(new Set(values)).toEqual(new Set(['no data']));
    expect(result.summary).toBe('No data about requests; no data about builds.');
    expect(result.notes.join(' ')).toMatch(/no request metrics of Knative.*no build metrics/);
  });

  it('tell an hour without builds from builds that all failed', async () => {
    const { url, store } = await servers.simulated();
    store.set('builds_total', {}, 40, { at: NOW - 10 * HOUR });
    store.set('build_failures_total', {}, 4, { at: NOW - 10 * HOUR });
    store.set('build_duration_seconds_bucket', { le: '+Inf' }, 36, { at: NOW - 10 * HOUR });
    const quiet = await read(url, 'golden');
    expect(quiet.value('build success')).toBe('no data');
    expect(quiet.result.summary).toContain('no builds in the last 1h');
    store.inc('builds_total', {}, 5, { at: NOW - HOUR / 2 });
    store.inc('build_failures_total', {}, 5, { at: NOW - HOUR / 2 });
    const failed = await read(url, 'golden');
    expect(failed.value('build success')).toBe('0%');
    expect(failed.result.findings.map(({ code }) => code)).toEqual(['builds-fail']);
  });
});

describe('objectives', () => {
  it('show what is left of the budget of 30 days and how fast it goes', async () => {
    const { url } = await servers.simulated({ profile: 'operator', era: 'knative-1.18' });
    const { result, cells } = await read(url, 'slo');
    expect(cells.get('available 30d')?.slice(0, 4)).toEqual(['99.9%', '99.968%', '68%', '0.32x']);
    expect(cells.get('builds ok 30d')?.slice(0, 4)).toEqual(['95%', '98%', '60%', '0.4x']);
    expect(cells.get('reconcile 30d')?.slice(0, 2)).toEqual(['99.5%', '99.8%']);
    expect(cells.get('cold P95 1h')?.slice(0, 2)).toEqual(['<5 s', '4.31 s']);
    expect(cells.get('lost ctx 1d')?.slice(0, 2)).toEqual(['0', '0']);
    expect(result.summary).toBe(
      'Availability has 68% of its error budget left (30d); no objective with data is missed.',
    );
  });

  it('call a budget that burns in hours critical, and say how long it lasts', async () => {
    const { url, store } = await servers.simulated({ profile: 'builder', era: 'knative-1.18' });
    const failing = { namespace_name: 'knative-lambda', service_name: 'hello-nodejs', response_code_class: '5xx' };
    store.set('revision_app_request_count', failing, 0, { at: NOW - 2 * HOUR, perSecond: 1 });
    const { result, cells } = await read(url, 'slo');
    expect(result.findings[0]).toMatchObject({
      code: 'slo-burn-fast',
      level: 'critical',
      conclusion: expect.stringMatching(/Availability burns its error budget 138 times too fast.*lasts 5\.\d+ h/),
    });
    expect(cells.get('available 30d')?.[3]).toBe('140x');
  });

  it('measure over as long as there is data, and say so', async () => {
    const { url, store } = await servers.simulated();
    const labels = { namespace_name: 'a', service_name: 'b', response_code_class: '2xx' };
    store.set('revision_app_request_count', labels, 0, { at: NOW - 80 * HOUR, perSecond: 1 });
    const { result, cells } = await read(url, 'slo');
    // Nothing ever failed, so there is no series of failures: that is 100%, not unknown.
    expect(cells.get('available 3d')?.slice(0, 3)).toEqual(['99.9%', '100%', '100%']);
    expect(result.notes.join()).toContain('the data does not reach back so far, so some are measured over 3d');
  });

  it('show a failed build context as lost', async () => {
    const { url, store } = await servers.simulated({ profile: 'builder', era: 'knative-1.18' });
    store.inc('build_context_s3_errors_total', {}, 3, { at: NOW - 5 * HOUR });
    const { result } = await read(url, 'slo');
    expect(result.findings.map(({ conclusion }) => conclusion)).toEqual([
      'Build contexts that could not be stored in a day: 3, the target is none',
    ]);
  });
});

describe('without an answer', () => {
  it('says what to set when there is no Prometheus', async () => {
    await expect(diagnosticsOf(null).run(asking('slo'))).rejects.toMatchObject({
      message: 'slo needs Prometheus, and none is configured',
      hint: expect.stringContaining('PROMETHEUS_URL'),
    });
  });

  it('keeps the other numbers when one query fails', async () => {
    const { url } = await servers.simulated({ profile: 'builder', era: 'knative-1.18' });
    const half = await servers.other(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      const body = Buffer.concat(chunks).toString();
      const asked = decodeURIComponent(`${request.url}${body}`);
      if (asked.startsWith('/api/v1/query') && asked.includes('activator')) {
        response.statusCode = 503;
        return void response.end(
          JSON.stringify({ status: 'error', errorType: 'timeout', error: 'query timed out in expression evaluation' }),
        );
      }
      const answer = await fetch(`${url}${request.url}`);
      response.setHeader('content-type', 'application/json');
      response.end(await answer.text());
    });
    const { result, value } = await read(half, 'golden');
    expect(value('cold start P95')).toBe('not read');
    expect(value('request P95')).toBe('470 ms');
    expect(result.notes.join()).toContain('query timed out');
  });
});
