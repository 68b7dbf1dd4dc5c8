import { hexOf, suffixOf, uidOf } from '../naming.ts';
import { type KubeObject, rfc3339 } from '../object.ts';
import { podOf, running } from '../podObject.ts';
import type { ClusterWorld, LogLine } from '../world.ts';
import { DAY } from './ages.ts';
import type { Placer } from './nodes.ts';

/** What the parts of the platform are installed with. */
export interface Site {
  readonly world: ClusterWorld;
  readonly placer: Placer;
  readonly now: number;
}

export interface ContainerDraft {
  readonly name: string;
  readonly image: string;
  readonly ports?: readonly number[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** cpu and memory: requests, then limits. */
  readonly requests?: readonly [cpu: string, memory: string];
  readonly limits?: readonly [cpu: string, memory: string];
  readonly usage: readonly [cpuMilli: number, memoryMi: number];
  /** What each pod has logged. */
  readonly log?: (pod: string) => readonly LogLine[];
}

export interface WorkloadDraft {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  /** The pods' labels; also the selector, unless that is given. */
  readonly labels: Readonly<Record<string, string>>;
  readonly selector?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly containers: readonly ContainerDraft[];
  readonly serviceAccount?: string;
  readonly createdAt?: number;
  readonly podsSince?: number;
  readonly owner?: KubeObject;
  readonly nodes?: readonly string[];
  readonly strategy?: string;
}

/** A Deployment that is up: with its ReplicaSet, its pods, their logs and what they use. */
export function installDeployment(site: Site, draft: WorkloadDraft): KubeObject {
  const { world, now } = site;
  const { name, replicas } = draft;
  const createdAt = draft.createdAt ?? now - 42 * DAY;
  const deployment = world.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...metadataOf(draft, createdAt),
      annotations: { 'deployment.kubernetes.io/revision': '1', ...draft.annotations },
      generation: 1,
    },
    spec: {
      replicas,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: draft.strategy ?? 'RollingUpdate' },
      selector: { matchLabels: draft.selector ?? draft.labels },
      template: templateOf(draft),
    },
    status: {
      observedGeneration: 1,
      ...(replicas > 0
        ? { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas }
        : {}),
      conditions: deploymentConditions(name, createdAt),
    },
  });
  installReplicaSet(site, draft, deployment, createdAt);
  return deployment;
}

function installReplicaSet(site: Site, draft: WorkloadDraft, deployment: KubeObject, createdAt: number): void {
  const { namespace, name, replicas } = draft;
  const hash = suffixOf(`${namespace}/${name}`, 10);
  const labels = { ...draft.labels, 'pod-template-hash': hash };
  const template = templateOf({ ...draft, labels });
  const replicaSet = site.world.apply({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      uid: uidOf(`rs ${namespace}/${name}`),
      creationTimestamp: rfc3339(createdAt),
      labels,
      annotations: { 'deployment.kubernetes.io/revision': '1' },
      generation: 1,
      ownerReferences: [ownerOf(deployment)],
    },
    spec: { replicas, selector: { matchLabels: { ...draft.selector, ...labels } }, template },
    status: {
      replicas,
      fullyLabeledReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      observedGeneration: 1,
    },
  });
  for (let index = 0; index < replicas; index++) {
    installPod(
      site,
      draft,
      replicaSet,
      `${replicaSet.metadata.name}-${suffixOf(`${namespace}/${name}/${index}`)}`,
      index,
    );
  }
}

/** A StatefulSet that is up, with its pods. */
export function installStatefulSet(site: Site, draft: WorkloadDraft): void {
  const { name, replicas } = draft;
  const createdAt = draft.createdAt ?? site.now - 42 * DAY;
  const statefulSet = site.world.apply({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { ...metadataOf(draft, createdAt), generation: 1 },
    spec: {
      replicas,
      serviceName: `${name}-nodes`,
      selector: { matchLabels: draft.labels },
      template: templateOf(draft),
    },
    status: {
      observedGeneration: 1,
      replicas,
      readyReplicas: replicas,
      currentReplicas: replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
      currentRevision: `${name}-${suffixOf(name, 10)}`,
      updateRevision: `${name}-${suffixOf(name, 10)}`,
    },
  });
  for (let index = 0; index < replicas; index++) installPod(site, draft, statefulSet, `${name}-${index}`, index);
}

