import type { Span } from './clock.ts';
import { instant, microInstant, millis } from './clock.ts';
import type { WholeLease, WholeNode, WholePod } from './kinds.ts';
import type { World } from './world.ts';

export interface NodePlan {
  readonly cpu?: string;
  readonly memory?: string;
  readonly zone?: string;
  readonly labels?: Record<string, string>;
  readonly taints?: NonNullable<WholeNode['spec']['taints']>;
  readonly age?: Span;
}

/** A node that is ready, with its lease. Sizes are those of the machine; a tenth is kept for the system. */
export function node(world: World, name: string, plan: NodePlan = {}): WholeNode {
  const index = world.all('Node').length;
  const cpu = plan.cpu ?? '4';
  const memory = plan.memory ?? '16374524Ki';
  const healthy: WholeNode = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: world.metadata('Node', name, {
      clusterWide: true,
      age: plan.age ?? '90d',
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/os': 'linux',
        'kubernetes.io/hostname': name,
        'topology.kubernetes.io/zone': plan.zone ?? `zone-${'abc'[index % 3]}`,
        ...plan.labels,
      },
    }),
    spec: {
      podCIDR: `10.244.${index}.0/24`,
      podCIDRs: [`10.244.${index}.0/24`],
      ...(plan.taints === undefined ? {} : { taints: plan.taints }),
    },
    status: {
      capacity: { cpu, memory, pods: '110', 'ephemeral-storage': '103084600Ki' },
      allocatable: { cpu, memory, pods: '110', 'ephemeral-storage': '95002767203' },
      addresses: [
        { type: 'InternalIP', address: `192.168.10.${11 + index}` },
        { type: 'Hostname', address: name },
      ],
      conditions: healthyConditions(world, plan.age ?? '90d'),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'containerd://2.1.4',
        kernelVersion: '6.8.0-60-generic',
        kubeProxyVersion: '',
        kubeletVersion: world.version,
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'Ubuntu 24.04.2 LTS',
        systemUUID: '',
      },
    },
  };
  world.add(lease(world, 'kube-node-lease', name, { holder: name }));
  return world.add(healthy);
}

/** A lease; `renewed` is the age of its last renewal. */
export function lease(
  world: World,
  namespace: string,
  name: string,
  told: { holder: string; renewed?: Span; seconds?: number },
): WholeLease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: world.metadata('Lease', name, { namespace, age: '90d' }),
    spec: {
      holderIdentity: told.holder,
      leaseDurationSeconds: told.seconds ?? 40,
      renewTime: microInstant(world.now - millis(told.renewed ?? '4s')),
    },
  };
}

function healthyConditions(world: World, age: Span): WholeNode['status']['conditions'] {
  const began = instant(world.now - millis(age));
  const heartbeat = world.ago('2m');
  const row = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: heartbeat,
    lastTransitionTime: began,
  });
  return [
    row('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    row('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    row('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    row('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ];
}

/** Sets one condition of a node, as its kubelet or the node lifecycle controller would. */
export function setNode(
  world: World,
  of: WholeNode,
  type: string,
  status: 'True' | 'False' | 'Unknown',
  told: { reason: string; message: string; since: Span; heartbeat?: Span },
): void {
  const others = (of.status.conditions ?? []).filter((condition) => condition.type !== type);
  const condition = {
    type,
    status,
    reason: told.reason,
    message: told.message,
    lastHeartbeatTime: world.ago(told.heartbeat ?? '1m'),
    lastTransitionTime: world.ago(told.since),
  };
  of.status.conditions = [...others.filter((row) => row.type !== 'Ready' || type === 'Ready'), condition];
  const ready = others.find((row) => row.type === 'Ready');
  if (type !== 'Ready' && ready !== undefined) of.status.conditions.push(ready);
}

/** `kubectl cordon`: the mark, its taint and the kubelet's event. */
export function cordon(world: World, of: WholeNode, since: Span): void {
  of.spec.unschedulable = true;
  of.spec.taints = [
    ...(of.spec.taints ?? []),
    { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded: world.ago(since) },
  ];
  const { name } = of.metadata;
  world.note(of, 'NodeNotSchedulable', `Node ${name} status is now: NodeNotSchedulable`, {
    source: 'kubelet',
    first: since,
  });
}

/**
 * A node whose kubelet no longer reports: every condition unknown, tainted, its lease old, the pods that are on it now
 * marked as not ready. Told within five minutes: later the taint would have them deleted.
 */
export function unreachable(world: World, of: WholeNode, since: Span): void {
  const { name } = of.metadata;
  const silent = instant(world.now - millis(since) - 45_000);
  for (const type of ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']) {
    setNode(world, of, type, 'Unknown', {
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      since,
    });
  }
  for (const condition of of.status.conditions ?? []) condition.lastHeartbeatTime = silent;
  const taint = { key: 'node.kubernetes.io/unreachable', timeAdded: world.ago(since) };
  of.spec.taints = [...(of.spec.taints ?? []), { ...taint, effect: 'NoSchedule' }, { ...taint, effect: 'NoExecute' }];
  const held = world.find<WholeLease>('Lease', name, 'kube-node-lease');
  if (held !== undefined) held.spec.renewTime = microInstant(Date.parse(silent));
  world.note(of, 'NodeNotReady', `Node ${name} status is now: NodeNotReady`, {
    source: 'node-controller',
    first: since,
  });
  for (const pod of world.all<WholePod>('Pod')) {
    if (pod.spec.nodeName !== name) continue;
    for (const condition of pod.status.conditions) {
      if (condition.type !== 'Ready') continue;
      condition.status = 'False';
      condition.lastTransitionTime = world.ago(since);
    }
    world.warn(pod, 'NodeNotReady', 'Node is not ready', { source: 'node-controller', first: since });
  }
}
