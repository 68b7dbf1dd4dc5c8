import { afterEach, beforeEach, expect, test } from '@jest/globals';
import bolt from '@slack/bolt';
import { type Control, createControl } from '../../../simulator/workspace/control.ts';
import { startWorkspace, type Workspace } from '../../../simulator/workspace/start.ts';
import { createCaller } from './caller.ts';
import { eventually } from './eventually.ts';

let workspace: Workspace;
let control: Control;
let app: bolt.App;

const plain = (text: string) => ({ type: 'plain_text' as const, text });

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

test('a file uploaded in three steps is shown in the thread and downloads with the token only', async () => {
  const parent = await control.message({ user: 'ana', channel: 'incidents', text: 'hello' });
  await app.client.filesUploadV2({
    channel_id: 'C0INCIDENTS',
    thread_ts: parent.ts,
    filename: 'build.log',
    title: 'Build log',
    content: 'one\ntwo\n',
    initial_comment: 'the log',
  });
  const [, reply] = await control.messages('incidents', { thread: parent.ts });
  expect(reply).toMatchObject({ text: 'the log', subtype: 'file_share' });
  const file = reply?.files?.[0];
  expect(file).toMatchObject({ name: 'build.log', title: 'Build log', size: 8, mimetype: 'text/plain' });
  const bearer = { headers: { authorization: `Bearer ${workspace.botToken}` } };
  expect(await (await fetch(file?.url_private ?? '', bearer)).text()).toBe('one\ntwo\n');
  expect((await fetch(file?.url_private ?? '', { redirect: 'manual' })).status).toBe(302);
});

test('an upload of another length than announced is refused', async () => {
  const call = createCaller(workspace);
  const { upload_url, file_id } = await call('files.getUploadURLExternal', { filename: 'a.txt', length: 10 });
  await fetch(String(upload_url), { method: 'POST', body: 'short' });
  const answer = await call('files.completeUploadExternal', { files: [{ id: file_id }], channel_id: 'C0INCIDENTS' });
  expect(answer.error).toBe('file_update_failed');
});

test('message metadata comes back only when it is asked for', async () => {
  const metadata = { event_type: 'lambda_responder_view', event_payload: { view: 'card:1' } };
  const posted = await app.client.chat.postMessage({ channel: 'C0INCIDENTS', text: 'card', metadata });
  await app.client.chat.postMessage({ channel: 'C0INCIDENTS', thread_ts: posted.ts, text: 'reply', metadata });
  const plainHistory = await app.client.conversations.history({ channel: 'C0INCIDENTS' });
  expect(plainHistory.messages?.[0]).not.toHaveProperty('metadata');
  const history = await app.client.conversations.history({ channel: 'C0INCIDENTS', include_all_metadata: true });
  expect(history.messages?.[0]).toMatchObject({ text: 'card', metadata, reply_count: 1 });
  const ts = posted.ts ?? '';
  const thread = await app.client.conversations.replies({ channel: 'C0INCIDENTS', ts, include_all_metadata: true });
  expect(thread.messages?.map((message) => message.metadata)).toEqual([metadata, metadata]);
});

test('a broadcast reply stands in the thread and in the channel', async () => {
  const parent = await control.message({ user: 'ana', channel: 'incidents', text: 'hello' });
  const reply = {
    channel: 'C0INCIDENTS',
    text: 'raised to sev1',
    thread_ts: parent.ts,
    reply_broadcast: true,
  } as const;
  await app.client.chat.postMessage(reply);
  expect((await control.messages('incidents')).map((message) => message.text)).toEqual(['hello', 'raised to sev1']);
  expect(await control.messages('incidents', { thread: parent.ts })).toHaveLength(2);
});

test('history is read page by page, and between two moments', async () => {
  for (const text of ['a', 'b', 'c']) await control.message({ user: 'ana', channel: 'incidents', text });
  const first = await app.client.conversations.history({ channel: 'C0INCIDENTS', limit: 2 });
  expect(first.messages?.map((message) => message.text)).toEqual(['c', 'b']);
  const cursor = first.response_metadata?.next_cursor ?? '';
  const second = await app.client.conversations.history({ channel: 'C0INCIDENTS', limit: 2, cursor });
  expect(second.messages?.map((message) => message.text)).toEqual(['a']);
  const oldest = first.messages?.[1]?.ts ?? '';
  const after = await app.client.conversations.history({ channel: 'C0INCIDENTS', oldest });
  expect(after.messages?.map((message) => message.text)).toEqual(['c']);
  const with_it = await app.client.conversations.history({ channel: 'C0INCIDENTS', oldest, inclusive: true });
  expect(with_it.messages?.map((message) => message.text)).toEqual(['c', 'b']);
});

test('an ephemeral with a button is replaced and deleted through the response URL of the click', async () => {
  app.action('again', async ({ ack, respond }) => {
    await ack();
    await respond({ text: 'replaced', replace_original: true, blocks: [buttons('gone')] });
  });
  app.action('gone', async ({ ack, respond }) => {
    await ack();
    await respond({ delete_original: true });
  });
  await app.start();
  const shown = { channel: 'C0INCIDENTS', user: 'U0ANA', text: 'only you', blocks: [buttons('again')] };
  const { message_ts = '' } = await app.client.chat.postEphemeral(shown);
  expect(await control.messages('incidents')).toEqual([]);
  await control.click({ user: 'ana', channel: 'incidents', ts: message_ts, actionId: 'again' });
  await eventually(async () => expect((await control.ephemerals('ana'))[0]?.text).toBe('replaced'));
  await control.click({ user: 'ana', channel: 'incidents', ts: message_ts, actionId: 'gone' });
  await eventually(async () => expect(await control.ephemerals('ana')).toEqual([]));
});