function installPod(
  { world, placer, now }: Site,
  draft: WorkloadDraft,
  owner: KubeObject,
  name: string,
  index: number,
): void {
  const since = draft.podsSince ?? now - 6 * DAY - index * 3_600_000;
  const pod = podOf(owner, name, since);
  world.apply(running(pod, placer.place(draft.nodes?.[index]), since + 3000));
  for (const { name: container, log } of draft.containers) {
    if (log) world.log({ namespace: draft.namespace, pod: name, container, lines: log(name) });
  }
  const used = draft.containers.map(({ name: container, usage: [cpuMilli, memoryMi] }) => {
    // Replicas are alike, not the same.
    const share = 1 + ((Number.parseInt(hexOf(name, 2), 16) % 20) - 10) / 100;
    return [container, { cpuMilli: Math.round(cpuMilli * share), memoryMi: Math.round(memoryMi * share) }] as const;
  });
  world.usage({ kind: 'Pod', namespace: draft.namespace, name, containers: Object.fromEntries(used) });
}

function metadataOf(draft: WorkloadDraft, createdAt: number): KubeObject['metadata'] {
  const { namespace, name, labels, owner } = draft;
  return {
    name,
    namespace,
    uid: uidOf(`${namespace}/${name}`),
    creationTimestamp: rfc3339(createdAt),
    labels: { ...labels },
    ...(owner ? { ownerReferences: [ownerOf(owner)] } : {}),
  };
}

export function ownerOf({ apiVersion, kind, metadata }: KubeObject): Record<string, unknown> {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

function templateOf(draft: Pick<WorkloadDraft, 'labels' | 'annotations' | 'containers' | 'serviceAccount'>) {
  return {
    metadata: { labels: { ...draft.labels } },
    spec: {
      serviceAccountName: draft.serviceAccount ?? 'default',
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      containers: draft.containers.map(containerOf),
    },
  };
}

export function containerOf({
  name,
  image,
  ports,
  args,
  env,
  requests,
  limits,
}: ContainerDraft): Record<string, unknown> {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    ...(args ? { args } : {}),
    ...(ports ? { ports: ports.map((containerPort) => ({ containerPort, protocol: 'TCP' })) } : {}),
    ...(env ? { env: Object.entries(env).map(([key, value]) => ({ name: key, value })) } : {}),
    resources: {
      ...(requests ? { requests: { cpu: requests[0], memory: requests[1] } } : {}),
      ...(limits ? { limits: { ...(limits[0] ? { cpu: limits[0] } : {}), memory: limits[1] } } : {}),
    },
  };
}

function deploymentConditions(name: string, createdAt: number): readonly Record<string, unknown>[] {
  const at = { lastUpdateTime: rfc3339(createdAt + 20_000), lastTransitionTime: rfc3339(createdAt + 20_000) };
  return [
    {
      type: 'Available',
      status: 'True',
      reason: 'MinimumReplicasAvailable',
      message: 'Deployment has minimum availability.',
      ...at,
    },
    {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${name}-${suffixOf(name, 10)}" has successfully progressed.`,
      ...at,
    },
  ];
}

/** A Service with its Endpoints and EndpointSlice for the pods its selector finds. */
export function installService(
  { world, now }: Site,
  draft: {
    readonly namespace: string;
    readonly name: string;
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly name?: string; readonly port: number; readonly targetPort?: number }[];
    readonly type?: string;
  },
): void {
  const { namespace, name, selector } = draft;
  const metadata = { name, namespace, creationTimestamp: rfc3339(now - 42 * DAY), labels: { ...selector } };
  const octets = Buffer.from(hexOf(`${namespace}/${name}`, 4), 'hex');
  const ports = draft.ports.map((port) => ({ protocol: 'TCP', targetPort: port.port, ...port }));
  world.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: draft.type ?? 'ClusterIP',
      clusterIP: `10.96.${octets[0]}.${octets[1]}`,
      clusterIPs: [`10.96.${octets[0]}.${octets[1]}`],
      selector,
      ports,
    },
    status: { loadBalancer: {} },
  });
  const addresses = world
    .list({ apiVersion: 'v1', kind: 'Pod' }, namespace)
    .filter((pod) => Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value))
    .flatMap(({ status, metadata: { name: pod } }) => {
      const ip = status !== null && typeof status === 'object' && 'podIP' in status ? String(status.podIP) : '';
      return ip ? [{ ip, targetRef: { kind: 'Pod', namespace, name: pod } }] : [];
    });
  const endpointPorts = ports.map(({ name: port, targetPort }) => ({
    ...(port ? { name: port } : {}),
    port: targetPort,
    protocol: 'TCP',
  }));
  world.apply({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata,
    ...(addresses.length > 0 ? { subsets: [{ addresses, ports: endpointPorts }] } : {}),
  });
  world.apply({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...metadata,
      name: `${name}-${suffixOf(`slice ${namespace}/${name}`)}`,
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: 'IPv4',
    ports: endpointPorts,
    endpoints: addresses.map(({ ip, targetRef }) => ({ addresses: [ip], conditions: { ready: true }, targetRef })),
  });
}
