import { afterEach, describe, expect, test } from '@jest/globals';
import { LINES, THRESHOLD, WIDTH } from '../../src/prometheus/chart/option.ts';
import { alert, delivery, type Product, shown, startProduct, until } from '../acceptance/product.ts';
import { decodePng } from './png.ts';

const open: Product[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((product) => product.close()));
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<Product> {
  const product = await startProduct(env);
  open.push(product);
  return product;
}

async function threadOf(product: Product, text: string) {
  const card = await until(`a card with ${text}`, async () =>
    (await product.workspace.messages('#incidents')).find((message) => shown(message).includes(text)),
  );
  return () => product.workspace.messages('#incidents', { thread: card.ts });
}

async function prometheusIn(product: Product): Promise<Record<string, unknown>> {
  const detail: { prometheus: Record<string, unknown> } = await (await product.api('/readyz')).json();
  return detail.prometheus;
}

describe('with a Prometheus', () => {
  test('the first look, the page and the post-mortem have the alert’s expression as a chart; its values are in words', async () => {
    const product = await start();
    await fetch(`${product.scenarios}/t03/start`, { method: 'POST', body: '{"startedAgo":900}' });
    const thread = await threadOf(product, 'FunctionLatencyHigh');
    const withFile = await until(
      'the chart',
      async () => (await thread()).find((message) => message.files?.[0]?.name.endsWith('.png')),
      30,
    );
    const look = (await thread()).find((message) => shown(message).includes('First look'));
    expect(shown(look ?? withFile)).toMatch(/hello-nodejs.*: [\d.]+ s now \(alerts &gt; 1 s\)/);

    const file: Record<string, unknown> = { ...withFile.files?.[0] };
    expect(file.name).toMatch(/^KnativeLambdaFunctionLatencyHigh-post-\d+\.png$/);
    expect(file.alt_txt).toMatch(
      /^Line chart of .* for KnativeLambdaFunctionLatencyHigh hello-nodejs, .*threshold, > 1 s/,
    );
    const bytes = await (await fetch(`${product.page}/ui/files/${file.id}`)).bytes();
    const picture = decodePng(bytes);
    expect(picture.width).toBe(WIDTH);
    expect(picture.count(LINES[0])).toBeGreaterThan(700);
    expect(picture.count(THRESHOLD)).toBeGreaterThan(300);

    const { incidents } = (await (await product.api('/api/incidents')).json()) as {
      readonly incidents: readonly { readonly number: number; readonly title: string }[];
    };
    const { number } = incidents.find(({ title }) => title.includes('FunctionLatencyHigh')) ?? { number: 0 };
    expect(decodePng(await (await product.api(`/incidents/${number}/chart.png`)).bytes()).width).toBe(WIDTH);
    const postmortem = await (await product.api(`/api/incidents/${number}/postmortem`)).text();
    expect(postmortem).toMatch(/^!\[Chart of .*\]\[chart-1\]$/m);
    for (const name of ['course', 'chart-1'])
      expect(postmortem).toMatch(new RegExp(`^\\[${name}\\]: data:image/png;base64,`, 'm'));
  }, 180_000);

  test('diag slo and diag golden answer in the thread, and its calls are counted', async () => {
    const product = await start();
    const thread = await threadOf(product, 'KnativeLambdaBuild');
    const [card] = await product.workspace.messages('#incidents');
    const at = { user: 'ana', channel: '#incidents', thread: card?.ts ?? '' };
    await product.workspace.mention({ ...at, text: 'diag slo' });
    await until('the objectives', async () =>
      (await thread()).some((message) => /Availability has \d+% of its error budget left/.test(shown(message))),
    );
    await product.workspace.mention({ ...at, text: 'diag golden' });
    await until('the signals', async () =>
      (await thread()).some((message) => /requests \(5m\) · 6\.25\/s/.test(shown(message))),
    );
    expect(await prometheusIn(product)).toMatchObject({ configured: true, simulated: true, state: 'ok' });
    const metrics = await (await product.api('/metrics')).text();
    expect(metrics).toMatch(/responder_dependency_calls_total\{dependency="prometheus",outcome="ok"\} [1-9]/);
  }, 180_000);
});

describe('without one', () => {
  test('everything else goes on, and the question is answered with what to set', async () => {
    const product = await start({ PROMETHEUS_URL: 'none' });
    expect(product.app.table).toMatch(/metrics +none/);
    const thread = await threadOf(product, 'KnativeLambdaBuild');
    await until('the first look', async () =>
      (await thread()).some((message) => shown(message).includes('First look')),
    );
    const [card] = await product.workspace.messages('#incidents');
    const at = { user: 'ana', channel: '#incidents', thread: card?.ts ?? '' };
    await product.workspace.mention({ ...at, text: 'diag slo' });
    await until('what to set', async () =>
      (await product.workspace.ephemerals('ana')).some((message) =>
        /none is configured[\s\S]*Set PROMETHEUS_URL/.test(shown(message)),
      ),
    );
    expect(await prometheusIn(product)).toMatchObject({ configured: false, state: 'unknown' });
  }, 180_000);

  test('one that is down costs the first look a note and the product nothing', async () => {
    const product = await start({ PROMETHEUS_URL: 'http://reader:s3cret-word@127.0.0.1:9' });
    expect(product.app.table).not.toContain('s3cret-word');
    expect(await product.deliver(delivery([alert('ShopDown', { pod: 'checkout-1' })]))).toBe(200);
    const thread = await threadOf(product, 'ShopDown');
    const look = await until('the first look', async () =>
      (await thread()).find((message) => shown(message).includes('First look')),
    );
    expect(shown(look)).toMatch(/No chart\. Prometheus: rule of ShopDown/);
    const ready = await product.api('/readyz');
    expect(ready.status).toBe(200);
    expect(await prometheusIn(product)).toMatchObject({ configured: true, state: 'unreachable' });
    expect(product.log()).not.toContain('s3cret-word');
  }, 180_000);
});
