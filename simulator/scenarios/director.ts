import type { Clock, MetricStore } from '../metrics/store.ts';
import { createAlertmanagerSink } from './alerting/alertmanagerSink.ts';
import type { RuleContext } from './alerting/shippedAlert.ts';
import type { AlertSink } from './alerting/sink.ts';
import { createWebhookSink } from './alerting/webhookSink.ts';
import type { PlatformNames } from './names.ts';
import { platformNames } from './names.ts';
import type { RunView } from './run.ts';
import { Run } from './run.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import type { ScenarioWorld } from './worldPort.ts';

export interface DirectorOptions {
  readonly world: ScenarioWorld;
  readonly metrics: MetricStore;
  /** Base URL of a real Alertmanager; it wins over `webhookUrl`. Without either no alert is sent. */
  readonly alertmanagerUrl?: string;
  /** The bot's webhook, posted to as Alertmanager would. */
  readonly webhookUrl?: string;
  readonly webhookToken?: string;
  /** group_wait, group_interval and repeat_interval of the webhook mode in milliseconds. */
  readonly grouping?: { groupWaitMs?: number; groupIntervalMs?: number; repeatIntervalMs?: number };
  readonly clock?: Clock;
  readonly profile?: PlatformNames['profile'];
  readonly era?: RuleContext['era'];
  /** Prometheus's address for the links in alerts. */
  readonly prometheusUrl?: string;
  readonly externalLabels?: Readonly<Record<string, string>>;
  /** Scenarios that can be started; those of `scenarios.ts` by default. */
  readonly scenarios?: readonly Scenario[];
}

export interface StartOptions {
  /** Alerts carry `drill="true"`. */
  readonly drill?: boolean;
  /** Seconds of scenario time in a second; the director's current factor by default. */
  readonly speed?: number;
  /** Seconds since the fault; stages before now are written into the past at once. */
  readonly startedAgo?: number;
}

export interface ScenarioSummary {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly fix: string;
}

/** Starts and ends failures in the simulated world. */
export interface Director {
  scenarios(): readonly ScenarioSummary[];
  /** Accepts an id or its beginning (`s01`). Throws `RangeError` naming what exists for an unknown one. */
  start(id: string, options?: StartOptions): RunView;
  /** Applies the right fix. Throws `RangeError` for an unknown run. */
  heal(runId: string): RunView;
  /** Resolves its alerts and puts the world back. */
  end(runId: string): RunView;
  speed(factor: number): void;
  /** Newest last; ended ones are kept, 50 at most. */
  runs(): readonly RunView[];
  /** Plays the stages that are due; needed only with a clock that is stepped by hand. */
  tick(): void;
  /** Waits until the alerts sent so far were accepted or refused. */
  settled(timeoutMs?: number): Promise<void>;
  /** Failed deliveries, in words. */
  problems(): readonly string[];
  close(): Promise<void>;
}

const MAX_RUNS = 50;

export function createDirector(options: DirectorOptions): Director {
  const clock = options.clock ?? { now: () => Date.now() };
  const names = platformNames(options.profile ?? 'builder');
  const scenarios = (options.scenarios ?? SCENARIOS).filter(
    (one) => one.profiles === undefined || one.profiles.includes(names.profile),
  );
  const sink = sinkFor(options, clock);
  const parts = { world: options.world, metrics: options.metrics, sink, clock, names, rules: rulesFor(options) };
  const runs = new Map<string, Run>();
  let factor = 1;
  let timer: NodeJS.Timeout | null = null;

  const tick = () => {
    for (const run of runs.values()) run.play();
    if (timer) clearTimeout(timer);
    timer = null;
    const waits = [...runs.values()].map((run) => run.dueInMs()).filter((ms) => ms !== null);
    if (waits.length > 0) timer = setTimeout(tick, Math.min(Math.max(5, Math.min(...waits)), 60_000));
  };

  const runOf = (id: string): Run => {
    const run = runs.get(id);
    if (!run) throw new RangeError(`no run ${id}; known: ${[...runs.keys()].join(', ') || 'none'}`);
    return run;
  };

  return {
    scenarios: () => scenarios.map(({ id, title, about, fix }) => ({ id, title, about, fix: fix.what })),
    start(id, start = {}) {
      const scenario = findScenario(scenarios, id);
      const run = new Run(scenario, parts, {
        drill: start.drill ?? false,
        speed: positive(start.speed ?? factor),
        startedAgoSeconds: Math.max(0, start.startedAgo ?? 0),
      });
      for (const [oldId, old] of runs) if (runs.size >= MAX_RUNS && !old.active) runs.delete(oldId);
      runs.set(run.id, run);
      tick();
      return run.view();
    },
    heal(runId) {
      const run = runOf(runId);
      run.heal();
      tick();
      return run.view();
    },
    end(runId) {
      const run = runOf(runId);
      run.end();
      tick();
      return run.view();
    },
    speed(next) {
      factor = positive(next);
      for (const run of runs.values()) run.speed = factor;
      tick();
    },
    runs: () => [...runs.values()].map((run) => run.view()),
    tick,
    settled: (timeoutMs) => sink.settled(timeoutMs),
    problems: () => sink.problems(),
    async close() {
      if (timer) clearTimeout(timer);
      timer = null;
      runs.clear();
      await sink.close();
    },
  };
}

function rulesFor(options: DirectorOptions): RuleContext {
  return {
    profile: options.profile ?? 'builder',
    era: options.era ?? 'knative-1.18',
    prometheusUrl: options.prometheusUrl ?? 'http://127.0.0.1:9090',
    externalLabels: options.externalLabels ?? {},
  };
}

function sinkFor(options: DirectorOptions, clock: Clock): AlertSink {
  if (options.alertmanagerUrl) return createAlertmanagerSink({ url: options.alertmanagerUrl, clock });
  if (options.webhookUrl) {
    return createWebhookSink({
      url: options.webhookUrl,
      token: options.webhookToken ?? null,
      clock,
      ...options.grouping,
    });
  }
  return { put: () => {}, settled: async () => {}, problems: () => [], close: async () => {} };
}

function findScenario(scenarios: readonly Scenario[], id: string): Scenario {
  const exact = scenarios.find((one) => one.id === id);
  const starting = scenarios.filter((one) => one.id.startsWith(`${id}-`));
  const found = exact ?? (starting.length === 1 ? starting[0] : undefined);
  if (!found) throw new RangeError(`no scenario ${id}; known: ${scenarios.map((one) => one.id).join(', ')}`);
  return found;
}

function positive(factor: number): number {
  if (!Number.isFinite(factor) || factor < 0.1 || factor > 1000) {
    throw new RangeError(`speed must be between 0.1 and 1000, not ${factor}`);
  }
  return factor;
}
