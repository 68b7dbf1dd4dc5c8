import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LogLevel, WebClient } from '@slack/web-api';
import { createLogger } from '../../src/logger.ts';
import { systemClock } from '../../src/slack/clock.ts';
import { createChannels } from '../../src/slack/delivery/channels.ts';
import { hasNoEffect, slackFailure } from '../../src/slack/delivery/errors.ts';

let server: Server;
let answer: (response: ServerResponse) => void;
beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => answer(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

function clientOf(timeout: number): WebClient {
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return new WebClient('xoxb-1', {
    slackApiUrl: `http://127.0.0.1:${port}/api/`,
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

  test('of a port where nobody listens says that nothing was posted', () => {
    // What fetch throws; the client hands it on as it is, but not across the realms of a test.
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' });
    const thrown = new TypeError('fetch failed', { cause: refused });
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
    return channels.resolve('#incidents', AbortSignal.timeout(5_000));
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
