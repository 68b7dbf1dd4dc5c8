import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Control, createControl } from '../../../simulator/workspace/control.ts';
import { startWorkspace, type Workspace } from '../../../simulator/workspace/start.ts';
import { type Answer, createCaller } from './caller.ts';

let workspace: Workspace;
let control: Control;
let call: (method: string, args?: object) => Promise<Answer>;
let now = Date.UTC(2026, 10, 24);

beforeEach(async () => {
  workspace = await startWorkspace({ manifests: null, clock: () => now });
  control = createControl(workspace.url);
  call = createCaller(workspace);
});

afterEach(() => workspace.close());

const post = (blocks: unknown) => call('chat.postMessage', { channel: 'C0INCIDENTS', text: 'x', blocks });
const plain = (text: string) => ({ type: 'plain_text', text });
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

describe('blocks', () => {
  test('a section of 3,001 characters is refused in the words Slack was seen to use', async () => {
    const answer = await post([section('x'.repeat(3001))]);
    const errors = [
      'failed to match all allowed schemas [json-pointer:/blocks/0/text]',
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ];
    expect(answer).toEqual({
      ok: false,
      error: 'invalid_blocks',
      errors,
      response_metadata: { messages: errors.map((error) => `[ERROR] ${error}`) },
    });
  });

  test.each([
    [
      '51 blocks',
      Array.from({ length: 51 }, () => ({ type: 'divider' })),
      'no more than 50 items allowed [json-pointer:/blocks]',
    ],
    ['a block type that does not exist', [{ type: 'bogus' }], 'unsupported type: bogus [json-pointer:/blocks/0/type]'],
    ['a block without a type', [{}], 'missing required field: type [json-pointer:/blocks/0]'],
    [
      'a header of 151 characters',
      [{ type: 'header', text: plain('x'.repeat(151)) }],
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    ['an empty text', [section('')], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    [
      'a text object without text',
      [{ type: 'section', text: { type: 'mrkdwn' } }],
      'missing required field: text [json-pointer:/blocks/0/text]',
    ],
    [
      'a property Slack does not know',
      [{ type: 'divider', colour: 'red' }],
      'invalid additional property: colour [json-pointer:/blocks/0]',
    ],
    [
      'a section without text and fields',
      [{ type: 'section' }],
      'must provide text or fields [json-pointer:/blocks/0]',
    ],
    [
      '26 buttons',
      [
        {
          type: 'actions',
          elements: Array.from({ length: 26 }, (_, index) => ({
            type: 'button',
            action_id: `a${index}`,
            text: plain('x'),
          })),
        },
      ],
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'a button value of 2,001 characters',
      [{ type: 'actions', elements: [{ type: 'button', text: plain('x'), value: 'v'.repeat(2001) }] }],
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'the same block id twice',
      [
        { type: 'divider', block_id: 'a' },
        { type: 'divider', block_id: 'a' },
      ],
      'block_id "a" already exists [json-pointer:/blocks/1/block_id]',
    ],
    [
      'the same action id twice in a row of buttons',
      [
        {
          type: 'actions',
          elements: [
            { type: 'button', action_id: 'a', text: plain('x') },
            { type: 'button', action_id: 'a', text: plain('y') },
          ],
        },
      ],
      'action_id "a" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    [
      'a picture only the sender can reach',
      [{ type: 'image', alt_text: 'x', image_url: 'http://127.0.0.1/x.png' }],
      'downloading image failed [json-pointer:/blocks/0/image_url]',
    ],
    [
      'an overflow menu of six',
      [
        {
          ...section('x'),
          accessory: {
            type: 'overflow',
            options: Array.from({ length: 6 }, (_, index) => ({ text: plain('x'), value: `${index}` })),
          },
        },
      ],
      'no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]',
    ],
    [
      'an alert block in a message',
      [{ type: 'alert', text: plain('x') }],
      'unsupported type: alert [json-pointer:/blocks/0/type]',
    ],
  ])('%s is invalid_blocks', async (_name, blocks, complaint) => {
    const answer = await post(blocks);
    expect(answer.error).toBe('invalid_blocks');
    expect(answer.errors).toContain(complaint);
  });

  test('13,000 characters in all are taken, 14,000 are msg_blocks_too_long', async () => {
    expect((await post(Array.from({ length: 5 }, () => section('x'.repeat(2600))))).ok).toBe(true);
    expect((await post(Array.from({ length: 5 }, () => section('x'.repeat(2800))))).error).toBe('msg_blocks_too_long');
  });

  test('blocks that were encoded twice are invalid_blocks_format', async () => {
    expect((await post(JSON.stringify(JSON.stringify([section('x')])))).error).toBe('invalid_blocks_format');
  });

  test('a message with one of each common block is taken', async () => {
    const answer = await post([
      { type: 'header', text: plain('SEV2') },
      {
        ...section('*x*'),
        fields: [plain('a')],
        accessory: { type: 'image', alt_text: 'a', image_url: 'https://example.com/a.png' },
      },
      { type: 'context', elements: [plain('a'), { type: 'mrkdwn', text: 'b' }] },
      { type: 'divider' },
      { type: 'image', alt_text: 'a', slack_file: { id: 'F1' } },
      { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'a' }] }] },
      { type: 'table', rows: [[{ type: 'raw_text', text: 'NAME' }], [{ type: 'raw_text', text: 'pod' }]] },
      { type: 'markdown', text: '# a' },
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'a', text: plain('A'), style: 'danger', confirm: { text: plain('Sure?') } },
        ],
      },
      { type: 'input', label: plain('L'), element: { type: 'plain_text_input', action_id: 'b' } },
    ]);
    expect(answer).toMatchObject({ ok: true });
  });
});

