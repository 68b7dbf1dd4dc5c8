import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/**
 * What trying the product costs: start of everything `npm start` starts, its memory, the page in a browser, and the same
 * after an alert storm of 1,000 builds. Prints figures; run with `node bench/laptop.ts`. Needs Linux and Chromium.
 */
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const ROOT = join(import.meta.dirname, '..');
const CARD = /#1 KnativeLambdaBuild/;

if (!existsSync(CHROMIUM)) throw new Error(`Chromium is not at ${CHROMIUM}: set CHROMIUM_PATH`);
const folder = mkdtempSync(join(tmpdir(), 'laptop-bench-'));
const ports = { PORT: '0', WORKSPACE_PORT: '0', CLUSTER_PORT: '0', METRICS_PORT: '0' };
const env = { ...process.env, ...ports, DATABASE_URL: `sqlite:${join(folder, 'responder.db')}` };

rmSync(join(ROOT, 'node_modules/.cache/workspace-page'), { recursive: true, force: true });
const begin = performance.now();
const child = spawn(process.execPath, ['src/main.ts'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  const workspace = await addressOf('workspace');
  figure('from start to the table of addresses', performance.now() - begin, 'ms');
  await load(workspace, 'first page, built on the way');
  for (let round = 1; round <= 3; round += 1) await load(workspace, `page again (${round})`);
  memory('memory after the first look');
  await pause(60_000);
  memory('memory a minute later');
  const storm = await fetch(`${workspace}/ui/scenarios/s10/start`, { method: 'POST', body: '{"speed":60}' });
  if (!storm.ok) throw new Error(`the storm was refused: ${await storm.text()}`);
  await pause(60_000);
  memory('memory after a storm of 1,000 builds');
  await load(workspace, 'page after the storm');
} finally {
  await browser.close();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

/** From the address to the first incident's card on the screen, in a browser without a cache. */
async function load(address: string, what: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1360, height: 900 } });
  let bytes = 0;
  page.on('response', async (response) => {
    bytes += Number(response.headers()['content-length'] ?? 0) || (await response.body().catch(() => '')).length;
  });
  const from = performance.now();
  await page.goto(address);
  const first = performance.now() - from;
  await page.getByRole('heading', { name: CARD }).waitFor();
  figure(`${what}: to the card`, performance.now() - from, 'ms');
  figure('  of which to the load event', first, 'ms');
  figure('  received', bytes / 1024, 'KiB');
  await page.close();
}

async function addressOf(part: string): Promise<string> {
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    const found = new RegExp(`^${part}\\s+(\\S+)`, 'm').exec(said)?.[1];
    if (found) {
      child.stdout.resume();
      return found;
    }
  }
  throw new Error(`the product ended: ${said}`);
}

function memory(what: string): void {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
  figure(what, kilobytes('VmRSS') / 1024, 'MiB');
  figure('  at its highest', kilobytes('VmHWM') / 1024, 'MiB');
}

function figure(what: string, value: number, unit: string): void {
  console.log(`${what}: ${Math.round(value)} ${unit}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
