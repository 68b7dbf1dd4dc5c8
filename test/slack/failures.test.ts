import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, type Server as TcpServer, createServer as tcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LogLevel, WebClient } from '@slack/web-api';
import { fetch } from 'undici';
import { createLogger } from '../../src/logger.ts';
import { dispatcherThrough } from '../../src/network/dispatcher.ts';
import { systemClock } from '../../src/slack/clock.ts';
import { createChannels } from '../../src/slack/delivery/channels.ts';
import { hasNoEffect } from '../../src/slack/delivery/effect.ts';
import { slackFailure } from '../../src/slack/delivery/slackErrors.ts';

let server: Server;
let answer: (response: ServerResponse) => void;
/** Cuts a connection as soon as something comes over it. */
let cutting: TcpServer;
/** A proxy that opens no tunnel. */
let refusing403: Server;
let closedPort: number;
beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => answer(response));
  });
  cutting = tcpServer((socket) => socket.once('data', () => socket.destroy()));
  refusing403 = createServer();
  refusing403.on('connect', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  const closed = tcpServer();
  for (const each of [server, cutting, refusing403, closed])
    await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
  closedPort = portOf(closed);
  await new Promise((resolve) => closed.close(resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  refusing403.closeAllConnections();
  for (const each of [server, cutting, refusing403]) await new Promise((resolve) => each.close(resolve));
});

function portOf(listening: TcpServer): number {
  return (listening.address() as AddressInfo).port; // a listening TCP server has one
}

function clientOf(timeout: number): WebClient {
  return new WebClient('xoxb-1', {
    slackApiUrl: `http://127.0.0.1:${portOf(server)}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    timeout,
  });
}

/** What becomes of a post that the server answers so. */
async function failing(respond: (response: ServerResponse) => void, timeout = 2_000) {
  answer = respond;
  const client = clientOf(timeout);
  const thrown = await client.chat.postMessage({ channel: 'C1', text: 'a' }).then(
    () => null,
    (error: unknown) => error,
  );
  const failure = slackFailure(thrown, 'chat.postMessage', '#incidents');
  const { code, message, hint, retryable, retryAfterMs } = failure;
  return { code, message, hint, retryable, retryAfterMs, noEffect: hasNoEffect(failure) };
}

const refusing = (error: string, more = {}) =>
  failing((response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: false, error, ...more }));
  });

describe('what Slack answers', () => {
  test.each([
    ['invalid_auth', 'SLACK_BOT_TOKEN'],
    ['channel_not_found', 'SLACK_CHANNEL'],
    ['not_in_channel', '/invite'],
    ['is_archived', 'Unarchive'],
    ['restricted_action', 'owner of the workspace'],
    ['team_access_not_granted', 'owner of the workspace'],
    ['message_limit_exceeded', 'owner of the workspace'],
  ])('%s is kept until a person has put it right, and says what to do', async (error, todo) => {
    const failure = await refusing(error);
    expect(failure).toMatchObject({ retryable: true, retryAfterMs: 60_000, hint: expect.stringContaining(todo) });
    expect(failure.message).toContain(error);
  });

  test('names the scope that is missing', async () => {
    const failure = await refusing('missing_scope', { needed: 'chat:write', provided: 'commands' });
    expect(failure).toMatchObject({ code: 'forbidden', retryable: true });
    expect(failure.message).toContain('chat:write');
  });

  test('names the app-level token when it is that one which lacks a scope', async () => {
    const error = { ok: false, error: 'missing_scope', needed: 'connections:write' };
    answer = (response) => response.end(JSON.stringify(error));
    const thrown = await clientOf(2_000)
      .apps.connections.open({})
      .catch((reason: unknown) => reason);
    expect(slackFailure(thrown, 'apps.connections.open', null).hint).toContain('SLACK_APP_TOKEN');
  });

  test('with a word nobody here knows loses nothing, and says where the word is explained', async () => {
    expect(await refusing('a_brand_new_error')).toMatchObject({
      message: 'Slack refused chat.postMessage in #incidents: a_brand_new_error',
      hint: expect.stringContaining('https://docs.slack.dev/reference/methods/chat.postMessage'),
      retryable: true,
    });
  });

  test.each([
    ['a page with status 200', 200, '<html><body>Maintenance</body></html>'],
    ['half a JSON', 200, '{"ok":true,'],
    ['nothing', 200, ''],
    ['a page with status 502', 502, '<html><h1>Bad gateway</h1></html>'],
  ])(
    'that is no JSON (%s) leaves the outcome open, so that it is looked up and tried again',
    async (_, status, body) => {
      const failure = await failing((response) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end(body);
      });
      expect(failure).toMatchObject({ code: 'unavailable', retryable: true });
      expect(failure.message).not.toContain('<html>');
    },
  );

  test('429 is waited out as long as it says', async () => {
    const failure = await failing((response) => {
      response.writeHead(429, { 'retry-after': '7' }).end('{"ok":false,"error":"ratelimited"}');
    });
    expect(failure).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 7_000 });
  });

  test('429 without saying how long is tried again', async () => {
    const failure = await failing((response) => {
      response.writeHead(429).end();
    });
    expect(failure).toMatchObject({ retryable: true });
  });

  test('with a cut connection or not at all is tried again', async () => {
    expect(await failing((response) => response.destroy())).toMatchObject({ code: 'unreachable', retryable: true });
    expect(await failing(() => {}, 100)).toMatchObject({ retryable: true });
  });

  test.each(['ratelimited', 'channel_not_found', 'invalid_auth', 'a_brand_new_error'])(
    '%s says that nothing was posted',
    async (error) => {
      expect(await refusing(error)).toMatchObject({ noEffect: true });
    },
  );

  test('of several addresses of which none can be reached says that nothing was posted', () => {
    const each = ['10.0.0.1', '::1'].map((address) =>
      Object.assign(new Error(`connect ETIMEDOUT ${address}`), { code: 'ETIMEDOUT', syscall: 'connect' }),
    );
    const cause = Object.assign(new AggregateError(each), { code: 'ETIMEDOUT' });
    const thrown = new TypeError('fetch failed', { cause });
    expect(hasNoEffect(slackFailure(thrown, 'chat.postMessage', null))).toBe(true);
  });

  test.each([
    ['a problem of Slack’s own', (response: ServerResponse) => response.end('{"ok":false,"error":"fatal_error"}')],
    ['HTTP 503', (response: ServerResponse) => response.writeHead(503).end()],
    ['a cut connection', (response: ServerResponse) => response.destroy()],
    ['silence', () => {}],
  ])('leaves open with %s whether it was posted', async (_, respond) => {
    expect(await failing(respond, 200)).toMatchObject({ noEffect: false });
  });

  test.each([
    ['a name nobody knows', true, () => 'http://nowhere.invalid'],
    ['a port where nobody listens', true, () => `http://127.0.0.1:${closedPort}`],
    ['a connection cut in the handshake', true, () => `https://127.0.0.1:${portOf(cutting)}`],
    ['a server that speaks no TLS', true, () => `https://127.0.0.1:${portOf(server)}`],
    ['a connection cut when the request was sent', false, () => `http://127.0.0.1:${portOf(cutting)}`],
  ])('knows of %s whether the message may have arrived (not: %s)', async (_, notSent, url) => {
    const thrown = await fetch(`${url()}/api/`, { method: 'POST', body: 'x' }).catch((error: unknown) => error);
    expect(hasNoEffect(slackFailure(thrown, 'chat.postMessage', null))).toBe(notSent);
  });

  test.each([
    ['refuses the tunnel', () => portOf(refusing403)],
    ['cuts the connection', () => portOf(cutting)],
    ['is not there', () => closedPort],
  ])('knows of a proxy that %s that nothing was posted', async (_, port) => {
    const dispatcher = dispatcherThrough(() => `http://127.0.0.1:${port()}`);
    const sent = fetch('https://slack.test/api/', { method: 'POST', body: 'x', dispatcher });
    const thrown = await sent.catch((error: unknown) => error);
    expect(hasNoEffect(slackFailure(thrown, 'chat.postMessage', null))).toBe(true);
    await dispatcher.destroy();
  });

  test('never carries the token into the message', async () => {
    expect(JSON.stringify(await refusing('invalid_auth'))).not.toContain('xoxb-1');
  });
});

