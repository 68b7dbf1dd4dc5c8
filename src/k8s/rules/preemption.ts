import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { lastSeen } from '../subjects/event.ts';
import { conditionOf, named, timeOf } from '../subjects/object.ts';
import { topOwner } from '../subjects/owners.ts';
import { isUnscheduled, type Pod } from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { podName, say } from './words.ts';

/** Pods that a more important one has put out and that find no other place (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/). */
export function preemptionCases(facts: Facts): readonly Case[] {
  const gone = [...byEvents(facts), ...byConditions(facts)];
  const seen = new Set<string>();
  return gone.flatMap(({ name, namespace, node, line, at }) => {
    const waiting = facts
      .within('Pod', namespace)
      .filter((pod) => isUnscheduled(pod) && pod.metadata.name !== name && isSibling(pod, name));
    const [first] = waiting;
    if (!first) return [];
    const owner = topOwner(podName(first), first.metadata, facts);
    if (seen.has(say(owner))) return [];
    seen.add(say(owner));
    return [
      found('pod-preempted', {
        subject: owner,
        affects: waiting.map(podName),
        parts: { who: say(owner), pod: name, node: node ? ` on node ${node}` : '' },
        because: [line],
        at,
      }),
    ];
  });
}

/** Both were made by one controller: its name stands before the last dash of a pod's name. */
function isSibling(pod: Pod, name: string): boolean {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.name;
  return owner !== undefined && name.startsWith(`${owner}-`);
}

function byEvents(facts: Facts) {
  return facts
    .all('Event')
    .filter(({ reason }) => reason === 'Preempted')
    .map((one) => ({
      name: one.involvedObject.name ?? '',
      namespace: one.involvedObject.namespace ?? null,
      node: /on node (\S+)/.exec(one.message ?? '')?.[1] ?? null,
      line: `Preempted: ${short(one.message ?? '', 250)}`,
      at: lastSeen(one),
    }));
}

function byConditions(facts: Facts) {
  return facts.all('Pod').flatMap((pod) => {
    const target = conditionOf(pod, 'DisruptionTarget');
    if (target?.status !== 'True' || !/^PreemptionBy/.test(target.reason ?? '')) return [];
    const { name, namespace } = named('Pod', pod.metadata);
    const line = `${target.reason}: ${short(target.message ?? '', 250)}`;
    return [{ name, namespace, node: pod.spec.nodeName ?? null, line, at: timeOf(target.lastTransitionTime) }];
  });
}
