import { installPlatform } from '../../simulator/cluster/healthyPlatform.ts';
import { type Cluster, startCluster } from '../../simulator/cluster/start.ts';
import { createMetricStore } from '../../simulator/metrics/store.ts';
import { createDirector, type Director } from '../../simulator/scenarios/director.ts';
import { PROFILES } from '../../src/alerts/profile.ts';
import type { DiagnosticRequest } from '../../src/commands/ports.ts';
import type { DiagnosticResult } from '../../src/incidents/evidence.ts';
import { createDiagnostics } from '../../src/k8s/ask/diagnostics.ts';
import type { ClusterAccess } from '../../src/k8s/client/cluster.ts';
import type { Queues } from '../../src/k8s/facts/ports.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { asking } from '../builders/diagnostics.ts';
import { open } from './servers.ts';

export const START = Date.parse('2026-03-01T12:00:00Z');

export interface Stage {
  readonly cluster: Cluster;
  readonly director: Director;
  now(): number;
  pass(seconds: number): void;
  /** Runs a diagnostic as a person would ask it of the platform's documented namespace. */
  ask(diagnostic: string, request?: Partial<DiagnosticRequest>): Promise<DiagnosticResult>;
  close(): Promise<void>;
}

/** A simulated cluster with the platform of a profile, and a clock of its own. */
export async function startStage(profile: 'builder' | 'operator'): Promise<Stage> {
  let now = START;
  const cluster = await startCluster({ profile, clock: () => now });
  installPlatform(cluster.world, { profile, now });
  const clock = { now: () => now };
  const director = createDirector({ world: cluster.world, metrics: createMetricStore(clock), clock, profile });
  const access = open(cluster.kubeconfig(), { clock: unhurried() });
  const ask = asker(access, profile, () => now);
  return {
    cluster,
    director,
    now: () => now,
    pass(seconds) {
      for (let passed = 0; passed < seconds; passed += 1) {
        now += 1_000;
        director.tick();
        cluster.step();
      }
    },
    ask,
    async close() {
      await director.close();
      await access.close();
      await cluster.close();
    },
  };
}

/** A second passes with each look at the clock, so that the rate budget has no say. */
export function unhurried(): () => number {
  let at = 0;
  return () => (at += 1_000);
}

export function asker(
  access: ClusterAccess,
  profile: 'builder' | 'operator',
  clock: () => number,
  queues: Queues | null = null,
) {
  const diagnostics = createDiagnostics({
    clusters: new Map([['test', access]]),
    defaultCluster: 'test',
    profile: PROFILES[profile],
    redactor: createRedactor(),
    clock,
    queues,
  });
  return (diagnostic: string, request: Partial<DiagnosticRequest> = {}) =>
    diagnostics.run(asking(diagnostic, { namespace: PROFILES[profile].controlNamespace, ...request }));
}
