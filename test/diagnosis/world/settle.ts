import type { DeploymentCondition } from 'kubernetes-types/apps/v1.js';
import { instant } from './clock.ts';
import type { WholeDaemonSet, WholeDeployment, WholePod, WholeReplicaSet, WholeStatefulSet } from './kinds.ts';
import type { Named, World } from './world.ts';

/** What the controllers make of the pods: counts and conditions of their owners. */

export function ownedPods(world: World, owner: Named): WholePod[] {
  return world.owned<WholePod>(owner, 'Pod');
}

/** Pods that count: neither finished nor being deleted (controller_utils.go, FilterActivePods). */
export function isActive({ metadata, status }: WholePod): boolean {
  return metadata.deletionTimestamp === undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed';
}

export function isReady({ status }: WholePod): boolean {
  return status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
}

/** When the first pod stopped being ready; the moment the owner's condition turned. */
function turned(pods: readonly WholePod[], other: string): string {
  const moments = pods
    .flatMap(({ status }) => status.conditions.filter(({ type, status: is }) => type === 'Ready' && is !== 'True'))
    .map(({ lastTransitionTime }) => String(lastTransitionTime));
  return moments.toSorted()[0] ?? other;
}

export function settleReplicaSet(world: World, set: WholeReplicaSet): void {
  const pods = ownedPods(world, set).filter(isActive);
  const ready = pods.filter(isReady).length;
  set.status = {
    ...set.status,
    observedGeneration: set.metadata.generation ?? 1,
    replicas: pods.length,
    ...(pods.length === 0 ? {} : { fullyLabeledReplicas: pods.length }),
    ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
  };
}

export function setsOf(world: World, of: WholeDeployment): WholeReplicaSet[] {
  return world.owned<WholeReplicaSet>(of, 'ReplicaSet');
}

export function settleDeployment(world: World, of: WholeDeployment): void {
  const sets = setsOf(world, of);
  const revision = of.metadata.annotations?.['deployment.kubernetes.io/revision'];
  const newest = sets.find(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision'] === revision);
  const pods = sets.flatMap((set) => ownedPods(world, set)).filter(isActive);
  const ready = pods.filter(isReady).length;
  const wanted = of.spec.replicas ?? 1;
  const updated = newest === undefined ? 0 : ownedPods(world, newest).filter(isActive).length;
  const enough = ready >= wanted - mayLack(of, wanted);
  of.status = {
    ...of.status,
    observedGeneration: of.metadata.generation ?? 1,
    ...counted({ replicas: pods.length, updatedReplicas: updated, readyReplicas: ready, availableReplicas: ready }),
    ...counted({ unavailableReplicas: Math.max(wanted - ready, pods.length - ready, 0) }),
    conditions: deploymentConditions(of, newest, {
      enough,
      whole: ready >= wanted,
      since: turned(pods, of.metadata.creationTimestamp),
      now: world.now,
    }),
  };
}

/** maxUnavailable, rounded down; all of them with Recreate. */
function mayLack(of: WholeDeployment, wanted: number): number {
  if (of.spec.strategy?.type === 'Recreate') return 0;
  const told = String(of.spec.strategy?.rollingUpdate?.maxUnavailable ?? '25%');
  return told.endsWith('%') ? Math.floor((Number(told.slice(0, -1)) * wanted) / 100) : Number(told);
}

function deploymentConditions(
  of: WholeDeployment,
  newest: WholeReplicaSet | undefined,
  told: { enough: boolean; whole: boolean; since: string; now: number },
): DeploymentCondition[] {
  const created = of.metadata.creationTimestamp;
  const written = of.status.conditions ?? [];
  const available: DeploymentCondition = told.enough
    ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', created)
    : condition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        told.since,
      );
  const kept = written.filter(({ type }) => type !== 'Available' && type !== 'ReplicaFailure');
  const progressing = kept.some(({ type }) => type === 'Progressing') ? [] : [progress(of, newest, told)];
  return [...progressing, ...kept, ...replicaFailure(newest), available];
}

/** What the ReplicaSet says of pods it may not create (deployment/progress.go, getReplicaFailures). */
function replicaFailure(newest: WholeReplicaSet | undefined): DeploymentCondition[] {
  const failure = newest?.status.conditions?.find(({ type }) => type === 'ReplicaFailure');
  if (failure === undefined) return [];
  const { reason = '', message = '', lastTransitionTime } = failure;
  return [condition('ReplicaFailure', 'True', reason, message, String(lastTransitionTime))];
}

/** How far a first revision came: done once and for all, still on its way, or past its deadline (deployment/progress.go). */
function progress(
  of: WholeDeployment,
  newest: WholeReplicaSet | undefined,
  told: { whole: boolean; now: number },
): DeploymentCondition {
  const created = of.metadata.creationTimestamp;
  const name = newest?.metadata.name ?? '';
  const age = (told.now - Date.parse(created)) / 1_000;
  const deadline = of.spec.progressDeadlineSeconds ?? 600;
  const done = told.whole || age > 3_600;
  if (done)
    return condition(
      'Progressing',
      'True',
      'NewReplicaSetAvailable',
      `ReplicaSet "${name}" has successfully progressed.`,
      created,
    );
  if (age <= deadline)
    return condition('Progressing', 'True', 'ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`, created);
  const missed = instant(Date.parse(created) + deadline * 1_000);
  return condition(
    'Progressing',
    'False',
    'ProgressDeadlineExceeded',
    `ReplicaSet "${name}" has timed out progressing.`,
    missed,
  );
}

export function condition(
  type: string,
  status: string,
  reason: string,
  message: string,
  at: string,
): DeploymentCondition {
  return { type, status, reason, message, lastUpdateTime: at, lastTransitionTime: at };
}

export function settleStatefulSet(world: World, of: WholeStatefulSet): void {
  const pods = ownedPods(world, of).filter(({ status }) => status.phase !== 'Succeeded' && status.phase !== 'Failed');
  const ready = pods.filter(isReady).length;
  of.status = {
    ...of.status,
    observedGeneration: of.metadata.generation ?? 1,
    collisionCount: 0,
    replicas: pods.length,
    ...counted({ readyReplicas: ready, currentReplicas: pods.length, updatedReplicas: pods.length }),
    availableReplicas: ready,
  };
}

export function settleDaemonSet(world: World, of: WholeDaemonSet): void {
  const pods = ownedPods(world, of).filter(isActive);
  const ready = pods.filter(isReady).length;
  of.status = {
    ...of.status,
    observedGeneration: of.metadata.generation ?? 1,
    currentNumberScheduled: pods.length,
    desiredNumberScheduled: pods.length,
    updatedNumberScheduled: pods.length,
    numberMisscheduled: 0,
    numberReady: ready,
    ...counted({ numberAvailable: ready, numberUnavailable: pods.length - ready }),
  };
}

/** The counts that are not 0: the API server leaves the others out. */
export function counted<K extends string>(counts: Record<K, number>): Partial<Record<K, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<Record<K, number>>;
}
