import { afterEach, expect, test } from '@jest/globals';
import type { Queues } from '../../src/k8s/facts/ports.ts';
import { asker } from './stage.ts';
import { type HandMade, startHandMade } from './tables.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
let made: HandMade | null = null;
afterEach(async () => {
  await made?.close();
  made = null;
});

async function summaryWith(queues: Queues | null) {
  const trigger = {
    metadata: { name: 'orders', namespace: 'shop', creationTimestamp: '2026-02-01T00:00:00Z' },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
  made = await startHandMade({ 'eventing.knative.dev/v1/triggers': [trigger], 'eventing.knative.dev/v1/brokers': [] });
  const { summary } = await asker(made.cluster, 'builder', () => NOW, queues)('eventing', { namespace: 'shop' });
  return summary;
}

test('Triggers that are ready say nothing of messages that wait where nobody measures queues', async () => {
  const summary = await summaryWith(null);
  expect(summary).toContain('all ready by their conditions');
  expect(summary).toContain('the number of queued messages is not known');
});

test('messages and dead letters are told from the queues', async () => {
  const depths = [
    { queue: 'broker.orders.dlq', messages: 41 },
    { queue: 'broker.orders', messages: 1 },
  ];
  expect(await summaryWith({ depths: async () => depths })).toContain('1 queued message, 41 dead letters');
});

test('queues that could not be read are said to be unread', async () => {
  const failing: Queues = {
    depths: async () => {
      throw new Error('no route to Prometheus');
    },
  };
  expect(await summaryWith(failing)).toContain('the number of queued messages could not be read');
});
