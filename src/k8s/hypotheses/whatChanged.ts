import type { Pod } from '../objects.ts';
import { besideAlert, deploymentOfPod, type Facts, timeOf } from './facts.ts';

/** A change near the start of the alert that fits a pod: its newest ReplicaSet, or its revision. */
export function changeBefore(pod: Pod, facts: Facts): { readonly words: string; readonly lines: readonly string[] } {
  const revision = pod.metadata.labels?.['serving.knative.dev/revision'];
  if (revision) {
    const at = timeOf(facts.revisions.find(({ metadata }) => metadata.name === revision)?.metadata.creationTimestamp);
    if (at === null || at < facts.target.changesFrom) return NOTHING;
    return {
      words: `, since revision ${revision} was deployed`,
      lines: [`Revision ${revision} was created ${besideAlert(at, facts.target)}`],
    };
  }
  const deployment = deploymentOfPod(pod);
  const image = pod.status.containerStatuses?.[0]?.image ?? pod.spec.containers[0]?.image;
  const sets = facts.replicaSets
    .filter(
      ({ metadata }) =>
        metadata.namespace === pod.metadata.namespace &&
        metadata.ownerReferences?.some(({ name }) => name === deployment),
    )
    .toSorted((a, b) => (timeOf(b.metadata.creationTimestamp) ?? 0) - (timeOf(a.metadata.creationTimestamp) ?? 0));
  const [newest, before] = sets;
  const at = timeOf(newest?.metadata.creationTimestamp);
  if (!newest || !before || at === null || at < facts.target.changesFrom) return NOTHING;
  const [to, from] = [newest, before].map(({ spec }) => spec.template?.spec.containers?.[0]?.image);
  const what =
    to && from && to !== from
      ? `release ${tagOf(to)} (before: ${tagOf(from)})`
      : `its newest ReplicaSet ${newest.metadata.name}`;
  return {
    words: `, since ${what} was rolled out`,
    lines: [
      `ReplicaSet ${newest.metadata.name} was created ${besideAlert(at, facts.target)}${image ? `, image ${image}` : ''}`,
    ],
  };
}

const NOTHING = { words: '', lines: [] } as const;

function tagOf(image: string): string {
  return image.split('/').at(-1) ?? image;
}
