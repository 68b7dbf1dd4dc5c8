import { expect, test } from '@jest/globals';
import { queueDepths, throttling } from '../../src/prometheus/measuredSaturation.ts';
import type { Prometheus, Sample } from '../../src/prometheus/openPrometheus.ts';

const signal = AbortSignal.timeout(60_000);

/** A server that answers every query with the same samples, and keeps what it was asked. */
function answering(samples: readonly Sample[]) {
  const asked: string[] = [];
  const prometheus: Pick<Prometheus, 'query'> = {
    async query(expression) {
      asked.push(expression);
      return samples;
    },
  };
  return { asked, prometheus };
}

test('throttling is the share of CPU periods of the containers of one namespace', async () => {
  const { asked, prometheus } = answering([
    { labels: { pod: 'web-1', container: 'web' }, value: 0.4 },
    { labels: { pod: 'idle-1', container: 'idle' }, value: Number.NaN },
  ]);
  expect(await throttling(prometheus, 'shop', signal)).toEqual([
    { namespace: 'shop', pod: 'web-1', container: 'web', ratio: 0.4 },
  ]);
  expect(asked[0]).toContain('container_cpu_cfs_throttled_periods_total{namespace="shop"');
});

test('queues that nobody measures are not known, and never empty', async () => {
  expect(await queueDepths(answering([]).prometheus, signal)).toBeNull();
});

test('queues are told with the deepest first', async () => {
  const { prometheus } = answering([
    { labels: { queue: 'events' }, value: 3 },
    { labels: { queue: 'lambda-dlq' }, value: 41 },
  ]);
  expect((await queueDepths(prometheus, signal))?.map(({ queue }) => queue)).toEqual(['lambda-dlq', 'events']);
});
