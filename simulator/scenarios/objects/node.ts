import type { Scene } from '../scenario.ts';
import type { ObjectRef } from '../worldPort.ts';

export const nodeRef = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'Node', name });

/** Turns a node's memory pressure on or off: condition, taint, event, metrics. */
export function setMemoryPressure(scene: Scene, node: string, pressed: boolean): void {
  const ref = nodeRef(node);
  const found = scene.world.get(ref);
  const spec = typeof found?.spec === 'object' && found.spec !== null ? found.spec : {};
  const taints = pressed
    ? [{ key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule', timeAdded: scene.time() }]
    : [];
  const condition = (type: string, status: boolean, reason: string, message: string) => ({
    type,
    status: status ? 'True' : 'False',
    reason,
    message,
    lastHeartbeatTime: scene.time(),
    lastTransitionTime: scene.time(),
  });
  const capacity = { cpu: '8', memory: '32Gi', pods: '110' };
  scene.apply({
    ...(found ?? { apiVersion: 'v1', kind: 'Node', metadata: { name: node, creationTimestamp: scene.time(-864_000) } }),
    spec: { ...spec, taints },
    status: {
      capacity,
      allocatable: capacity,
      ...(typeof found?.status === 'object' ? found.status : {}),
      conditions: [
        pressed
          ? condition(
              'MemoryPressure',
              true,
              'KubeletHasInsufficientMemory',
              'kubelet has insufficient memory available',
            )
          : condition('MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        condition('DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        condition('PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        condition('Ready', true, 'KubeletReady', 'kubelet is posting ready status'),
      ],
    },
  });
  const event = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    scene.event({ type, reason, message, regarding: ref, source: 'kubelet' });
  if (pressed) event('Warning', 'EvictionThresholdMet', 'Attempting to reclaim memory');
  const reason = pressed ? 'NodeHasInsufficientMemory' : 'NodeHasSufficientMemory';
  event('Normal', reason, `Node ${node} status is now: ${reason}`);
  scene.metrics.set(
    'kube_node_status_condition',
    { node, condition: 'MemoryPressure', status: 'true' },
    pressed ? 1 : 0,
  );
}

/** What `kubectl top nodes` shows. */
export function nodeUsage(scene: Scene, node: string, cpuMilli: number, memoryMi: number): void {
  scene.usage({ kind: 'Node', name: node, containers: { '': { cpuMilli, memoryMi } } });
}

/** The message of an evicted pod. */
export const evictedMessage = (container: string, usedMi: number) =>
  `The node was low on resource: memory. Threshold quantity: 100Mi, available: 84Mi. Container ${container} was using ${usedMi}Mi, request is 1Gi, has larger consumption of memory. `;
