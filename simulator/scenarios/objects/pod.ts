import { randomUUID } from 'node:crypto';
import type { Scene } from '../scenario.ts';
import type { KubeObject, ObjectRef } from '../worldPort.ts';

export interface ContainerState {
  readonly name: string;
  readonly image: string;
  readonly ready: boolean;
  readonly restarts?: number;
  readonly state: Readonly<Record<string, unknown>>;
  readonly lastState?: Readonly<Record<string, unknown>>;
  readonly memoryLimit?: string;
}

export interface PodDraft {
  readonly namespace: string;
  readonly name: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly labels?: Readonly<Record<string, string>>;
  readonly node?: string;
  readonly owner?: { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid?: string };
  readonly containers: readonly ContainerState[];
  /** Pod-level reason and message, such as `Evicted`. */
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly Readonly<Record<string, unknown>>[];
}

export const podRefOf = (pod: { namespace: string; name: string }): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Pod',
  ...pod,
});

/** Creates the pod, or updates the status of the one that is there. */
export function setPod(scene: Scene, draft: PodDraft): void {
  const ref = podRefOf({ namespace: draft.namespace, name: draft.name });
  if (scene.world.get(ref)) scene.status(ref, podStatus(scene, draft));
  else scene.apply(podObject(scene, draft));
  for (const phase of ['Pending', 'Running', 'Failed']) {
    const labels = { namespace: draft.namespace, pod: draft.name, phase };
    scene.metrics.set('kube_pod_status_phase', labels, phase === draft.phase ? 1 : 0);
  }
}

function podObject(scene: Scene, draft: PodDraft): KubeObject {
  const uid = scene.once(`pod/${draft.namespace}/${draft.name}`, randomUUID);
  const owner = draft.owner ? { uid: randomUUID(), controller: true, ...draft.owner } : null;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: draft.name,
      namespace: draft.namespace,
      uid,
      creationTimestamp: scene.time(),
      labels: { ...draft.labels },
      ...(owner ? { ownerReferences: [owner] } : {}),
    },
    spec: {
      ...(draft.node ? { nodeName: draft.node } : {}),
      restartPolicy: 'Always',
      containers: draft.containers.map(({ name, image, memoryLimit }) => ({
        name,
        image,
        resources: memoryLimit ? { limits: { memory: memoryLimit } } : {},
      })),
    },
    status: { startTime: scene.time(), ...podStatus(scene, draft) },
  };
}

function podStatus(scene: Scene, draft: PodDraft): Record<string, unknown> {
  const ready = draft.containers.every((one) => one.ready);
  const at = scene.time();
  const condition = (type: string, holds: boolean) => ({
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: at,
    ...(holds ? {} : { reason: 'ContainersNotReady' }),
  });
  return {
    phase: draft.phase,
    ...(draft.reason ? { reason: draft.reason } : {}),
    ...(draft.message ? { message: draft.message } : {}),
    conditions: draft.conditions ?? [
      condition('Initialized', true),
      condition('Ready', ready),
      condition('ContainersReady', ready),
      condition('PodScheduled', true),
    ],
    containerStatuses: draft.containers.map((one) => ({
      name: one.name,
      image: one.image,
      imageID: '',
      ready: one.ready,
      started: one.ready,
      restartCount: one.restarts ?? 0,
      state: one.state,
      lastState: one.lastState ?? {},
    })),
  };
}

/** Container states, as the kubelet words them. */
export const states = {
  running: (scene: Scene) => ({ running: { startedAt: scene.time() } }),
  waiting: (reason: string, message: string) => ({ waiting: { reason, message } }),
  terminated: (scene: Scene, exitCode: number, reason: string, message?: string) => ({
    terminated: {
      exitCode,
      reason,
      startedAt: scene.time(-40),
      finishedAt: scene.time(),
      ...(message ? { message } : {}),
    },
  }),
  crashLoop: (container: string, pod: string, namespace: string, pause = '40s') => ({
    waiting: {
      reason: 'CrashLoopBackOff',
      message: `back-off ${pause} restarting failed container=${container} pod=${pod}_${namespace}`,
    },
  }),
};

/** An event about a pod, repeated `count` times by then. */
export function podEvent(
  scene: Scene,
  pod: { namespace: string; name: string },
  event: { type: 'Normal' | 'Warning'; reason: string; message: string; source?: string; count?: number },
): void {
  const count = event.count ?? 1;
  scene.event({
    type: event.type,
    reason: event.reason,
    message: event.message,
    regarding: podRefOf(pod),
    source: event.source ?? 'kubelet',
    count,
    firstAt: scene.at(count > 1 ? -30 * (count - 1) : 0),
    lastAt: scene.at(),
  });
}