describe('a channel by name', () => {
  const resolving = async (error: string | typeof answer) => {
    answer = typeof error === 'string' ? (response) => response.end(JSON.stringify({ ok: false, error })) : error;
    const client = clientOf(2_000);
    const call: Parameters<typeof createChannels>[0]['call'] = (slot, _, run) =>
      run(client).catch((thrown: unknown) => {
        throw slackFailure(thrown, slot.method, null);
      });
    const channels = createChannels(
      { client, call },
      systemClock,
      createLogger({ level: 'silent', redact: (text) => text }),
    );
    return channels.resolve('#incidents', AbortSignal.timeout(60_000));
  };

  test.each(['missing_scope', 'unknown_method', 'team_access_not_granted', 'ratelimited'])(
    'is posted to by its name where channels cannot be listed now or at all (%s)',
    async (error) => {
      expect(await resolving(error)).toBe('#incidents');
    },
  );

  test('is posted to by its name where the method is missing altogether, or the list shows nothing at all', async () => {
    expect(await resolving((response) => response.writeHead(404).end('Not Found'))).toBe('#incidents');
    expect(await resolving((response) => response.end(JSON.stringify({ ok: true, channels: [] })))).toBe('#incidents');
  });

  test.each(['invalid_auth', 'internal_error'])('waits for Slack after %s', async (error) => {
    await expect(resolving(error)).rejects.toMatchObject({ retryable: true });
  });
});
