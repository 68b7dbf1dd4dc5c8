import { rfc3339 } from '../object.ts';
import type { Placement } from '../podObject.ts';
import type { ClusterWorld } from '../world.ts';
import { DAY } from './ages.ts';

const NODES = [
  { name: 'node-a', ip: '10.0.0.11', role: 'control-plane', cpuMilli: 2310, memoryMi: 12_480 },
  { name: 'node-b', ip: '10.0.0.12', role: 'worker', cpuMilli: 3120, memoryMi: 19_650 },
  { name: 'node-c', ip: '10.0.0.13', role: 'worker', cpuMilli: 1870, memoryMi: 10_940 },
] as const;

/** Three nodes of 8 CPU and 32Gi each. */
export function installNodes(world: ClusterWorld, now: number): void {
  for (const node of NODES) {
    const { name, role } = node;
    world.apply({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        creationTimestamp: rfc3339(now - 61 * DAY),
        labels: {
          'kubernetes.io/arch': 'amd64',
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'node.kubernetes.io/instance-type': 'm6i.2xlarge',
          'topology.kubernetes.io/zone': `us-west-2${name.slice(-1)}`,
          [`node-role.kubernetes.io/${role}`]: '',
        },
      },
      spec: { podCIDR: `10.42.${NODES.indexOf(node)}.0/24`, providerID: `simulated://${name}` },
      status: nodeStatus(node, now),
    });
    world.usage({ kind: 'Node', name, containers: { '': { cpuMilli: node.cpuMilli, memoryMi: node.memoryMi } } });
    world.apply({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease', creationTimestamp: rfc3339(now - 61 * DAY) },
      spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: new Date(now).toISOString() },
    });
  }
}

function nodeStatus({ name, ip }: (typeof NODES)[number], now: number): Record<string, unknown> {
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: rfc3339(now),
    lastTransitionTime: rfc3339(now - 61 * DAY),
  });
  return {
    capacity: { cpu: '8', memory: '32877856Ki', pods: '110', 'ephemeral-storage': '101430960Ki' },
    allocatable: { cpu: '7910m', memory: '31827232Ki', pods: '110', 'ephemeral-storage': '93478772582' },
    addresses: [
      { type: 'InternalIP', address: ip },
      { type: 'Hostname', address: name },
    ],
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    nodeInfo: {
      architecture: 'amd64',
      operatingSystem: 'linux',
      osImage: 'Debian GNU/Linux 12 (bookworm)',
      kernelVersion: '6.1.0-28-amd64',
      containerRuntimeVersion: 'containerd://1.7.27',
      kubeletVersion: 'v1.33.4',
      kubeProxyVersion: '',
      bootID: '',
      machineID: '',
      systemUUID: '',
    },
  };
}

/** Where pods go: the named node or one after the other, each with an address of its own. */
export class Placer {
  #next = 0;

  place(node?: string): Placement {
    const index = node ? NODES.findIndex((one) => one.name === node) : this.#next % NODES.length;
    const chosen = NODES[index] ?? NODES[1];
    this.#next++;
    return { node: chosen.name, hostIp: chosen.ip, podIp: `10.42.${Math.max(index, 0)}.${10 + (this.#next % 240)}` };
  }
}
