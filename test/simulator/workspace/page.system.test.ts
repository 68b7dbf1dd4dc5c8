import { existsSync } from 'node:fs';
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
let app: bolt.App;

const plain = (text: string) => ({ type: 'plain_text' as const, text });

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`The page is tested in Chromium, which is not at ${CHROMIUM}: apt-get install chromium`);
  }
  workspace = await startWorkspace({ manifests: null });
  control = createControl(workspace.url);
  app = new bolt.App({
    token: workspace.botToken,
    appToken: workspace.appToken,
    socketMode: true,
    logLevel: bolt.LogLevel.ERROR,
    clientOptions: { slackApiUrl: workspace.apiUrl },
  });
  app.command('/lambda', async ({ ack, command }) => ack(`you asked ${command.text}`));
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
}, 90_000);

afterAll(async () => {
  await browser?.close();
  await app?.stop();
  await workspace?.close();
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
}, 90_000);

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
