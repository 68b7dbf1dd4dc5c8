import { expect, test } from '@jest/globals';
import { snapshot } from '../../src/k8s/facts/snapshot.ts';
import { lookAtSnapshot } from './lookAtSnapshot.ts';
import { crashLooping } from './world/alerts.ts';
import { crashLoops } from './world/ills.ts';
import { networkPolicy, service } from './world/network.ts';
import { first } from './world/pick.ts';
import { town } from './world/town.ts';
import { deployment } from './world/workloads.ts';

/** A caller times out at a Service, and a policy lets nobody in to the pods of its namespace. */
async function codes(selector: Readonly<Record<string, string>> | null): Promise<readonly string[]> {
  const { world } = town({ namespace: 'shop' });
  deployment(world, 'archive', { ports: [5432] });
  service(world, 'archive', { selector: selector as never });
  const { pods } = deployment(world, 'filer', { replicas: 1 });
  const log = ['ERROR cannot reach the archive: dial tcp archive.shop.svc.cluster.local:5432: i/o timeout'];
  crashLoops(world, first(pods), { exitCode: 1, restarts: 6, since: '14m', log });
  networkPolicy(world, 'closed', { podSelector: {}, policyTypes: ['Ingress'], ingress: [] });
  crashLooping(world, first(pods));
  const taken = snapshot.parse(world.snapshot('outside', 'filer restarts.'));
  const diagnosis = await lookAtSnapshot(taken);
  return diagnosis.findings.map(({ code }) => code);
}

test('a policy for pods is the cause of a timeout at the Service that leads to them', async () => {
  expect(await codes({ app: 'archive' })).toContain('network-policy-denies');
});

test('a policy for pods says nothing of a Service without a selector, which leads outside', async () => {
  expect(await codes(null)).not.toContain('network-policy-denies');
});
