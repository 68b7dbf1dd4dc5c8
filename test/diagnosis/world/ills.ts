import type { ContainerState, ContainerStatus } from 'kubernetes-types/core/v1.js';
import { instant, millis, type Span } from './clock.ts';
import type { WholePod } from './kinds.ts';
import { hex64 } from './names.ts';
import { conditionsAt, statusOf } from './pods.ts';
import type { World } from './world.ts';

/** What the kubelet makes of a pod whose container does not run well. */

/** POD_NAMESPACE(UID), as the kubelet names a pod in its messages. */
export function formatPod({ metadata }: WholePod): string {
  return `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
}

export function firstContainer(pod: WholePod): string {
  const name = pod.spec.containers[0]?.name;
  if (name === undefined) throw new Error(`${pod.metadata.name} has no container`);
  return name;
}

/** Writes a container's status, and the pod's conditions and phase that follow. */
export function setContainer(
  world: World,
  pod: WholePod,
  container: string,
  patch: Partial<ContainerStatus>,
  told: { since: Span; never?: boolean },
): ContainerStatus {
  const spec = pod.spec.containers.find(({ name }) => name === container);
  if (spec === undefined) throw new Error(`${pod.metadata.name} has no container ${container}`);
  const before = pod.status.containerStatuses.find(({ name }) => name === container);
  const base = before ?? statusOf(pod, container, spec.image ?? '');
  const status: ContainerStatus = { ...base, ready: false, started: false, ...patch };
  if (told.never === true) {
    status.imageID = '';
    delete status.containerID;
    delete status.started;
    status.started = false;
  }
  const others = pod.status.containerStatuses.filter(({ name }) => name !== container);
  pod.status.containerStatuses = pod.spec.containers.flatMap(({ name }) =>
    name === container ? [status] : others.filter((other) => other.name === name),
  );
  const unready = pod.status.containerStatuses.filter(({ ready }) => !ready).map(({ name }) => name);
  const began = pod.metadata.creationTimestamp;
  const since = world.ago(told.since);
  pod.status.conditions =
    unready.length === 0
      ? conditionsAt(began, { ready: since })
      : conditionsAt(began, { unready, since: since < began ? began : since });
  pod.status.phase = told.never === true ? 'Pending' : 'Running';
  return status;
}

/** Seconds of back-off after a number of restarts, as the kubelet writes them. */
function backOff(restarts: number): string {
  const seconds = Math.min(300, 10 * 2 ** Math.max(0, restarts - 1));
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}

export interface Crash {
  readonly container?: string;
  readonly exitCode: number;
  /** Error, OOMKilled, Completed, StartError, ContainerCannotRun, ContainerStatusUnknown. */
  readonly reason?: string;
  readonly message?: string;
  readonly signal?: number;
  readonly restarts: number;
  /** How long the container lived each time. */
  readonly lived?: Span;
  /** When it ended last. */
  readonly ended?: Span;
  /** When it ended first. */
  readonly since: Span;
  /** Its last lines. */
  readonly log?: readonly string[];
}

export function terminated(world: World, pod: WholePod, container: string, crash: Crash): ContainerState {
  const end = world.now - millis(crash.ended ?? '90s');
  return {
    terminated: {
      exitCode: crash.exitCode,
      reason: crash.reason ?? (crash.exitCode === 0 ? 'Completed' : 'Error'),
      ...(crash.message === undefined ? {} : { message: crash.message }),
      ...(crash.signal === undefined ? {} : { signal: crash.signal }),
      startedAt: instant(end - millis(crash.lived ?? '2s')),
      finishedAt: instant(end),
      containerID: `containerd://${hex64(`${pod.metadata.uid}/${container}/${crash.restarts}`)}`,
    },
  };
}

/** A container that ends again and again and waits for its next start. */
export function crashLoops(world: World, pod: WholePod, crash: Crash): void {
  const container = crash.container ?? firstContainer(pod);
  const message = `back-off ${backOff(crash.restarts)} restarting failed container=${container} pod=${formatPod(pod)}`;
  setContainer(
    world,
    pod,
    container,
    {
      restartCount: crash.restarts,
      state: { waiting: { reason: 'CrashLoopBackOff', message } },
      lastState: terminated(world, pod, container, crash),
    },
    { since: crash.since },
  );
  starts(world, pod, container, crash);
  if (crash.log !== undefined) {
    const ended = crash.ended ?? '90s';
    world.log(pod, container, crash.log, { previous: true, endedAgo: ended });
    world.log(pod, container, crash.log, { endedAgo: ended });
  }
}

/** The events of a container that is started again and again. */
export function starts(world: World, pod: WholePod, container: string, crash: Crash): void {
  const image = pod.spec.containers.find(({ name }) => name === container)?.image ?? '';
  const ended = crash.ended ?? '90s';
  const times = { source: 'kubelet', first: crash.since, last: ended, count: crash.restarts };
  const present = `Container image "${image}" already present on machine`;
  world.note(pod, 'Pulled', present, times);
  world.note(pod, 'Created', `Created container: ${container}`, times);
  world.note(pod, 'Started', `Started container ${container}`, times);
  world.warn(pod, 'BackOff', `Back-off restarting failed container ${container} in pod ${formatPod(pod)}`, {
    source: 'kubelet',
    first: crash.since,
    last: '10s',
    count: crash.restarts * 4,
  });
}

/** A container that ended and runs again, without waiting. */
export function restarted(world: World, pod: WholePod, crash: Crash, told: { ready?: boolean } = {}): void {
  const container = crash.container ?? firstContainer(pod);
  const ended = world.now - millis(crash.ended ?? '90s');
  setContainer(
    world,
    pod,
    container,
    {
      restartCount: crash.restarts,
      ready: told.ready ?? true,
      started: true,
      state: { running: { startedAt: instant(ended + 1_000) } },
      lastState: terminated(world, pod, container, crash),
    },
    { since: crash.ended ?? '90s' },
  );
  if (crash.log !== undefined) world.log(pod, container, crash.log, { previous: true, endedAgo: crash.ended ?? '90s' });
}

/** A container that runs and is not ready. */
export function unready(world: World, pod: WholePod, since: Span, container = firstContainer(pod)): void {
  const before = pod.status.containerStatuses.find(({ name }) => name === container);
  setContainer(
    world,
    pod,
    container,
    { ready: false, started: true, state: before?.state ?? {}, lastState: before?.lastState ?? {} },
    { since },
  );
}

/** A container that never was created: the kubelet's reason and message. */
export function waits(
  world: World,
  pod: WholePod,
  told: { container?: string; reason: string; message?: string; since?: Span },
): void {
  const container = told.container ?? firstContainer(pod);
  const waiting = { reason: told.reason, ...(told.message === undefined ? {} : { message: told.message }) };
  setContainer(
    world,
    pod,
    container,
    { state: { waiting }, lastState: {}, restartCount: 0 },
    { since: told.since ?? ageOf(world, pod), never: true },
  );
}

export function ageOf(world: World, pod: WholePod): Span {
  return `${Math.round((world.now - Date.parse(pod.metadata.creationTimestamp)) / 1_000)}s`;
}
