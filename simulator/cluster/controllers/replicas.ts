import { suffixOf, uidOf } from '../naming.ts';
import { dig, type KubeObject, type ObjectRef, refOf, rfc3339, text } from '../object.ts';
import { podOf } from '../podObject.ts';
import type { ClusterWorld } from '../world.ts';
import { followTraffic } from './knativeTraffic.ts';
import { overQuota } from './quotas.ts';
import { reportReplicas } from './report.ts';
import { isOver } from './schedule.ts';

/** How long a deleted pod takes to end. */
const ENDING_MS = 1500;

/**
 * Pause after a refused pod, milliseconds: a real controller backs off further and further, and this is about the
 * middle.
 */
const REFUSED_AGAIN_MS = 30_000;

/** Pods that were deleted through the API end, and their owner makes new ones. */
export function replaceDeletedPods(world: ClusterWorld, now: number): void {
  for (const [uid, ref] of world.ending) {
    const pod = world.get(ref);
    if (!pod || pod.metadata.uid !== uid) {
      world.ending.delete(uid);
      continue;
    }
    if (now - Date.parse(pod.metadata.deletionTimestamp ?? '') < ENDING_MS) continue;
    world.ending.delete(uid);
    world.remove(ref);
    const owner = controllerOf(world, pod);
    if (owner) fill(world, owner, now, pod);
    reportReplicas(world, pod);
  }
}

/** What owns and replaces the pod, if that still exists and replaces pods at all. */
function controllerOf(world: ClusterWorld, pod: KubeObject): KubeObject | undefined {
  const owner = pod.metadata.ownerReferences?.find((one) => one.controller === true);
  const kind = text(owner, 'kind');
  if (kind !== 'ReplicaSet' && kind !== 'StatefulSet') return undefined;
  return world.get({
    apiVersion: 'apps/v1',
    kind,
    name: text(owner, 'name') ?? '',
    namespace: pod.metadata.namespace ?? '',
  });
}

const isKnativeService = ({ kind, apiVersion }: KubeObject) =>
  kind === 'Service' && apiVersion.startsWith('serving.knative.dev/');

/** Deployments, ReplicaSets, StatefulSets and the traffic of Knative Services get what was asked for through the API. */
export function followSpecs(world: ClusterWorld, now: number): void {
  for (const ref of world.changed.splice(0)) {
    const object = world.get(ref);
    if (!object) continue;
    if (object.kind === 'Deployment') rollOut(world, object, now);
    else if (object.kind === 'ReplicaSet' || object.kind === 'StatefulSet') resize(world, object, now);
    else if (isKnativeService(object)) followTraffic(world, object, now);
  }
}

/** One step of a roll-out; it is looked at again in the next round until the new pods are ready and the old ones gone. */
function rollOut(world: ClusterWorld, deployment: KubeObject, now: number): void {
  const ref = refOf(deployment);
  const owned = world.store.ownedBy(deployment.metadata.uid ?? '').filter(({ kind }) => kind === 'ReplicaSet');
  const template = dig(deployment.spec, 'template');
  const current = owned.find((one) => fingerprint(dig(one.spec, 'template')) === fingerprint(template));
  const others = owned.filter((one) => one !== current);
  const older = others.flatMap((one) => podsOf(world, one));
  const next = revised(world, deployment, current ?? newReplicaSet(world, deployment, now), owned);
  const replicas = replicasOf(deployment);
  const recreates = text(deployment.spec, 'strategy', 'type') === 'Recreate';
  // Unchanged containers behave as before.
  const like = sameContainers(older[0], template) ? older[0] : undefined;
  if (!recreates || older.length === 0) setReplicas(world, next, replicas, now, like);
  if (recreates || podsOf(world, next).filter(isReady).length >= replicas) {
    for (const one of others) if (replicasOf(one) > 0) setReplicas(world, one, 0, now);
  }
  const present = podsOf(world, next);
  const ready = [...present, ...older].filter(isReady).length;
  world.patchStatus(ref, {
    observedGeneration: deployment.metadata.generation,
    replicas: present.length + older.length,
    updatedReplicas: present.length,
    readyReplicas: ready,
    availableReplicas: ready,
  });
  const settled = older.length === 0 && present.length === replicas && present.every(isReady);
  if (!settled) world.changed.push(ref);
}

/** The ReplicaSet under its revision number: the newest of the Deployment. */
function revised(
  world: ClusterWorld,
  deployment: KubeObject,
  next: KubeObject,
  owned: readonly KubeObject[],
): KubeObject {
  const others = owned.filter((one) => one.metadata.uid !== next.metadata.uid).map(revisionOf);
  if (revisionOf(next) > Math.max(0, ...others)) return next;
  const revision = String(Math.max(0, ...others) + 1);
  const annotated = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [REVISION]: revision } },
  });
  world.change(refOf(deployment), annotated);
  return world.change(refOf(next), annotated) ?? next;
}

const REVISION = 'deployment.kubernetes.io/revision';

function revisionOf(object: KubeObject): number {
  return Number(object.metadata.annotations?.[REVISION] ?? 0);
}

function newReplicaSet(world: ClusterWorld, deployment: KubeObject, now: number): KubeObject {
  const { name, namespace = '', uid } = deployment.metadata;
  const template = dig(deployment.spec, 'template');
  const hash = suffixOf(`${namespace}/${name} ${fingerprint(template)}`, 10);
  const labels = { ...Object.assign({}, dig(template, 'metadata', 'labels')), 'pod-template-hash': hash };
  return world.apply({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      uid: uidOf(`rs ${namespace}/${name} ${hash} ${now}`),
      creationTimestamp: rfc3339(now),
      labels,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: {
        ...Object.assign({}, template),
        metadata: { ...Object.assign({}, dig(template, 'metadata')), labels },
      },
    },
    status: { replicas: 0 },
  });
}

