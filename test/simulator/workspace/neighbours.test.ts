import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { type Control, createControl } from '../../../simulator/workspace/control.ts';
import { startWorkspace, type Workspace } from '../../../simulator/workspace/start.ts';
import { createCaller } from './caller.ts';

let workspace: Workspace;
let control: Control;
let slack: WebClient;
let call: ReturnType<typeof createCaller>;

beforeEach(async () => {
  workspace = await startWorkspace({ manifests: null });
  control = createControl(workspace.url);
  slack = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 } });
  call = createCaller(workspace);
});

afterEach(() => workspace.close());

async function makeChannel(name: string): Promise<string> {
  const { channel } = await slack.conversations.create({ name });
  return channel?.id ?? '';
}

test('a channel lives its life: named, renamed, given a topic and a purpose, archived and brought back', async () => {
  const channel = await makeChannel('inc-7-resizer');
  expect((await slack.conversations.rename({ channel, name: 'inc-7-resizer-sev1' })).channel?.name).toBe(
    'inc-7-resizer-sev1',
  );
  await slack.conversations.setTopic({ channel, topic: 'SEV1' });
  await slack.conversations.setPurpose({ channel, purpose: 'Working on #7' });
  await slack.conversations.archive({ channel });
  expect((await call('conversations.rename', { channel, name: 'other' })).error).toBe('is_archived');
  await slack.conversations.unarchive({ channel });
  expect((await call('conversations.unarchive', { channel })).error).toBe('not_archived');
  expect((await slack.conversations.info({ channel })).channel).toMatchObject({
    name: 'inc-7-resizer-sev1',
    previous_names: ['inc-7-resizer'],
    topic: { value: 'SEV1' },
    purpose: { value: 'Working on #7' },
    is_archived: false,
  });
});

test('people and the app come and go', async () => {
  const channel = await makeChannel('inc-8');
  await slack.conversations.invite({ channel, users: 'U0ANA,U0JUN' });
  await slack.conversations.kick({ channel, user: 'U0JUN' });
  expect((await slack.conversations.members({ channel })).members?.toSorted()).toEqual(
    ['U0ANA', 'U0RESPONDER'].toSorted(),
  );
  expect((await call('conversations.kick', { channel, user: 'U0JUN' })).error).toBe('not_in_channel');
  await slack.conversations.leave({ channel });
  expect((await call('chat.postMessage', { channel, text: 'x' })).error).toBe('not_in_channel');
  expect((await call('conversations.leave', { channel })).not_in_channel).toBe(true);
  await slack.conversations.join({ channel });
  expect((await call('conversations.join', { channel })).warning).toBe('already_in_channel');
  expect((await slack.users.conversations({ exclude_archived: true })).channels?.map((one) => one.name)).toContain(
    'inc-8',
  );
});

test('a direct message is opened by its person, once', async () => {
  const first = await slack.conversations.open({ users: 'U0ANA' });
  const again = await slack.conversations.open({ users: 'U0ANA' });
  expect(again.channel?.id).toBe(first.channel?.id);
  await slack.chat.postMessage({ channel: first.channel?.id ?? '', text: 'for you' });
  expect((await control.messages(first.channel?.id ?? '')).map((message) => message.text)).toEqual(['for you']);
  expect((await call('conversations.open', { users: 'U0NOBODY' })).error).toBe('user_not_found');
});

test('a bookmark is changed, and a file that is deleted is gone from its message', async () => {
  const channel = await makeChannel('inc-9');
  const { bookmark } = await slack.bookmarks.add({
    channel_id: channel,
    title: 'Runbook',
    type: 'link',
    link: 'https://a.example',
  });
  const bookmark_id = bookmark?.id ?? '';
  await slack.bookmarks.edit({ channel_id: channel, bookmark_id, title: 'The runbook', link: 'https://b.example' });
  expect((await slack.bookmarks.list({ channel_id: channel })).bookmarks).toMatchObject([
    { title: 'The runbook', link: 'https://b.example' },
  ]);
  expect((await call('bookmarks.edit', { channel_id: channel, bookmark_id: 'Bk0' })).ok).toBe(false);

  await slack.filesUploadV2({ channel_id: channel, filename: 'a.log', content: 'one\n' });
  const [posted] = (await control.messages(channel)).filter((message) => message.files?.length);
  await slack.files.delete({ file: posted?.files?.[0]?.id ?? '' });
  expect((await call('files.info', { file: posted?.files?.[0]?.id })).error).toBe('file_not_found');
});

test('the team, the app and the people introduce themselves', async () => {
  expect((await slack.team.info()).team).toMatchObject({ name: 'Simulated workspace' });
  expect((await slack.bots.info()).bot).toMatchObject({ name: 'Lambda Responder', user_id: expect.any(String) });
  expect((await call('bots.info', { bot: 'B0OTHER' })).error).toBe('bot_not_found');
  expect((await slack.users.getPresence({ user: 'U0ANA' })).presence).toBe('active');
  expect((await slack.users.profile.get({ user: 'U0ANA' })).profile).toMatchObject({ title: 'On-call engineer' });
  expect((await slack.emoji.list()).emoji).toEqual({});
});

test('api.test echoes, and a method nobody knows is unknown_method', async () => {
  expect(await call('api.test', { a: 'b' })).toMatchObject({ ok: true, args: { a: 'b' } });
  expect(await call('api.test', { error: 'my_error' })).toMatchObject({ ok: false, error: 'my_error' });
  expect((await call('chat.shout')).error).toBe('unknown_method');
});
