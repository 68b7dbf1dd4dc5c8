import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Bot, openBot } from './bot.ts';
import { kubectlOf } from './kubectl.ts';
import type { Place } from './place.ts';
import { create, createNamespace, deployment, podsOf, say, setPod } from './player.ts';
import { openRealPlace } from './realPlace.ts';

let place: Place;
let bot: Bot;

beforeAll(async () => {
  place = await openRealPlace();
  bot = await openBot(place.botKubeconfig);
});
afterAll(async () => {
  await bot.close();
  await place.close();
});

test('a pod is created by the real controllers, scheduled, run by the kubelet, and read by the bot with its own account', async () => {
  const draft = { namespace: 'thin-line', name: 'hello' };
  await createNamespace(place, draft.namespace);
  await create(place, deployment(draft));
  const [pod] = await podsOf(place, draft);
  if (!pod) throw new Error('no pod');
  await setPod(place, pod, {});
  await say(place, pod, ['first', 'second', 'third']);
  await place.tell({
    pods: [{ namespace: 'thin-line', name: pod.metadata.name, containers: { main: { cpuMilli: 250, memoryMi: 96 } } }],
  });
  const kubectl = kubectlOf(place.adminKubeconfig);
  const logs = await kubectl('logs', '-n', 'thin-line', pod.metadata.name, '--tail=2');
  expect(logs).toEqual({ code: 0, stdout: 'second\nthird\n', stderr: '' });
  const pods = await bot.ask({ diagnostic: 'pods', namespace: 'thin-line' });
  expect(pods.table?.rows.map((row) => row.slice(0, 3))).toEqual([[pod.metadata.name, '1/1', 'Running']]);
  const top = await bot.ask({ diagnostic: 'top pods', namespace: 'thin-line' });
  expect(top.table?.rows).toEqual([[pod.metadata.name, '250m', '96Mi']]);
  const read = await bot.ask({ diagnostic: 'logs', namespace: 'thin-line', name: pod.metadata.name, tail: 2 });
  expect(read.lines).toEqual(['second', 'third']);
});
