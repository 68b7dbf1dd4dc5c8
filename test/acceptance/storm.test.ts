import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { alert, delivery, type Product, shown, startProduct, until } from './product.ts';

let product: Product;
afterEach(() => product.close());

/** Alerts of as many incidents: each of a namespace of its own. */
function many(count: number, name: (index: number) => string, labels: Readonly<Record<string, string>> = {}) {
  return Array.from({ length: count }, (_, index) =>
    alert(name(index), { namespace: `team-${index}`, deployment: 'api', ...labels }),
  );
}

async function cards(text: string) {
  return (await product.workspace.messages('#incidents')).filter((message) => shown(message).includes(text));
}

test('two hundred incidents at once are one card that counts them; sev1 keeps its own, and a click is answered', async () => {
  product = await startProduct();
  for (let start = 0; start < 200; start += 20) {
    const part = many(200, (index) => `Cause${index % 5}`).slice(start, start + 20);
    expect(await product.deliver(delivery(part, { groupKey: `{}:{part="${start}"}` }))).toBe(200);
  }
  const grave = alert('Down', { incident_severity: 'sev1', namespace: 'shop', deployment: 'checkout' });
  expect(await product.deliver(delivery([grave], { groupKey: '{}:{alertname="Down"}' }))).toBe(200);
  const card = await until('the sev1 card', async () => (await cards('Down happened')).at(0));

  const storm = await until(
    'the storm card',
    async () => (await cards('STORM')).find((one) => /20[01] incidents/.test(shown(one))),
    30,
  );
  expect(shown(storm)).toContain('Cause0');
  // None of the two hundred has a card of its own, but for what our own alerts say.
  expect((await product.workspace.messages('#incidents')).length).toBeLessThan(8);
  expect((await cards('STORM')).length).toBe(1);

  await product.workspace.click({ user: 'ana', channel: '#incidents', ts: card.ts, actionId: 'lambda:ack' });
  await until('the acknowledgement on the card', async () => (await cards('Acknowledged')).at(0));

  await product.workspace.click({ user: 'ana', channel: '#incidents', ts: storm.ts, actionId: 'lambda:group' });
  const listed = await until('the list', async () =>
    (await product.workspace.ephemerals('ana')).find((one) => shown(one).includes('happened')),
  );
  expect(shown(listed)).toContain('Cause');
}, 180_000);

test('an incident of a storm that somebody takes up gets a card of its own', async () => {
  product = await startProduct();
  expect(await product.deliver(delivery(many(30, () => 'Cause')))).toBe(200);
  await until('the storm card', async () => (await cards('STORM')).find((one) => /3[01] incidents/.test(shown(one))));
  await product.workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda ack 7' });
  const card = await until('the card', async () =>
    (await cards('#7')).find((one) => shown(one).includes('Acknowledged')),
  );
  expect(shown(card)).toContain('namespace `team-');
}, 180_000);

test('of many sev2 of one alert name the first ten have cards, and the rest share one', async () => {
  product = await startProduct();
  expect(await product.deliver(delivery(many(14, () => 'Paging', { severity: 'critical' })))).toBe(200);
  const shared = await until('the shared card', async () => (await cards('more Paging')).at(0), 30);
  expect(shown(shared)).toContain('4 more Paging');
  // The shared card names the worst of its incidents, as their own cards do.
  await until('ten cards of their own', async () => (await cards('SEV2 #')).length >= 11, 60);
  expect(await cards('STORM')).toEqual([]);
  expect((await cards('Paging')).length).toBe(11);
}, 240_000);

test('many sev2 of one alert name that a route sends to another channel have their cards there, the shared one too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'routes-'));
  const file = join(folder, 'responder.yaml');
  writeFileSync(file, 'routes: [{ match: { team: payments }, channel: "#oncall" }]\n');
  product = await startProduct({ RESPONDER_CONFIG: file });
  rmSync(folder, { recursive: true });
  expect(await product.deliver(delivery(many(13, () => 'Paging', { severity: 'critical', team: 'payments' })))).toBe(
    200,
  );
  const there = async () => (await product.workspace.messages('#oncall')).map(shown);
  await until('the shared card', async () => (await there()).some((card) => card.includes('3 more Paging')), 30);
  await until(
    'ten cards of their own',
    async () => (await there()).filter((card) => card.includes('SEV2 #')).length >= 11,
    60,
  );
  expect(await cards('Paging')).toEqual([]);
}, 240_000);

test('what opened while Slack was down is told by the storm’s card, as it is then, and not one by one', async () => {
  product = await startProduct();
  await product.workspace.fault({ kind: 'down' });
  await until('Slack to be away', async () => {
    const detail: { slack: { connected: boolean } } = await (await fetch(`${product.app.url}/readyz`)).json();
    return !detail.slack.connected;
  });
  expect(await product.deliver(delivery(many(40, () => 'Cause')))).toBe(200);
  const resolved = { status: 'resolved', endsAt: new Date().toISOString() };
  const half = many(40, () => 'Cause').slice(0, 20);
  expect(
    await product.deliver(
      delivery(
        half.map((one) => ({ ...one, ...resolved })),
        { status: 'resolved' },
      ),
    ),
  ).toBe(200);
  await new Promise((wake) => setTimeout(wake, 3_000));
  await product.workspace.clearFaults();
  await until(
    'the storm card',
    async () => (await cards('STORM')).find((one) => /4[01] incidents/.test(shown(one))),
    90,
  );
  expect((await product.workspace.messages('#incidents')).length).toBeLessThan(6);
}, 360_000);
