import { namesOf } from '../manifests/prometheus/names.ts';
import { ruleGroups } from '../manifests/prometheus/ruleFile.ts';
import { installPlatform } from './cluster/healthyPlatform.ts';
import { type Cluster, startCluster } from './cluster/start.ts';
import { installPlatformMetrics } from './metrics/platform.ts';
import { type Metrics, startMetrics } from './metrics/start.ts';
import { clusterFaults } from './scenarios/clusterFaults.ts';
import { startScenarioControl } from './scenarios/control.ts';
import { createDirector, type Director } from './scenarios/director.ts';
import { startWorkspace, type Workspace, type WorkspaceOptions } from './workspace/start.ts';

export type Part = 'workspace' | 'cluster' | 'metrics';

export interface SimulatorOptions {
  readonly parts: readonly Part[];
  readonly host: string;
  /** 0 picks a free one. */
  readonly ports: Readonly<Record<Part, number>>;
  readonly profile: 'builder' | 'operator';
  /** Address the workspace delivers signed HTTP requests to, instead of Socket Mode. */
  readonly requestUrl?: string;
  /** How the workspace departs from Slack, e.g. in how long it waits for an acknowledgement. */
  readonly slack?: WorkspaceOptions['settings'];
}

/** Where alerts of scenarios go. */
export interface Receiver {
  /** The responder's webhook; a real Alertmanager's base URL wins over it. */
  readonly webhookUrl: string;
  readonly webhookToken: string | null;
  readonly alertmanagerUrl: string | null;
}

/** The simulated surroundings on a laptop and in tests. */
export interface Simulator {
  readonly workspace: Workspace | null;
  readonly cluster: Cluster | null;
  readonly metrics: Metrics | null;
  /** The scenario control; null without a simulated cluster to play in. */
  readonly scenarioUrl: string | null;
  /** Opens the delivery of alerts. `greet`: begin with one incident that is a few minutes old. */
  begin(receiver: Receiver, options: { readonly greet: boolean }): void;
  close(): Promise<void>;
}

const VARIABLES: Readonly<Record<Part, string>> = {
  workspace: 'WORKSPACE_PORT',
  cluster: 'CLUSTER_PORT',
  metrics: 'METRICS_PORT',
};

/**
 * Starts the parts that are asked for, each over its real protocol.
 * @throws Error naming the variable when a port is in use; what had started is closed again.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of closers.reverse().splice(0)) await one();
  };
  const start = async <T extends { close(): Promise<void> }>(
    part: Part,
    run: (at: { port: number; host: string }) => Promise<T>,
  ) => {
    if (!options.parts.includes(part)) return null;
    const at = { port: options.ports[part], host: options.host };
    const started = await run(at).catch((error: unknown) => {
      throw portInUse(error)
        ? new Error(
            `${VARIABLES[part]}: ${at.host}:${at.port} is in use; stop what listens there, or set ${VARIABLES[part]} to another port (0 picks a free one)`,
          )
        : error;
    });
    closers.push(() => started.close());
    return started;
  };
  try {
    const metrics = await start('metrics', (at) =>
      startMetrics({ ...at, rules: ruleGroups(namesOf(options.profile, 'knative-1.18')) }),
    );
    if (metrics) installPlatformMetrics(metrics.store, { profile: options.profile, now: Date.now() });
    const cluster = await start('cluster', (at) => startCluster({ ...at, profile: options.profile }));
    if (cluster) installPlatform(cluster.world, { profile: options.profile, now: Date.now() });
    const stage = cluster ? await setStage(cluster, metrics, options) : null;
    if (stage) closers.push(stage.close);
    const workspace = await start('workspace', (at) =>
      startWorkspace({
        ...at,
        ...(stage ? { scenarioControl: stage.url } : {}),
        ...(options.requestUrl ? { requestUrl: options.requestUrl } : {}),
        ...(options.slack ? { settings: options.slack } : {}),
      }),
    );
    return {
      workspace,
      cluster,
      metrics,
      scenarioUrl: stage?.url ?? null,
      begin: (receiver, { greet }) => stage?.begin(receiver, greet),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function portInUse(error: unknown): boolean {
  return error !== null && typeof error === 'object' && 'code' in error && error.code === 'EADDRINUSE';
}

interface Stage {
  readonly url: string;
  begin(receiver: Receiver, greet: boolean): void;
  close(): Promise<void>;
}

/** The scenario control API, reachable at once; its director follows when it is known where alerts go. */
async function setStage(cluster: Cluster, metrics: Metrics | null, options: SimulatorOptions): Promise<Stage> {
  let director: Director | null = null;
  const present = (): Director => {
    if (director) return director;
    throw new RangeError('scenarios begin when the responder is up');
  };
  const late: Director = {
    scenarios: () => director?.scenarios() ?? [],
    start: (id, how) => present().start(id, how),
    heal: (run) => present().heal(run),
    end: (run) => present().end(run),
    speed: (factor) => present().speed(factor),
    runs: () => director?.runs() ?? [],
    tick: () => present().tick(),
    settled: (timeoutMs) => present().settled(timeoutMs),
    problems: () => director?.problems() ?? [],
    close: async () => director?.close(),
  };
  // Scenarios write numbers in any case; without a metrics part nobody reads them.
  const numbers = metrics ?? (await startMetrics({ host: options.host, port: 0 }));
  const { world } = cluster;
  const faults = clusterFaults(world.faults, () => world.clock());
  const control = await startScenarioControl(late, { host: options.host, port: 0, faults });
  return {
    url: control.url,
    begin(receiver, greet) {
      director = createDirector({
        world: cluster.world,
        metrics: numbers.store,
        ...(receiver.alertmanagerUrl
          ? { alertmanagerUrl: receiver.alertmanagerUrl }
          : { webhookUrl: receiver.webhookUrl }),
        ...(receiver.webhookToken ? { webhookToken: receiver.webhookToken } : {}),
        ...(metrics ? { prometheusUrl: metrics.url } : {}),
        profile: options.profile,
      });
      if (greet) director.start('s01', { startedAgo: 240 });
    },
    async close() {
      await control.close();
      await director?.close();
      if (!metrics) await numbers.close();
    },
  };
}