describe('texts', () => {
  test('a text beyond 40,000 characters is cut with a warning', async () => {
    const answer = await call('chat.postMessage', { channel: 'C0INCIDENTS', text: 'x'.repeat(40_001) });
    expect(answer).toMatchObject({ ok: true, response_metadata: { warnings: ['message_truncated'] } });
    expect((await control.messages('incidents'))[0]?.text).toHaveLength(40_000);
  });

  test('chat.update takes 4,000 bytes, not 4,000 characters', async () => {
    const { ts } = await call('chat.postMessage', { channel: 'C0INCIDENTS', text: 'x' });
    const update = (text: string) => call('chat.update', { channel: 'C0INCIDENTS', ts, text });
    expect((await update('x'.repeat(4000))).ok).toBe(true);
    expect((await update('é'.repeat(2001))).error).toBe('msg_too_long');
  });

  test('a message without anything to show is no_text', async () => {
    expect((await call('chat.postMessage', { channel: 'C0INCIDENTS' })).error).toBe('no_text');
  });

  test('chat.update with a text and no blocks removes the blocks', async () => {
    const { ts } = await post([section('x')]);
    await call('chat.update', { channel: 'C0INCIDENTS', ts, text: 'y' });
    expect((await control.messages('incidents'))[0]?.blocks).toBeUndefined();
  });
});

describe('channels', () => {
  test.each([
    ['chat.postMessage', { channel: 'C0GENERAL', text: 'x' }, 'not_in_channel'],
    ['chat.postMessage', { channel: '#nowhere', text: 'x' }, 'channel_not_found'],
    ['conversations.history', { channel: 'C0GENERAL' }, 'not_in_channel'],
    ['conversations.create', { name: 'incidents' }, 'name_taken'],
    ['conversations.create', { name: 'With Spaces' }, 'invalid_name_specials'],
    ['conversations.create', { name: 'x'.repeat(81) }, 'invalid_name_maxlength'],
    ['conversations.create', {}, 'invalid_name_required'],
    ['conversations.invite', { channel: 'C0INCIDENTS', users: 'U0ANA' }, 'already_in_channel'],
    ['conversations.invite', { channel: 'C0INCIDENTS', users: 'U0RESPONDER' }, 'cant_invite_self'],
    ['conversations.invite', { channel: 'C0INCIDENTS', users: 'U0NOBODY' }, 'user_not_found'],
    ['conversations.setTopic', { channel: 'C0INCIDENTS', topic: 'x'.repeat(251) }, 'too_long'],
    ['pins.add', { channel: 'C0INCIDENTS', timestamp: '1.2' }, 'message_not_found'],
    ['usergroups.users.list', { usergroup: 'S1' }, 'no_such_subteam'],
    ['users.lookupByEmail', { email: 'nobody@example.com' }, 'users_not_found'],
    ['chat.bogus', {}, 'unknown_method'],
  ])('%s of %j is %s', async (method, args, error) => {
    expect((await call(method, args)).error).toBe(error);
  });

  test('an archived channel keeps its name and takes no messages', async () => {
    const made = await call('conversations.create', { name: 'sev1-checkout' });
    const channel = (made.channel as { id: string }).id;
    await call('conversations.archive', { channel });
    expect((await call('chat.postMessage', { channel, text: 'x' })).error).toBe('is_archived');
    expect((await call('conversations.create', { name: 'sev1-checkout' })).error).toBe('name_taken');
  });
});

