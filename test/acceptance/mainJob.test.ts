import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { alert, delivery, type Product, shown, startProduct, until } from './product.ts';

const open: Product[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((product) => product.close()));
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<Product> {
  const product = await startProduct(env);
  open.push(product);
  return product;
}

async function cardOf(product: Product, text: string, seconds = 60) {
  return until(
    `a card with ${text}`,
    async () => (await product.workspace.messages('#incidents')).find((message) => shown(message).includes(text)),
    seconds,
  );
}

describe('a new user', () => {
  test('finds an incident a few minutes old, told by the first look, and can work on it to the end', async () => {
    const product = await start();
    const card = await cardOf(product, 'KnativeLambdaBuild');
    const thread = () => product.workspace.messages('#incidents', { thread: card.ts });
    await until('the first look', async () =>
      (await thread()).some((message) => shown(message).includes('more memory than its limit')),
    );

    await product.workspace.mention({ user: 'ana', channel: '#incidents', thread: card.ts, text: 'diag jobs' });
    await until('the answer in the thread', async () =>
      (await thread()).some((message) => /Jobs in knative-lambda-builds/.test(shown(message))),
    );

    await product.workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda note raised the limit' });
    await product.workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda resolve 1 fixed' });
    await until('the card says so', async () => /resolved/i.test(shown(await cardOf(product, 'KnativeLambdaBuild'))));
    const incident = await (await product.api('/api/incidents/1')).json();
    expect(incident.incident).toMatchObject({ status: 'resolved', resolvedBy: { type: 'slack' } });
    expect(incident.timeline).toContainEqual(
      expect.objectContaining({ kind: 'note', text: expect.stringContaining('raised the limit') }),
    );
  });

  test('is refused as a guest, with the reason', async () => {
    const product = await start();
    await cardOf(product, 'KnativeLambdaBuild');
    await product.workspace.join('sam', '#incidents');
    await product.workspace.command({ user: 'sam', channel: '#incidents', text: '/lambda diag jobs' });
    await until('the refusal', async () =>
      (await product.workspace.ephemerals('sam')).some((message) => /guest/i.test(shown(message))),
    );
  });
});

describe('an alert', () => {
  test('with hostile labels becomes a card that pings nobody and keeps within the limits', async () => {
    const product = await start();
    const hostile = `<!channel> <@U0ANA> & \u202Egnp ${'😀'.repeat(2_500)}`;
    expect(
      await product.deliver(
        delivery([
          alert('Hostile', { pod: hostile, evil: 'x'.repeat(1_000_000) }, { annotations: { summary: hostile } }),
        ]),
      ),
    ).toBe(200);
    const card = await cardOf(product, 'Hostile');
    expect(shown(card)).not.toMatch(/<!channel>|<@U0ANA>/);
    expect(card.text.length).toBeLessThanOrEqual(120);
  });

  test('measured at an address has the node of that address on its card once the cluster has said whose it is', async () => {
    const product = await start();
    const labels = { namespace: '', instance: '10.0.0.12:9100', job: 'node-exporter' };
    const annotations = { summary: 'Filesystem has less than 5% space left.' };
    expect(await product.deliver(delivery([alert('NodeFilesystemAlmostOutOfSpace', labels, { annotations })]))).toBe(
      200,
    );
    await cardOf(product, '10.0.0.12:9100 on node node-b');
  });

  test('group of ten thousand is accepted whole, and every alert of it is accounted for', async () => {
    const product = await start();
    const many = Array.from({ length: 10_000 }, (_, index) =>
      alert('NodeFilesystem', { node: 'node-a', mount: `/m${index}`, namespace: 'kube-system' }),
    );
    expect(await product.deliver(delivery(many, { truncatedAlerts: 5 }))).toBe(200);
    const card = await cardOf(product, 'NodeFilesystem');
    expect(shown(card)).toMatch(/5 (?:more )?not sent by Alertmanager|\+5 not sent/);
    const metrics = await (await fetch(`${product.app.url}/metrics`)).text();
    const count = (state: string) =>
      Number(new RegExp(`responder_alerts\\{state="${state}"\\} (\\d+)`).exec(metrics)?.[1]);
    expect(count('received')).toBe(count('onIncident') + count('pending') + count('rejected') + count('dead'));
    expect(count('received')).toBeGreaterThanOrEqual(10_000);
  });

  test('that was delivered twice has one card', async () => {
    const product = await start();
    const body = delivery([alert('Twice', { deployment: 'checkout' })]);
    await Promise.all([product.deliver(body), product.deliver(body), product.deliver(body)]);
    await cardOf(product, 'Twice');
    await cardOf(product, 'Twice');
    expect(
      (await product.workspace.messages('#incidents')).filter((message) => shown(message).includes('Twice')),
    ).toHaveLength(1);
  });

  test('of a refused delivery is an incident of our own', async () => {
    const product = await start();
    expect(await product.deliver({ alerts: 'nonsense' })).toBe(400);
    await cardOf(product, 'ResponderDeliveryRefused');
  });

  test('has its card when the cluster cannot be reached, and the thread says why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    const kubeconfig = join(folder, 'config');
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'gone', cluster: { server: 'http://127.0.0.1:9', 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { token: 't' } }],
        contexts: [{ name: 'c', context: { cluster: 'gone', user: 'u' } }],
        'current-context': 'c',
      }),
    );
    const product = await start({ KUBECONFIG: kubeconfig });
    expect(await product.deliver(delivery([alert('Elsewhere', { deployment: 'x' })]))).toBe(200);
    const card = await cardOf(product, 'Elsewhere');
    const thread = () => product.workspace.messages('#incidents', { thread: card.ts });
    await until('why', async () => (await thread()).some((message) => /failed: .*127\.0\.0\.1:9/.test(shown(message))));
    await product.workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda diag jobs' });
    await until('the reason for who asked', async () =>
      (await product.workspace.ephemerals('ana')).some((message) => /reachable from here/.test(shown(message))),
    );
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('Slack', () => {
  test('being down loses nothing: the cards come when it is back, each once', async () => {
    const product = await start();
    await cardOf(product, 'KnativeLambdaBuild');
    await product.workspace.fault({ kind: 'down', seconds: 3 });
    for (const name of ['DownA', 'DownB'])
      expect(await product.deliver(delivery([alert(name, { deployment: name.toLowerCase() })]))).toBe(200);
    // Slack may still make what it broke the connection of, so that is waited for before it is posted again.
    await cardOf(product, 'DownA', 80);
    await cardOf(product, 'DownB', 20);
    const texts = (await product.workspace.messages('#incidents')).map((message) => message.text);
    for (const name of ['DownA', 'DownB']) expect(texts.filter((text) => text.includes(name))).toHaveLength(1);
  }, 360_000);

  test('answers a wrong subcommand with suggestions, to the asker only', async () => {
    const product = await start();
    await cardOf(product, 'KnativeLambdaBuild');
    const before = (await product.workspace.messages('#incidents')).length;
    await product.workspace.command({ user: 'jun', channel: '#incidents', text: '/lambda diag jbos' });
    await until('suggestions', async () =>
      (await product.workspace.ephemerals('jun')).some((message) => /diag jobs/.test(shown(message))),
    );
    expect(await product.workspace.messages('#incidents')).toHaveLength(before);
  });
});
