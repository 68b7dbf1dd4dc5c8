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
}, 90_000);

afterAll(async () => {
  await browser?.close();
  await product?.close();
});

async function openPage(size: { width: number; height: number }, colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({ viewport: size, colorScheme });
  await page.goto(product.page);
  await page.getByRole('heading', { name: 'incidents' }).waitFor();
  await page.getByRole('heading', { name: /SEV3 #1 KnativeLambdaBuild/ }).waitFor();
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
  await thread()
    .getByText(/Jobs in knative-lambda-builds/)
    .first()
    .waitFor();

  await type(page, '/lambda diag jbos');
  await page.getByText(/There is no command/).waitFor();
  await page.getByRole('main').getByRole('button', { name: 'diag jobs' }).click();
  await until('the suggested command to be answered', async () => (await answers(/Jobs in knative-lambda-builds/)) > 1);

  await type(page, '/lambda diag logs -n knative-lambda --tail=500');
  await until('the log as a file', async () => {
    const files = (await threadMessages()).flatMap((message) => message.files ?? []);
    return files.some((file) => file.name.endsWith('.log') || file.size > 2_000);
  });
  await thread()
    .getByRole('link', { name: /Download/ })
    .last()
    .waitFor();

  await page.getByRole('button', { name: 'Acknowledge' }).first().click();
  await page
    .getByText(/Acknowledged/)
    .first()
    .waitFor();
  await page.getByRole('main').getByRole('button', { name: 'More options' }).first().click();
  await page.getByRole('button', { name: 'Note …' }).click();
  const form = page.getByRole('dialog', { name: /Note #1/ });
  await form.getByRole('textbox').fill('raised the memory limit of the build');
  await form.getByRole('button', { name: 'Add' }).click();
  await until('the note on the timeline', async () => {
    const { timeline } = await (await product.api('/api/incidents/1')).json();
    return timeline.some(
      (entry: { kind: string; text: string }) =>
        entry.kind === 'note' && entry.text.includes('raised the memory limit'),
    );
  });

  await page.getByRole('button', { name: 'Resolve' }).first().click();
  await page
    .getByText(/Resolved/)
    .first()
    .waitFor();
  const { incident } = await (await product.api('/api/incidents/1')).json();
  expect(incident).toMatchObject({ status: 'resolved', resolvedBy: { id: 'U0ANA' } });
  await page.screenshot({ path: join(PICTURES, 'desktop-resolved.png') });
  await page.close();
}, 90_000);

test('the same incident is readable on a phone', async () => {
  const page = await openPage({ width: 390, height: 844 }, 'dark');
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
  await page.screenshot({ path: join(PICTURES, 'phone.png') });
  await page.close();
}, 60_000);