describe('rates', () => {
  test('after a burst a channel takes one message a second, and says when with Retry-After', async () => {
    for (let index = 0; index < 10; index += 1) await call('chat.postMessage', { channel: 'C0INCIDENTS', text: 'x' });
    const response = await fetch(`${workspace.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${workspace.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: 'C0INCIDENTS', text: 'x' }),
    });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toEqual({ ok: false, error: 'ratelimited' });
    now += 1_000;
    expect((await call('chat.postMessage', { channel: 'C0INCIDENTS', text: 'x' })).ok).toBe(true);
  });

  test('a tier limits one method and leaves the others alone', async () => {
    for (let index = 0; index < 20; index += 1) await call('users.list');
    expect((await call('users.list')).error).toBe('ratelimited');
    expect((await call('users.info', { user: 'U0ANA' })).ok).toBe(true);
  });
});

describe('tokens, triggers and response URLs', () => {
  test('a call without, with a wrong, and with the app-level token is refused', async () => {
    expect((await createCaller(workspace, null)('auth.test')).error).toBe('not_authed');
    expect((await createCaller(workspace, 'xoxb-other')('auth.test')).error).toBe('invalid_auth');
    expect((await createCaller(workspace, workspace.appToken)('auth.test')).error).toBe('not_allowed_token_type');
  });

  test('a trigger opens one view and only for three seconds', async () => {
    const view = { type: 'modal', title: plain('T'), blocks: [] };
    const ask = async () => {
      const payload = await nextPayload(() =>
        control.command({ user: 'ana', channel: 'incidents', text: '/lambda x' }),
      );
      return String(payload.trigger_id);
    };
    const trigger_id = await ask();
    expect((await call('views.open', { trigger_id, view })).ok).toBe(true);
    expect((await call('views.open', { trigger_id, view })).error).toBe('exchanged_trigger_id');
    const late = await ask();
    now += 3_000;
    expect((await call('views.open', { trigger_id: late, view })).error).toBe('expired_trigger_id');
    expect((await call('views.open', { trigger_id: 'x', view })).error).toBe('invalid_trigger_id');
    const long = { ...view, title: plain('x'.repeat(25)) };
    expect((await call('views.open', { trigger_id: await ask(), view: long })).error).toBe('invalid_arguments');
  });

  test('a response URL works five times and thirty minutes', async () => {
    const ask = () => nextPayload(() => control.command({ user: 'ana', channel: 'incidents', text: '/lambda x' }));
    const post = async (url: unknown) =>
      (
        await fetch(String(url), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"text":"x"}',
        })
      ).text();
    const first = (await ask()).response_url;
    for (let use = 0; use < 5; use += 1) expect(await post(first)).toBe('ok');
    expect(await post(first)).toBe('used_url');
    const second = (await ask()).response_url;
    now += 30 * 60_000;
    expect(await post(second)).toBe('expired_url');
  });
});

/** The payload of what a person does, as an app on a bare socket sees it. */
async function nextPayload(act: () => Promise<unknown>): Promise<Record<string, unknown>> {
  const opened = await createCaller(workspace, workspace.appToken)('apps.connections.open');
  const socket = new WebSocket(String(opened.url));
  const payload = new Promise<Record<string, unknown>>((resolve) => {
    socket.onmessage = (frame) => {
      const envelope = JSON.parse(String(frame.data));
      if (envelope.type === 'hello') void act();
      if (envelope.type !== 'slash_commands') return;
      socket.send(JSON.stringify({ envelope_id: envelope.envelope_id, payload: {} }));
      resolve(envelope.payload);
    };
  });
  const closed = new Promise((resolve) => {
    socket.onclose = resolve;
  });
  const found = await payload;
  socket.close();
  await closed;
  return found;
}
