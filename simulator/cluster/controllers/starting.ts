import { dig, type KubeObject, refOf, rfc3339, text } from '../object.ts';
import { containerStatus, containersOf, running } from '../podObject.ts';
import type { ClusterWorld } from '../world.ts';
import { reportReplicas } from './report.ts';
import { Scheduler } from './schedule.ts';

const SCHEDULE_MS = 500;
const START_MS = 2000;
/** How often the scheduler says again that a pod does not fit. */
const AGAIN_MS = 60_000;

/** Brings the pods that controllers made (and only those) from Pending to Running, on a node that has room. */
export function startPods(world: ClusterWorld, now: number): void {
  let scheduler: Scheduler | undefined;
  for (const [uid, starting] of world.starting) {
    const pod = world.get(starting.ref);
    if (!pod || pod.metadata.uid !== uid || pod.metadata.deletionTimestamp) {
      world.starting.delete(uid);
      continue;
    }
    const age = now - Date.parse(pod.metadata.creationTimestamp ?? '');
    if (!text(pod.spec, 'nodeName')) {
      if (age < SCHEDULE_MS) continue;
      scheduler ??= new Scheduler(world);
      schedule(world, pod, scheduler, now);
    } else if (now - (starting.scheduledAt ?? now) >= START_MS) {
      start(world, pod, starting.like, now);
      world.starting.delete(uid);
    }
  }
}

function schedule(world: ClusterWorld, pod: KubeObject, scheduler: Scheduler, now: number): void {
  const starting = world.starting.get(pod.metadata.uid ?? '');
  if (!starting) return;
  const placed = scheduler.place(pod);
  if ('because' in placed) {
    if (now - (starting.refusedAt ?? 0) < AGAIN_MS) return;
    starting.refusedAt = now;
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: placed.because,
      lastTransitionTime: rfc3339(now),
    };
    world.patchStatus(refOf(pod), { conditions: [condition] });
    world.event({
      type: 'Warning',
      reason: 'FailedScheduling',
      message: placed.because,
      regarding: regarding(pod),
      source: 'default-scheduler',
    });
    return;
  }
  starting.scheduledAt = now;
  starting.placement = placed;
  const waiting = {
    waiting: { reason: containersOf(pod, 'initContainers').length > 0 ? 'PodInitializing' : 'ContainerCreating' },
  };
  world.change(refOf(pod), (found) => ({
    ...found,
    spec: { ...Object.assign({}, found.spec), nodeName: placed.node },
    status: {
      phase: 'Pending',
      hostIP: placed.hostIp,
      startTime: rfc3339(now),
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: rfc3339(now) }],
      containerStatuses: containersOf(found, 'containers').map((container) => ({
        ...containerStatus(container, waiting, { ready: false, started: false }),
        imageID: '',
        containerID: undefined,
      })),
    },
  }));
  const { namespace, name } = pod.metadata;
  world.event({
    type: 'Normal',
    reason: 'Scheduled',
    message: `Successfully assigned ${namespace}/${name} to ${placed.node}`,
    regarding: regarding(pod),
    source: 'default-scheduler',
  });
}

/** The containers start; where the pod it replaces was sick, so is this one. */
function start(world: ClusterWorld, pod: KubeObject, like: KubeObject | undefined, now: number): void {
  const placement = world.placementOf(pod);
  const ran = running(pod, placement, now);
  const sick = like ? sicknessOf(like) : undefined;
  world.change(refOf(pod), () => (sick ? { ...ran, status: { ...Object.assign({}, ran.status), ...sick(now) } } : ran));
  reportReplicas(world, pod);
  for (const { name, image } of containersOf(pod, 'containers')) {
    const event = (reason: string, message: string) =>
      world.event({
        type: 'Normal',
        reason,
        message,
        regarding: { ...regarding(pod), fieldPath: `spec.containers{${name}}` },
        source: 'kubelet',
        host: placement.node,
      });
    event('Pulled', `Container image "${image}" already present on machine`);
    event('Created', `Created container: ${name}`);
    event('Started', `Started container ${name}`);
  }
}

/** The reason a pod does not run that would also keep its successor from running. */
function sicknessOf(pod: KubeObject): ((now: number) => Record<string, unknown>) | undefined {
  const statuses = dig(pod.status, 'containerStatuses');
  if (!Array.isArray(statuses)) return undefined;
  if (!statuses.some((one) => text(one, 'state', 'waiting', 'reason'))) return undefined;
  return (now) => ({
    phase: text(pod.status, 'phase') ?? 'Running',
    conditions: dig(pod.status, 'conditions'),
    containerStatuses: statuses.map((one) => ({
      ...Object.assign({}, one),
      restartCount: 0,
      ...(text(one, 'state', 'running', 'startedAt') ? { state: { running: { startedAt: rfc3339(now) } } } : {}),
    })),
  });
}

function regarding(pod: KubeObject) {
  return { ...refOf(pod), ...(pod.metadata.uid ? { uid: pod.metadata.uid } : {}) };
}
