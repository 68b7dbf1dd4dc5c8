import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, test } from '@jest/globals';
import { PROFILES } from '../../src/alerts/profile.ts';
import type { IncidentAlert, IncidentWithAlerts } from '../../src/incidents/incident.ts';
import { chartAlert } from '../../src/prometheus/alertChart.ts';
import { foreignPace } from '../../src/prometheus/foreignPace.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { client, createServers } from './servers.ts';

const NOW = Date.parse('2026-02-02T10:00:00Z');
const servers = createServers(() => NOW);
afterEach(() => servers.closeAll());

/** A Prometheus that writes down what it is asked, and has one series for everything. */
async function recording(answers: { rules?: readonly object[]; rulesStatus?: number; series?: number } = {}) {
  const asked: string[] = [];
  const url = await servers.other((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://p');
      const query = searchParams.get('query') ?? new URLSearchParams(body).get('query');
      if (query !== null) asked.push(`${pathname.split('/').at(-1)} ${query}`);
      const send = (data: object, status = 200) =>
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify({ status: 'success', data }));
      if (pathname.endsWith('/rules')) {
        if (answers.rulesStatus) return void response.writeHead(answers.rulesStatus).end('404 page not found');
        return void send({ groups: [{ name: 'g', file: 'f', rules: answers.rules ?? [] }] });
      }
      if (pathname.endsWith('/query'))
        return void send({
          resultType: 'vector',
          result: [{ metric: {}, value: [NOW / 1000, String(answers.series ?? 1)] }],
        });
      send({ resultType: 'matrix', result: [{ metric: { pod: 'a' }, values: [[NOW / 1000, '7']] }] });
    });
  });
  return { url, asked };
}

function charting(url: string) {
  const renderer = { warm() {}, render: async () => new Uint8Array([1]), close: async () => {} };
  const clock = () => NOW;
  const options = {
    prometheus: client(url).prometheus,
    renderer,
    redactor: createRedactor(),
    clock,
    pace: foreignPace(clock),
    profile: PROFILES.builder,
  };
  return (expression: string, alert: Partial<IncidentAlert> = {}) => {
    const generatorUrl = `http://p/graph?${new URLSearchParams({ 'g0.expr': expression })}`;
    const whole = { cluster: 'a', fingerprint: 'f', name: 'DepthHigh', status: 'firing', labels: {}, endsAt: null };
    const known = { alerts: [{ ...whole, startsAt: NOW - 600_000, generatorUrl, ...alert }] };
    return chartAlert(known as unknown as IncidentWithAlerts, options, AbortSignal.timeout(60_000)); // All that is read of it.
  };
}

const rule = (query: string, labels = {}) => ({ name: 'DepthHigh', query, type: 'alerting', duration: 60, labels });
const ranges = (asked: readonly string[]) => asked.filter((one) => one.startsWith('query_range '));

describe('the expression that is run for an alert', () => {
  it('is the rule’s, whatever the sender’s link says', async () => {
    const { url, asked } = await recording({ rules: [rule('depth > 5')] });
    const chart = await charting(url)('count({__name__=~".+"}) by (__name__)');
    expect(asked).toEqual(['query_range depth']);
    expect(chart?.words).toContain('7 now (alerts > 5)');
  });

  it('is of two rules of one name the one that the link names, else the one whose labels the alert has, else none', async () => {
    const rules = [rule('depth > 5', { severity: 'warning' }), rule('depth > 9', { severity: 'critical' })];
    const { url, asked } = await recording({ rules });
    const chart = charting(url);
    expect((await chart('depth > 9', { labels: {} }))?.words).toContain('alerts > 9');
    expect((await chart('x > 1', { labels: { severity: 'warning' } }))?.words).toContain('alerts > 5');
    expect(await chart('', { labels: { severity: 'other' } })).toBeNull();
    expect(await chart('', { labels: {} })).toBeNull();
    expect(ranges(asked)).toHaveLength(2);
  });

  it.each([{}, { rulesStatus: 404 }])(
    'is the sender’s when it is bounded and Prometheus has no rule (%j), counted first',
    async (answers) => {
      const { url, asked } = await recording(answers);
      const chart = await charting(url)('sum by (pod) (rate(depth{queue=~"a|b"}[5m] offset 1h)) > 5');
      expect(asked).toEqual([
        'query (count(depth{queue=~"a|b"}) or vector(0)) * 20',
        'query_range sum by (pod) (rate(depth{queue=~"a|b"}[5m] offset 1h))',
      ]);
      expect(chart?.evidence[0]?.content).toContain('Prometheus has no rule of this name');
    },
  );

  test.each([
    ['count({__name__=~".+"}) by (__name__)', 'name the metric'],
    ['{job=~".*"}', 'name the metric'],
    ['up + {"", job="a"}', 'name the metric'],
    ['topk(3, {__name__!="x"})', 'name the metric'],
    ['sum_over_time(up[30d])', 'more than a day'],
    ['max_over_time(rate(up[20h])[20h:1h])', 'more than a day'],
    ['max_over_time(up[step() * 9000:])', 'more than a day'],
    ['max_over_time(up[1h:1s])', 'more than 1500 points'],
    ['max_over_time(max_over_time(up[1h:1m])[1h:1m])', 'more than 1500 points'],
    ['up offset 60d', 'offset is more than a week'],
    ['up @ 1609746000', 'names an instant'],
    [Array(21).fill('up').join(' + '), 'more than 20 selectors'],
    [`${'('.repeat(2000)}up${')'.repeat(2000)}`, 'nested more than'],
    [`up{a="${'x'.repeat(5000)}"}`, 'longer than 4096'],
    ['up and', 'unexpected end of input'],
    ['up{a="b}', 'not PromQL'],
    ['drop_everything(up)', 'not PromQL'],
  ])('is not %s, and Prometheus is asked nothing', async (expression, why) => {
    const { url, asked } = await recording();
    const chart = await charting(url)(expression);
    expect(asked).toEqual([]);
    expect(chart).toMatchObject({ file: null, words: '' });
    expect(chart?.notes[0]).toMatch(/^No chart\. The expression in the alert's link is not run: /);
    expect(chart?.notes[0]).toContain(why);
  });

  it('is not the sender’s when it would read too many samples, and the note says how many', async () => {
    const { url, asked } = await recording({ series: 300_000 });
    const chart = await charting(url)('sum(up)');
    expect(ranges(asked)).toEqual([]);
    expect(chart?.notes[0]).toContain('it reads about 300,000 samples for each point, more than 200,000');
  });

  it('is not the sender’s more than ten times a minute', async () => {
    const { url, asked } = await recording();
    const chart = charting(url);
    for (let index = 0; index < 10; index += 1) await chart(`depth_${index} > 1`);
    expect(ranges(asked)).toHaveLength(10);
    expect((await chart('depth_10 > 1'))?.notes[0]).toContain('more than 10 of senders in a minute');
    expect(ranges(asked)).toHaveLength(10);
  });
});
