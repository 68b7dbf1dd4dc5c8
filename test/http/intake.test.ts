import { request } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readSlice } from '../../src/alerts/split.ts';
import { createBudget } from '../../src/http/byteBudget.ts';
import { closeAll, start } from './harness.ts';

const MIB = 1024 * 1024;

afterEach(closeAll);

function body(bytes: number, count = 2): string {
  const text = 'x'.repeat(Math.max(1, Math.floor(bytes / count) - 100));
  const alerts = Array.from({ length: count }, (_, index) => ({
    labels: { alertname: 'Down', n: String(index) },
    annotations: { text },
  }));
  return JSON.stringify({ version: '4', groupKey: 'g', alerts });
}

function post(url: string, text: string): Promise<Response> {
  return fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    body: text,
  });
}

/** Begins to send a body of a declared length and waits with the rest. */
function begin(url: string, length: number): { readonly answered: Promise<number>; end(): void } {
  const sending = request(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/json', 'content-length': length },
  });
  const answered = new Promise<number>((resolve) => {
    sending.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sending.once('error', () => resolve(0));
  });
  sending.write('{"version":"4",');
  return { answered, end: () => void sending.destroy() };
}

describe('bodies on their way', () => {
  test('beyond the room there is are refused with 503 before they are read, and taken once there is room again', async () => {
    const { server } = await start({ maxBody: 32 * MIB });
    const first = begin(server.url, 30 * MIB);
    const second = begin(server.url, 26 * MIB);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const refused = await post(server.url, body(2 * MIB));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await refused.json()).toEqual({ error: 'not stored, send it again: other deliveries are being taken in' });
    expect((await post(server.url, body(MIB / 2))).status).toBe(200);
    first.end();
    await first.answered;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await post(server.url, body(2 * MIB))).status).toBe(200);
    second.end();
    await second.answered;
  });

  test('of a large size or with many alerts reach the store in slices, all of them', async () => {
    const { server, accepted } = await start({ maxBody: 32 * MIB });
    expect(await (await post(server.url, body(5 * MIB, 1_200))).json()).toEqual({ delivery: 1, alerts: 1_200 });
    expect((await post(server.url, body(100_000, 600))).status).toBe(200);
    expect((await post(server.url, body(1_000, 2))).status).toBe(200);
    const found = accepted.map(({ slices, alertCount, groupKey }) => ({
      alertCount,
      groupKey,
      inSlices: slices ? [...slices].reduce((sum, slice) => sum + readSlice(slice).alerts.length, 0) : null,
    }));
    expect(found).toEqual([
      { alertCount: 1_200, groupKey: 'g', inSlices: 1_200 },
      { alertCount: 600, groupKey: 'g', inSlices: 600 },
      { alertCount: 2, groupKey: 'g', inSlices: null },
    ]);
    expect(JSON.parse(accepted[0]?.body ?? '')).toEqual({ version: '4', groupKey: 'g', alerts: [] });
  });

  test('that are large are taken in one after the other, and small ones beside them', async () => {
    const harness = await start({ maxBody: 32 * MIB });
    const gate = Promise.withResolvers<void>();
    harness.gate = gate.promise;
    const large = [post(harness.server.url, body(5 * MIB)), post(harness.server.url, body(5 * MIB))];
    while (harness.atGate === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    harness.gate = null;
    expect((await post(harness.server.url, body(1_000))).status).toBe(200);
    expect(harness.accepted.map(({ slices }) => slices !== undefined)).toEqual([false]);
    gate.resolve();
    expect((await Promise.all(large)).map(({ status }) => status)).toEqual([200, 200]);
  });

  test('come without a length as well, and are counted as they grow', async () => {
    const { server, accepted } = await start({ maxBody: 32 * MIB });
    const text = body(3 * MIB, 900);
    const sending = request(`${server.url}/webhooks/alertmanager`, {
      method: 'POST',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    });
    const status = new Promise<number>((resolve) =>
      sending.once('response', (response) => resolve(response.resume().statusCode ?? 0)),
    );
    for (let at = 0; at < text.length; at += 100_000) sending.write(text.slice(at, at + 100_000));
    sending.end();
    expect(await status).toBe(200);
    expect(accepted.map(({ alertCount }) => alertCount)).toEqual([900]);
  });

  test('that are no delivery are refused for good whatever their size, and recorded', async () => {
    const { server, refused } = await start({ maxBody: 32 * MIB });
    const broken = body(5 * MIB, 1_000).replace('"n":"7"', '"n":7x');
    expect(await (await post(server.url, broken)).json()).toEqual({
      error: expect.stringMatching(/^the body is not JSON: alerts\[7\]: /),
    });
    const old = body(2 * MIB).replace('"version":"4"', '"version":"3"');
    expect(await (await post(server.url, old)).json()).toEqual({
      error: expect.stringContaining('version: versions before 4 are not supported'),
    });
    expect(refused.map(({ size, head }) => [size, head.length])).toEqual([
      [broken.length, 64 * 1024],
      [old.length, 64 * 1024],
    ]);
  });
});

describe('the room for bodies', () => {
  test('is kept in part for small ones, counted as they grow, and given back', () => {
    const budget = createBudget(64 * MIB, 8 * MIB);
    const [one, two, three, small] = [budget.reserve(), budget.reserve(), budget.reserve(), budget.reserve()];
    expect(one.hold(32 * MIB)).toBe(true);
    expect(two.hold(25 * MIB)).toBe(false);
    expect(two.hold(24 * MIB)).toBe(true);
    expect(three.hold(2 * MIB)).toBe(false);
    expect(small.hold(MIB)).toBe(true);
    expect(small.hold(MIB + 1)).toBe(false);
    const others = Array.from({ length: 9 }, () => budget.reserve().hold(MIB));
    expect(others).toEqual([true, true, true, true, true, true, true, false, false]);
    two.release();
    two.release();
    expect(small.hold(3 * MIB)).toBe(true);
    expect(three.hold(21 * MIB)).toBe(true);
    expect(two.hold(1)).toBe(true);
  });
});
