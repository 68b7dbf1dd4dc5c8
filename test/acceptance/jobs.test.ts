import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { openStore } from '../../src/store/open.ts';
import { alert, delivery, type Product, startProduct, TOKEN, until } from './product.ts';
import { typed } from './program.ts';

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

/** A product on a store that holds a delivery of three alerts nobody can decide about. */
async function withDeadLetter(): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'jobs-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const url = `sqlite:${join(folder, 'responder.db')}`;
  const store = await openStore(url, { log: pino({ level: 'silent' }) });
  const broken = { sender: 'am', senderCluster: null, groupKey: 'g', alertCount: 3, receivedAt: Date.now() };
  await store.deliveries.accept({ body: 'no JSON', ...broken });
  await store.close();
  const product = await startProduct({ DATABASE_URL: url });
  closers.push(() => product.close());
  return product;
}

const terminal = (product: Product, ...argv: string[]) =>
  typed(argv, { RESPONDER_URL: product.app.url, API_TOKEN: TOKEN });

/** Alerts by state, as the metrics tell them. */
async function accounting(product: Product): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${product.app.url}/metrics`)).text();
  return new Map(
    [...text.matchAll(/^responder_alerts\{state="([^"]+)"\} (\d+)/gm)].map(([, state = '', count]) => [
      state,
      Number(count),
    ]),
  );
}

test('work that was given up is listed, shown and retried while the responder runs on its SQLite store', async () => {
  const product = await withDeadLetter();
  const list = await until('the dead letter', async () => {
    const { out } = await terminal(product, 'jobs', 'list');
    return out.includes('handleAlertGroup') && out;
  });
  const id = /^(\d+)\s+handleAlertGroup/m.exec(list)?.[1] ?? '';
  const status = (await terminal(product, 'run', 'status')).out;
  expect(status).toContain('I gave up 1 piece of my own work');
  expect(status).toContain(`handleAlertGroup (job ${id})`);
  const show = async () => JSON.parse((await terminal(product, 'jobs', 'show', id)).out);
  const before = await show();
  expect(before).toMatchObject({ kind: 'handleAlertGroup', attempts: 1 });
  expect(await terminal(product, 'jobs', 'retry', id)).toMatchObject({ code: 0, out: `Job ${id} runs again.\n` });
  await until('it to fail again', async () => (await show().catch(() => null))?.deadAt > before.deadAt);
  expect((await terminal(product, 'jobs', 'retry', '999')).err).toContain('No job 999 was given up');
}, 180_000);

test('every alert that was received is on an incident, pending, suppressed, rejected or dead, at every moment', async () => {
  const product = await withDeadLetter();
  const checked = async () => {
    const by = await accounting(product);
    const rest = [...by].filter(([state]) => state !== 'received').reduce((sum, [, count]) => sum + count, 0);
    expect(rest).toBe(by.get('received'));
    return by;
  };
  const sending = Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      product.deliver(
        delivery(
          [
            alert('Cause', { namespace: `team-${index}` }),
            alert('Watchdog', { severity: 'none' }),
            { status: 'firing', labels: 'nonsense' },
          ],
          { groupKey: `g${index}` },
        ),
      ),
    ),
  );
  for (let look = 0; look < 20; look += 1) await checked();
  await sending;
  const done = await until('all to be decided', async () => {
    const by = await checked();
    return by.get('pending') === 0 && by;
  });
  expect(done.get('dead')).toBe(3);
  expect(done.get('rejected')).toBe(30);
  expect(done.get('suppressed:suppressed_watchdog')).toBe(30);
  expect(done.get('onIncident')).toBeGreaterThanOrEqual(30);
}, 180_000);
