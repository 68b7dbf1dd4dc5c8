import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import bolt from '@slack/bolt';
import { type Control, createControl } from '../../../simulator/workspace/control.ts';
import { startWorkspace, type Workspace } from '../../../simulator/workspace/start.ts';
import { eventually } from './eventually.ts';

let workspace: Workspace;
let control: Control;
const servers: { close(): Promise<unknown> }[] = [];

beforeEach(async () => {
  workspace = await startWorkspace({ manifests: null, settings: { ackTimeoutMs: 400, redeliverMs: [20, 50, 100] } });
  control = createControl(workspace.url);
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await workspace.close();
});

async function startBolt(signingSecret = workspace.signingSecret): Promise<bolt.App> {
  const app = new bolt.App({
    token: workspace.botToken,
    signingSecret,
    logLevel: bolt.LogLevel.ERROR,
    clientOptions: { slackApiUrl: workspace.apiUrl },
  });
  const server = (await app.start({ port: 0, host: '127.0.0.1' })) as Server; // HTTPReceiver starts one
  servers.push({ close: () => app.stop() });
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  await control.requestUrl(`http://127.0.0.1:${port}/slack/events`);
  return app;
}

test('an unmodified Bolt app in HTTP mode takes commands, events and clicks, all signed', async () => {
  const seen: string[] = [];
  const app = await startBolt();
  app.command('/lambda', async ({ ack, command }) => ack(`you asked ${command.text}`));
  app.event('app_mention', async ({ event, client }) => {
    const text = { type: 'plain_text', text: 'Go' } as const;
    await client.chat.postMessage({
      channel: event.channel,
      thread_ts: event.ts,
      text: 'press',
      blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'go', text }] }],
    });
  });
  app.action('go', async ({ ack, body }) => {
    await ack();
    seen.push(body.user.id);
  });
  const taken = await control.command({ user: 'ana', channel: 'incidents', text: '/lambda diag jobs' });
  expect(taken).toEqual({ outcome: 'acked', body: 'you asked diag jobs' });
  const asked = await control.mention({ user: 'ana', channel: 'incidents', text: 'hello' });
  await eventually(async () => {
    expect(await control.messages('incidents', { thread: asked.ts })).toHaveLength(2);
  });
  const [, reply] = await control.messages('incidents', { thread: asked.ts });
  await control.click({ user: 'kim', channel: 'incidents', ts: reply?.ts ?? '', actionId: 'go' });
  expect(seen).toEqual(['U0KIM']);
});

test('a request URL that does not answer the challenge is refused with the reason', async () => {
  await expect(startBolt('another-secret')).rejects.toThrow('answered 401 without the challenge');
  expect((await control.status()).requestUrl).toBeNull();
});

test('an event the app fails is sent again with the retry headers, until X-Slack-No-Retry', async () => {
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    if (body.challenge) return response.end(body.challenge);
    headers.push(request.headers);
    return response.writeHead(500, headers.length === 3 ? { 'x-slack-no-retry': '1' } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  await control.requestUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await control.message({ user: 'ana', channel: 'incidents', text: 'hello' });
  await eventually(async () => expect((await control.status()).lostEvents).toBe(1));
  expect(headers.map((one) => one['x-slack-retry-num'])).toEqual([undefined, '1', '2']);
  expect(headers.map((one) => one['x-slack-retry-reason'])).toEqual([undefined, 'http_error', 'http_error']);
  expect(headers[0]?.['content-type']).toBe('application/json');
});
