import type { ClusterWorld } from './world.ts';

export interface PlatformOptions {
  readonly profile: 'builder' | 'operator';
  /** Epoch milliseconds; everything is as old as it would be on a platform that has run for weeks. */
  readonly now: number;
}

/** Fills an empty cluster with a healthy Knative Lambda platform. */
export function installPlatform(world: ClusterWorld, { now }: PlatformOptions): void {
  world.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'knative-lambda', creationTimestamp: new Date(now - 30 * 86_400_000).toISOString() },
    status: { phase: 'Active' },
  });
}
