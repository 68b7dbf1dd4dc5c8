import { code } from '../code.ts';

/** What is wrong with nodes and the control plane. */
export const NODE_CODES = {
  'node-unreachable': code<'node' | 'since' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ node, since, detail }) =>
      `Node ${node} is unreachable: its kubelet stopped posting its status${since}${detail}.`,
    brief: ({ node }) => `kubelet of node ${node} does not report`,
    next: ({ node }) => `Look at the machine and its kubelet: /lambda diag nodes ${node}`,
    confirms: 'condition Ready is Unknown (NodeStatusUnknown), or its lease is minutes old',
    excludes: 'condition Ready is True and its lease is fresh',
  }),
  'node-runtime-down': code<'node' | 'since' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ node, since, detail }) =>
      `Node ${node} is not ready: its container runtime does not work (${detail})${since}.`,
    brief: ({ node }) => `container runtime of node ${node} down`,
    next: ({ node }) =>
      `Restart the container runtime (containerd or CRI-O) of ${node}; look at its log on the machine.`,
    confirms:
      'condition Ready is False and the kubelet names the container runtime, or pods of this node alone fail with runtime errors',
    excludes: 'condition Ready is True and containers start there',
  }),
  'node-network-not-ready': code<'node' | 'since' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ node, since, detail }) =>
      `Node ${node} is not ready: its network plugin is not ready (${detail})${since}.`,
    brief: ({ node }) => `network plugin of node ${node} not ready`,
    next: ({ node }) =>
      `Look at the network plugin's pod on ${node}: kubectl -n kube-system get pods --field-selector spec.nodeName=${node}`,
    confirms: 'condition Ready is False with NetworkPluginNotReady or "cni plugin not initialized"',
    excludes: 'condition Ready is True',
  }),
  'node-not-ready': code<'node' | 'since' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ node, since, detail }) => `Node ${node} is not ready${since}: ${detail}.`,
    brief: ({ node }) => `node ${node} not ready`,
    next: ({ node }) => `Look at the machine and its kubelet: /lambda diag nodes ${node}`,
    confirms: 'condition Ready is False',
    excludes: 'condition Ready is True',
  }),
  'node-pressure': code<'node' | 'pressure' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ node, pressure, detail }) => `Node ${node} is under ${pressure}${detail}.`,
    brief: ({ node, pressure }) => `${pressure} on node ${node}`,
    next: ({ node }) =>
      `Find what uses it: /lambda diag top pods, and the kubelet's evictions: /lambda diag nodes ${node}`,
    confirms: 'the condition is True now',
    excludes: 'the condition is False; of a node that does not answer it is unknown',
  }),
  'node-condition': code<'node' | 'condition' | 'detail'>({
    level: 'warning',
    depth: 'shared',
    says: ({ node, condition, detail }) => `Node ${node} reports ${condition}${detail}.`,
    brief: ({ node, condition }) => `${condition} on node ${node}`,
    next: ({ node }) => `Drain the node when its pods suffer, and look at the machine: /lambda diag nodes ${node}`,
    confirms: 'a condition of a problem detector is True',
    excludes: 'it is False or Unknown',
  }),
  'node-full': code<'node' | 'shares'>({
    level: 'notice',
    depth: 'symptom',
    says: ({ node, shares }) =>
      `Node ${node} is full by what its pods request (${shares}), whatever they use: new pods do not fit on it.`,
    brief: ({ node }) => `node ${node} full`,
    next: ({ node }) => `Lower requests that are not used, or add a node: /lambda diag nodes ${node}`,
    confirms: 'the requests of all its pods are more than 95 % of what it can give, all pods having been read',
    excludes: 'not all pods were read, or there is room',
  }),
  'node-cordoned': code<'node'>({
    level: 'notice',
    depth: 'symptom',
    says: ({ node }) => `Node ${node} is cordoned: it takes no new pods.`,
    brief: ({ node }) => `node ${node} cordoned`,
    next: ({ node }) => `Uncordon it when its maintenance is over: kubectl uncordon ${node}`,
    confirms: 'spec.unschedulable is true',
    excludes: 'it takes pods',
  }),
  'lease-stale': code<'node' | 'since'>({
    level: 'critical',
    depth: 'shared',
    says: ({ node, since }) =>
      `The kubelet of node ${node} has not renewed its lease${since}, so the node will be called not ready.`,
    brief: ({ node }) => `kubelet of node ${node} silent`,
    next: ({ node }) => `Look at the kubelet on ${node}.`,
    confirms: 'the lease in kube-node-lease is older than its duration, and those of other nodes are not',
    excludes: 'the lease is fresh, or all are old (then the recording is)',
  }),
  evicted: code<'who' | 'node' | 'detail'>({
    level: 'critical',
    depth: 'failure',
    says: ({ who, node, detail }) => `${who} was evicted from node ${node}: ${detail}.`,
    brief: ({ who }) => `${who} evicted`,
    next: () => 'Set requests that fit what it uses, and find what filled the node: /lambda diag nodes',
    confirms: 'the pod failed with reason Evicted',
    excludes: 'no pod was evicted',
  }),
} as const;
