import type { ObjectName } from '../../incidents/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import { revisionOfPod } from '../subjects/knative.ts';
import { named } from '../subjects/object.ts';
import { topOwner } from '../subjects/owners.ts';
import type { Pod } from '../subjects/pod.ts';

/** Which part of an indexed Job a pod does (https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode). */
const INDEX = 'batch.kubernetes.io/job-completion-index';

/** An object as a sentence names it: `Deployment web`, `pod web-0`, `build Job resize-build-1`. */
export function say({ kind, name }: ObjectName): string {
  return kind === 'Pod' ? `pod ${name}` : kind === 'KnativeService' ? `Knative Service ${name}` : `${kind} ${name}`;
}

/** The workload of a pod as a sentence names it: a revision for a function's pod, else its Deployment, StatefulSet, Job ... */
export function whoOf(pod: Pod, facts: Facts): string {
  const revision = revisionOfPod(pod);
  if (revision) return `revision ${revision}`;
  const owner = topOwner(podName(pod), pod.metadata, facts);
  // Pods that have an identity are told apart by it.
  if (owner.kind === 'StatefulSet') return `${say(owner)} (pod ${pod.metadata.name})`;
  const index = pod.metadata.annotations?.[INDEX] ?? pod.metadata.labels?.[INDEX];
  return owner.kind === 'Job' && index !== undefined ? `${say(owner)} (index ${index})` : say(owner);
}

export function podName(pod: Pod): ObjectName {
  return named('Pod', pod.metadata);
}

/** A text on one line and no longer than `most` characters, cut at the end. */
export function short(text: string, most = 160): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).trimEnd()}…`;
}

/** `a, b and 3 more`. */
export function several(names: readonly string[], most = 3): string {
  const all = [...new Set(names)];
  if (all.length > most) return `${all.slice(0, most).join(', ')} and ${all.length - most} more`;
  return all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${all.at(-1)}` : (all[0] ?? '');
}

/** The look that follows, as it can be typed: `/lambda diag logs NAME -n NAMESPACE --previous`. */
export function diag(what: string, of: ObjectName, ...flags: readonly string[]): string {
  return ['/lambda diag', what, of.name, of.namespace ? `-n ${of.namespace}` : '', ...flags].filter(Boolean).join(' ');
}
