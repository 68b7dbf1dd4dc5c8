import type { NameProfile } from '../../alerts/profile.ts';
import type { DiagnosticRequest, Diagnostics } from '../../commands/ports.ts';
import { ResponderError } from '../../errors.ts';
import type { Redactor } from '../../redaction/redactor.ts';
import type { ClusterAccess } from '../client/cluster.ts';
import { RESOURCES, type Resource } from '../client/resources.ts';
import { census } from '../facts/census.ts';
import type { Metrics, Queues } from '../facts/ports.ts';
import { all } from './all.ts';
import { builds } from './builds.ts';
import { changes } from './changes.ts';
import { describe } from './describe.ts';
import { type Diagnostic, runDiagnostic } from './diagnostic.ts';
import { eventing } from './eventing.ts';
import { events } from './events.ts';
import { functionChain } from './function.ts';
import { hpa } from './hpa.ts';
import { jobs } from './jobs.ts';
import { logs } from './logs.ts';
import { nodes } from './nodes.ts';
import { operator } from './operator.ts';
import { pods } from './pods.ts';
import { quota } from './quota.ts';
import { rollouts } from './rollouts.ts';
import { serving } from './serving.ts';
import { storage } from './storage.ts';
import { topNodes } from './topNodes.ts';
import { topPods } from './topPods.ts';

/** All diagnostics of a cluster. */
export const DIAGNOSTICS: readonly Diagnostic[] = [
  jobs,
  logs,
  events,
  pods,
  topPods,
  topNodes,
  builds,
  functionChain,
  rollouts,
  changes,
  nodes,
  hpa,
  quota,
  storage,
  eventing,
  serving,
  operator,
  describe,
  all,
];

export interface DiagnosticsOptions {
  readonly clusters: ReadonlyMap<string, ClusterAccess>;
  readonly defaultCluster: string;
  readonly profile: NameProfile;
  readonly redactor: Redactor;
  readonly clock: () => number;
  /** Null or absent: nothing is measured, and dependent answers are unknown. */
  readonly metrics?: Metrics | null;
  readonly queues?: Queues | null;
}

const KINDS: Readonly<Record<'pod' | 'job' | 'function' | 'namespace', Resource>> = {
  pod: RESOURCES.pods,
  job: RESOURCES.jobs,
  function: RESOURCES.ksvc,
  namespace: RESOURCES.namespaces,
};

/** The clusters behind the port that commands declare. */
export function createDiagnostics(options: DiagnosticsOptions): Diagnostics {
  const clusterOf = (name: string | null): ClusterAccess => {
    const cluster =
      options.clusters.get(name ?? options.defaultCluster) ??
      (options.clusters.size === 1 ? [...options.clusters.values()][0] : undefined);
    if (cluster) return cluster;
    throw new ResponderError('not_found', `no cluster "${name ?? options.defaultCluster}" is configured`, {
      hint: `There are: ${[...options.clusters.keys()].join(', ')}.`,
    });
  };
  return {
    run(request: DiagnosticRequest) {
      const diagnostic = DIAGNOSTICS.find(({ name }) => name === request.diagnostic);
      if (!diagnostic)
        throw new ResponderError('not_found', `there is no diagnostic "${request.diagnostic}"`, {
          hint: `There are: ${DIAGNOSTICS.map(({ name }) => name).join(', ')}.`,
        });
      const collection = {
        cluster: clusterOf(request.cluster),
        request,
        profile: options.profile,
        clock: options.clock,
        metrics: options.metrics ?? null,
        queues: options.queues ?? null,
      };
      return runDiagnostic(diagnostic, collection, options.redactor);
    },
    async names(kind, namespace, signal) {
      try {
        const read = { resource: KINDS[kind], namespace, priority: 'person', signal } as const;
        return (await census(clusterOf(null), read)).map(({ name }) => name);
      } catch {
        // The names serve a "did you mean" only, so a failure to read them is ignored.
        return [];
      }
    },
  };
}
