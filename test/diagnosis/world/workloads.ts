import type { Span } from './clock.ts';
import type {
  WholeDaemonSet,
  WholeDeployment,
  WholeNode,
  WholePod,
  WholeReplicaSet,
  WholeStatefulSet,
} from './kinds.ts';
import { suffix } from './names.ts';
import { runningPod } from './pods.ts';
import { settleDaemonSet, settleDeployment, settleReplicaSet, settleStatefulSet } from './settle.ts';
import { type Template, templateOf } from './template.ts';
import { LONG_AGO, type Named, ownedBy, type World } from './world.ts';

export interface Plan extends Template {
  readonly replicas?: number;
  readonly age?: Span;
  readonly namespace?: string;
  /** Nodes of the pods, in their order; the scheduler's choice without it. */
  readonly nodes?: readonly string[];
  readonly owner?: Named;
  /** Labels of the selector and the pods; `app: NAME` without it. */
  readonly selector?: Record<string, string>;
  readonly strategy?: WholeDeployment['spec']['strategy'];
  readonly podAge?: Span;
}

export interface Deployed {
  readonly deployment: WholeDeployment;
  replicaSet: WholeReplicaSet;
  pods: WholePod[];
  readonly plan: Plan;
}

const SURGE = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } };

/** A Deployment with its ReplicaSet and ready pods. Its statuses follow from the pods when the world settles. */
export function deployment(world: World, name: string, plan: Plan = {}): Deployed {
  const labels = plan.selector ?? { app: name };
  const replicas = plan.replicas ?? 2;
  const template = templateOf(name, labels, plan);
  const built: WholeDeployment = world.add({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: world.metadata('Deployment', name, {
      age: plan.age ?? LONG_AGO,
      ...(plan.namespace === undefined ? {} : { namespace: plan.namespace }),
      ...(plan.owner === undefined ? {} : { ownerReferences: [ownedBy(plan.owner)] }),
      generation: 1,
      labels,
      annotations: { 'deployment.kubernetes.io/revision': '1' },
    }),
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template,
      strategy: plan.strategy ?? SURGE,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: {},
  });
  const set = replicaSet(world, built, { template, replicas, revision: 1, age: plan.age ?? LONG_AGO });
  const pods = podsOf(world, set, replicas, plan);
  world.settling(() => settleDeployment(world, built));
  return { deployment: built, replicaSet: set, pods, plan };
}

export function replicaSet(
  world: World,
  owner: WholeDeployment,
  told: { template: WholeDeployment['spec']['template']; replicas: number; revision: number; age: Span },
): WholeReplicaSet {
  const { name, namespace } = owner.metadata;
  const hash = suffix(`hash/${name}/${told.revision}`, 10);
  const labels = { ...told.template.metadata?.labels, 'pod-template-hash': hash };
  const set: WholeReplicaSet = world.add({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: world.metadata('ReplicaSet', `${name}-${hash}`, {
      age: told.age,
      ...(namespace === undefined ? {} : { namespace }),
      generation: 1,
      labels,
      annotations: {
        'deployment.kubernetes.io/desired-replicas': String(owner.spec.replicas),
        'deployment.kubernetes.io/max-replicas': String((owner.spec.replicas ?? 1) + 1),
        'deployment.kubernetes.io/revision': String(told.revision),
      },
      ownerReferences: [ownedBy(owner)],
    }),
    spec: {
      replicas: told.replicas,
      selector: { matchLabels: { ...owner.spec.selector.matchLabels, 'pod-template-hash': hash } },
      template: { ...told.template, metadata: { ...told.template.metadata, labels } },
    },
    status: { replicas: 0 },
  });
  world.settling(() => settleReplicaSet(world, set));
  return set;
}

