import type { Container } from 'kubernetes-types/core/v1.js';
import { hexOf, uidOf } from './naming.ts';
import { dig, type KubeObject, rfc3339, text } from './object.ts';

export interface Placement {
  readonly node: string;
  readonly hostIp: string;
  readonly podIp: string;
}

/** What a controller makes of a pod template: the pod itself, not yet started. */
export function podOf(owner: KubeObject, name: string, at: number): KubeObject {
  const template = dig(owner.spec, 'template');
  const spec = dig(template, 'spec');
  const { apiVersion, kind, metadata } = owner;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      uid: uidOf(`${metadata.namespace}/${name} ${at}`),
      creationTimestamp: rfc3339(at),
      // A pod template's metadata has labels and annotations of strings.
      labels: { ...(dig(template, 'metadata', 'labels') as Record<string, string> | undefined) },
      annotations: { ...(dig(template, 'metadata', 'annotations') as Record<string, string> | undefined) },
      ownerReferences: [
        { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: { restartPolicy: 'Always', schedulerName: 'default-scheduler', ...asRecord(spec) },
    status: { phase: 'Pending', qosClass: 'Burstable' },
  };
}

/** The pod on its node, all containers running and ready since `at`. */
export function running(pod: KubeObject, placement: Placement, at: number): KubeObject {
  const started = rfc3339(at);
  return {
    ...pod,
    spec: { ...asRecord(pod.spec), nodeName: placement.node },
    status: {
      phase: 'Running',
      qosClass: 'Burstable',
      hostIP: placement.hostIp,
      podIP: placement.podIp,
      podIPs: [{ ip: placement.podIp }],
      startTime: pod.metadata.creationTimestamp,
      conditions: podConditions(started, true),
      ...statuses('initContainerStatuses', containersOf(pod, 'initContainers'), (container) =>
        containerStatus(container, ended(at - 2000, at - 1000, 0, 'Completed'), { ready: true, started: false }),
      ),
      ...statuses('containerStatuses', containersOf(pod, 'containers'), (container) =>
        containerStatus(container, { running: { startedAt: started } }, { ready: true, started: true }),
      ),
    },
  };
}

/** The pod whose containers ran from `from` to `to` and ended well. */
export function succeeded(pod: KubeObject, placement: Placement, from: number, to: number): KubeObject {
  const ran = running(pod, placement, from);
  return {
    ...ran,
    status: {
      ...asRecord(ran.status),
      phase: 'Succeeded',
      conditions: podConditions(rfc3339(to), false, 'PodCompleted'),
      containerStatuses: containersOf(pod, 'containers').map((container) =>
        containerStatus(container, ended(from, to, 0, 'Completed'), { ready: false, started: false }),
      ),
    },
  };
}

export function podConditions(at: string, ready: boolean, reason?: string): readonly Record<string, unknown>[] {
  const condition = (type: string, holds: boolean) => ({
    type,
    status: holds ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: at,
    ...(holds || !reason ? {} : { reason }),
  });
  return [
    condition('PodReadyToStartContainers', ready),
    condition('Initialized', true),
    condition('Ready', ready),
    condition('ContainersReady', ready),
    condition('PodScheduled', true),
  ];
}

export function containersOf(
  pod: KubeObject,
  key: 'containers' | 'initContainers',
): readonly Pick<Container, 'name' | 'image'>[] {
  const containers = dig(pod.spec, key);
  return (Array.isArray(containers) ? containers : []).map((container) => ({
    name: text(container, 'name') ?? '',
    image: text(container, 'image') ?? '',
  }));
}

export function containerStatus(
  { name, image = '' }: Pick<Container, 'name' | 'image'>,
  state: Record<string, unknown>,
  flags: { readonly ready: boolean; readonly started: boolean },
): Record<string, unknown> {
  return {
    name,
    image,
    imageID: `${image.split(':')[0]}@sha256:${hexOf(image, 64)}`,
    containerID: `containerd://${hexOf(`${name} ${JSON.stringify(state)}`, 64)}`,
    restartCount: 0,
    state,
    lastState: {},
    ...flags,
  };
}

export function ended(from: number, to: number, exitCode: number, reason: string): Record<string, unknown> {
  return { terminated: { exitCode, reason, startedAt: rfc3339(from), finishedAt: rfc3339(to) } };
}

function statuses(key: string, containers: readonly Container[], make: (container: Container) => unknown) {
  return containers.length > 0 ? { [key]: containers.map(make) } : {};
}

function asRecord(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? { ...value } : {};
}
