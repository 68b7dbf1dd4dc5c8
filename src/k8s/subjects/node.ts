import { z } from 'zod';
import { conditionOf, conditions, count, flag, listOf, metadata, quantities, text, timeOf } from './object.ts';
import type { PodSpec } from './pod.ts';

export const node = z.object({
  metadata,
  spec: z
    .object({
      unschedulable: flag,
      taints: listOf(z.object({ key: z.string(), effect: text, value: text, timeAdded: text })),
    })
    .catch({}),
  status: z
    .object({
      allocatable: quantities,
      capacity: quantities,
      conditions,
      addresses: listOf(z.object({ type: text, address: z.string() })),
      nodeInfo: z.object({ kubeletVersion: text, containerRuntimeVersion: text }).optional().catch(undefined),
    })
    .catch({}),
});
export type Node = z.output<typeof node>;

/** The heartbeat of a node, in the namespace kube-node-lease. */
export const lease = z.object({
  metadata,
  spec: z.object({ holderIdentity: text, renewTime: text, leaseDurationSeconds: count }).catch({}),
});
export type Lease = z.output<typeof lease>;

export type NodeHealth = 'ready' | 'not-ready' | 'unreachable' | 'unknown';

/** `unreachable`: its kubelet stopped answering, so that all its other conditions are unknown, not bad. */
export function healthOf(of: Node): NodeHealth {
  const ready = conditionOf(of, 'Ready');
  if (ready === null) return 'unknown';
  if (ready.status === 'True') return 'ready';
  return ready.status === 'False' ? 'not-ready' : 'unreachable';
}

const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'];

/** The pressures a node reports of itself now; those of a node that does not answer are unknown and not among them. */
export function pressuresOf(of: Node): readonly string[] {
  return (of.status.conditions ?? [])
    .filter((one) => PRESSURES.includes(one.type) && one.status === 'True')
    .map(({ type }) => type);
}

/** Conditions that node-problem-detector sets and that are bad when True (kubernetes/node-problem-detector, config/*.json); others, such as EtcdIsVoter, are well then. */
const TROUBLE =
  /^(?:ReadonlyFilesystem|CorruptDockerOverlay2|\w*(?:Deadlock|Problem|Unhealthy|HungTask|Frequent\w+Restart))$|^Frequent\w+Restart$/;

/** What a problem detector has found on a node. */
export function troublesOf(of: Node) {
  return (of.status.conditions ?? []).filter(({ type, status }) => status === 'True' && TROUBLE.test(type));
}

/** Taken out of scheduling by a person (`kubectl cordon`) or an autoscaler. */
export function isCordoned(of: Node): boolean {
  return of.spec.unschedulable === true;
}

/** Since when it is not ready, epoch ms; null when it is, or does not say. */
export function unreadySince(of: Node): number | null {
  return healthOf(of) === 'ready' ? null : timeOf(conditionOf(of, 'Ready')?.lastTransitionTime);
}

type Taint = NonNullable<Node['spec']['taints']>[number];

/** Whether a pod's tolerations let it past a taint (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/). */
export function isTolerated(taint: Taint, spec: PodSpec): boolean {
  return (spec.tolerations ?? []).some(
    (one) =>
      (!one.effect || one.effect === taint.effect) &&
      (one.operator === 'Exists'
        ? !one.key || one.key === taint.key
        : one.key === taint.key && (one.value ?? '') === (taint.value ?? '')),
  );
}

/** The taints that keep a pod off a node. */
export function repelling(of: Node, spec: PodSpec): readonly Taint[] {
  return (of.spec.taints ?? []).filter((taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, spec));
}

/** Labels a node selector asks for and the node does not have. */
export function lackingLabels(of: Node, spec: PodSpec): readonly string[] {
  const labels = of.metadata.labels ?? {};
  return Object.entries(spec.nodeSelector ?? {})
    .filter(([key, value]) => labels[key] !== value)
    .map(([key, value]) => `${key}=${value}`);
}
