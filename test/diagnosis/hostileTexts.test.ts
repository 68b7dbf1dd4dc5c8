import { expect, test } from '@jest/globals';
import { snapshot } from '../../src/k8s/facts/snapshot.ts';
import { lookAtSnapshot } from './lookAtSnapshot.ts';
import { replicasMismatch } from './world/alerts.ts';
import { refusedPods } from './world/quota.ts';
import { town } from './world/town.ts';
import { deployment } from './world/workloads.ts';

/** Whoever may create an event chooses its words: they are read in the time their length takes. */

test('an event that only begins like the refusal of a quota is read at once', async () => {
  const { world } = town({ namespace: 'shop' });
  const { deployment: of, replicaSet, pods } = deployment(world, 'front', { replicas: 1, age: '12m' });
  for (const pod of pods) world.remove(pod);
  refusedPods(world, replicaSet, `exceeded quota: team, requested: ${'a,'.repeat(480)} `, { first: '12m' });
  replicasMismatch(world, of);
  const taken = snapshot.parse(world.snapshot('hostile', 'front has no pods.'));
  const diagnosis = await lookAtSnapshot(taken);
  expect(diagnosis.findings.map(({ conclusion }) => conclusion).join('\n')).toContain('front');
});
