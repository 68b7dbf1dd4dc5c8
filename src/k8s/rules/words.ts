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
  // Pods with a stable identity are named one by one.
  if (owner.kind === 'StatefulSet') return `${say(owner)} (pod ${pod.metadata.name})`;
  const index = pod.metadata.annotations?.[INDEX] ?? pod.metadata.labels?.[INDEX];
  return owner.kind === 'Job' && index !== undefined ? `${say(owner)} (index ${index})` : say(owner);
}

export function podName(pod: Pod): ObjectName {
  return named('Pod', pod.metadata);
}

/** A command line for the next look: `/lambda diag logs NAME -n NAMESPACE --previous`. */
export function diag(what: string, of: ObjectName, ...flags: readonly string[]): string {
  return ['/lambda diag', what, of.name, of.namespace ? `-n ${of.namespace}` : '', ...flags].filter(Boolean).join(' ');
}
