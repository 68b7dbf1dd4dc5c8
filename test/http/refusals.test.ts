import { afterEach, expect, test } from '@jest/globals';
import { closeAll, DELIVERY, type Harness, post, start } from './harness.ts';

afterEach(closeAll);

const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;

/** How often each status came. */
async function tally(times: number, ask: () => Promise<Response>): Promise<Record<number, number>> {
  const found: Record<number, number> = {};
  for (let count = 0; count < times; count += 1) {
    const response = await ask();
    await response.arrayBuffer();
    found[response.status] = (found[response.status] ?? 0) + 1;
  }
  return found;
}

const get = (harness: Harness, path: string, headers: Record<string, string> = {}) =>
  fetch(`${harness.server.url}${path}`, { headers });

test.each([
  ['the API with a wrong token', '/api/incidents', { authorization: 'Bearer wrong' }, 401],
  ['the API without one', '/api/commands', {}, 401],
  ['the pages with a wrong password', '/incidents', { authorization: basic('wrong') }, 401],
  ['an address that does not exist', '/nothing', {}, 404],
] as const)('%s is answered a hundred times a minute, then put off', async (_, path, headers, status) => {
  const harness = await start({ apiToken: 'key' });
  const method = path === '/api/commands' ? 'POST' : 'GET';
  const ask = () => fetch(`${harness.server.url}${path}`, { method, headers });
  expect(await tally(150, ask)).toEqual({ [status]: 100, 429: 50 });
  const last = await ask();
  const seconds = Number(last.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(await last.text()).toContain(`wait ${seconds} s, or come with a valid token`);
});

test('who is put off at one door is not at another, and with a valid token at none', async () => {
  const harness = await start({ apiToken: 'key' });
  await tally(150, () => get(harness, '/api/incidents'));
  expect((await get(harness, '/api/incidents')).status).toBe(429);
  expect((await get(harness, '/api/incidents', { authorization: 'Bearer key' })).status).toBe(200);
  expect((await get(harness, '/api/incidents', { authorization: 'Bearer anas-token' })).status).toBe(200);
  // A browser has to be asked for the password first.
  expect((await get(harness, '/incidents')).headers.get('www-authenticate')).toContain('Basic');
  await tally(150, () => get(harness, '/incidents'));
  expect((await get(harness, '/incidents')).status).toBe(429);
  expect((await get(harness, '/incidents', { authorization: basic('key') })).status).toBe(200);
});

test('what is asked with a valid token is never counted', async () => {
  const harness = await start({ apiToken: 'key' });
  const headers = { authorization: 'Bearer key' };
  expect(await tally(150, () => get(harness, '/api/incidents', headers))).toEqual({ 200: 150 });
  // 404 of what exists behind a token is an answer, not a refusal.
  expect(await tally(150, () => get(harness, '/api/incidents/9', headers))).toEqual({ 404: 150 });
  expect((await get(harness, '/api/incidents')).status).toBe(401);
});

test('an Alertmanager without the token sees 401 and never 429, and one with it notices nothing', async () => {
  const harness = await start({ tokens: ['secret'] });
  const wrong = () => post(harness, '/webhooks/alertmanager', DELIVERY, { authorization: 'Bearer wrong' });
  const right = () => post(harness, '/webhooks/alertmanager', DELIVERY, { authorization: 'Bearer secret' });
  expect((await wrong()).headers.get('connection')).not.toBe('close');
  expect(await tally(300, wrong)).toEqual({ 401: 300 });
  // It has to connect anew for each.
  expect((await wrong()).headers.get('connection')).toBe('close');
  expect(await tally(300, right)).toEqual({ 200: 300 });
  expect(harness.accepted).toHaveLength(300);
});

test('X-Forwarded-For is believed of a trusted proxy only', async () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const plain = await start({ apiToken: 'key' });
  await tally(150, () => get(plain, '/incidents', from('203.0.113.5')));
  expect((await get(plain, '/incidents', from('203.0.113.6'))).status).toBe(429);

  const behind = await start({ apiToken: 'key', trustedProxies: ['127.0.0.0/8', '::1'] });
  await tally(150, () => get(behind, '/incidents', from('203.0.113.5')));
  expect((await get(behind, '/incidents', from('203.0.113.5'))).status).toBe(429);
  // What the caller wrote in front of what the proxy added counts for nothing.
  expect((await get(behind, '/incidents', from('203.0.113.77, 203.0.113.5'))).status).toBe(429);
  expect((await get(behind, '/incidents', from('203.0.113.6'))).status).toBe(401);
});
