import { code } from '../code.ts';

type Placed = 'who' | 'detail' | 'need' | 'look';

/** Why a pod has no node. */
export const SCHEDULING_CODES = {
  'pod-preempted': code<'who' | 'pod' | 'node'>({
    level: 'critical',
    depth: 'shared',
    says: ({ who, pod, node }) =>
      `A pod with a higher priority took the place of ${pod}${node}: ${who} was preempted and finds no other place.`,
    brief: ({ who }) => `${who} preempted by a higher priority`,
    next: () => 'Add room, or give it a PriorityClass that fits its weight: /lambda diag nodes',
    confirms: 'the scheduler says that the pod was preempted, and a pod of the same controller waits for a node',
    excludes: 'its successor was placed',
  }),
  'unschedulable-selector': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) =>
      `${who} cannot be placed: no node has the labels its nodeSelector asks for (${need})${detail}.`,
    brief: ({ need }) => `no node matches nodeSelector ${need}`,
    next: ({ who, need }) => `Label a node with ${need}, or correct the nodeSelector of ${who}.`,
    confirms:
      'the scheduler reports a mismatch of node selector or affinity, the pod has a nodeSelector, and no node has its labels',
    excludes: 'a node has the labels',
  }),
  'unschedulable-affinity': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) =>
      `${who} cannot be placed: no node fits its required node affinity (${need})${detail}.`,
    brief: ({ need }) => `no node fits node affinity ${need}`,
    next: ({ who, need }) => `Label a node so that ${need} holds, or correct the node affinity of ${who}.`,
    confirms: 'the scheduler reports a mismatch of node affinity and no node satisfies the required terms',
    excludes: 'a node satisfies the terms',
  }),
  'unschedulable-taint': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) =>
      `${who} cannot be placed: it does not tolerate the taint ${need} of the nodes${detail}.`,
    brief: ({ need }) => `taint ${need} not tolerated`,
    next: ({ who, need }) => `Add a toleration for ${need} to ${who}, or remove the taint from a node.`,
    confirms: 'the scheduler reports untolerated taints and the nodes have one that the pod does not tolerate',
    excludes: 'every taint is tolerated',
  }),
  'unschedulable-cpu': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) =>
      `${who} cannot be placed: it requests ${need} CPU and no node has so much free${detail}.`,
    brief: ({ need }) => `no node has ${need} CPU free`,
    next: ({ who }) => `Lower the CPU request of ${who}, free or add a node.`,
    confirms: 'the scheduler reports insufficient cpu',
    excludes: 'the pod was placed',
  }),
  'unschedulable-memory': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) =>
      `${who} cannot be placed: it requests ${need} memory and no node has so much free${detail}.`,
    brief: ({ need }) => `no node has ${need} memory free`,
    next: ({ who }) => `Lower the memory request of ${who}, free or add a node.`,
    confirms: 'the scheduler reports insufficient memory',
    excludes: 'the pod was placed',
  }),
  'unschedulable-resource': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) => `${who} cannot be placed: no node has ${need}${detail}.`,
    brief: ({ need }) => `no node has ${need}`,
    next: ({ who, need }) => `Lower what ${who} asks of ${need}, or add a node that has it.`,
    confirms: 'the scheduler reports an insufficient resource, too many pods or no free host port',
    excludes: 'the pod was placed',
  }),
  'unschedulable-cordon': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) => `${who} cannot be placed: ${need} marked unschedulable (cordoned)${detail}.`,
    brief: ({ need }) => `${need} cordoned`,
    next: () => 'Uncordon a node when its maintenance is over; which are cordoned: /lambda diag nodes',
    confirms: 'the scheduler reports unschedulable nodes and those nodes have spec.unschedulable',
    excludes: 'no node is cordoned',
  }),
  'unschedulable-node-down': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) => `${who} cannot be placed: ${need} not ready${detail}.`,
    brief: ({ need }) => `${need} not ready`,
    next: () => 'Bring the node back or add one: /lambda diag nodes',
    confirms: 'the scheduler reports not-ready or unreachable taints and those nodes are not ready',
    excludes: 'every node is ready',
  }),
  'unschedulable-anti-affinity': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) =>
      `${who} cannot be placed: its pod anti-affinity keeps it away from ${need}${detail}.`,
    brief: () => 'pod anti-affinity leaves no node',
    next: ({ who }) => `Add a node, or make the anti-affinity of ${who} preferred instead of required.`,
    confirms: 'the scheduler reports that pod anti-affinity rules did not match',
    excludes: 'the pod was placed',
  }),
  'unschedulable-foreign-anti-affinity': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, detail }) =>
      `${who} cannot be placed: the pod anti-affinity of pods that already run keeps it away from their nodes${detail}.`,
    brief: () => 'anti-affinity of other pods leaves no node',
    next: ({ who }) => `Add a node, or change the anti-affinity of the pods that keep ${who} away.`,
    confirms: "the scheduler reports that existing pods' anti-affinity rules were not satisfied",
    excludes: 'the pod was placed',
  }),
  'unschedulable-pod-affinity': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) =>
      `${who} cannot be placed: its pod affinity wants it to run beside ${need}, and no node has such pods${detail}.`,
    brief: () => 'pod affinity finds no partner',
    next: ({ who }) => `Start the pods it wants to run beside, or correct the pod affinity of ${who}.`,
    confirms: 'the scheduler reports that pod affinity rules did not match',
    excludes: 'the pod was placed',
  }),
  'unschedulable-spread': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need, detail }) =>
      `${who} cannot be placed: its topology spread constraint (${need}) allows no node${detail}.`,
    brief: () => 'topology spread leaves no node',
    next: ({ who }) => `Add nodes in the missing topology domain, or relax the spread constraint of ${who}.`,
    confirms: 'the scheduler reports that topology spread constraints were not satisfied',
    excludes: 'the pod was placed',
  }),
  'unschedulable-volume': code<Placed>({
    level: 'critical',
    depth: 'failure',
    says: ({ who, need, detail }) => `${who} cannot be placed: ${need}${detail}.`,
    brief: ({ need }) => need,
    next: () => 'Look at its volumes: /lambda diag storage',
    confirms: 'the scheduler reports unbound claims or a volume that no node can reach',
    excludes: 'the claims are bound and a node reaches them',
  }),
  'daemonset-no-node': code<'name' | 'need' | 'nodes'>({
    level: 'critical',
    depth: 'cause',
    says: ({ name, need, nodes }) =>
      `DaemonSet ${name} runs nowhere: none of the ${nodes} has the labels its nodeSelector asks for (${need}).`,
    brief: ({ need }) => `no node has ${need}`,
    next: ({ name, need }) =>
      `Label the nodes that should run it with ${need}, or correct the nodeSelector of ${name}.`,
    confirms: 'it is asked about, wants 0 pods, and every node was read and lacks a label of its nodeSelector',
    excludes: 'a node has the labels, or nobody asks about it: a DaemonSet for nodes that do not exist is healthy',
  }),
  'unschedulable-gated': code<Placed>({
    level: 'warning',
    depth: 'cause',
    says: ({ who, need }) => `${who} waits for its scheduling gate ${need} to be removed.`,
    brief: ({ need }) => `scheduling gate ${need}`,
    next: ({ need }) => `Find the controller that should remove the gate ${need}.`,
    confirms: 'the pod has schedulingGates',
    excludes: 'it has none',
  }),
  'scheduler-name-unknown': code<Placed>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, need }) =>
      `${who} waits for the scheduler ${need}, and no scheduler of that name has said anything about it.`,
    brief: ({ need }) => `no scheduler ${need}`,
    next: ({ who, need }) => `Start the scheduler ${need}, or correct schedulerName of ${who}.`,
    confirms: 'the pod names a scheduler of its own and got neither a node nor an event',
    excludes: 'the pod names the default scheduler',
  }),
  'scheduler-down': code<'who' | 'minutes' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ who, minutes, detail }) =>
      `kube-scheduler does not place pods: ${who} waits ${minutes} for a node and no scheduler has said why${detail}.`,
    brief: () => 'kube-scheduler does not work',
    next: () =>
      'Look at kube-scheduler on the control plane: kubectl -n kube-system get pods -l component=kube-scheduler',
    confirms:
      "a pod has no node, no PodScheduled condition and no FailedScheduling event, or the scheduler's own pod is down",
    excludes: 'the scheduler has placed a pod or said why it cannot since',
  }),
  unschedulable: code<Placed>({
    level: 'critical',
    depth: 'failure',
    says: ({ who, detail }) => `${who} cannot be placed on any node${detail}.`,
    brief: ({ who }) => `${who} has no node`,
    next: ({ look }) => `Read what the scheduler says: ${look}`,
    confirms: 'the scheduler reports a reason that is not known here',
    excludes: 'the pod was placed',
  }),
} as const;
