import type { Span } from './clock.ts';
import { millis } from './clock.ts';
import { ageOf, firstContainer, waits } from './ills.ts';
import type { WholePod } from './kinds.ts';
import { initDone, statusOf } from './pods.ts';
import type { World } from './world.ts';

/** Pods that do not come to run: unscheduled, without image, without volume, without configuration, in their init containers. */

/** A pod no node was found for; `message` is the scheduler's, or null where no scheduler has looked at it. */
export function unscheduled(world: World, pod: WholePod, message: string | null, told: { count?: number } = {}): void {
  const age = ageOf(world, pod);
  const rest: Partial<WholePod['spec']> = pod.spec;
  delete rest.nodeName;
  pod.status = {
    phase: 'Pending',
    qosClass: pod.status.qosClass ?? 'Burstable',
    containerStatuses: [],
    conditions:
      message === null
        ? []
        : [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message,
              lastProbeTime: null as unknown as string, // The API serves null where nothing was probed.
              lastTransitionTime: pod.metadata.creationTimestamp,
            },
          ],
  };
  if (message === null) return;
  world.warn(pod, 'FailedScheduling', message, {
    source: 'default-scheduler',
    first: age,
    last: `${Math.min(45, millis(age) / 1_000)}s`,
    count: told.count ?? 3,
  });
}

function scheduled(world: World, pod: WholePod): void {
  const text = `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${pod.spec.nodeName}`;
  world.note(pod, 'Scheduled', text, { source: 'default-scheduler', first: ageOf(world, pod) });
}

/** An image that cannot be had; `error` is what the container runtime answered. */
export function pullFails(
  world: World,
  pod: WholePod,
  told: { error: string; container?: string; times?: number; state?: 'ErrImagePull' | 'ImagePullBackOff' },
): void {
  const container = told.container ?? firstContainer(pod);
  const image = pod.spec.containers.find(({ name }) => name === container)?.image ?? '';
  const times = told.times ?? 5;
  const pulled = `Failed to pull image "${image}": ${told.error}`;
  const backing = `Back-off pulling image "${image}"${world.version < 'v1.32' ? '' : `: ErrImagePull: ${told.error}`}`;
  const state = told.state ?? 'ImagePullBackOff';
  waits(world, pod, { container, reason: state, message: state === 'ErrImagePull' ? told.error : backing });
  delete pod.status.podIP;
  const ip = world.address();
  Object.assign(pod.status, { podIP: ip, podIPs: [{ ip }] });
  const first = ageOf(world, pod);
  scheduled(world, pod);
  world.note(pod, 'Pulling', `Pulling image "${image}"`, { source: 'kubelet', first, last: '80s', count: times });
  world.warn(pod, 'Failed', pulled, { source: 'kubelet', first, last: '79s', count: times });
  world.warn(pod, 'Failed', 'Error: ErrImagePull', { source: 'kubelet', first, last: '79s', count: times });
  world.note(pod, 'BackOff', `Back-off pulling image "${image}"`, {
    source: 'kubelet',
    first,
    last: '12s',
    count: times * 4,
  });
  world.warn(pod, 'Failed', 'Error: ImagePullBackOff', { source: 'kubelet', first, last: '12s', count: times * 4 });
}

/** A container that cannot be created of what the pod asks: the kubelet tries again every few seconds. */
export function configFails(
  world: World,
  pod: WholePod,
  message: string,
  told: { reason?: string; container?: string } = {},
): void {
  const container = told.container ?? firstContainer(pod);
  const image = pod.spec.containers.find(({ name }) => name === container)?.image ?? '';
  waits(world, pod, { container, reason: told.reason ?? 'CreateContainerConfigError', message });
  const first = ageOf(world, pod);
  const count = Math.max(2, Math.round(millis(first) / 12_000));
  scheduled(world, pod);
  world.note(pod, 'Pulled', `Container image "${image}" already present on machine`, {
    source: 'kubelet',
    first,
    last: '4s',
    count,
  });
  world.warn(pod, 'Failed', `Error: ${message}`, { source: 'kubelet', first, last: '4s', count });
}

/** A pod whose containers wait for a volume, a sandbox or the network: nothing of it was created. */
export function creating(
  world: World,
  pod: WholePod,
  events: readonly { reason: string; message: string; count?: number; last?: Span; source?: string }[],
): void {
  for (const { name } of pod.spec.containers) waits(world, pod, { container: name, reason: 'ContainerCreating' });
  delete pod.status.podIP;
  delete pod.status.podIPs;
  const sandbox = pod.status.conditions.find(({ type }) => type === 'PodReadyToStartContainers');
  if (sandbox !== undefined) sandbox.status = 'False';
  scheduled(world, pod);
  for (const { reason, message, count, last, source } of events) {
    world.warn(pod, reason, message, {
      source: source ?? 'kubelet',
      first: ageOf(world, pod),
      last: last ?? '30s',
      count: count ?? 4,
    });
  }
}

/** A pod whose init container holds it back; the containers wait with PodInitializing. */
export function initHolds(
  world: World,
  pod: WholePod,
  init: string,
  state: { state: object; lastState?: object; restarts?: number },
): void {
  for (const { name } of pod.spec.containers) waits(world, pod, { container: name, reason: 'PodInitializing' });
  const specs = pod.spec.initContainers ?? [];
  const at = specs.findIndex(({ name }) => name === init);
  pod.status.initContainerStatuses = specs.map(({ name, image }, index) =>
    index < at
      ? initDone(pod, name, image ?? '', pod.metadata.creationTimestamp)
      : {
          ...statusOf(pod, name, image ?? ''),
          restartCount: index === at ? (state.restarts ?? 0) : 0,
          state: index === at ? state.state : { waiting: { reason: 'PodInitializing' } },
          lastState: index === at ? (state.lastState ?? {}) : {},
        },
  );
  const initialized = pod.status.conditions.find(({ type }) => type === 'Initialized');
  const waiting = specs.slice(at).map(({ name }) => name);
  if (initialized !== undefined) {
    initialized.status = 'False';
    initialized.reason = 'ContainersNotInitialized';
    initialized.message = `containers with incomplete status: [${waiting.join(' ')}]`;
  }
  pod.status.phase = 'Pending';
}