function setReplicas(
  world: ClusterWorld,
  replicaSet: KubeObject,
  replicas: number,
  now: number,
  like?: KubeObject,
): void {
  const before = replicasOf(replicaSet);
  const changed = world.change(refOf(replicaSet), (found) => ({
    ...found,
    spec: { ...Object.assign({}, found.spec), replicas },
  }));
  if (!changed) return;
  if (before !== replicas) {
    const owner = changed.metadata.ownerReferences?.[0];
    const name = text(owner, 'name');
    if (name) {
      const message = `Scaled ${before < replicas ? 'up' : 'down'} replica set ${replicaSet.metadata.name} from ${before} to ${replicas}`;
      world.event({
        type: 'Normal',
        reason: 'ScalingReplicaSet',
        message,
        regarding: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: replicaSet.metadata.namespace ?? '', name },
        source: 'deployment-controller',
      });
    }
  }
  resize(world, changed, now, like);
}

function resize(world: ClusterWorld, owner: KubeObject, now: number, like?: KubeObject): void {
  const pods = podsOf(world, owner);
  for (const pod of pods.slice(replicasOf(owner))) world.terminate(refOf(pod));
  fill(world, owner, now, like ?? pods[0]);
}

/** Makes the pods that are missing. */
function fill(world: ClusterWorld, owner: KubeObject, now: number, like: KubeObject | undefined): void {
  const present = podsOf(world, owner);
  const ordinals = new Set(present.map((pod) => pod.metadata.name));
  for (let index = 0, missing = replicasOf(owner) - present.length; missing > 0; index++) {
    const { name } = owner.metadata;
    const podName =
      owner.kind === 'StatefulSet' ? `${name}-${index}` : `${name}-${suffixOf(`${name} ${now} ${index}`)}`;
    if (ordinals.has(podName)) continue;
    missing--;
    const wanted = podOf(owner, podName, now);
    if (now - (world.refused.get(owner.metadata.uid ?? '') ?? 0) < REFUSED_AGAIN_MS) return;
    const refusal = overQuota(world, wanted);
    if (refusal) {
      refuse(world, owner, podName, refusal, now);
      return;
    }
    const pod = world.apply(wanted);
    world.starting.set(pod.metadata.uid ?? '', { ref: refOf(pod), like });
    const source = owner.kind === 'StatefulSet' ? 'statefulset-controller' : 'replicaset-controller';
    world.event({
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${podName}`,
      regarding: regarding(owner),
      source,
    });
  }
}

/** A quota without room: reported on the owner, and tried again while the owner is watched. */
function refuse(world: ClusterWorld, owner: KubeObject, podName: string, refusal: string, now: number): void {
  world.refused.set(owner.metadata.uid ?? '', now);
  const message = `Error creating: pods "${podName}" is forbidden: ${refusal}`;
  const source = owner.kind === 'StatefulSet' ? 'statefulset-controller' : 'replicaset-controller';
  world.event({ type: 'Warning', reason: 'FailedCreate', message, regarding: regarding(owner), source });
  const failure = (type: string) => ({
    type,
    status: 'True',
    reason: 'FailedCreate',
    message: message.replace('Error creating: ', ''),
    lastTransitionTime: rfc3339(now),
  });
  world.patchStatus(refOf(owner), { conditions: [failure('ReplicaFailure')] });
  const deployment = owner.metadata.ownerReferences?.find((one) => one.controller === true);
  const name = text(deployment, 'name');
  if (text(deployment, 'kind') !== 'Deployment' || !name) return;
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: owner.metadata.namespace ?? '', name };
  world.patchStatus(ref, { conditions: [failure('ReplicaFailure')] });
}

function podsOf(world: ClusterWorld, owner: KubeObject): readonly KubeObject[] {
  return world.store
    .ownedBy(owner.metadata.uid ?? '')
    .filter((one) => one.kind === 'Pod' && !one.metadata.deletionTimestamp && !isOver(one));
}

function replicasOf(object: KubeObject): number {
  const replicas = dig(object.spec, 'replicas');
  return typeof replicas === 'number' ? replicas : 1;
}

/** A pod template without the label its ReplicaSet adds, in one spelling: clients order and default it as they like. */
function fingerprint(template: unknown): string {
  const labels: Record<string, unknown> = { ...Object.assign({}, dig(template, 'metadata', 'labels')) };
  delete labels['pod-template-hash'];
  return JSON.stringify(spelled([labels, dig(template, 'metadata', 'annotations'), dig(template, 'spec')]));
}

function spelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spelled);
  if (value === null || typeof value !== 'object') return value ?? undefined;
  const entries = Object.entries(value)
    .map(([key, one]) => [key, spelled(one)] as const)
    .filter(([, one]) => one !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isReady(pod: KubeObject): boolean {
  const conditions = dig(pod.status, 'conditions');
  const ready = (Array.isArray(conditions) ? conditions : []).find((one) => text(one, 'type') === 'Ready');
  return text(ready, 'status') === 'True';
}

function sameContainers(pod: KubeObject | undefined, template: unknown): boolean {
  return (
    pod !== undefined &&
    JSON.stringify(dig(pod.spec, 'containers')) === JSON.stringify(dig(template, 'spec', 'containers'))
  );
}

function regarding(object: KubeObject): ObjectRef & { uid?: string } {
  return { ...refOf(object), ...(object.metadata.uid ? { uid: object.metadata.uid } : {}) };
}
