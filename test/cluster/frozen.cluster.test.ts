import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { alert, delivery, type Product, shown, startProduct, until } from '../acceptance/product.ts';
import type { Place } from './place.ts';
import { create, createNamespace, deployment, happen, podsOf, say, setPod, terminated, waiting } from './player.ts';
import { openRealPlace } from './realPlace.ts';
import type { TestCluster } from './testCluster.ts';

let place: Place & { readonly cluster: TestCluster };
let product: Product;

beforeAll(async () => {
  place = await openRealPlace();
});
afterEach(async () => {
  place.cluster.thaw();
  await product?.close();
});
afterAll(async () => {
  await place.close();
});

async function crash(namespace: string): Promise<string> {
  await createNamespace(place, namespace);
  const draft = { namespace, name: 'gateway' };
  await create(place, deployment(draft));
  const [pod] = await podsOf(place, draft);
  if (!pod) throw new Error('no pod');
  await say(place, pod, ['FATAL: license expired on 2026-11-01']);
  await say(place, pod, ['FATAL: license expired on 2026-11-01'], { previous: true });
  const state = waiting('CrashLoopBackOff', 'back-off 5m0s restarting failed container=main');
  await setPod(place, pod, { containers: { main: { restartCount: 7, state, lastState: terminated(3) } } });
  await happen(place, pod, { reason: 'BackOff', message: 'Back-off restarting failed container main', count: 7 });
  return pod.metadata.name;
}

const cardOf = (name: string) =>
  product.workspace.messages('#incidents').then((all) => all.find((one) => shown(one).includes(name)));
const threadOf = async (ts: string) =>
  (await product.workspace.messages('#incidents', { thread: ts })).slice(1).map(shown).join('\n');

test.each([10, 25])(
  'while the API server hangs for %d s the card comes at once, and the look is made up for',
  async (seconds) => {
    const namespace = `frozen-${seconds}`;
    const pod = await crash(namespace);
    product = await startProduct({ KUBECONFIG: place.botKubeconfig, PROMETHEUS_URL: 'none' });
    place.cluster.freeze();
    const frozen = Date.now();
    const one = alert('KubePodCrashLooping', { severity: 'critical', namespace, pod, container: 'main' });
    expect(await product.deliver(delivery([one]))).toBe(200);
    const card = await until('the card', () => cardOf(pod), seconds - 2);
    expect(await threadOf(card.ts)).not.toMatch(/healthy|nothing (is )?wrong|no events/i);
    await new Promise((wake) => setTimeout(wake, frozen + seconds * 1000 - Date.now()));
    place.cluster.thaw();
    await until('the first look', async () => /license expired/.test(await threadOf(card.ts)), 30);
  },
);
