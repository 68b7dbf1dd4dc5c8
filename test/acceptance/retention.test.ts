import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { openStore } from '../../src/store/open.ts';
import { alert, delivery, type Product, startProduct, until } from './product.ts';

let folder = '';
let product: Product | null = null;
afterEach(async () => {
  await product?.close();
  product = null;
  rmSync(folder, { recursive: true, force: true });
});

/** Bodies in the file, by what they begin with. */
function bodies(path: string): readonly string[] {
  const reader = new DatabaseSync(path, { readOnly: true });
  const rows = reader.prepare('select substr(body, 1, 8) as head from deliveries order by id').all();
  reader.close();
  return rows.map((row) => String(row.head));
}

test('a responder that runs removes the oldest webhook bodies over retention.deliveriesSize, and decides on', async () => {
  folder = mkdtempSync(join(tmpdir(), 'retention-'));
  const path = join(folder, 'responder.db');
  const store = await openStore(`sqlite:${path}`, { log: pino({ level: 'silent' }) });
  for (let n = 0; n < 6; n += 1) {
    const body = `"body-${n} ${'x'.repeat(100 * 1024)}"`;
    const known = { sender: 'am', senderCluster: null, groupKey: 'g', alertCount: 1, receivedAt: Date.now() };
    const { id } = await store.deliveries.accept({ body, ...known });
    await store.incidents.transact((tx) => tx.account(id, [], 1));
    const lanes = { person: 9, incident: 9, edit: 9, evidence: 9 };
    await store.jobs.complete(await store.jobs.claim({ lanes, leaseMs: 60_000, now: Date.now() }));
  }
  await store.close();
  const file = join(folder, 'responder.yaml');
  writeFileSync(file, 'retention: { deliveriesSize: 320KiB }\n');
  product = await startProduct({ DATABASE_URL: `sqlite:${path}`, RESPONDER_CONFIG: file });
  const kept = await until('the oldest to go', async () => {
    const left = bodies(path).filter((head) => head.startsWith('"body-'));
    return left.length < 6 && left;
  });
  expect(kept).toEqual(['"body-3 ', '"body-4 ', '"body-5 ']);
  expect(await product.deliver(delivery([alert('HighLoad')]))).toBe(200);
  const running = product;
  await until('the card', async () =>
    /HighLoad/.test(JSON.stringify(await running.api('/api/incidents').then((r) => r.json()))),
  );
}, 180_000);
