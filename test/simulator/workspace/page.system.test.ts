import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import bolt from '@slack/bolt';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Control, createControl } from '../../../simulator/workspace/control.ts';
import { startWorkspace, type Workspace } from '../../../simulator/workspace/start.ts';
import { eventually } from './eventually.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

let workspace: Workspace;
let control: Control;
let browser: Browser;
let manifests: string;
let app: bolt.App;

const MANIFEST = `
features:
  app_home: { home_tab_enabled: true }
  slash_commands:
    - { command: /lambda, description: Ask, should_escape: true }
  shortcuts:
    - { name: Add to the timeline, type: message, callback_id: add, description: Keeps it }
    - { name: Declare an incident, type: global, callback_id: declare, description: Opens one }
oauth_config:
  scopes:
    bot: [chat:write, files:write, commands, reactions:read, channels:history, users:read]
settings:
  event_subscriptions:
    bot_events: [reaction_added]
`;

const plain = (text: string) => ({ type: 'plain_text' as const, text });

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`The page is tested in Chromium, which is not at ${CHROMIUM}: apt-get install chromium`);
  }
  manifests = mkdtempSync(join(tmpdir(), 'manifests-'));
  writeFileSync(join(manifests, 'app.yaml'), MANIFEST);
  workspace = await startWorkspace({ manifests });
  control = createControl(workspace.url);
  app = new bolt.App({
    token: workspace.botToken,
    appToken: workspace.appToken,
    socketMode: true,
    logLevel: bolt.LogLevel.ERROR,
    clientOptions: { slackApiUrl: workspace.apiUrl },
  });
  app.command('/lambda', async ({ ack, command }) => ack(`you asked ${command.text}`));
  app.shortcut(/.*/, async ({ ack, shortcut, client }) => {
    await ack();
    const about = 'message' in shortcut ? `${shortcut.callback_id} ${shortcut.message.text}` : shortcut.callback_id;
    await client.chat.postMessage({ channel: 'C0INCIDENTS', text: `used ${about}` });
  });
  app.action('take', async ({ ack, body, client }) => {
    await ack();
    const element = { type: 'plain_text_input' as const, action_id: 'text' };
    await client.views.open({
      trigger_id: (body as { trigger_id: string }).trigger_id,
      view: {
        type: 'modal',
        callback_id: 'take',
        title: plain('Take it'),
        submit: plain('Take'),
        blocks: [{ type: 'input', block_id: 'note', label: plain('Note'), element }],
      },
    });
  });
  app.view('take', async ({ ack, view, client, body }) => {
    await ack();
    const note = view.state.values.note?.text?.value;
    await client.chat.postMessage({ channel: 'C0INCIDENTS', text: `<@${body.user.id}> took it: ${note}` });
  });
  await app.start();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await app?.stop();
  await workspace?.close();
  rmSync(manifests, { recursive: true, force: true });
});

async function open(size: { width: number; height: number }, path = '/'): Promise<Page> {
  await control.reset();
  const page = await browser.newPage({ viewport: size });
  await page.goto(`${workspace.url}${path}`);
  await page.getByRole('heading', { name: 'incidents' }).waitFor();
  return page;
}

test('typing a command shows the answer to the asker, and to nobody else', async () => {
  const page = await open({ width: 1280, height: 800 });
  const box = page.getByRole('combobox', { name: 'Message #incidents' });
  await box.pressSequentially('/lambda di');
  await page.getByRole('option', { name: /diag jobs/ }).waitFor();
  await box.press('Tab');
  await box.press('Enter');
  await page.getByText('you asked diag jobs').waitFor();
  expect(await page.getByText('Only visible to you').count()).toBe(1);
  await page.getByRole('button', { name: /Acting as Ana/ }).click();
  await page.getByRole('radio', { name: /Jun Park/ }).click();
  await eventually(async () => expect(await page.getByText('you asked diag jobs').count()).toBe(0));
  await page.close();
}, 240_000);

