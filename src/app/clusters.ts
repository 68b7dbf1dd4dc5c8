import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Simulator } from '../../simulator/start.ts';
import type { Diagnostics } from '../commands/ports.ts';
import type { Config } from '../config.ts';
import { ResponderError } from '../errors.ts';
import type { FirstLookPorts } from '../jobs/runFirstLook.ts';
import { createDiagnostics } from '../k8s/ask/diagnostics.ts';
import { type ClusterAccess, openCluster } from '../k8s/client/cluster.ts';
import { shareLists } from '../k8s/client/sharing.ts';
import type { Metrics, Queues } from '../k8s/facts/ports.ts';
import { createFirstLook, type FirstLookOptions } from '../k8s/look/firstLook.ts';
import type { Logger } from '../logger.ts';
import { proxyChooser } from '../network/proxies.ts';
import { createReach, type Reach, type ReachDetail } from '../network/reach.ts';
import type { Redactor } from '../redaction/redactor.ts';

/** The clusters, as the rest of the product uses them. */
export interface Outside {
  readonly diagnostics: Diagnostics;
  readonly firstLook: FirstLookPorts['look'];
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  /** What is read comes from a simulator. */
  readonly simulated: boolean;
  /** Each cluster, and how it answered last. */
  detail(): readonly ClusterDetail[];
  close(): Promise<void>;
}

export interface ClusterDetail extends ReachDetail {
  readonly name: string;
  readonly simulated: boolean;
}

export interface OutsideParts {
  readonly config: Config;
  readonly simulator: Simulator | null;
  readonly redactor: Redactor;
  readonly log: Logger;
  readonly clock: () => number;
  /** A recorded cluster, in place of those that are configured. */
  readonly instead?: ClusterAccess;
  /** Stands between each cluster and who reads it. */
  readonly through?: (cluster: ClusterAccess) => ClusterAccess;
  /** The `for` of the rule behind an incident, milliseconds; null when it is not known. */
  readonly ruleFor?: FirstLookOptions['ruleFor'];
  /** What a Prometheus measures; null where there is none. */
  readonly measured?: { readonly metrics: Metrics; readonly queues: Queues } | null;
  readonly onCall?: (outcome: string, ms: number) => void;
  /** Told at once that a cluster is not left alone, and of each change. */
  readonly onBreaker?: (cluster: string, open: boolean) => void;
}

/** Opens every configured cluster; no call is made yet. @throws ResponderError config_invalid for a kubeconfig that cannot be used. */
export async function openClusters(parts: OutsideParts): Promise<Outside> {
  const { config, redactor, clock } = parts;
  const scratch = parts.instead ? { path: '', remove: async () => {} } : await kubeconfigFile(parts);
  const configured = config.clusters.length > 0 ? config.clusters : [{ name: config.defaultCluster }];
  const wanted = parts.instead ? [] : configured;
  const clusters = new Map<string, ClusterAccess>(parts.instead ? [[config.defaultCluster, parts.instead]] : []);
  const reaches = new Map<string, Reach>();
  const simulated = config.kubeconfig === null;
  for (const one of wanted) {
    const reach = createReach(clock);
    reaches.set(one.name, reach);
    const kubeconfig = ('kubeconfig' in one && one.kubeconfig) || scratch.path;
    const context = ('context' in one && one.context) || null;
    clusters.set(one.name, openOne({ name: one.name, kubeconfig, context }, reach, parts));
  }
  const profile = config.policy.profile;
  const measured = { metrics: parts.measured?.metrics ?? null, queues: parts.measured?.queues ?? null };
  const diagnostics = createDiagnostics({
    clusters,
    defaultCluster: config.defaultCluster,
    profile,
    redactor,
    clock,
    ...measured,
  });
  return {
    diagnostics,
    firstLook: createFirstLook({
      clusters,
      defaultCluster: config.defaultCluster,
      profile,
      redactor,
      clock,
      metrics: measured.metrics,
      ...(parts.ruleFor ? { ruleFor: parts.ruleFor } : {}),
    }),
    names: [...clusters.keys()],
    addresses: [...clusters.values()].map(({ server }) => server),
    simulated,
    detail: () => [...reaches].map(([name, reach]) => ({ name, simulated, ...reach.detail() })),
    async close() {
      await Promise.all([...clusters.values()].map((cluster) => cluster.close()));
      await scratch.remove();
    },
  };
}

/** Opens one cluster, its answers and its circuit counted and kept in `reach`; lists are shared by whoever reads them at once. */
function openOne(
  {
    name,
    kubeconfig,
    context,
  }: { readonly name: string; readonly kubeconfig: string; readonly context: string | null },
  reach: Reach,
  { config, redactor, clock, log, through, onCall, ...told }: OutsideParts,
): ClusterAccess {
  const onBreaker = (open: boolean) => {
    told.onBreaker?.(name, open);
    reach.breaker(open);
  };
  const cluster = openCluster({
    kubeconfig,
    context,
    name,
    simulated: config.kubeconfig === null,
    log: log.child({ part: 'k8s' }),
    redactor,
    clock,
    proxyFor: proxyChooser(config.proxies),
    onOutcome(outcome, ms) {
      onCall?.(outcome, ms);
      // What its role does not allow is refused by a server that can be reached.
      reach.outcome(outcome === 'forbidden' ? 'ok' : outcome);
    },
    onBreaker,
  });
  onBreaker(false);
  return shareLists(through?.(cluster) ?? cluster, clock);
}

/** The simulated cluster is reached like any other, through a kubeconfig in a file of its own. */
async function kubeconfigFile({ config, simulator }: OutsideParts): Promise<{ path: string; remove(): Promise<void> }> {
  if (config.kubeconfig !== null) return { path: config.kubeconfig, remove: async () => {} };
  if (!simulator?.cluster) throw new ResponderError('internal', 'neither a cluster nor a simulated one');
  const folder = await mkdtemp(join(tmpdir(), 'lambda-responder-'));
  const path = join(folder, 'kubeconfig');
  await writeFile(path, simulator.cluster.kubeconfig(), { mode: 0o600 });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
