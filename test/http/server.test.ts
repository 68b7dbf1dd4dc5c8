import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';

import { closeAll, DEAD, DELIVERY, post, start } from './harness.ts';

afterEach(closeAll);

/** What is answered to a POST whose head is sent as it stands here, which no client would send. */
function raw(port: number, path: string, head: string, body = '{}'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('utf8');
    });
    socket.once('close', () => resolve(answer));
    socket.once('error', reject);
    const frame = `host: x\r\nconnection: close\r\ncontent-length: ${body.length}`;
    socket.write(`POST ${path} HTTP/1.1\r\n${frame}\r\n${head}\r\n${body}`);
  });
}

describe.each(['/webhooks/alertmanager', '/api/commands'])('POST %s', (path) => {
  test.each(['content-type:\r\n', 'content-type: ;\r\n', 'content-type: nonsense\r\n'])(
    'answers 415 and what to send to the head %j',
    async (head) => {
      const answer = await raw((await start()).server.port, path, head);
      expect(answer).toMatch(/^HTTP\/1.1 415/);
      expect(answer).toContain('send application/json');
    },
  );
});

test.each([
  ['{"text":', 400],
  ['', 400],
  [`{"text":"${'x'.repeat(2 * 1024 * 1024)}"}`, 413],
])('a body the API cannot read is the fault of who sent it: %#', async (body, status) => {
  const answer = await raw((await start()).server.port, '/api/commands', 'content-type: application/json\r\n', body);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
});