test('a button opens a modal; what is typed into it reaches the app and the channel, live', async () => {
  const page = await open({ width: 1280, height: 800 });
  await app.client.chat.postMessage({
    channel: 'C0INCIDENTS',
    text: 'card',
    blocks: [
      { type: 'header', text: plain('SEV2 BuildOOMKilled') },
      { type: 'actions', elements: [{ type: 'button', action_id: 'take', text: plain('Take') }] },
    ],
  });
  await page.getByRole('heading', { name: 'SEV2 BuildOOMKilled' }).waitFor();
  await page.getByRole('button', { name: 'Take' }).click();
  const dialog = page.getByRole('dialog', { name: 'Take it' });
  await dialog.waitFor();
  await dialog.getByRole('button', { name: 'Take', exact: true }).click();
  await dialog.getByText('Please complete this required field.').waitFor();
  await dialog.getByRole('textbox', { name: 'Note' }).fill('on it');
  await dialog.getByRole('button', { name: 'Take', exact: true }).click();
  await page.getByText('took it: on it').waitFor();
  expect(await dialog.count()).toBe(0);
  await page.close();
});

test('a reply, a reaction and a pin made on the page are in the workspace', async () => {
  const page = await open({ width: 1280, height: 800 });
  const { ts } = await control.message({ user: 'jun', channel: 'incidents', text: 'look at this' });
  await page.getByText('look at this').hover();
  await page.getByRole('button', { name: 'React with eyes' }).click();
  await page.getByRole('button', { name: 'Reply in thread' }).click();
  const reply = page.getByRole('combobox', { name: 'Reply…' });
  await reply.fill('looking');
  await reply.press('Enter');
  await page.getByRole('button', { name: /1 reply/ }).waitFor();
  await page.getByRole('main').getByText('look at this').hover();
  await page.getByRole('main').getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('button', { name: 'Pin to channel' }).click();
  await page.getByText('Pinned by Ana Costa').first().waitFor();
  const [message] = await control.messages('incidents');
  expect(message).toMatchObject({ ts, reply_count: 1, reactions: [{ name: 'eyes', users: ['U0ANA'] }] });
  await page.close();
});

test('shortcuts of the app are offered beside the text box and in the menu of a message', async () => {
  const page = await open({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'Shortcuts' }).click();
  await page.getByRole('button', { name: 'Declare an incident' }).click();
  await page.getByText('used declare').waitFor();
  await control.message({ user: 'jun', channel: 'incidents', text: 'it began at nine' });
  await page.getByText('it began at nine').hover();
  await page.getByRole('listitem').filter({ hasText: 'it began at nine' }).getByLabel('More actions').click();
  await page.getByRole('button', { name: 'Add to the timeline' }).click();
  await page.getByText('used add it began at nine').waitFor();
  await page.close();
});

test('emoji are drawn as pictures wherever they stand, and their text stays the character', async () => {
  const page = await open({ width: 1280, height: 800 });
  await app.client.chat.postMessage({
    channel: 'C0INCIDENTS',
    text: 'x',
    blocks: [
      { type: 'header', text: plain('🔴 :fire: SEV1') },
      { type: 'section', text: { type: 'mrkdwn', text: '⚠️ *Firing* :eyes: 5 #1 🧑‍🚒' } },
    ],
  });
  await page.getByRole('heading', { name: /SEV1/ }).waitFor();
  const pictures = page.locator('.message-body img.emoji');
  await eventually(async () => {
    const drawn = await pictures.evaluateAll((all) => all.map((one) => (one as HTMLImageElement).naturalWidth > 0));
    expect(drawn).toEqual([true, true, true, true, true]);
  });
  const characters = await pictures.evaluateAll((all) => all.map((one) => one.getAttribute('alt')));
  expect(characters).toEqual(['🔴', '🔥', '⚠️', '👀', '🧑‍🚒']);
  expect(await page.locator('.section-text').innerText()).toContain('5 #1');
  await page.close();
});

test('a quote, a table and a line of code stand apart from the text around them', async () => {
  const page = await open({ width: 1280, height: 800 });
  const text = 'before\n> quoted `code`\n&gt; and more\nafter\n```\nNAME  READY\n```';
  await app.client.chat.postMessage({ channel: 'C0INCIDENTS', text });
  const message = page.getByRole('listitem').filter({ hasText: 'before' });
  await message.waitFor();
  expect(await message.locator('blockquote').innerText()).toBe('quoted code\nand more');
  expect(await message.locator('pre').innerText()).toBe('NAME  READY');
  await page.close();
});

