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
