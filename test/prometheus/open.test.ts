import { afterEach, describe, expect, it } from '@jest/globals';
import { client, createServers } from './servers.ts';

const NOW = Date.parse('2026-02-02T10:00:00Z');
const servers = createServers(() => NOW);
const soon = () => AbortSignal.timeout(60_000);

afterEach(() => servers.closeAll());

describe('asking Prometheus', () => {
  it('reads values and series with their labels', async () => {
    const { url, store } = await servers.simulated();
    store.set('depth', { queue: 'builds' }, 0, { at: NOW - 3_600_000, perSecond: 1 });
    const { prometheus, outcomes } = client(url);
    expect(await prometheus.query('depth', { at: NOW, signal: soon() })).toEqual([
      { labels: { __name__: 'depth', queue: 'builds' }, value: 3600 },
    ]);
    const [series] = await prometheus.range('depth', { from: NOW - 1_800_000, to: NOW, signal: soon() });
    expect(series?.points).toHaveLength(121);
    expect(series?.points.at(-1)).toEqual([NOW, 3600]);
    expect(outcomes).toEqual(['ok', 'ok']);
  });

  it('keeps what is no ordinary number', async () => {
    const { prometheus } = client((await servers.simulated()).url);
    const value = async (expression: string) =>
      (await prometheus.query(expression, { at: NOW, signal: soon() }))[0]?.value;
    expect(await value('vector(1) / vector(0)')).toBe(Number.POSITIVE_INFINITY);
    expect(await value('vector(-1) / vector(0)')).toBe(Number.NEGATIVE_INFINITY);
    expect(await value('vector(0) / vector(0)')).toBeNaN();
    expect(await value('1 / 0')).toBe(Number.POSITIVE_INFINITY);
    const [series] = await prometheus.range('vector(1) / vector(0)', { from: NOW - 60_000, to: NOW, signal: soon() });
    expect(series?.points[0]?.[1]).toBe(Number.POSITIVE_INFINITY);
  });

  it('says which metrics exist', async () => {
    const { url, store } = await servers.simulated();
    store.set('revision_app_request_count', {}, 1, { at: NOW - 60_000 });
    const found = await client(url).prometheus.existing(['revision_app_request_count', 'builds_total'], {
      from: NOW - 3_600_000,
      to: NOW,
      signal: soon(),
    });
    expect([...found]).toEqual(['revision_app_request_count']);
  });

  it('lets no secret in a label value through', async () => {
    const { url, store } = await servers.simulated();
    const token = `ghp_${'a1B2'.repeat(9)}`;
    store.set('calls', { remote: `https://user:hunter2hunter2@git.example.com`, token, path: '/ok' }, 1);
    const found = await client(url).prometheus.query('calls', { at: NOW, signal: soon() });
    expect(JSON.stringify(found)).not.toMatch(/hunter2|ghp_/);
    expect(found[0]?.labels.path).toBe('/ok');
  });

  it('finds the rule whose labels the alert carries', async () => {
    const url = await servers.other((_request, response) => {
      const rule = (severity: string, query: string, duration: number) => ({
        name: 'BuildSlow',
        query,
        duration,
        labels: { severity },
        type: 'alerting',
        alerts: [],
        health: 'ok',
      });
      const groups = [
        { name: 'a', file: 'a', interval: 15, rules: [rule('warning', 'x > 1', 60), rule('critical', 'x > 9', 300)] },
      ];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ status: 'success', data: { groups } }));
    });
    const { prometheus } = client(url);
    const labels = { alertname: 'BuildSlow', severity: 'critical' };
    expect(await prometheus.ruleFor('BuildSlow', labels, soon())).toMatchObject({ query: 'x > 9', forMs: 300_000 });
    expect(await prometheus.ruleFor('Other', labels, soon())).toBeNull();
  });

  it('says that user and password are wrong or missing', async () => {
    const url = await servers.other((request, response) => {
      const right = `Basic ${Buffer.from('reader:s3cret').toString('base64')}`;
      response.statusCode = request.headers.authorization === right ? 200 : 401;
      // As Prometheus' own basic auth refuses: in plain text.
      if (response.statusCode === 401) return void response.end('Unauthorized\n');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [] } }));
    });
    const { prometheus, outcomes } = client(url);
    await expect(prometheus.query('up', { signal: soon() })).rejects.toMatchObject({
      code: 'unauthorized',
      hint: expect.stringContaining('PROMETHEUS_URL'),
    });
    expect(outcomes).toEqual(['unauthorized']);
    const known = client(url.replace('http://', 'http://reader:s3cret@'));
    expect(await known.prometheus.query('up', { signal: soon() })).toEqual([]);
    expect(known.prometheus.address).not.toContain('s3cret');
  });

  it('tells a server that is not there from one that does not answer and one that is no Prometheus', async () => {
    const gone = client('http://127.0.0.1:9');
    await expect(gone.prometheus.query('up', { signal: soon() })).rejects.toMatchObject({ code: 'unreachable' });
    const hung = client(await servers.other(() => {}));
    const noEnd = new AbortController().signal;
    await expect(hung.prometheus.query('up', { signal: noEnd })).rejects.toMatchObject({ code: 'timeout' });
    const page = client(await servers.other((_request, response) => void response.end('<html>hello</html>')));
    await expect(page.prometheus.query('up', { signal: soon() })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('is not a Prometheus'),
    });
  }, 60_000);

  it('repeats what Prometheus says about a query it cannot read', async () => {
    const { url } = await servers.simulated();
    await expect(client(url).prometheus.query('sum(', { signal: soon() })).rejects.toMatchObject({ code: 'bad_input' });
  });

  it('leaves a server alone that failed five times in a row', async () => {
    let asked = 0;
    const url = await servers.other((_request, response) => {
      asked += 1;
      response.statusCode = 503;
      response.end('{}');
    });
    const { prometheus } = client(url);
    for (let call = 0; call < 8; call += 1)
      await expect(prometheus.query('up', { signal: soon() })).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toBe(5);
  });
});
