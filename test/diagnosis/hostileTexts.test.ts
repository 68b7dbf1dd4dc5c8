import { expect, test } from '@jest/globals';
import { PROFILES } from '../../src/alerts/profile.ts';
import { replayed } from '../../src/k8s/facts/replayed.ts';
import { momentOf, snapshot } from '../../src/k8s/facts/snapshot.ts';
import { lookAt } from '../../src/k8s/look/look.ts';
import { targetOfSnapshot } from '../../src/k8s/look/replay.ts';
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
  const profile = PROFILES.builder;
  const { diagnosis } = await lookAt({
    cluster: replayed(taken),
    target: targetOfSnapshot(taken, profile),
    profile,
    now: momentOf(taken),
    priority: 'person',
    signal: AbortSignal.timeout(20_000),
    metrics: null,
  });
  expect(diagnosis.findings.map(({ conclusion }) => conclusion).join('\n')).toContain('front');
});
