import type { KubeObject } from './apiClient.ts';

/** Statuses of nodes and pods as a kubelet writes them. */

const KIBIBYTES = '16384000Ki';

/** A node of 4 cores whose kubelet answers on a port of loopback. */
export function readyNode(name: string, port: number): Readonly<Record<string, unknown>> {
  const at = now();
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  });
  const amounts = { cpu: '4', memory: KIBIBYTES, 'ephemeral-storage': '100Gi', pods: '110' };
  return {
    capacity: amounts,
    allocatable: amounts,
    addresses: [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    nodeInfo: {
      machineID: name,
      systemUUID: name,
      bootID: name,
      kernelVersion: '6.1.0',
      osImage: 'Debian GNU/Linux 12 (bookworm)',
      containerRuntimeVersion: 'containerd://2.0.0',
      kubeletVersion: 'v1.34.4',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
  };
}

/** Every container of the pod runs and is ready since now. */
export function runningStatus(pod: KubeObject): Readonly<Record<string, unknown>> {
  return podStatus(pod, {});
}

/** What one container differs in from one that runs and is ready. */
export interface ContainerDraft {
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: Readonly<Record<string, unknown>>;
  readonly lastState?: Readonly<Record<string, unknown>>;
}

export interface PodStatusDraft {
  /** Running when absent. */
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly reason?: string;
  readonly message?: string;
  /** By the container's name; those not named run and are ready. */
  readonly containers?: Readonly<Record<string, ContainerDraft>>;
  readonly initContainers?: Readonly<Record<string, ContainerDraft>>;
  /** Epoch milliseconds; now when absent. */
  readonly startedAt?: number;
}

/** The whole status of a pod as its kubelet would write it. */
export function podStatus(pod: KubeObject, draft: PodStatusDraft): Readonly<Record<string, unknown>> {
  const { phase = 'Running' } = draft;
  const started = now(draft.startedAt);
  const statuses = (
    specs: readonly { name: string; image: string }[],
    drafts: PodStatusDraft['containers'],
    init: boolean,
  ) =>
    specs.map(({ name, image }) => {
      const own = drafts?.[name];
      const ends = init
        ? { terminated: { exitCode: 0, reason: 'Completed', startedAt: started, finishedAt: started } }
        : { running: { startedAt: started } };
      return {
        name,
        image,
        imageID: '',
        restartCount: own?.restartCount ?? 0,
        state: own?.state ?? ends,
        lastState: own?.lastState ?? {},
        ready: own?.ready ?? own === undefined,
        started: !init && (own?.state === undefined || 'running' in own.state),
      };
    });
  const containers = statuses(pod.spec.containers, draft.containers, false);
  const inits = statuses(pod.spec.initContainers ?? [], draft.initContainers, true);
  const initialized = inits.every(
    ({ state }) => 'terminated' in state && (state.terminated as { exitCode: number }).exitCode === 0,
  ); // A kubelet's own shape.
  const ready = phase === 'Running' && containers.every((one) => one.ready);
  const unready = containers.filter((one) => !one.ready).map((one) => one.name);
  const condition = (type: string, holds: boolean, why = {}) => ({
    type,
    status: holds ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: started,
    ...(holds ? {} : why),
  });
  const notReady =
    phase === 'Succeeded'
      ? { reason: 'PodCompleted' }
      : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  return {
    phase,
    ...(draft.reason ? { reason: draft.reason } : {}),
    ...(draft.message ? { message: draft.message } : {}),
    hostIP: '127.0.0.1',
    startTime: started,
    conditions: [
      condition('PodReadyToStartContainers', phase !== 'Failed' && phase !== 'Succeeded'),
      condition('Initialized', initialized, { reason: 'ContainersNotInitialized' }),
      condition('Ready', ready, notReady),
      condition('ContainersReady', ready, notReady),
      condition('PodScheduled', true),
    ],
    containerStatuses: containers,
    ...(inits.length > 0 ? { initContainerStatuses: inits } : {}),
  };
}

/** RFC 3339 to the second, as the API server keeps times. */
export function now(at = Date.now()): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
