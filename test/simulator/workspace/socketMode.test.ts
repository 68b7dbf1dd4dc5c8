import { afterEach, beforeEach, expect, test } from '@jest/globals';
import bolt from '@slack/bolt';
import { type Control, createControl } from '../../../simulator/workspace/control.ts';
import { startWorkspace, type Workspace } from '../../../simulator/workspace/start.ts';
import { eventually } from './eventually.ts';

let workspace: Workspace;
let control: Control;
let app: bolt.App;

beforeEach(async () => {
  workspace = await startWorkspace({ manifests: null, settings: { ackTimeoutMs: 400, redeliverMs: [20, 50, 100] } });
  control = createControl(workspace.url);
  app = new bolt.App({
    token: workspace.botToken,
    appToken: workspace.appToken,
    socketMode: true,
    logLevel: bolt.LogLevel.ERROR,
    clientOptions: { slackApiUrl: workspace.apiUrl },
  });
});

afterEach(async () => {
  await app.stop();
  await eventually(async () => expect((await control.status()).sockets).toBe(0));
  await workspace.close();
});

test('a slash command reaches an unmodified Bolt app and its answer is shown to the asker only', async () => {
  app.command('/lambda', async ({ ack, command }) => ack(`you asked ${command.text}`));
  await app.start();
  const taken = await control.command({ user: 'ana', channel: '#incidents', text: '/lambda diag jobs' });
  expect(taken).toEqual({ outcome: 'acked', body: { text: 'you asked diag jobs' } });
  expect((await control.ephemerals('ana')).map((message) => message.text)).toEqual(['you asked diag jobs']);
  expect(await control.ephemerals('jun')).toEqual([]);
  expect(await control.messages('incidents')).toEqual([]);
});

test('a command that is not acknowledged in time ends in operation_timeout, shown to the asker', async () => {
  app.command('/lambda', async () => undefined);
  await app.start();
  const taken = await control.command({ user: 'ana', channel: 'incidents', text: '/lambda help' });
  expect(taken.outcome).toBe('operation_timeout');
  expect((await control.ephemerals('ana'))[0]?.text).toBe('/lambda failed with the error "operation_timeout"');
});

test('a command without a connected app ends in dispatch_failed', async () => {
  const taken = await control.command({ user: 'ana', channel: 'incidents', text: '/lambda help' });
  expect(taken.outcome).toBe('dispatch_failed');
});

test('a slash command in a thread is refused as Slack refuses it', async () => {
  app.command('/lambda', async ({ ack }) => ack());
  await app.start();
  const parent = await control.message({ user: 'ana', channel: 'incidents', text: 'hello' });
  const taken = await control.command({ user: 'ana', channel: 'incidents', text: '/lambda help', thread: parent.ts });
  expect(taken.outcome).toBe('dispatch_failed');
  expect((await control.ephemerals('ana'))[0]?.text).toBe('/lambda is not supported in threads. Sorry!');
});

test('a mention arrives as app_mention and message, with typed text as Slack encodes it', async () => {
  const seen: [string, string][] = [];
  app.event('app_mention', async ({ event }) => void seen.push(['app_mention', event.text]));
  app.message(async ({ message }) => void seen.push(['message', (message as { text: string }).text]));
  await app.start();
  await control.mention({ user: 'ana', channel: 'incidents', text: 'look at api.example.com & tell @kim' });
  const text = '<@U0RESPONDER> look at <http://api.example.com|api.example.com> &amp; tell <@U0KIM>';
  await eventually(() =>
    expect(seen.toSorted()).toEqual([
      ['app_mention', text],
      ['message', text],
    ]),
  );
});

test('a button press carries the message, and its response URL replaces the message', async () => {
  app.action('go', async ({ ack, respond, body }) => {
    await ack();
    await respond({ text: `pressed by ${body.user.id}`, replace_original: true });
  });
  await app.start();
  const button = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' }, value: '1' } as const;
  const posted = await app.client.chat.postMessage({
    channel: 'C0INCIDENTS',
    text: 'press',
    blocks: [{ type: 'actions', elements: [button] }],
  });
  await control.click({ user: 'jun', channel: 'incidents', ts: posted.ts ?? '', actionId: 'go' });
  await eventually(async () => {
    const [message] = await control.messages('incidents');
    expect(message?.text).toBe('pressed by U0JUN');
    expect(message?.blocks).toBeUndefined();
  });
});