export function podsOf(world: World, set: WholeReplicaSet, count: number, plan: Plan): WholePod[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${set.metadata.name}-${suffix(`${set.metadata.name}/${index}`, 5)}`;
    const at = plan.nodes?.[index % plan.nodes.length];
    return runningPod(world, {
      name,
      owner: set,
      template: set.spec.template ?? {},
      age: plan.podAge ?? plan.age ?? LONG_AGO,
      ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
      ...(at === undefined ? {} : { node: at }),
    });
  });
}

/** One pod more than wanted: the first is on its way out (or over) since `ago`, and the last is its successor. */
export function replaced(world: World, { deployment, replicaSet, pods }: Deployed, ago: Span): void {
  deployment.spec.replicas = pods.length - 1;
  replicaSet.spec.replicas = pods.length - 1;
  const successor = pods.at(-1);
  if (successor === undefined) return;
  const at = world.ago(ago);
  successor.metadata.creationTimestamp = at;
  successor.status.startTime = at;
  for (const { state } of successor.status.containerStatuses)
    if (state?.running !== undefined) state.running.startedAt = at;
  for (const condition of successor.status.conditions) condition.lastTransitionTime = at;
  world.note(replicaSet, 'SuccessfulCreate', `Created pod: ${successor.metadata.name}`, {
    source: 'replicaset-controller',
    first: ago,
  });
}

/** A StatefulSet with pods NAME-0, NAME-1 ...; claims of its templates are the story's (storage.ts). */
export function statefulSet(
  world: World,
  name: string,
  plan: Plan & { service?: string; claims?: WholeStatefulSet['spec']['volumeClaimTemplates'] } = {},
) {
  const labels = plan.selector ?? { app: name };
  const replicas = plan.replicas ?? 3;
  const template = templateOf(name, labels, plan);
  const hash = suffix(`revision/${name}`, 10);
  const built: WholeStatefulSet = world.add({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: world.metadata('StatefulSet', name, {
      age: plan.age ?? LONG_AGO,
      ...(plan.namespace === undefined ? {} : { namespace: plan.namespace }),
      generation: 1,
      labels,
    }),
    spec: {
      replicas,
      selector: { matchLabels: labels },
      serviceName: plan.service ?? name,
      template,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      ...(plan.claims === undefined ? {} : { volumeClaimTemplates: plan.claims }),
    },
    status: { replicas: 0, currentRevision: `${name}-${hash}`, updateRevision: `${name}-${hash}` },
  });
  const pods = Array.from({ length: replicas }, (_, index) => {
    const at = plan.nodes?.[index % plan.nodes.length];
    return runningPod(world, {
      name: `${name}-${index}`,
      owner: built,
      template,
      age: plan.podAge ?? plan.age ?? LONG_AGO,
      labels: {
        'controller-revision-hash': `${name}-${hash}`,
        'statefulset.kubernetes.io/pod-name': `${name}-${index}`,
        'apps.kubernetes.io/pod-index': String(index),
      },
      ...(plan.namespace === undefined ? {} : { namespace: plan.namespace }),
      ...(at === undefined ? {} : { node: at }),
    });
  });
  world.settling(() => settleStatefulSet(world, built));
  return { statefulSet: built, pods };
}

/** A DaemonSet with a pod on each node. */
export function daemonSet(world: World, name: string, plan: Plan = {}) {
  const labels = plan.selector ?? { app: name };
  const template = templateOf(name, labels, plan);
  const built: WholeDaemonSet = world.add({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: world.metadata('DaemonSet', name, {
      age: plan.age ?? LONG_AGO,
      ...(plan.namespace === undefined ? {} : { namespace: plan.namespace }),
      generation: 1,
      labels,
      annotations: { 'deprecated.daemonset.template.generation': '1' },
    }),
    spec: {
      selector: { matchLabels: labels },
      template,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
    },
    status: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  });
  const hash = suffix(`revision/${name}`, 9);
  const pods = world.all<WholeNode>('Node').map((node) =>
    runningPod(world, {
      name: `${name}-${suffix(`${name}/${node.metadata.name}`, 5)}`,
      owner: built,
      template,
      node: node.metadata.name,
      age: plan.podAge ?? plan.age ?? LONG_AGO,
      labels: { 'controller-revision-hash': hash, 'pod-template-generation': '1' },
      ...(plan.namespace === undefined ? {} : { namespace: plan.namespace }),
    }),
  );
  world.settling(() => settleDaemonSet(world, built));
  return { daemonSet: built, pods };
}

/** A pod without an owner. */
export function barePod(world: World, name: string, plan: Plan = {}): WholePod {
  const at = plan.nodes?.[0];
  return runningPod(world, {
    name,
    template: templateOf(name, { app: name }, plan),
    age: plan.age ?? LONG_AGO,
    ...(plan.namespace === undefined ? {} : { namespace: plan.namespace }),
    ...(at === undefined ? {} : { node: at }),
  });
}
