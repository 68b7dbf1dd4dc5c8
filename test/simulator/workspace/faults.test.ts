import { afterEach, beforeEach, expect, test } from '@jest/globals';
import bolt from '@slack/bolt';
import { type Control, createControl } from '../../../simulator/workspace/control.ts';
import { startWorkspace, type Workspace } from '../../../simulator/workspace/start.ts';
import { createCaller } from './caller.ts';
import { eventually } from './eventually.ts';

let workspace: Workspace;
let control: Control;

beforeEach(async () => {
  workspace = await startWorkspace({ manifests: null, settings: { ackTimeoutMs: 400, redeliverMs: [20, 50, 100] } });
  control = createControl(workspace.url);
});

afterEach(() => workspace.close());

const post = () => createCaller(workspace)('chat.postMessage', { channel: 'C0INCIDENTS', text: 'hello' });

test('a lost answer: the message is posted, the caller sees a broken connection', async () => {
  await control.fault({ kind: 'lost_answer', method: 'chat.postMessage' });
  await expect(post()).rejects.toThrow();
  expect((await control.messages('incidents')).map((message) => message.text)).toEqual(['hello']);
  expect((await post()).ok).toBe(true);
});

test('late: the connection breaks at once, the message is there afterwards', async () => {
  await control.fault({ kind: 'late', method: 'chat.postMessage', seconds: 0.2 });
  await expect(post()).rejects.toThrow();
  expect(await control.messages('incidents')).toEqual([]);
  await eventually(async () => expect(await control.messages('incidents')).toHaveLength(1));
});

test('refused: Slack’s word for it, and nothing happens', async () => {
  await control.fault({ kind: 'refused', method: 'chat.postMessage', error: 'missing_scope', count: 1 });
  expect(await post()).toMatchObject({ ok: false, error: 'missing_scope' });
  expect(await control.messages('incidents')).toEqual([]);
});

test('a message is posted by the name of a channel too; all else wants its id', async () => {
  const call = createCaller(workspace);
  expect(await call('chat.postMessage', { channel: '#incidents', text: 'hello' })).toMatchObject({ ok: true });
  expect(await call('conversations.history', { channel: '#incidents' })).toMatchObject({ error: 'channel_not_found' });
  expect(await call('conversations.info', { channel: 'incidents' })).toMatchObject({ error: 'channel_not_found' });
});

test('down: calls fail until the fault is cleared, with a status when one is named', async () => {
  await control.fault({ kind: 'down' });
  await expect(post()).rejects.toThrow();
  await control.clearFaults();
  await control.fault({ kind: 'down', status: 503, count: 1 });
  expect((await fetch(`${workspace.apiUrl}auth.test`, { method: 'POST' })).status).toBe(503);
  expect((await post()).ok).toBe(true);
});

test('a page of another site can do nothing here', async () => {
  const sent = (path: string, origin: string) =>
    fetch(`${workspace.url}${path}`, {
      method: 'POST',
      headers: { origin },
      body: '{"user":"ana","channel":"general","text":"x"}',
    });
  for (const origin of ['https://evil.example', 'null']) {
    expect((await sent('/control/message', origin)).status).toBe(403);
    expect((await sent('/ui/scenarios/s01/start', origin)).status).toBe(403);
  }
  expect((await sent('/control/message', workspace.url)).status).toBe(200);
});

test('slow: answers take as long as asked, each of the method that is named', async () => {
  await control.fault({ kind: 'slow', method: 'auth.test', seconds: 3_600 });
  await control.fault({ kind: 'slow', method: 'team.info', seconds: 0.2 });
  const call = createCaller(workspace);
  const answered: string[] = [];
  const ask = (method: string) =>
    call(method).then(
      ({ ok }) => answered.push(`${method} ${ok}`),
      () => {}, // The connection ends with the workspace.
    );
  void ask('auth.test');
  await Promise.all([ask('team.info'), ask('users.list')]);
  expect(answered.toSorted()).toEqual(['team.info true', 'users.list true']);
});

test('rate_limited for some seconds says how many are left', async () => {
  await control.fault({ kind: 'rate_limited', method: 'chat.postMessage', seconds: 7 });
  const response = await fetch(`${workspace.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${workspace.botToken}` },
  });
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(5);
  expect((await createCaller(workspace)('auth.test')).ok).toBe(true);
});

test('a dropped socket comes back by itself, and a duplicate delivery arrives twice with one event id', async () => {
  const ids: string[] = [];
  const receiver = new bolt.SocketModeReceiver({
    appToken: workspace.appToken,
    logLevel: bolt.LogLevel.ERROR,
    installerOptions: { clientOptions: { slackApiUrl: workspace.apiUrl } },
  });
  const app = new bolt.App({
    token: workspace.botToken,
    receiver,
    clientOptions: { slackApiUrl: workspace.apiUrl },
    logLevel: bolt.LogLevel.ERROR,
  });
  app.message(async ({ body }) => void ids.push(body.event_id));
  await app.start();
  await control.fault({ kind: 'duplicate_delivery' });
  await control.message({ user: 'ana', channel: 'incidents', text: 'hello' });
  await eventually(() => expect(ids).toHaveLength(2));
  expect(ids[0]).toBe(ids[1]);
  await control.refresh({ graceMs: 0 });
  await eventually(async () => expect((await control.status()).sockets).toBe(0));
  await receiver.client.disconnect();
});

test('ten connections are allowed and payloads are spread among them; the eleventh is turned away', async () => {
  const hits = new Map<number, number>();
  const reasons: string[] = [];
  const sockets: WebSocket[] = [];
  for (let index = 0; index < 11; index += 1) {
    const opened = await createCaller(workspace, workspace.appToken)('apps.connections.open');
    const socket = new WebSocket(String(opened.url));
    sockets.push(socket);
    await new Promise<void>((resolve) => {
      socket.onmessage = (frame) => {
        const envelope = JSON.parse(String(frame.data));
        if (envelope.type === 'disconnect') reasons.push(envelope.reason);
        if (envelope.type === 'hello' || envelope.type === 'disconnect') return resolve();
        hits.set(index, (hits.get(index) ?? 0) + 1);
        socket.send(JSON.stringify({ envelope_id: envelope.envelope_id, payload: {} }));
      };
    });
  }
  expect(reasons).toEqual(['too_many_websockets']);
  for (let index = 0; index < 20; index += 1) {
    await control.command({ user: 'ana', channel: 'incidents', text: '/lambda help' });
  }
  expect([...hits.values()]).toEqual(Array.from({ length: 10 }, () => 2));
  for (const socket of sockets) socket.close();
});

test('a ticket opens one connection only', async () => {
  const opened = await createCaller(workspace, workspace.appToken)('apps.connections.open');
  const first = new WebSocket(String(opened.url));
  await new Promise((resolve) => {
    first.onmessage = resolve;
  });
  const second = new WebSocket(String(opened.url));
  await new Promise((resolve) => {
    second.onerror = resolve;
  });
  first.close();
});
