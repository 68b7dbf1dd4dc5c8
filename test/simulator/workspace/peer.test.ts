import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEmulator, type Emulator } from 'emulate';
import { startWorkspace, type Workspace } from '../../../simulator/workspace/start.ts';

/**
 * The same Web API calls against this workspace and against `emulate`, a Slack emulator by others. What differs is listed
 * with the reason; a difference that is not listed, and a listed one that is gone, fails.
 */
interface Step {
  readonly name: string;
  readonly method: string;
  readonly args: (seen: Seen) => Record<string, unknown>;
  /** What later steps need of the answer. */
  readonly keep?: (answer: Answer, seen: Seen) => void;
  /** What is compared beside the outcome and the fields of the answer. */
  readonly show?: (answer: Answer) => string;
}

interface Seen {
  readonly channel: string;
  otherUser: string;
  made: string;
  ts: string;
  reply: string;
  bookmark: string;
  file: string;
  uploadUrl: string;
}

type Answer = Record<string, unknown> & { readonly ok: boolean; readonly error?: string };

const message = (seen: Seen) => ({ channel: seen.channel, timestamp: seen.ts });
const text = (answer: Answer, path: readonly string[]): string =>
  String(path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], answer));

const texts = (answer: Answer): string =>
  (answer.messages as { text: string; reply_count?: number }[]) // both give a list of messages
    .map((one) => `${one.text}(${one.reply_count ?? 0})`)
    .join(', ');

