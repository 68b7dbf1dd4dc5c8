import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Product, shown, startProduct, until } from './product.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
/** Pictures for whoever looks; nothing is compared with them. */
const PICTURES = resolve(import.meta.dirname, '../../.tmp/pictures');

let product: Product;
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) throw new Error(`Chromium is not at ${CHROMIUM}: apt-get install chromium`);
  mkdirSync(PICTURES, { recursive: true });
  product = await startProduct();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await product?.close();
});

async function openPage(size: { width: number; height: number }, colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({ viewport: size, colorScheme });
  await page.goto(product.page);
  await page.getByRole('heading', { name: 'incidents' }).waitFor();
  await page.getByRole('heading', { name: /SEV3 #1 / }).waitFor();
  return page;
}

async function type(page: Page, text: string): Promise<void> {
  const box = page.getByRole('combobox', { name: 'Message #incidents' });
  await box.fill(text);
  await box.press('Escape'); // closes the completion, as who knows the command would
  await box.press('Enter');
}

async function threadMessages() {
  const [card] = await product.workspace.messages('#incidents');
  return card ? product.workspace.messages('#incidents', { thread: card.ts }) : [];
}

async function answers(pattern: RegExp): Promise<number> {
  return (await threadMessages()).filter((message) => pattern.test(shown(message))).length;
}

test('an engineer works on the first incident in the browser, from the card to the resolution', async () => {
  const page = await openPage({ width: 1360, height: 900 }, 'light');
  const thread = () => page.getByRole('complementary').filter({ hasText: 'Thread' });
  await page
    .getByRole('button', { name: /repl(y|ies)/ })
    .first()
    .click();
  await thread().getByText('First look at #1').first().waitFor();
  await page.screenshot({ path: join(PICTURES, 'desktop-first-look.png') });

  await page.getByRole('button', { name: 'Diagnose' }).first().click();
  await until('the diagnosis to be answered', async () => (await answers(/diag all/)) > 0);

  await type(page, '/lambda diag jbos');
  await page.getByText(/There is no command/).waitFor();
  await page.getByRole('main').getByRole('button', { name: 'diag jobs' }).click();
  await until('the suggested command to be answered', async () => (await answers(/Jobs in knative-lambda-builds/)) > 0);

  await type(page, '/lambda diag logs -n knative-lambda --tail=500 -i 1');
  // The file is read where it is: its first lines, then all of them.
  const file = thread().getByRole('region', { name: /^File/ }).filter({ hasText: 'kubectl logs' }).last();
  await file.getByRole('link', { name: /Download/ }).waitFor();
  const lines = (await file.locator('pre').innerText()).split('\n').length;
  await file.getByRole('button', { name: /Show \d+ more lines/ }).click();
  await until(
    'the whole log on the page',
    async () => (await file.locator('pre').innerText()).split('\n').length > lines,
  );
  await page.screenshot({ path: join(PICTURES, 'desktop-log.png') });

  await page.getByRole('button', { name: 'Acknowledge' }).first().click();
  await page
    .getByText(/Acknowledged/)
    .first()
    .waitFor();
  await page.getByRole('main').getByRole('button', { name: 'Note …' }).first().click();
  const form = page.getByRole('dialog', { name: /Note #1/ });
  await form.waitFor();
  await page.screenshot({ path: join(PICTURES, 'desktop-modal.png') });
  await form.getByRole('textbox').fill('raised the memory limit of the build');
  await form.getByRole('button', { name: 'Add' }).click();
  await until('the note on the timeline', async () => {
    const { timeline } = await (await product.api('/api/incidents/1')).json();
    return timeline.some(
      (entry: { kind: string; text: string }) =>
        entry.kind === 'note' && entry.text.includes('raised the memory limit'),
    );
  });

  await page.getByRole('main').getByRole('button', { name: 'Resolve …' }).first().click();
  const resolving = page.getByRole('dialog', { name: /Resolve #1/ });
  await resolving.getByText(/still fires?/).waitFor();
  await page.screenshot({ path: join(PICTURES, 'desktop-resolve.png') });
  await resolving.getByRole('button', { name: 'Resolve' }).click();
  await page
    .getByText(/Resolved/)
    .first()
    .waitFor();
  const { incident } = await (await product.api('/api/incidents/1')).json();
  expect(incident).toMatchObject({ status: 'resolved', resolvedBy: { id: 'U0ANA' } });
  await page.screenshot({ path: join(PICTURES, 'desktop-resolved.png') });
  await page.close();
}, 240_000);

test.each(['light', 'dark'] as const)(
  'the same incident is readable on a phone, to the end of its thread (%s)',
  async (scheme) => {
    const page = await openPage({ width: 390, height: 844 }, scheme);
    const picture = async (name: string) => {
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect({ name, overflow }).toEqual({ name, overflow: 0 });
      await page.screenshot({ path: join(PICTURES, `phone-${scheme}-${name}.png`) });
    };
    await picture('channel');
    // What stands side by side on a desk stands in one row here too.
    const tops = await page
      .locator('.actions')
      .first()
      .locator('.button')
      .evaluateAll((buttons) => buttons.map((button) => Math.round(button.getBoundingClientRect().top)));
    expect(new Set(tops).size).toBe(1);
    await page
      .getByRole('button', { name: /repl(y|ies)/ })
      .first()
      .click();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await thread.getByText('First look at #1').first().waitFor();
    // The responder's tables are at most 44 columns wide: none has to be moved sideways.
    const widths = await thread
      .getByRole('listitem')
      .filter({ hasText: 'First look at #1' })
      .first()
      .locator('.blocks pre')
      .evaluateAll((all) => all.map((one) => one.scrollWidth - one.clientWidth));
    expect(Math.max(0, ...widths)).toBeLessThanOrEqual(0);
    // Nothing inside a message runs over its edge but what scrolls by itself.
    const over = await thread
      .locator('.message-body > :not(.file), .file-picture > *')
      .evaluateAll((all) =>
        all.filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.textContent),
      );
    expect(over).toEqual([]);
    await picture('thread');
    await thread.getByRole('button', { name: 'Close thread' }).click();
    await page.getByRole('button', { name: 'Channels' }).click();
    await picture('channels');
    await page.getByRole('button', { name: 'Practise a failure' }).click();
    await page.getByRole('button', { name: /^Start Alert storm/ }).waitFor();
    await picture('scenarios');
    await page.close();
  },
  180_000,
);
