import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { openAlertmanager } from '../../src/prometheus/alertmanager.ts';

let server: Server | null = null;
afterEach(() => new Promise<void>((done) => (server ? server.close(() => done()) : done())));

/** Serves on a free port; answers its address with user and password in it. */
async function serve(answer: RequestListener): Promise<string> {
  const listening = createServer(answer);
  server = listening;
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  const address = listening.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://bot:s3%20cret@127.0.0.1:${port}`;
}

const never = new AbortController().signal;

test('the path prefix is kept, user and password are sent, and a silence’s end is found', async () => {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url ?? '');
    const user = Buffer.from(String(request.headers.authorization).replace('Basic ', ''), 'base64').toString();
    if (user !== 'bot:s3 cret') return void response.writeHead(401).end();
    const silenced = { state: 'suppressed', silencedBy: ['a', 'b'], inhibitedBy: [] };
    const found = request.url?.startsWith('/am/api/v2/silences')
      ? [
          { id: 'a', endsAt: '2026-11-24T04:00:00.000Z' },
          { id: 'b', endsAt: '2026-11-24T05:00:00.000Z' },
        ]
      : [
          { fingerprint: 'f1', startsAt: '2026-11-24T03:00:00.000Z', status: { state: 'active', silencedBy: [] } },
          { fingerprint: 'f2', startsAt: '2026-11-24T03:00:00.000Z', status: silenced },
          {
            fingerprint: 'f3',
            startsAt: '2026-11-24T03:00:00.000Z',
            status: { state: 'suppressed', inhibitedBy: ['f1'] },
          },
        ];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
  });
  const alertmanager = openAlertmanager(`${url}/am/`);
  expect(alertmanager.address).not.toContain('cret');
  const startsAt = Date.parse('2026-11-24T03:00:00Z');
  expect(await alertmanager.alerts(never)).toEqual([
    { fingerprint: 'f1', startsAt, suppressed: false, silencedUntil: null },
    { fingerprint: 'f2', startsAt, suppressed: true, silencedUntil: Date.parse('2026-11-24T05:00:00Z') },
    { fingerprint: 'f3', startsAt, suppressed: true, silencedUntil: null },
  ]);
  expect(asked).toEqual(['/am/api/v2/alerts?active=true&silenced=true&inhibited=true', '/am/api/v2/silences']);
});

test('an answer that is no Alertmanager’s, a redirect to a login page and a missing password each say what to do', async () => {
  const answers: ((...args: Parameters<RequestListener>) => void)[] = [
    (_, response) => response.end('<html>welcome</html>'),
    (_, response) => response.writeHead(302, { location: 'https://login' }).end(),
    (_, response) => response.writeHead(401).end(),
  ];
  const url = await serve((request, response) => answers.shift()?.(request, response));
  const alertmanager = openAlertmanager(url);
  const failure = () => alertmanager.alerts(never).then(String, (error: unknown) => error);
  expect(await failure()).toMatchObject({ code: 'bad_input', hint: expect.stringContaining('ALERTMANAGER_URL') });
  expect(await failure()).toMatchObject({ code: 'bad_input', message: expect.stringContaining('302') });
  expect(await failure()).toMatchObject({ code: 'unauthorized', hint: expect.stringContaining('password') });
});

test('an Alertmanager that keeps failing is asked less, then again', async () => {
  let calls = 0;
  const outcomes: string[] = [];
  const url = await serve((_, response) => {
    calls += 1;
    response.writeHead(503).end();
  });
  const alertmanager = openAlertmanager(url, { onCall: (outcome) => outcomes.push(outcome) });
  for (let poll = 0; poll < 5; poll += 1) await expect(alertmanager.alerts(never)).rejects.toThrow();
  expect(calls).toBe(6);
  expect(outcomes).toEqual(Array(5).fill('unavailable'));
  await expect(alertmanager.alerts(never)).rejects.toThrow('circuit open for 20 s');
});
