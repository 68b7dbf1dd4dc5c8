import { PROFILES } from '../../src/alerts/profile.ts';
import type { Metrics } from '../../src/k8s/facts/ports.ts';
import { replayed } from '../../src/k8s/facts/replayed.ts';
import { momentOf, type Snapshot } from '../../src/k8s/facts/snapshot.ts';
import type { Diagnosis } from '../../src/k8s/judge/tell.ts';
import { lookAt } from '../../src/k8s/look/look.ts';
import { targetOfSnapshot } from '../../src/k8s/look/replay.ts';

const profile = PROFILES.builder;

/** What a person who asks is told of a recorded cluster, with a metrics server or without one. */
export async function lookAtSnapshot(taken: Snapshot, metrics: Metrics | null = null): Promise<Diagnosis> {
  const { diagnosis } = await lookAt({
    cluster: replayed(taken),
    target: targetOfSnapshot(taken, profile),
    profile,
    now: momentOf(taken),
    priority: 'person',
    signal: AbortSignal.timeout(60_000),
    metrics,
  });
  return diagnosis;
}