test('a button of a card is reached by keyboard, and has the focus again when its modal is closed', async () => {
  const page = await open({ width: 1280, height: 800 });
  await app.client.chat.postMessage({
    channel: 'C0INCIDENTS',
    text: 'card',
    blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'take', text: plain('Take') }] }],
  });
  const take = page.getByRole('button', { name: 'Take' });
  await take.waitFor();
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    if (await take.evaluate((button) => button === document.activeElement)) break;
  }
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Take it' }).waitFor();
  await page.keyboard.press('Escape');
  await eventually(async () => expect(await page.getByRole('dialog').count()).toBe(0));
  expect(await take.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.close();
});

test('a picture is shown in its place, a long text file with its first lines, and the rest on request', async () => {
  const page = await open({ width: 1280, height: 800 });
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  await app.client.filesUploadV2({
    channel_id: 'C0INCIDENTS',
    file_uploads: [
      { filename: 'memory.png', title: 'Memory', file: Buffer.from(pixel, 'base64') },
      {
        filename: 'build.log',
        title: 'Build log',
        content: Array.from({ length: 900 }, (_, at) => `line ${at}`).join('\n'),
      },
    ],
  });
  const picture = page.getByRole('img', { name: 'Memory' });
  await picture.waitFor();
  await eventually(async () => expect(await picture.evaluate((one) => (one as HTMLImageElement).naturalWidth)).toBe(1));
  const file = page.getByRole('region', { name: 'File Build log' });
  expect(await file.locator('pre').innerText()).not.toContain('line 899');
  await file.getByRole('button', { name: /Show \d+ more lines/ }).click();
  await file.getByText('line 899').waitFor();
  await page.close();
});

test('the Home tab shows what the app published for this person', async () => {
  const page = await open({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'Lambda Responder' }).click();
  await page.getByText('The app has published nothing here yet.').waitFor();
  const view = { type: 'home' as const, blocks: [{ type: 'header' as const, text: plain('2 open incidents') }] };
  await app.client.views.publish({ user_id: 'U0ANA', view });
  await page.getByRole('heading', { name: '2 open incidents' }).waitFor();
  await page.close();
});

test('hostile text is shown as text', async () => {
  const page = await open({ width: 1280, height: 800 });
  const text = '<script>alert(1)</script> & <javascript:alert(1)|click> *bold* `code`';
  await app.client.chat.postMessage({ channel: 'C0INCIDENTS', text });
  await page.getByRole('strong').filter({ hasText: 'bold' }).waitFor();
  expect(await page.locator('.message script').count()).toBe(0);
  expect(await page.locator('.message a[href^="javascript"]').count()).toBe(0);
  await page.close();
});

test('on a phone the thread and the channel list take the whole screen, and nothing runs over its edge', async () => {
  const page = await open({ width: 390, height: 844 });
  const { ts } = await control.message({ user: 'jun', channel: 'incidents', text: `long ${'x'.repeat(300)}` });
  const code = `\`\`\`\n${'wide '.repeat(60)}\n\`\`\``;
  await app.client.chat.postMessage({ channel: 'C0INCIDENTS', thread_ts: ts, text: code });
  await page.getByRole('button', { name: /1 reply/ }).click();
  await page.getByRole('complementary', { name: 'Thread' }).waitFor();
  expect(await page.getByRole('main').isVisible()).toBe(false);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(390);
  await page.getByRole('button', { name: 'Close thread' }).click();
  await page.getByRole('button', { name: 'Channels' }).click();
  await page.getByRole('button', { name: 'oncall' }).click();
  await page.getByRole('heading', { name: 'oncall' }).waitFor();
  await page.close();
});

test('the address of a message in a thread opens that thread', async () => {
  const page = await open({ width: 1280, height: 800 });
  const parent = await control.message({ user: 'jun', channel: 'incidents', text: 'the parent' });
  const reply = await app.client.chat.postMessage({ channel: 'C0INCIDENTS', thread_ts: parent.ts, text: 'the reply' });
  const message_ts = reply.ts ?? '';
  const { permalink = '' } = await app.client.chat.getPermalink({ channel: 'C0INCIDENTS', message_ts });
  await page.goto(permalink);
  await page.getByRole('complementary', { name: 'Thread' }).getByText('the reply').waitFor();
  await page.close();
});
