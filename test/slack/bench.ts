import { setTimeout as sleep } from 'node:timers/promises';
import { type Control, createControl } from '../../simulator/workspace/control.ts';
import type { Fault } from '../../simulator/workspace/faults.ts';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../../simulator/workspace/start.ts';
import { coerceError } from '../../src/errors.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { createLogger } from '../../src/logger.ts';
import { systemClock } from '../../src/slack/clock.ts';
import { type SlackConfig, type SlackDoor, startSlack } from '../../src/slack/startSlack.ts';
import { type MemoryPorts, memoryPorts } from './memoryPorts.ts';

/** A workspace, the door to it, and hands to use the workspace with. */
export interface Bench {
  readonly workspace: Workspace;
  readonly people: Control;
  readonly ports: MemoryPorts;
  readonly door: SlackDoor;
  readonly signal: AbortSignal;
  /** Why each Socket Mode connection was opened. */
  readonly connections: string[];
  /** Puts the door's clock forward, in milliseconds; the workspace keeps its own. */
  pass(ms: number): void;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly config?: Partial<SlackConfig>;
  readonly workspace?: WorkspaceOptions;
  /** Do not wait for the connection. */
  readonly eager?: boolean;
  /** In force before the door is opened. */
  readonly faults?: readonly Fault[];
}

export async function startBench(options: BenchOptions = {}): Promise<Bench> {
  const workspace = await startWorkspace(options.workspace);
  for (const fault of options.faults ?? []) await createControl(workspace.url).fault(fault);
  const ports = memoryPorts();
  const connections: string[] = [];
  let ahead = 0;
  const door = await startSlack({
    config: { ...configFor(workspace), ...options.config },
    ports,
    log: createLogger({ level: process.env.TEST_LOG ?? 'silent' }),
    clock: { ...systemClock, now: () => Date.now() + ahead },
    onConnection: (because) => void connections.push(because),
  });
  const stop = new AbortController();
  if (!options.eager) await until(() => door.status().connected);
  return {
    workspace,
    people: createControl(workspace.url),
    ports,
    door,
    signal: stop.signal,
    connections,
    pass(ms) {
      ahead += ms;
    },
    async close() {
      stop.abort();
      await door.close();
      await workspace.close();
    },
  };
}

export function configFor(workspace: Workspace): SlackConfig {
  return {
    botToken: workspace.botToken,
    appToken: workspace.appToken,
    signingSecret: null,
    apiUrl: workspace.apiUrl,
    channel: '#incidents',
    instance: 'store-1',
    mentionGroup: 'oncall',
    mentionLimits: DEFAULT_POLICY.mentions,
    escalation: DEFAULT_POLICY.escalation,
    reopenWindowMs: DEFAULT_POLICY.correlation.reopenWindowMs,
    publicUrl: null,
    runbookHelpUrl: null,
    simulated: false,
  };
}

/** Waits until something is so; the test's own timeout is the bound. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

/** Tries work again a few times a second until it is done, as the queue does with what is to be tried again. */
export async function untilDone(work: () => Promise<void>): Promise<void> {
  for (;;) {
    const failure = await work().then(
      () => null,
      (error: unknown) => coerceError(error),
    );
    if (failure === null) return;
    if (!failure.retryable) throw failure;
    await sleep(300);
  }
}