describe('POST /webhooks/alertmanager', () => {
  const PATH = '/webhooks/alertmanager';

  test('answers 200 once the delivery is committed', async () => {
    const harness = await start();
    const response = await post(harness, PATH, DELIVERY);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ delivery: 1, alerts: 1 });
    expect(harness.accepted).toMatchObject([
      { body: DELIVERY, groupKey: '{}:{alertname="A"}', alertCount: 1, sender: 'alertmanager' },
    ]);
  });

  test('takes a body of any content type, as senders differ', async () => {
    const harness = await start();
    expect((await post(harness, PATH, DELIVERY, { 'content-type': 'text/plain' })).status).toBe(200);
  });

  test.each([{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic c2VjcmV0' }, { authorization: 'secret' }])(
    'answers 401 without a known token: %j',
    async (headers) => {
      const harness = await start({ tokens: ['secret'] });
      const response = await post(harness, PATH, DELIVERY, headers as Record<string, string>);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
      expect(harness.accepted).toEqual([]);
    },
  );

  test("takes the cluster from the sender's token", async () => {
    const harness = await start({ tokens: ['one', 'two'] });
    expect((await post(harness, PATH, DELIVERY, { authorization: 'Bearer two' })).status).toBe(200);
    expect(harness.accepted).toMatchObject([{ sender: 'sender-1', senderCluster: 'c1' }]);
  });

  test.each([
    ['{"alerts": [', /not JSON/],
    ['[]', /./],
    ['{"alerts": 3}', /alerts/],
    ['', /not JSON/],
  ])('answers 400 with the reason for %j and keeps a record', async (body, reason) => {
    const harness = await start();
    const response = await post(harness, PATH, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringMatching(reason) });
    expect(harness.refused).toMatchObject([
      { sender: 'alertmanager', head: body, reason: expect.stringMatching(reason) },
    ]);
  });

  test('takes a body with a byte order mark, and names an encoding it does not take', async () => {
    const harness = await start();
    expect((await post(harness, PATH, `\ufeff${DELIVERY}`)).status).toBe(200);
    expect(harness.accepted).toMatchObject([{ body: DELIVERY }]);
    const encoded = await post(harness, PATH, DELIVERY, { 'content-encoding': 'gzip' });
    expect({ status: encoded.status, ...(await encoded.json()) }).toEqual({
      status: 400,
      error: expect.stringContaining('content-encoding gzip'),
    });
  });

  test('answers 413 to a body over the limit and keeps its first 64 KiB', async () => {
    const harness = await start({ maxBody: 100_000 });
    const body = 'x'.repeat(300_000);
    const response = await post(harness, PATH, body);
    expect(response.status).toBe(413);
    expect(harness.refused).toMatchObject([{ size: 300_000, reason: expect.stringContaining('max_alerts') }]);
    expect(harness.refused[0]?.head).toHaveLength(64 * 1024);
  });

  test('answers 413 to an endless body without a length', async () => {
    const harness = await start({ maxBody: 100_000 });
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(harness.server.port, '127.0.0.1', () => {
        socket.write(`POST ${PATH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
        const chunk = `${(16_384).toString(16)}\r\n${'x'.repeat(16_384)}\r\n`;
        for (let sent = 0; sent < 10; sent += 1) socket.write(chunk);
      });
      socket.once('data', (data) => {
        resolve(data.toString('utf8'));
        socket.destroy();
      });
      socket.once('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1.1 413/);
    expect(harness.refused).toHaveLength(1);
  });

  test('answers 503 while the store cannot take it, also for what would be refused', async () => {
    const harness = await start();
    harness.storeDown = true;
    const response = await post(harness, PATH, DELIVERY);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect((await post(harness, PATH, 'nonsense')).status).toBe(503);
    harness.storeDown = false;
    expect((await post(harness, PATH, DELIVERY)).status).toBe(200);
  });

  test('never answers 429', async () => {
    const harness = await start();
    const codes = await Promise.all(
      Array.from({ length: 800 }, async () => (await post(harness, PATH, DELIVERY)).status),
    );
    expect(new Set(codes)).toEqual(new Set([200]));
  });
});

describe('the API', () => {
  test('is closed without a token and open with it', async () => {
    const harness = await start({ apiToken: 'key' });
    expect((await fetch(`${harness.server.url}/api/incidents/7`)).status).toBe(401);
    const headers = { authorization: 'Bearer key' };
    expect((await fetch(`${harness.server.url}/api/incidents/7`, { headers })).status).toBe(404);
    expect((await fetch(`${harness.server.url}/api/incidents/x`, { headers })).status).toBe(404);
    const markdown = await fetch(`${harness.server.url}/api/incidents/7/postmortem`, { headers });
    expect(await markdown.text()).toBe('# 7');
    expect((await fetch(`${harness.server.url}/api/incidents/7/postmortem?format=pdf`, { headers })).status).toBe(400);
    const missing = await fetch(`${harness.server.url}/api/incidents/8/postmortem`, { headers });
    expect({ status: missing.status, body: await missing.json() }).toEqual({
      status: 404,
      body: { error: 'there is no incident #8' },
    });
    expect((await fetch(`${harness.server.url}/api/incidents/0x7/postmortem`, { headers })).status).toBe(404);
  });

  test('marks who asks with the shared token as unverified, and with a personal one as verified', async () => {
    const harness = await start({ apiToken: 'key' });
    const body = JSON.stringify({ text: 'diag jobs', user: 'bob' });
    expect(await (await post(harness, '/api/commands', body, { authorization: 'Bearer key' })).json()).toMatchObject({
      title: 'Jobs',
    });
    await post(harness, '/api/commands', body, { authorization: 'Bearer anas-token' });
    expect(harness.invocations).toMatchObject([
      { text: 'diag jobs', actor: { id: 'terminal:bob' }, verified: false },
      { text: 'diag jobs', actor: { id: 'terminal:ana' }, verified: true },
    ]);
  });

  test('lists what was refused for good', async () => {
    const harness = await start({ apiToken: 'a' });
    await post(harness, '/webhooks/alertmanager', 'nonsense');
    expect((await fetch(`${harness.server.url}/api/refused`)).status).toBe(401);
    const answer = await fetch(`${harness.server.url}/api/refused`, { headers: { authorization: 'Bearer a' } });
    expect(await answer.json()).toMatchObject({ refused: [{ sender: 'alertmanager', size: 8, head: 'nonsense' }] });
  });

  test('lists, shows and retries work that was given up, to who has a token', async () => {
    const harness = await start({ apiToken: 'a' });
    const headers = { authorization: 'Bearer a' };
    const get = (path: string) => fetch(`${harness.server.url}${path}`, { headers });
    expect((await fetch(`${harness.server.url}/api/jobs`)).status).toBe(401);
    expect((await fetch(`${harness.server.url}/api/jobs/7/retry`, { method: 'POST' })).status).toBe(401);
    expect(await (await get('/api/jobs')).json()).toEqual({ jobs: [DEAD] });
    expect(await (await get('/api/jobs/7')).json()).toEqual(DEAD);
    expect((await get('/api/jobs/8')).status).toBe(404);
    expect((await post(harness, '/api/jobs/7/retry', '{}', headers)).status).toBe(200);
    expect((await post(harness, '/api/jobs/x/retry', '{}', headers)).status).toBe(404);
  });

  test('says what is wrong with a command body', async () => {
    const harness = await start();
    const response = await post(harness, '/api/commands', '{"text": 3}');
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringContaining('text') });
  });
});

describe('the incident pages', () => {
  test('open with the token as password, or through the proxy, and allow no script', async () => {
    const harness = await start({ apiToken: 'key', proxyHeader: 'X-Forwarded-User' });
    const url = `${harness.server.url}/incidents`;
    const closed = await fetch(url);
    expect(closed.status).toBe(401);
    expect(closed.headers.get('www-authenticate')).toContain('Basic');
    const page = await fetch(url, { headers: { authorization: `Basic ${Buffer.from('me:key').toString('base64')}` } });
    expect(page.status).toBe(200);
    // Without upgrade-insecure-requests: inside a cluster the pages are read over plain HTTP.
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none';style-src 'self';img-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await page.text()).not.toMatch(/<script/i);
    expect((await fetch(url, { headers: { 'x-forwarded-user': 'ana' } })).status).toBe(200);
  });
});

describe('the runbook pages', () => {
  test('show a runbook without any HTML of its file', async () => {
    const harness = await start();
    const page = await fetch(`${harness.server.url}/runbooks/area/Name.md`);
    const text = await page.text();
    expect(text).toContain('<li>Step</li>');
    expect(text).not.toContain('<script>');
    expect((await fetch(`${harness.server.url}/runbooks/area/..%2f..%2fetc`)).status).toBe(404);
    expect(await (await fetch(`${harness.server.url}/runbooks`)).text()).toContain('href="/runbooks/area/Name"');
  });
});

describe('health', () => {
  test('is ready only while the store can be written; Slack is a detail', async () => {
    const harness = await start();
    const ready = await fetch(`${harness.server.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ ready: true, slack: { connected: false } });
    harness.storeDown = true;
    expect((await fetch(`${harness.server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${harness.server.url}/healthz`)).status).toBe(200);
  });

  test('exports the requests by route and code', async () => {
    const harness = await start();
    await post(harness, '/webhooks/alertmanager', DELIVERY);
    const text = await (await fetch(`${harness.server.url}/metrics`)).text();
    expect(text).toContain('responder_http_requests_total{route="/webhooks/alertmanager",code="200"} 1');
  });

  test('told to stop, it answers for a moment those who do not know yet, keeps no connection, and is not ready', async () => {
    const harness = await start();
    const closing = harness.server.close(500);
    const answer = await post(harness, '/webhooks/alertmanager', DELIVERY);
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    expect((await fetch(`${harness.server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${harness.server.url}/healthz`)).status).toBe(200);
    await closing;
    await expect(fetch(`${harness.server.url}/healthz`)).rejects.toThrow('fetch failed');
  });

  test('a port in use is an error that names the variable', async () => {
    const harness = await start();
    const again = start({ port: harness.server.port });
    await expect(again).rejects.toThrow(new RegExp(`^PORT: 127.0.0.1:${harness.server.port} is in use`));
  });

  test('an address that is not of this machine is an error that names the variable', async () => {
    const elsewhere = start({ host: '192.0.2.1' });
    await expect(elsewhere).rejects.toThrow('HOST: 192.0.2.1 is not an address of this machine');
  });
});