test('an external select asks the app for options and a choice carries the one chosen', async () => {
  const chosen: unknown[] = [];
  app.options('incident', async ({ ack, options }) => {
    await ack({ options: [{ text: plain(`#12 ${options.value}`), value: '12' }] });
  });
  app.action('incident', async ({ ack, action }) => {
    await ack();
    chosen.push((action as { selected_option: unknown }).selected_option);
  });
  await app.start();
  const select = { type: 'external_select', action_id: 'incident', placeholder: plain('Which?') } as const;
  const posted = await app.client.chat.postMessage({
    channel: 'C0INCIDENTS',
    text: 'which',
    blocks: [{ type: 'actions', elements: [select] }],
  });
  const place = { user: 'ana', channel: 'incidents', ts: posted.ts ?? '', actionId: 'incident' };
  expect(await control.suggest({ ...place, value: 'oom' })).toHaveLength(1);
  await control.click({ ...place, value: '12' });
  expect(chosen).toEqual([{ text: plain('#12 oom'), value: '12' }]);
  await expect(control.click({ ...place, value: '13' })).rejects.toThrow('option_not_found');
});

test('shortcuts, the Home tab, reactions, pins and joins reach the app', async () => {
  const seen: string[] = [];
  app.shortcut('add_to_timeline', async ({ ack, shortcut }) => {
    await ack();
    seen.push(`${shortcut.type} ${(shortcut as { message: { text: string } }).message.text}`);
  });
  app.shortcut('declare', async ({ ack, shortcut }) => {
    await ack();
    seen.push(shortcut.type);
  });
  app.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'divider' }] } });
  });
  app.event('reaction_added', async ({ event }) => void seen.push(`:${event.reaction}:`));
  app.event('pin_added', async ({ event }) => void seen.push(`pinned by ${event.user}`));
  app.event('member_joined_channel', async ({ event }) => void seen.push(`${event.user} joined`));
  await app.start();
  const { ts } = await control.message({ user: 'jun', channel: 'incidents', text: 'hello' });
  const place = { user: 'ana', channel: 'incidents', ts };
  await control.shortcut({ ...place, callbackId: 'add_to_timeline' });
  await control.shortcut({ user: 'ana', callbackId: 'declare' });
  await control.openHome('ana');
  await control.react({ ...place, name: 'pushpin' });
  await control.pin(place);
  await control.kick('sam', 'incidents');
  await control.join('sam', 'incidents');
  await eventually(() => {
    const all = ['message_action hello', 'shortcut', ':pushpin:', 'pinned by U0ANA', 'U0STRANGER joined'];
    expect(seen.toSorted()).toEqual(all.toSorted());
  });
  await eventually(async () => expect(await control.home('ana')).not.toBeNull());
});

test('modals stack up to three, an update with an old hash is refused, and a closed one tells the app', async () => {
  const call = createCaller(workspace);
  const closed: string[] = [];
  const view = {
    type: 'modal' as const,
    callback_id: 'm',
    notify_on_close: true,
    title: plain('T'),
    blocks: [buttons('deeper')],
  };
  const errors: unknown[] = [];
  app.action('start', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: (body as { trigger_id: string }).trigger_id, view });
  });
  app.action('deeper', async ({ ack, body }) => {
    await ack();
    errors.push((await call('views.push', { trigger_id: (body as { trigger_id: string }).trigger_id, view })).error);
  });
  app.view({ type: 'view_closed', callback_id: 'm' }, async ({ ack, view }) => {
    await ack();
    closed.push(view.id);
  });
  await app.start();
  const posted = await app.client.chat.postMessage({ channel: 'C0INCIDENTS', text: 'x', blocks: [buttons('start')] });
  await control.click({ user: 'ana', channel: 'incidents', ts: posted.ts ?? '', actionId: 'start' });
  for (let depth = 1; depth <= 3; depth += 1) {
    await eventually(async () => expect(await control.modals('ana')).toHaveLength(depth));
    const top = (await control.modals('ana')).at(-1);
    await control.click({ user: 'ana', view: String(top?.id), actionId: 'deeper' });
  }
  await eventually(() => expect(errors).toEqual([undefined, undefined, 'push_limit_reached']));
  const top = (await control.modals('ana')).at(-1);
  const stale = await call('views.update', { view_id: top?.id, hash: 'old', view });
  expect(stale.error).toBe('hash_conflict');
  await control.viewClose('ana');
  await eventually(() => expect(closed).toEqual([top?.id]));
  expect(await control.modals('ana')).toHaveLength(2);
});

test('a direct message reaches the app as message.im and is answered there', async () => {
  app.message(async ({ message, client }) => {
    await client.chat.postMessage({ channel: message.channel, text: `${message.channel_type}` });
  });
  await app.start();
  const { channel } = await control.message({ user: 'ana', channel: 'dm', text: 'hello' });
  await eventually(async () => {
    expect((await control.messages(channel)).map((message) => message.text)).toEqual(['hello', 'im']);
  });
});

function buttons(action_id: string) {
  return { type: 'actions' as const, elements: [{ type: 'button' as const, action_id, text: plain('Go') }] };
}
