import type { ObjectName } from '../../incidents/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import { knativeServiceOf, readinessOf, revisionOfPod } from '../subjects/knative.ts';
import { createdAt, type Named } from '../subjects/object.ts';
import { ownerOf, topOwner } from '../subjects/owners.ts';
import type { Pod } from '../subjects/pod.ts';
import { inWords, templateChanges } from '../subjects/templateChange.ts';
import { revisionOf } from '../subjects/workload.ts';
import { podName } from './words.ts';

/** The rollout before the trouble began: `, since release web:v2 (before: web:v1)`; empty without one. */
export interface Change {
  readonly words: string;
  readonly lines: readonly string[];
  /** The name of the release: `v1.13.17`, `web-00002`; null without one. */
  readonly to: string | null;
  /** The previous release and how to go back to it; null when it is not known. */
  readonly back: { readonly to: string; readonly how: string } | null;
}

const NOTHING: Change = { words: '', lines: [], to: null, back: null };

/** A moment relative to the alert's start: `4 min before the alert`, `2 min after it`. */
export function besideAlert(at: number, facts: Facts): string {
  const minutes = Math.round(Math.abs(at - facts.target.startsAt) / 60_000);
  if (minutes === 0) return 'as the alert began';
  return at < facts.target.startsAt ? `${minutes} min before the alert` : `${minutes} min after the alert began`;
}

/** The changes within the hour before the alert that this pod comes from. */
export function changeBefore(pod: Pod, facts: Facts): Change {
  const revision = revisionOfPod(pod);
  if (revision) {
    const of = facts.get('Revision', pod.metadata.namespace, revision);
    const at = of ? createdAt(of) : null;
    if (at === null || at < facts.target.changesFrom) return NOTHING;
    return {
      words: `, since revision ${revision} was deployed`,
      lines: [`Revision ${revision} was created ${besideAlert(at, facts)}`],
      to: revision,
      back: revisionBefore(pod, at, facts),
    };
  }
  const owner = ownerOf(pod.metadata);
  if (owner?.kind !== 'ReplicaSet') return NOTHING;
  const top = topOwner(podName(pod), pod.metadata, facts);
  const sets = facts
    .within('ReplicaSet', pod.metadata.namespace)
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === top.name))
    .toSorted((a, b) => (createdAt(b) ?? 0) - (createdAt(a) ?? 0));
  const [newest, before] = sets;
  const at = newest ? createdAt(newest) : null;
  if (
    !newest ||
    !before ||
    at === null ||
    at < facts.target.changesFrom ||
    (newest.metadata.name !== owner.name && sets.some(({ metadata }) => metadata.name === owner.name))
  )
    return NOTHING;
  const [to, from] = [newest, before].map(({ spec }) => spec.template?.spec?.containers[0]?.image);
  const isRelease = to !== undefined && from !== undefined && to !== from;
  const [changed] = isRelease ? [] : templateChanges(before.spec.template, newest.spec.template);
  const what = isRelease
    ? `release ${tagOf(to)} (before: ${tagOf(from)})`
    : `its newest ReplicaSet ${newest.metadata.name}${changed ? ` (${inWords(changed)})` : ''}`;
  const previous = isRelease
    ? versionOf(from, to)
    : changed && revisionOf(before)
      ? `revision ${revisionOf(before)}`
      : null;
  return {
    words: `, since ${what} was rolled out`,
    lines: [`ReplicaSet ${newest.metadata.name} was created ${besideAlert(at, facts)}${to ? `, image ${to}` : ''}`],
    to: isRelease ? versionOf(to, from) : newest.metadata.name,
    back: previous === null ? null : { to: previous, how: undoing(top) },
  };
}

/** The command that brings back the revision before. */
export function undoing({ kind, namespace, name }: ObjectName): string {
  return `kubectl rollout undo ${kind.toLowerCase()}/${name} -n ${namespace}`;
}

/** The revision of the same service that came before. */
export function revisionBefore(of: Named, at: number, facts: Facts): Change['back'] {
  const service = knativeServiceOf(of);
  const [before] = facts
    .within('Revision', of.metadata.namespace)
    .filter((one) => knativeServiceOf(one) === service && (createdAt(one) ?? at) < at && readinessOf(one) !== 'false')
    .toSorted((a, b) => (createdAt(b) ?? 0) - (createdAt(a) ?? 0));
  if (!before || service === null) return null;
  const { name, namespace } = before.metadata;
  return { to: name, how: `kn service update ${service} --traffic ${name}=100 -n ${namespace}` };
}

/** The tag alone where both are of one image: `v1.13.17`. */
function versionOf(image: string, other: string): string {
  const [mine, theirs] = [tagOf(image), tagOf(other)];
  const at = mine.lastIndexOf(':');
  return at > 0 && theirs.startsWith(mine.slice(0, at + 1)) ? mine.slice(at + 1) : mine;
}

function tagOf(image: string): string {
  return image.split('/').at(-1) ?? image;
}
