import { setTimeout as pause } from 'node:timers/promises';
import type { Fault as ClusterFault } from '../../simulator/cluster/faults.ts';
import { type Fault, faultName } from '../../simulator/workspace/faults.ts';
import { type Dice, pick } from './dice.ts';
import type { Replica, Stage } from './stage.ts';

/** One way in which things go wrong. */
export interface Trouble {
  readonly name: string;
  /**
   * Makes it begin. What it returns resolves to whether somebody met it; it may last until then.
   * @throws when it cannot be made to happen
   */
  begin(dice: Dice): Promise<{ readonly met: Promise<boolean> }>;
}

/** For so long one that nobody met yet is kept up. */
const PATIENCE_MS = 40_000;
const LOOK_MS = 200;
/** Longer than a lease: others, or it itself afterwards, take over what a stopped process was at. */
export const STOPPED_MS = 18_000;

/**
 * Every kind of trouble for these replicas; `restartDatabase` where the store is a server. Only a long run has the
 * time to stop replicas past their lease; `stopped.system` has the single cases.
 */
export function troublesOf(
  on: Stage,
  replicas: readonly Replica[],
  { restartDatabase, isLong }: { readonly restartDatabase: (() => Promise<void>) | null; readonly isLong: boolean },
): readonly Trouble[] {
  return [
    killed('kill -9', replicas, 'SIGKILL', null),
    killed('restart by SIGTERM', replicas, 'SIGTERM', 0),
    ...(isLong ? [stopped(replicas)] : []),
    slack(on, 'Slack is down', { kind: 'down', seconds: 4 }),
    slack(on, 'Slack answers 503', { kind: 'down', seconds: 3, status: 503 }),
    slack(on, 'Slack answers 429', { kind: 'rate_limited', seconds: 3 }),
    slack(on, 'the answer to a post is lost', { kind: 'lost_answer', method: 'chat.postMessage' }),
    slack(on, 'the answer to an edit is lost', { kind: 'lost_answer', method: 'chat.update' }),
    slack(on, 'Slack is slow', { kind: 'slow', seconds: 1, count: 4 }),
    slack(on, 'Slack delivers twice', { kind: 'duplicate_delivery', count: 2 }),
    socketDropped(on),
    cluster(on, 'Kubernetes answers 500', { kind: 'status', code: 500 }),
    cluster(on, 'Kubernetes hangs', { kind: 'stall', ms: 4_000 }),
    cluster(on, 'Kubernetes resets connections', { kind: 'reset' }),
    ...(restartDatabase ? [databaseRestarted(restartDatabase)] : []),
  ];
}

const HAPPENED = { met: Promise.resolve(true) };

/** @param code the exit code it has to end with; null when the signal itself ends it */
function killed(
  name: string,
  replicas: readonly Replica[],
  signal: 'SIGKILL' | 'SIGTERM',
  code: number | null,
): Trouble {
  return {
    name,
    async begin(dice) {
      const replica = pick(replicas, dice);
      const before = replica.pid();
      if (!replica.isUp()) throw new Error(`no process to end by ${signal}: ${replica.output().slice(-2_000)}`);
      const ended = await replica.kill(signal);
      if (ended !== code)
        throw new Error(`it ended with ${ended} instead of ${code} at ${signal}: ${replica.output().slice(-2_000)}`);
      await replica.start();
      if (replica.pid() === before) throw new Error(`the process is the same after ${signal}`);
      return HAPPENED;
    },
  };
}

/** As a frozen node does it: the process holds what it held, and goes on where it stood when others have done its work. */
function stopped(replicas: readonly Replica[]): Trouble {
  return {
    name: 'a replica is stopped past its lease',
    async begin(dice) {
      const replica = pick(replicas, dice);
      replica.signal('SIGSTOP');
      await pause(STOPPED_MS);
      replica.signal('SIGCONT');
      return HAPPENED;
    },
  };
}

function slack(on: Stage, name: string, fault: Fault): Trouble {
  return {
    name,
    async begin() {
      const count = async () => (await on.workspace.status()).met[faultName(fault)] ?? 0;
      const before = await count();
      await on.workspace.fault(fault);
      const lasts = fault.kind !== 'slow' && fault.seconds !== undefined ? fault.seconds * 1_000 : null;
      const renew = () => on.workspace.fault(fault);
      return { met: untilMet(async () => (await count()) > before, lasts, renew) };
    },
  };
}

/** Looks until it was met; one that would be over by then begins anew. */
async function untilMet(isMet: () => Promise<boolean>, lastsMs: number | null, renew: () => Promise<void>) {
  let begun = Date.now();
  for (const end = begun + PATIENCE_MS; Date.now() < end; await pause(LOOK_MS)) {
    if (await isMet()) return true;
    if (lastsMs === null || Date.now() < begun + lastsMs) continue;
    begun = Date.now();
    await renew();
  }
  return false;
}

function socketDropped(on: Stage): Trouble {
  return {
    name: 'the sockets are cut',
    async begin() {
      const open = async () => (await on.workspace.status()).sockets > 0;
      const met = await untilMet(open, null, async () => {});
      await on.workspace.fault({ kind: 'drop_socket' });
      return { met: Promise.resolve(met) };
    },
  };
}

function cluster(on: Stage, name: string, fault: ClusterFault): Trouble {
  return {
    name,
    async begin() {
      const world = on.simulator.cluster?.world;
      if (!world) throw new Error('there is no cluster');
      const before = world.faults.met(fault.kind);
      const end = world.fault({ ...fault });
      const over = async () => {
        await pause(4_000);
        const met = await untilMet(
          async () => world.faults.met(fault.kind) > before,
          null,
          async () => {},
        );
        end();
        return met;
      };
      return { met: over() };
    },
  };
}

function databaseRestarted(restart: () => Promise<void>): Trouble {
  return {
    name: 'PostgreSQL restarts',
    async begin() {
      await restart();
      return HAPPENED;
    },
  };
}
