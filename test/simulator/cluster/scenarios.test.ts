import { afterEach, describe, expect, test } from '@jest/globals';
import { installPlatform } from '../../../simulator/cluster/healthyPlatform.ts';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { createMetricStore } from '../../../simulator/metrics/store.ts';
import { createDirector, type Director } from '../../../simulator/scenarios/director.ts';
import { SCENARIOS } from '../../../simulator/scenarios/scenarios.ts';
import { type Answered, callerOf, rowsOf, TABLE } from './caller.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
let now = START;
let cluster: Cluster;
let director: Director;
let call: (path: string, init?: RequestInit & { accept?: string }) => Promise<Answered>;

afterEach(async () => {
  await director.close();
  await cluster.close();
});

async function begin(profile: 'builder' | 'operator'): Promise<void> {
  now = START;
  cluster = await startCluster({ profile, clock: () => now });
  call = callerOf(cluster);
  installPlatform(cluster.world, { profile, now });
  const clock = { now: () => now };
  director = createDirector({ world: cluster.world, metrics: createMetricStore(clock), clock, profile });
}

function pass(seconds: number): void {
  for (let passed = 0; passed < seconds; passed++) {
    now += 1000;
    director.tick();
    cluster.step();
  }
}

const table = async (path: string) => rowsOf(await call(path, { accept: TABLE }));
const unhealthy = async () =>
  (await table('/api/v1/pods'))
    .filter((pod) => !/^(Running|Completed)$/.test(String(pod.Status)))
    .map((pod) => pod.Name);

const TABLES = [
  '/api/v1/pods',
  '/api/v1/events',
  '/api/v1/nodes',
  '/apis/batch/v1/jobs',
  '/apis/apps/v1/deployments',
  '/apis/serving.knative.dev/v1/revisions',
];

describe.each(['builder', 'operator'] as const)('on the %s platform', (profile) => {
  const scenarios = SCENARIOS.filter(({ profiles }) => profiles?.includes(profile) ?? true);

  test.each(scenarios.map(({ id }) => id))(
    '%s plays, shows in clean tables, and ends with a healthy platform',
    async (id) => {
      await begin(profile);
      const run = director.start(id);
      pass(400);
      expect(director.runs().find((one) => one.id === run.id)).toMatchObject({ problem: null });
      for (const path of TABLES) {
        for (const row of await table(path))
          for (const cell of Object.values(row)) expect(String(cell)).not.toMatch(/undefined|NaN|\[object|<invalid>/);
      }
      director.end(run.id);
      pass(30);
      expect(await unhealthy()).toEqual([]);
    },
  );
});

test('a crashing webhook is healed by the restart that its runbook asks for', async () => {
  await begin('operator');
  const run = director.start('s08');
  pass(130);
  expect(
    await table('/apis/apps/v1/namespaces/knative-serving/deployments?fieldSelector=metadata.name=webhook'),
  ).toMatchObject([{ Ready: '0/1' }]);
  const template = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': new Date(now).toISOString() } } };
  await call('/apis/apps/v1/namespaces/knative-serving/deployments/webhook', {
    method: 'PATCH',
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
    body: JSON.stringify({ spec: { template } }),
  });
  pass(60);
  expect(director.runs().find((one) => one.id === run.id)?.state).toBe('healed');
  expect(await unhealthy()).toEqual([]);
  expect(
    await table('/apis/apps/v1/namespaces/knative-serving/deployments?fieldSelector=metadata.name=webhook'),
  ).toMatchObject([{ Ready: '1/1' }]);
});
