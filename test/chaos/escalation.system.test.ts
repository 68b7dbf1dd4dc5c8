import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { alert, delivery, shown, until } from '../acceptance/product.ts';
import { type Stage, startStage, TOKEN } from './stage.ts';

let stage: Stage | null = null;

afterEach(async () => {
  await stage?.close();
}, 180_000);

const SETTINGS = {
  escalation: {
    sev1: 'platform',
    policies: [
      {
        name: 'platform',
        rounds: 1,
        pause: '1h',
        rungs: [
          { after: '0s', notify: [{ user: 'U0ANA' }] },
          { after: '4s', notify: [{ user: 'U0JUN' }] },
          { after: '8s', notify: [{ user: 'U0KIM' }] },
        ],
      },
    ],
  },
};

test('each rung calls once, wherever the responder was killed between them', async () => {
  stage = await startStage(SETTINGS);
  const { workspace, folder } = stage;
  const replica = await stage.replica(`sqlite:${join(folder, 'responder.db')}`);
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const down = delivery([alert('CheckoutDown', { incident_severity: 'sev1', deployment: 'checkout' })]);
  await fetch(`${replica.url}/webhooks/alertmanager`, { method: 'POST', headers, body: JSON.stringify(down) });
  const rungs = async (): Promise<readonly unknown[]> => {
    const answer = await fetch(`${replica.url}/api/incidents/1`, { headers }).catch(() => null);
    if (!answer?.ok) return [];
    const { timeline }: { timeline: { kind: string; detail: { rung?: number } }[] } = await answer.json();
    return timeline.filter(({ kind }) => kind === 'escalated').map(({ detail }) => detail.rung);
  };
  for (const rung of [1, 2]) {
    await until(`rung ${rung}`, async () => (await rungs()).includes(rung), 120);
    await replica.kill('SIGKILL');
    await replica.start();
  }
  await until('the last rung', async () => (await rungs()).includes(3), 120);
  expect(await rungs()).toEqual([1, 2, 3]);
  const calls = async (user: string) => {
    const cards = await workspace.messages('#incidents');
    const threads = await Promise.all(cards.map(({ ts }) => workspace.messages('#incidents', { thread: ts })));
    const all = new Map([...cards, ...threads.flat()].map((message) => [message.ts, message]));
    return [...all.values()].filter(
      (message) => shown(message).includes(`<@${user}>`) && shown(message).includes('📟 *'),
    );
  };
  // A call in whose middle the responder was killed comes after later ones: it is looked for first.
  const called = ['U0ANA', 'U0JUN', 'U0KIM'];
  for (const user of called) await until(`the call of ${user}`, async () => (await calls(user)).length > 0, 180);
  for (const user of called) expect([user, (await calls(user)).length]).toEqual([user, 1]);
}, 600_000);
