import type { ContainerStatus, PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import type { Span } from './clock.ts';
import { instant, millis } from './clock.ts';
import type { WholeNode, WholePod } from './kinds.ts';
import { hex64, suffix } from './names.ts';
import { type Named, ownedBy, type World } from './world.ts';

export interface PodPlan {
  readonly name: string;
  readonly owner?: Named;
  readonly template: PodTemplateSpec;
  readonly node?: string;
  readonly age?: Span;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

/** A pod that runs and is ready, with every status the kubelet writes. */
export function runningPod(world: World, plan: PodPlan): WholePod {
  const pod = boundPod(world, plan);
  const began = Date.parse(pod.metadata.creationTimestamp);
  const ip = world.address();
  const initial = (pod.spec.initContainers ?? []).map((container) =>
    initDone(pod, container.name, container.image ?? '', instant(began + 1_000)),
  );
  pod.status = {
    ...pod.status,
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    startTime: instant(began),
    ...(initial.length === 0 ? {} : { initContainerStatuses: initial }),
    containerStatuses: pod.spec.containers.map(({ name, image }) => ({
      ...statusOf(pod, name, image ?? ''),
      ready: true,
      started: true,
      state: { running: { startedAt: instant(began + 2_000) } },
    })),
    conditions: conditionsAt(instant(began), { ready: instant(began + millis('4s')) }),
  };
  return pod;
}

/** A pod that a node has taken and of which nothing runs yet; `hold` and its like say why. */
function boundPod(world: World, plan: PodPlan): WholePod {
  const { name, owner, template, age, namespace } = plan;
  const metadata = world.metadata('Pod', name, {
    ...(age === undefined ? {} : { age }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(owner === undefined ? {} : { ownerReferences: [ownedBy(owner)] }),
    labels: { ...template.metadata?.labels, ...plan.labels },
    ...(template.metadata?.annotations === undefined && plan.annotations === undefined
      ? {}
      : { annotations: { ...template.metadata?.annotations, ...plan.annotations } }),
  });
  const node = nodeFor(world, name, plan.node);
  const spec = structuredClone(template.spec ?? { containers: [] });
  const token = `kube-api-access-${suffix(`token/${name}`, 5)}`;
  const mount = { name: token, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true };
  if (spec.automountServiceAccountToken !== false) {
    spec.volumes = [...(spec.volumes ?? []), tokenVolume(token)];
    for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
      container.volumeMounts = [...(container.volumeMounts ?? []), mount];
    }
  }
  return world.add<WholePod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      ...spec,
      nodeName: node.metadata.name,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
      priority: spec.priority ?? 0,
      tolerations: [...(spec.tolerations ?? []), ...defaultTolerations()],
    },
    status: {
      phase: 'Pending',
      qosClass: qosOf(spec.containers),
      hostIP: node.status.addresses?.[0]?.address ?? '',
      containerStatuses: [],
      conditions: [],
    },
  });
}

/** The node a story names, or one that is always the same for this pod. */
function nodeFor(world: World, pod: string, name: string | undefined): WholeNode {
  const nodes = world.all<WholeNode>('Node');
  const wanted = name === undefined ? workers(nodes)[hex64(pod).charCodeAt(0) % workers(nodes).length] : undefined;
  const node = wanted ?? nodes.find(({ metadata }) => metadata.name === name);
  if (node === undefined) throw new Error(`no node for pod ${pod}`);
  return node;
}

function workers(nodes: WholeNode[]): WholeNode[] {
  return nodes.filter(({ spec }) => (spec.taints ?? []).length === 0 && spec.unschedulable !== true);
}

/** A container's status before anything has happened to it. */
export function statusOf(pod: WholePod, name: string, image: string): ContainerStatus {
  return {
    name,
    image,
    imageID: `${image.replace(/:[^:/]*$/, '')}@sha256:${hex64(image)}`,
    containerID: `containerd://${hex64(`${pod.metadata.uid}/${name}/0`)}`,
    ready: false,
    started: false,
    restartCount: 0,
    state: {},
    lastState: {},
  };
}

export function initDone(pod: WholePod, name: string, image: string, at: string): ContainerStatus {
  const status = statusOf(pod, name, image);
  return {
    ...status,
    ready: true,
    state: {
      terminated: { exitCode: 0, reason: 'Completed', startedAt: at, finishedAt: at, containerID: status.containerID },
    },
  };
}

/** The kubelet's five conditions; what is not ready says so with the kubelet's reason. */
export function conditionsAt(
  began: string,
  told: { ready?: string; unready?: readonly string[]; since?: string; uninitialized?: readonly string[] },
): WholePod['status']['conditions'] {
  const condition = (type: string, status: string, at: string, reason?: string, message?: string) => ({
    type,
    status,
    lastProbeTime: null as unknown as string, // The API serves null where nothing was probed.
    lastTransitionTime: at,
    ...(reason === undefined ? {} : { reason, message }),
  });
  const sandbox = condition('PodReadyToStartContainers', 'True', began);
  const scheduled = condition('PodScheduled', 'True', began);
  const since = told.since ?? began;
  const initialized =
    told.uninitialized === undefined
      ? condition('Initialized', 'True', began)
      : condition('Initialized', 'False', began, 'ContainersNotInitialized', incomplete(told.uninitialized));
  if (told.unready === undefined) {
    const ready = told.ready ?? began;
    return [
      sandbox,
      initialized,
      condition('Ready', 'True', ready),
      condition('ContainersReady', 'True', ready),
      scheduled,
    ];
  }
  const message = `containers with unready status: [${told.unready.join(' ')}]`;
  return [
    sandbox,
    initialized,
    condition('Ready', 'False', since, 'ContainersNotReady', message),
    condition('ContainersReady', 'False', since, 'ContainersNotReady', message),
    scheduled,
  ];
}

function incomplete(names: readonly string[]): string {
  return `containers with incomplete status: [${names.join(' ')}]`;
}

function tokenVolume(name: string) {
  return {
    name,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  };
}

/** The DefaultTolerationSeconds admission plugin's two. */
function defaultTolerations() {
  return ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }));
}

/** Quality of service class (pkg/apis/core/v1/helper/qos), for containers that name cpu and memory alike or not at all. */
function qosOf(containers: NonNullable<PodTemplateSpec['spec']>['containers']): string {
  const named = containers.flatMap(({ resources }) => [resources?.requests ?? {}, resources?.limits ?? {}]);
  if (named.every((list) => Object.keys(list).length === 0)) return 'BestEffort';
  const guaranteed = containers.every(({ resources }) => {
    const limits = resources?.limits ?? {};
    const requests = resources?.requests ?? limits;
    return ['cpu', 'memory'].every((key) => limits[key] !== undefined && limits[key] === requests[key]);
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
