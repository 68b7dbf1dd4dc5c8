import { setTimeout as sleep } from 'node:timers/promises';
import { type Control, createControl } from '../../simulator/workspace/control.ts';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../../simulator/workspace/start.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { createLogger } from '../../src/logger.ts';
import { type SlackConfig, type SlackDoor, startSlack } from '../../src/slack/app.ts';
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
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly config?: Partial<SlackConfig>;
  readonly workspace?: WorkspaceOptions;
  /** Do not wait for the connection. */
  readonly eager?: boolean;
}

export async function startBench(options: BenchOptions = {}): Promise<Bench> {
  const workspace = await startWorkspace(options.workspace);
  const ports = memoryPorts();
  const connections: string[] = [];
  const door = await startSlack({
    config: { ...configFor(workspace), ...options.config },
    ports,
    log: createLogger({ level: process.env.TEST_LOG ?? 'silent' }),
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
    publicUrl: null,
    runbookHelpUrl: null,
    simulated: false,
  };
}

/** Waits until something is so; the test's own timeout is the bound. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