const STEPS: readonly Step[] = [
  {
    name: 'somebody by address',
    method: 'users.lookupByEmail',
    args: () => ({ email: 'ana@example.com' }),
    keep: (answer, seen) => {
      seen.otherUser = text(answer, ['user', 'id']);
    },
  },
  { name: 'who am I', method: 'auth.test', args: () => ({}) },
  {
    name: 'a message',
    method: 'chat.postMessage',
    args: (seen) => ({ channel: seen.channel, text: 'hello' }),
    keep: (answer, seen) => {
      seen.ts = String(answer.ts);
    },
  },
  {
    name: 'a reply',
    method: 'chat.postMessage',
    args: (seen) => ({ channel: seen.channel, text: 'reply', thread_ts: seen.ts }),
    keep: (answer, seen) => {
      seen.reply = String(answer.ts);
    },
  },
  { name: 'the history', method: 'conversations.history', args: (seen) => ({ channel: seen.channel }), show: texts },
  {
    name: 'the thread',
    method: 'conversations.replies',
    args: (seen) => ({ channel: seen.channel, ts: seen.ts }),
    show: texts,
  },
  {
    name: 'blocks and metadata',
    method: 'chat.postMessage',
    args: (seen) => ({
      channel: seen.channel,
      text: 'x',
      blocks: [{ type: 'divider' }],
      metadata: { event_type: 'a', event_payload: { b: 1 } },
    }),
  },
  { name: 'nothing to say', method: 'chat.postMessage', args: (seen) => ({ channel: seen.channel }) },
  { name: 'nowhere', method: 'chat.postMessage', args: () => ({ channel: 'C0NOWHERE1', text: 'x' }) },
  {
    name: 'a section of 3,001 characters',
    method: 'chat.postMessage',
    args: (seen) => ({
      channel: seen.channel,
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } }],
    }),
  },
  {
    name: 'a block that does not exist',
    method: 'chat.postMessage',
    args: (seen) => ({ channel: seen.channel, text: 'x', blocks: [{ type: 'bogus' }] }),
  },
  {
    name: 'an edit',
    method: 'chat.update',
    args: (seen) => ({ channel: seen.channel, ts: seen.ts, text: 'hello again' }),
  },
  {
    name: 'an edit of nothing',
    method: 'chat.update',
    args: (seen) => ({ channel: seen.channel, ts: '1.000001', text: 'x' }),
  },
  {
    name: 'an edit of 4,001 characters',
    method: 'chat.update',
    args: (seen) => ({ channel: seen.channel, ts: seen.ts, text: 'x'.repeat(4001) }),
  },
  {
    name: 'no such thread',
    method: 'conversations.replies',
    args: (seen) => ({ channel: seen.channel, ts: '1.000001' }),
  },
  {
    name: 'a permalink',
    method: 'chat.getPermalink',
    args: (seen) => ({ channel: seen.channel, message_ts: seen.ts }),
  },
  { name: 'a reaction', method: 'reactions.add', args: (seen) => ({ ...message(seen), name: 'eyes' }) },
  { name: 'the same reaction', method: 'reactions.add', args: (seen) => ({ ...message(seen), name: 'eyes' }) },
  { name: 'its reactions', method: 'reactions.get', args: message },
  { name: 'no reaction any more', method: 'reactions.remove', args: (seen) => ({ ...message(seen), name: 'eyes' }) },
  { name: 'nor a second time', method: 'reactions.remove', args: (seen) => ({ ...message(seen), name: 'eyes' }) },
  { name: 'a pin', method: 'pins.add', args: message },
  { name: 'the same pin', method: 'pins.add', args: message },
  { name: 'the pins', method: 'pins.list', args: (seen) => ({ channel: seen.channel }) },
  { name: 'no pin', method: 'pins.remove', args: message },
  { name: 'no pin twice', method: 'pins.remove', args: message },
  {
    name: 'a bookmark',
    method: 'bookmarks.add',
    args: (seen) => ({ channel_id: seen.channel, title: 'Runbooks', type: 'link', link: 'https://example.com' }),
    keep: (answer, seen) => {
      seen.bookmark = text(answer, ['bookmark', 'id']);
    },
  },
  { name: 'the bookmarks', method: 'bookmarks.list', args: (seen) => ({ channel_id: seen.channel }) },
  {
    name: 'no bookmark',
    method: 'bookmarks.remove',
    args: (seen) => ({ channel_id: seen.channel, bookmark_id: seen.bookmark }),
  },
  {
    name: 'a channel',
    method: 'conversations.create',
    args: () => ({ name: 'sev1-checkout' }),
    keep: (answer, seen) => {
      seen.made = text(answer, ['channel', 'id']);
    },
  },
  { name: 'the same channel', method: 'conversations.create', args: () => ({ name: 'sev1-checkout' }) },
  { name: 'a channel with blanks', method: 'conversations.create', args: () => ({ name: 'Sev 1' }) },
  {
    name: 'an invitation',
    method: 'conversations.invite',
    args: (seen) => ({ channel: seen.made, users: seen.otherUser }),
  },
  {
    name: 'invited twice',
    method: 'conversations.invite',
    args: (seen) => ({ channel: seen.made, users: seen.otherUser }),
  },
  {
    name: 'nobody invited',
    method: 'conversations.invite',
    args: (seen) => ({ channel: seen.made, users: 'U0NOBODY' }),
  },
  { name: 'its topic', method: 'conversations.setTopic', args: (seen) => ({ channel: seen.made, topic: 'checkout' }) },
  { name: 'its members', method: 'conversations.members', args: (seen) => ({ channel: seen.made }) },
  { name: 'its description', method: 'conversations.info', args: (seen) => ({ channel: seen.made }) },
  { name: 'all channels', method: 'conversations.list', args: () => ({}) },
  { name: 'archived', method: 'conversations.archive', args: (seen) => ({ channel: seen.made }) },
  { name: 'archived twice', method: 'conversations.archive', args: (seen) => ({ channel: seen.made }) },
  { name: 'spoken to when archived', method: 'chat.postMessage', args: (seen) => ({ channel: seen.made, text: 'x' }) },
  { name: 'a person', method: 'users.info', args: (seen) => ({ user: seen.otherUser }) },
  { name: 'no person', method: 'users.info', args: () => ({ user: 'U0NOBODY' }) },
  { name: 'everybody', method: 'users.list', args: () => ({}) },
  { name: 'by address', method: 'users.lookupByEmail', args: () => ({ email: 'nobody@example.com' }) },
  {
    name: 'an upload address',
    method: 'files.getUploadURLExternal',
    args: () => ({ filename: 'a.log', length: 5 }),
    keep: (answer, seen) => {
      seen.file = String(answer.file_id);
      seen.uploadUrl = String(answer.upload_url);
    },
  },
  {
    name: 'a file',
    method: 'files.completeUploadExternal',
    args: (seen) => ({ files: [{ id: seen.file, title: 'A log' }], channel_id: seen.channel }),
  },
  { name: 'its file', method: 'files.info', args: (seen) => ({ file: seen.file }) },
  { name: 'deleted', method: 'chat.delete', args: (seen) => ({ channel: seen.channel, ts: seen.reply }) },
  { name: 'deleted twice', method: 'chat.delete', args: (seen) => ({ channel: seen.channel, ts: seen.reply }) },
  {
    name: 'a Home tab',
    method: 'views.publish',
    args: (seen) => ({ user_id: seen.otherUser, view: { type: 'home', blocks: [{ type: 'divider' }] } }),
  },
  {
    name: 'a modal without a trigger',
    method: 'views.open',
    args: () => ({ trigger_id: 'x', view: { type: 'modal', title: { type: 'plain_text', text: 'T' }, blocks: [] } }),
  },
  { name: 'user groups', method: 'usergroups.list', args: () => ({}) },
  { name: 'no such method', method: 'chat.bogus', args: () => ({}) },
];

