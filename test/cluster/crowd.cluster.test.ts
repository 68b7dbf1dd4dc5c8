import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { alert, delivery, type Product, startProduct, until } from '../acceptance/product.ts';
import { type Bot, openBot } from './bot.ts';
import { CROWD, fillCrowd, ILL_JOB } from './crowd.ts';
import { openRealPlace } from './realPlace.ts';
import { firstLookAt } from './thread.ts';

let place: Awaited<ReturnType<typeof openRealPlace>>;
let leave: (() => Promise<void>) | undefined;
let bot: Bot;
let product: Product;

beforeAll(async () => {
  place = await openRealPlace();
  leave = await fillCrowd(place);
  bot = await openBot(place.botKubeconfig);
  product = await startProduct({ KUBECONFIG: place.botKubeconfig, PROMETHEUS_URL: 'none' });
}, 360_000);
afterAll(async () => {
  await product?.close();
  await bot?.close();
  await leave?.();
  await place?.close();
});

const said = async (diagnostic: string) => JSON.stringify(await bot.ask({ diagnostic, namespace: CROWD.namespace }));

test.each(['pods', 'jobs', 'events', 'all'])('%s does not call a part of the crowd the whole', async (diagnostic) => {
  const { summary } = await bot.ask({ diagnostic, namespace: CROWD.namespace });
  expect(summary).not.toMatch(/\b0 failed|all (ready|running|healthy)|no warnings|nothing wrong/i);
});

test('pods: the three that crash are found behind ten thousand that run', async () => {
  const answer = await said('pods');
  for (let index = 0; index < CROWD.illPods; index += 1) expect(answer).toContain(`zz-ill-${index}`);
});

test('jobs: the one that failed is found behind five thousand that are complete', async () => {
  expect(await said('jobs')).toContain(ILL_JOB);
});

test('events: the Warnings are found among twenty thousand events', async () => {
  expect(await said('events')).toContain('zz-ill-0');
});

test('the first look of an alert about one of the three says why it crashes', async () => {
  const labels = { severity: 'critical', namespace: CROWD.namespace, pod: 'zz-ill-1', container: 'main' };
  await product.deliver(delivery([alert('KubePodCrashLooping', labels)]));
  // A look that a busy server did not answer is made up for.
  await until(
    'the reason',
    async () => /no space left on device/.test((await firstLookAt(product, 'zz-ill-1')) ?? ''),
    90,
  );
});
