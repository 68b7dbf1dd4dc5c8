import { createServer } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createFallbackSender, type FallbackSenderOptions } from '../../src/fallback/fallbackSender.ts';
import type { FallbackMessage } from '../../src/jobs/ports.ts';

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => new Promise<void>((done) => server.close(() => done())));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A mail server that never ends its answer to EHLO, but says a line of it every 20 ms. */
async function drippingMail(): Promise<{ readonly url: string; readonly open: Set<Socket> }> {
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.write('220 test\r\n');
    const drip = setInterval(() => socket.write('250-SIZE\r\n'), 20);
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drip);
      open.delete(socket);
    });
  });
  const url = `smtp://127.0.0.1:${await listen(server)}`;
  closers.push(() => {
    for (const socket of open) socket.destroy();
  });
  return { url, open };
}

/** Answers with this status; null: never. */
async function webhook(status: number | null): Promise<{ readonly url: string; readonly posts: string[] }> {
  const posts: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      posts.push(String(request.headers['idempotency-key']));
      if (status !== null) response.writeHead(status).end();
    });
  });
  closers.push(() => server.closeAllConnections());
  const port = await listen(server);
  closers.push(() => server.closeAllConnections());
  return { url: `http://127.0.0.1:${port}/secret-path`, posts };
}

const MESSAGE: FallbackMessage = {
  id: 'store-1',
  subject: 'SEV1 Down',
  text: 'SEV1 Down',
  incident: {
    ...{ number: 1, severity: 'sev1', title: 'Down', namespace: null, cluster: 'default' },
    ...{ openedAt: '2026-11-24T03:00:00.000Z', url: null },
  },
  others: [],
};

function sender(ways: { webhookUrl?: string; smtp?: string }, over: Partial<FallbackSenderOptions> = {}) {
  const calls: string[] = [];
  const breakers: string[] = [];
  const email = ways.smtp ? { url: ways.smtp, from: 'bot@example.com', to: ['oncall@example.com'] } : null;
  const send = createFallbackSender({
    settings: { webhookUrl: ways.webhookUrl ?? null, email },
    redact: (text) => text,
    log: pino({ level: 'silent' }),
    onCall: (way, outcome) => calls.push(`${way} ${outcome}`),
    onBreaker: (way, open) => breakers.push(`${way} ${open}`),
    ...over,
  });
  return { send: (signal = new AbortController().signal) => send(MESSAGE, signal), calls, breakers };
}

test('a mail server that drips its answer is given up at the deadline, and its connection is closed', async () => {
  const mail = await drippingMail();
  const { send, calls } = sender({ smtp: mail.url }, { callMs: 300 });
  await expect(send()).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The fallback failed: the fallback mail server did not accept the message within 0.3 s',
  });
  expect(calls).toEqual(['fallback_email timeout']);
  while (mail.open.size > 0) await new Promise((wake) => setTimeout(wake, 10));
});

test('a stop ends the sending of a mail at once', async () => {
  const mail = await drippingMail();
  const stop = new AbortController();
  const { send } = sender({ smtp: mail.url }, { callMs: 60_000 });
  const sending = send(stop.signal);
  while (mail.open.size === 0) await new Promise((wake) => setTimeout(wake, 10));
  stop.abort(new Error('stopped'));
  await expect(sending).rejects.toThrow('stopped');
});

test('one way that hangs does not keep the other from telling', async () => {
  const [hook, mail] = [await webhook(200), await drippingMail()];
  const { send, calls } = sender({ webhookUrl: hook.url, smtp: mail.url }, { callMs: 500 });
  expect(await send()).toMatch(/^webhook 127\.0\.0\.1:\d+$/);
  expect(calls).toEqual(['fallback_webhook ok', 'fallback_email timeout']);
});

test('a webhook that fails five times in a row is left alone, and is not called', async () => {
  const hook = await webhook(503);
  const { send, calls, breakers } = sender({ webhookUrl: hook.url });
  for (let time = 1; time <= 5; time += 1) await expect(send()).rejects.toThrow(/answered 503/);
  await expect(send()).rejects.toThrow(/failed 5 times in a row: circuit open for 30 s/);
  expect(hook.posts).toHaveLength(5);
  expect(breakers).toEqual(['fallback_webhook false', 'fallback_webhook true']);
  expect(calls).toHaveLength(6);
});

test('a webhook that refuses what it is sent is no reason to leave it alone, and its address is not told', async () => {
  const hook = await webhook(404);
  const { send, calls } = sender({ webhookUrl: hook.url });
  for (let time = 1; time <= 6; time += 1) {
    const error = await send().catch((thrown: unknown) => String(thrown));
    expect(error).toContain('answered 404');
    expect(error).not.toContain('secret-path');
  }
  expect(hook.posts).toHaveLength(6);
  expect(new Set(calls)).toEqual(new Set(['fallback_webhook not_found']));
});

test('a receiver that does not answer is waited for by three messages at most', async () => {
  const hook = await webhook(null);
  const { send } = sender({ webhookUrl: hook.url }, { callMs: 500 });
  const ended = await Promise.allSettled(Array.from({ length: 5 }, () => send()));
  const reasons = ended.map((each) => (each.status === 'rejected' ? String(each.reason) : 'sent'));
  expect(reasons.filter((reason) => reason.includes('busy with 3 other messages'))).toHaveLength(2);
  expect(reasons.filter((reason) => reason.includes('within 0.5 s'))).toHaveLength(3);
});

test('a mail server that is not there is unreachable', async () => {
  const mail = await drippingMail();
  await closers.shift()?.();
  const { send, calls } = sender({ smtp: mail.url });
  await expect(send()).rejects.toThrow(/The fallback failed: /);
  expect(calls).toEqual(['fallback_email unreachable']);
});
