// Makes the README's pictures again: `npm run pictures` (needs Chromium; CHROMIUM_PATH says where it is, FOLDER where
// they go). It starts the product with its simulators and takes the workspace as a new user finds it, then the diagnosis
// of a control plane that crashes after a release.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';

const root = join(import.meta.dirname, '..');
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const pictures = process.env.FOLDER ?? join(root, 'docs', 'images');
if (!existsSync(executablePath)) throw new Error(`Chromium is not at ${executablePath}: set CHROMIUM_PATH`);

const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
const env = { PORT: '0', WORKSPACE_PORT: '0', CLUSTER_PORT: '0', METRICS_PORT: '0', LOG_LEVEL: 'warn' };
const config = loadConfig({ ...env, DATABASE_URL: `sqlite:${join(folder, 'responder.db')}` }, { root });
const app = await startApp(config, root);
async function take(page, name) {
  const path = join(pictures, name);
  await page.screenshot({ path });
  console.log(path);
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const workspace = /^workspace\s+(\S+)/m.exec(app.table)?.[1];
  if (!workspace) throw new Error('the workspace is not simulated here: unset the SLACK_ variables');
  const page = await browser.newPage({ viewport: { width: 1360, height: 900 }, colorScheme: 'light' });
  await page.goto(workspace);
  await page.getByRole('button', { name: /repl(y|ies)/ }).click();
  const thread = page.getByRole('complementary', { name: 'Thread' });
  await thread.getByText('First look at #1').first().waitFor();
  // What belongs to the first look, a chart or a file, follows it.
  await page.waitForTimeout(3_000);
  await page.mouse.move(600, 150);
  // The card stands in the channel already; the thread begins with what the cluster shows.
  await thread.locator('.messages').evaluate((list) => {
    const look = [...list.querySelectorAll('li')].find((item) => item.textContent?.includes('First look'));
    if (look) list.scrollTo({ top: look.offsetTop - list.offsetTop - 4 });
  });
  mkdirSync(pictures, { recursive: true });
  await take(page, 'workspace.png');

  const scenarios = /^scenarios\s+(\S+)/m.exec(app.table)?.[1];
  await fetch(`${scenarios}/scenarios/s13/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ speed: 60 }),
  });
  const card = page
    .getByRole('main')
    .locator('li', { hasText: /SEV1 #\d+ .*KnativeLambdaOperatorDown/s })
    .first();
  await card.waitFor({ timeout: 120_000 });
  await card.getByRole('button', { name: /repl(y|ies)/ }).click({ timeout: 60_000 });
  await thread
    .getByText(/First look at #[2-9]/)
    .first()
    .waitFor({ timeout: 60_000 });
  await page.waitForTimeout(6_000);
  await thread.locator('.messages').evaluate((list) => {
    const look = [...list.querySelectorAll('li')].find((item) => item.textContent?.includes('First look'));
    if (look) list.scrollTo({ top: look.offsetTop - list.offsetTop - 4 });
  });
  await take(page, 'diagnosis.png');
} finally {
  await browser.close();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
}