/** Where the two differ, as `ours | theirs`, and why ours is as it is. */
const DIFFERENCES: readonly (readonly [step: string, outcomes: string, because: string])[] = [
  [
    'who am I',
    'ok: bot_id is_enterprise_install ok team team_id url user user_id | ok: ok team team_id url user user_id',
    'our token is a bot token, and Slack then names the bot; the peer answers as for a person',
  ],
  [
    'the history',
    'ok: has_more messages ok pin_count hello(1) | ok: has_more messages ok response_metadata hello(1)',
    'Slack sends pin_count, and response_metadata only when there is a next page',
  ],
  [
    'a section of 3,001 characters',
    'invalid_blocks | ok: channel message ok ts',
    'the peer does not check blocks; Slack refuses this one',
  ],
  [
    'a block that does not exist',
    'invalid_blocks | ok: channel message ok ts',
    'the peer does not check blocks; Slack refuses this one',
  ],
  [
    'an edit of 4,001 characters',
    'msg_too_long | ok: channel message ok text ts',
    'chat.update takes 4,000 bytes; the peer cuts at 40,000 characters as for a new message',
  ],
  [
    'no such thread',
    'thread_not_found | ok: has_more messages ok',
    'Slack documents thread_not_found; the peer answers an empty list',
  ],
  ['its reactions', 'ok: channel message ok type | ok: message ok type', 'Slack names the channel of the message'],
  [
    'a channel with blanks',
    'invalid_name_specials | ok: channel ok',
    'Slack checks names and does not rewrite them; the peer rewrites',
  ],
  ['its topic', 'ok: channel ok topic | ok: channel ok', 'both forms are documented; older clients read topic'],
  [
    'everybody',
    'ok: cache_ts members ok response_metadata | ok: members ok response_metadata',
    'Slack stamps the list with cache_ts',
  ],
  [
    'its file',
    'ok: comments file ok response_metadata | ok: comments file ok paging',
    'both paging forms are documented; cursors are the newer one',
  ],
  ['user groups', 'ok: ok usergroups | HTTP 404', 'the peer has no user groups'],
  ['no such method', 'unknown_method | HTTP 404', 'Slack answers 200 with unknown_method; the SDK would retry a 404'],
];

let workspace: Workspace;
let emulator: Emulator;

beforeAll(async () => {
  workspace = await startWorkspace({ manifests: null });
  emulator = await createEmulator({
    service: 'slack',
    port: await freePort(),
    seed: {
      tokens: { 'xoxb-peer': { login: 'admin' } },
      slack: { users: [{ name: 'ana', email: 'ana@example.com' }] },
    },
  });
});

afterAll(async () => {
  await emulator.close();
  await workspace.close();
});

test('answers as the peer does, but for the differences listed', async () => {
  const ours = await run(workspace.url, workspace.botToken, 'C0INCIDENTS');
  const theirs = await run(emulator.url, 'xoxb-peer', 'C000000001');
  const found = STEPS.filter(({ name }) => ours[name] !== theirs[name]).map(({ name }) => [
    name,
    `${ours[name]} | ${theirs[name]}`,
  ]);
  expect(found).toEqual(DIFFERENCES.map(([step, outcomes]) => [step, outcomes]));
});

async function run(url: string, token: string, channel: string): Promise<Record<string, string>> {
  const seen: Seen = { channel, otherUser: '', made: '', ts: '', reply: '', bookmark: '', file: '', uploadUrl: '' };
  const outcomes: Record<string, string> = {};
  for (const step of STEPS) {
    const response = await fetch(`${url}/api/${step.method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(step.args(seen)),
    });
    if (response.status === 404) {
      outcomes[step.name] = 'HTTP 404';
      continue;
    }
    const answer = (await response.json()) as Answer; // both answer JSON objects with `ok`
    step.keep?.(answer, seen);
    const shown = step.show ? ` ${step.show(answer)}` : '';
    outcomes[step.name] = answer.ok ? `ok: ${Object.keys(answer).toSorted().join(' ')}${shown}` : String(answer.error);
    if (step.method === 'files.getUploadURLExternal') {
      await fetch(seen.uploadUrl, { method: 'POST', body: 'hello' });
    }
  }
  return outcomes;
}

/** The peer cannot say which port it was given, so it is given one. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