test('replace_original on the response URL of a slash command posts a new message, as Slack does', async () => {
  app.command('/lambda', async ({ ack, respond }) => {
    await ack('running');
    await respond({ text: 'done', replace_original: true });
  });
  await app.start();
  await control.command({ user: 'ana', channel: 'incidents', text: '/lambda help' });
  await eventually(async () => {
    expect((await control.ephemerals('ana')).map((message) => message.text)).toEqual(['running', 'done']);
  });
});

test('a modal opens with a trigger, takes errors, and closes when its submission is acknowledged', async () => {
  const title = { type: 'plain_text', text: 'Note' } as const;
  app.action('go', async ({ ack, body, client }) => {
    await ack();
    const trigger_id = (body as { trigger_id: string }).trigger_id;
    await client.views.open({
      trigger_id,
      view: {
        type: 'modal',
        callback_id: 'note',
        title,
        submit: title,
        blocks: [
          { type: 'input', block_id: 'b', label: title, element: { type: 'plain_text_input', action_id: 'text' } },
        ],
      },
    });
  });
  app.view('note', async ({ ack, view }) => {
    const text = view.state.values.b?.text?.value;
    if (text === 'bad') await ack({ response_action: 'errors', errors: { b: 'not that' } });
    else await ack();
  });
  await app.start();
  const button = { type: 'button', action_id: 'go', text: title } as const;
  const posted = await app.client.chat.postMessage({
    channel: 'C0INCIDENTS',
    text: 'press',
    blocks: [{ type: 'actions', elements: [button] }],
  });
  await control.click({ user: 'ana', channel: 'incidents', ts: posted.ts ?? '', actionId: 'go' });
  await eventually(async () => expect(await control.modals('ana')).toHaveLength(1));
  expect((await control.viewSubmit({ user: 'ana' })).errors).toEqual({ b: 'Please complete this required field.' });
  expect((await control.viewSubmit({ user: 'ana', values: { text: 'bad' } })).errors).toEqual({ b: 'not that' });
  expect((await control.viewSubmit({ user: 'ana', values: { text: 'good' } })).top).toBeNull();
  expect(await control.modals('ana')).toEqual([]);
});

test('an event nobody acknowledges is sent again with the same event id', async () => {
  const bodies: { id: string; attempt: unknown }[] = [];
  const opened = (await (
    await fetch(`${workspace.apiUrl}apps.connections.open`, {
      method: 'POST',
      headers: { authorization: `Bearer ${workspace.appToken}` },
    })
  ).json()) as { url: string };
  const socket = new WebSocket(opened.url);
  socket.onmessage = (frame) => {
    const envelope = JSON.parse(String(frame.data));
    if (envelope.type !== 'events_api') return;
    bodies.push({ id: envelope.payload.event_id, attempt: envelope.retry_attempt });
    if (bodies.length === 2) socket.send(JSON.stringify({ envelope_id: envelope.envelope_id, payload: {} }));
  };
  await eventually(async () => expect((await control.status()).sockets).toBe(1));
  await control.message({ user: 'ana', channel: 'incidents', text: 'hello' });
  await eventually(() => expect(bodies).toHaveLength(2));
  expect(bodies.map((body) => body.attempt)).toEqual([0, 1]);
  expect(new Set(bodies.map((body) => body.id)).size).toBe(1);
  socket.close();
});

test('events wait while no app is connected and arrive when it comes back', async () => {
  const seen: string[] = [];
  app.message(async ({ message }) => void seen.push((message as { text: string }).text));
  await control.message({ user: 'ana', channel: 'incidents', text: 'early' });
  await app.start();
  await eventually(() => expect(seen).toEqual(['early']));
});

test('a connection that is to be refreshed is replaced by the client, and no event is lost meanwhile', async () => {
  const texts: unknown[] = [];
  app.message(async ({ message }) => void texts.push((message as { text?: string }).text));
  await app.start();
  await control.refresh({ reason: 'refresh_requested', graceMs: 300 });
  const sent = Array.from({ length: 6 }, (_, index) => `during ${index}`);
  for (const text of sent) {
    await control.message({ user: 'ana', channel: 'incidents', text });
    await new Promise((wake) => setTimeout(wake, 100));
  }
  await eventually(() => expect(new Set(texts)).toEqual(new Set(sent)));
  expect((await control.status()).sockets).toBe(1);
});
