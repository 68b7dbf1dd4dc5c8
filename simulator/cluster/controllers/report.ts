import { dig, type KubeObject, refOf, text } from '../object.ts';
import type { ClusterWorld } from '../world.ts';

/** Writes how many pods of a pod's owner, and of that one's Deployment, are there and ready. */
export function reportReplicas(world: ClusterWorld, pod: KubeObject): void {
  const owner = ownerOf(world, pod);
  if (!owner) return;
  const counted = count(podsOf(world, owner));
  world.patchStatus(refOf(owner), { ...counted, observedGeneration: owner.metadata.generation ?? 1 });
  const deployment = ownerOf(world, owner);
  if (!deployment) return;
  const sets = world.store.ownedBy(deployment.metadata.uid ?? '').filter(({ kind }) => kind === 'ReplicaSet');
  const all = count(sets.flatMap((set) => podsOf(world, set)));
  world.patchStatus(refOf(deployment), {
    ...all,
    updatedReplicas: podsOf(world, newestOf(sets) ?? owner).length,
    unavailableReplicas: all.replicas - all.readyReplicas || null,
    observedGeneration: deployment.metadata.generation ?? 1,
  });
}

/** The ReplicaSet of the latest revision. */
function newestOf(sets: readonly KubeObject[]): KubeObject | undefined {
  const revision = (set: KubeObject) => Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  return [...sets].sort((a, b) => revision(b) - revision(a))[0];
}

function count(pods: readonly KubeObject[]) {
  const ready = pods.filter((pod) => {
    const conditions = dig(pod.status, 'conditions');
    return (
      Array.isArray(conditions) &&
      conditions.some((one) => text(one, 'type') === 'Ready' && text(one, 'status') === 'True')
    );
  }).length;
  return { replicas: pods.length, readyReplicas: ready, availableReplicas: ready };
}

function podsOf(world: ClusterWorld, owner: KubeObject): readonly KubeObject[] {
  const owned = world.store.ownedBy(owner.metadata.uid ?? '');
  return owned.filter((one) => one.kind === 'Pod' && !one.metadata.deletionTimestamp);
}

function ownerOf(world: ClusterWorld, object: KubeObject): KubeObject | undefined {
  const owner = object.metadata.ownerReferences?.find((one) => one.controller === true);
  const kind = text(owner, 'kind');
  if (kind !== 'ReplicaSet' && kind !== 'StatefulSet' && kind !== 'Deployment') return undefined;
  const { namespace = '' } = object.metadata;
  return world.get({ apiVersion: 'apps/v1', kind, name: text(owner, 'name') ?? '', namespace });
}
