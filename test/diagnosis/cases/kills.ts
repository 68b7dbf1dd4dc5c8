import { sick } from '../story.ts';
import { alertOn, crashLooping, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { crashLoops, restarted } from '../world/ills.ts';
import type { WholePod } from '../world/kinds.ts';
import { setNode } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { deployment, replaced } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

const RESOURCES = 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/';
const _PRESSURE = 'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/';

/** A pod the kubelet put out: over, with its reason, and no container of it kept. */
function evicted(world: World, pod: WholePod, message: string, ago: string): void {
  pod.status = {
    ...pod.status,
    phase: 'Failed',
    reason: 'Evicted',
    message,
    containerStatuses: pod.status.containerStatuses.map((status) => ({
      ...status,
      ready: false,
      started: false,
      state: {
        terminated: {
          exitCode: 137,
          reason: 'Error',
          startedAt: pod.metadata.creationTimestamp,
          finishedAt: world.ago(ago),
        },
      },
    })),
    conditions: [
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'TerminationByKubelet',
        message,
        lastTransitionTime: world.ago(ago),
      },
      ...pod.status.conditions
        .filter(({ type }) => type !== 'Ready' && type !== 'ContainersReady')
        .map((row) =>
          row.type === 'PodReadyToStartContainers'
            ? { ...row, status: 'False', lastTransitionTime: world.ago(ago) }
            : row,
        ),
      { type: 'Ready', status: 'False', reason: 'PodFailed', lastTransitionTime: world.ago(ago) },
    ],
  };
  world.warn(pod, 'Evicted', message, { source: 'kubelet', first: ago });
}

/** Containers and pods that are killed: by the kernel, by the kubelet, by the node. */
export const KILLS = [
  sick('container-exceeds-its-memory-limit', {
    source: `${RESOURCES}#exceed-memory-limit`,
    about: ['Deployment/image-resize'],
    says: [/memory|oom/i, /128Mi/],
    confirmed: true,
    tell({ world }) {
      const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } };
      const resize = deployment(world, 'image-resize', { replicas: 2, ports: [8080], resources });
      const log = ['resizing batch 77 of 210 (48 megapixels)'];
      crashLoops(world, first(resize.pods), {
        exitCode: 137,
        reason: 'OOMKilled',
        restarts: 6,
        since: '24m',
        lived: '70s',
        log,
      });
      world.podUsage(nth(resize.pods, 1), 'image-resize', { cpuMilli: 90, memoryMi: 119 });
      crashLooping(world, first(resize.pods));
      return 'image-resize keeps dying.';
    },
  }),
  sick('jvm-runs-out-of-heap-before-the-limit', {
    source: 'https://docs.oracle.com/javase/8/docs/technotes/guides/troubleshoot/memleaks002.html',
    about: ['Deployment/report-engine'],
    says: [/heap|OutOfMemoryError/i],
    tell({ world }) {
      const resources = { requests: { cpu: '500m', memory: '2Gi' }, limits: { memory: '2Gi' } };
      const engine = deployment(world, 'report-engine', { replicas: 1, ports: [8080], resources });
      const log = [
        '2026-11-24 09:57:11.204 ERROR 1 --- [pool-4-thread-2] c.e.report.Renderer : rendering failed',
        'java.lang.OutOfMemoryError: Java heap space',
        '\tat java.base/java.util.Arrays.copyOf(Arrays.java:3541)',
        '\tat com.example.report.PageBuffer.grow(PageBuffer.java:88)',
        'Terminating due to java.lang.OutOfMemoryError: Java heap space',
      ];
      crashLoops(world, first(engine.pods), { exitCode: 3, restarts: 5, since: '35m', lived: '4m', log });
      crashLooping(world, first(engine.pods));
      return 'Reports break off.';
    },
  }),
  sick('child-process-is-killed-for-memory', {
    source: `${RESOURCES}#exceed-memory-limit`,
    about: ['Deployment/gunicorn-api'],
    says: [/worker|child|process/i, /memory|oom|SIGKILL|killed/i],
    tell({ world }) {
      const resources = { requests: { cpu: '200m', memory: '256Mi' }, limits: { memory: '512Mi' } };
      const api = deployment(world, 'gunicorn-api', { replicas: 2, ports: [8000], resources });
      const pod = first(api.pods);
      world.log(pod, 'gunicorn-api', [
        '[2026-11-24 09:41:02 +0000] [7] [INFO] Booting worker with pid: 311',
        '[2026-11-24 09:47:55 +0000] [7] [ERROR] Worker (pid:311) was sent SIGKILL! Perhaps out of memory?',
        '[2026-11-24 09:47:55 +0000] [7] [INFO] Booting worker with pid: 340',
        '[2026-11-24 09:55:12 +0000] [7] [ERROR] Worker (pid:340) was sent SIGKILL! Perhaps out of memory?',
        '[2026-11-24 09:55:12 +0000] [7] [INFO] Booting worker with pid: 377',
      ]);
      world.podUsage(pod, 'gunicorn-api', { cpuMilli: 340, memoryMi: 498 });
      alertOn(world, 'ContainerMemoryNearLimit', pod, { labels: { container: 'gunicorn-api' } });
      return 'Requests are cut off now and then.';
    },
  }),
  sick('node-runs-out-of-memory', {
    source: 'k8s.io/kubernetes pkg/kubelet/oom/oom_watcher_linux.go',
    about: ['Node/node-b', 'Deployment/agent-b'],
    says: [/node-b|node/i, /memory|oom/i],
    tell({ world, nodes }) {
      const node = nth(nodes, 1);
      const agent = deployment(world, 'agent-b', { replicas: 1, nodes: ['node-b'], resources: {} });
      restarted(world, first(agent.pods), { exitCode: 137, reason: 'Error', restarts: 3, since: '30m', ended: '6m' });
      const told = { source: 'kubelet', first: '30m', last: '6m' };
      world.warn(node, 'SystemOOM', 'System OOM encountered, victim process: agent-b, pid: 41177', {
        ...told,
        count: 3,
      });
      setNode(world, node, 'MemoryPressure', 'True', {
        reason: 'KubeletHasInsufficientMemory',
        message: 'kubelet has insufficient memory available',
        since: '31m',
      });
      node.spec.taints = [
        { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule', timeAdded: world.ago('31m') },
      ];
      alertOn(world, 'KubeNodePressure', node, { labels: { node: 'node-b', condition: 'MemoryPressure' } });
      return 'Things on node-b die.';
    },
  }),
  sick('pod-is-evicted-for-the-nodes-memory', {
    source: 'k8s.io/kubernetes pkg/kubelet/eviction/helpers.go',
    about: ['Deployment/crunch', 'Node/node-a'],
    says: [/evict/i, /memory/i],
    confirmed: true,
    tell({ world, nodes }) {
      const crunch = deployment(world, 'crunch', {
        replicas: 4,
        nodes: ['node-a', 'node-b', 'node-c', 'node-b'],
        resources: { requests: { memory: '256Mi' } },
      });
      const message =
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 81240Ki. Container crunch was using 6712340Ki, request is 256Mi, has larger consumption of memory. ';
      replaced(world, crunch, '4m');
      evicted(world, first(crunch.pods), message, '4m');
      const node = first(nodes);
      world.warn(node, 'EvictionThresholdMet', 'Attempting to reclaim memory', {
        source: 'kubelet',
        first: '4m',
        last: '30s',
        count: 12,
      });
      setNode(world, node, 'MemoryPressure', 'True', {
        reason: 'KubeletHasInsufficientMemory',
        message: 'kubelet has insufficient memory available',
        since: '4m',
      });
      node.spec.taints = [
        { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule', timeAdded: world.ago('4m') },
      ];
      alertOn(world, 'KubePodNotReady', first(crunch.pods));
      return 'A crunch pod was thrown out.';
    },
  }),
  sick('pod-is-evicted-for-its-empty-dir', {
    source: 'k8s.io/kubernetes pkg/kubelet/eviction/eviction_manager.go',
    about: ['Deployment/transcode'],
    says: [/evict|empty ?dir/i, /1Gi/, /scratch/],
    confirmed: true,
    tell({ world }) {
      const spec = { volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Gi' } }] };
      const transcode = deployment(world, 'transcode', {
        replicas: 3,
        spec,
        mounts: [{ name: 'scratch', mountPath: '/tmp' }],
      });
      replaced(world, transcode, '3m');
      evicted(world, first(transcode.pods), 'Usage of EmptyDir volume "scratch" exceeds the limit "1Gi". ', '3m');
      podNotReady(world, first(transcode.pods));
      return 'transcode pods disappear.';
    },
  }),
  sick('pod-is-evicted-for-its-local-storage', {
    source: `${RESOURCES}#local-ephemeral-storage`,
    about: ['Deployment/logger'],
    says: [/evict|ephemeral|local storage/i, /500Mi/],
    confirmed: true,
    tell({ world }) {
      const resources = {
        requests: { 'ephemeral-storage': '100Mi' },
        limits: { 'ephemeral-storage': '500Mi', memory: '256Mi' },
      };
      const logger = deployment(world, 'logger', { replicas: 3, resources });
      replaced(world, logger, '6m');
      evicted(world, first(logger.pods), 'Container logger exceeded its local ephemeral storage limit "500Mi". ', '6m');
      podNotReady(world, first(logger.pods));
      return 'logger pods are evicted.';
    },
  }),
  sick('pod-is-rejected-for-want-of-cpu-on-its-node', {
    source: 'k8s.io/kubernetes pkg/kubelet/lifecycle/predicate.go',
    about: ['Pod/pinned', 'Node/node-b'],
    says: [/cpu/i],
    tell({ world }) {
      const pinned = deployment(world, 'pinned', { replicas: 1, nodes: ['node-b'], age: '4m' });
      const [pod] = pinned.pods;
      if (pod === undefined) throw new Error('one pod');
      world.remove(pod);
      const bare = { ...pod, metadata: { ...pod.metadata, name: 'pinned' } };
      delete bare.metadata.ownerReferences;
      const message =
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 100, used: 3950, capacity: 4000";
      bare.status = { phase: 'Failed', reason: 'OutOfcpu', message, containerStatuses: [], conditions: [] };
      world.remove(pinned.replicaSet);
      world.remove(pinned.deployment);
      world.add(bare);
      world.warn(bare, 'OutOfcpu', message.replace('Pod was rejected: ', ''), { source: 'kubelet', first: '4m' });
      podNotReady(world, bare);
      return 'The pinned pod failed at once.';
    },
  }),
  sick('termination-takes-longer-than-the-grace-period', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
    about: ['Deployment/stream-hub'],
    says: [/grace|pre-?stop|terminat|SIGKILL|killed/i, /\b(5|30|120)\s?s|seconds?/i],
    tell({ world }) {
      const lifecycle = { preStop: { exec: { command: ['sleep', '120'] } } };
      const hub = deployment(world, 'stream-hub', {
        replicas: 3,
        ports: [8080],
        lifecycle,
        spec: { terminationGracePeriodSeconds: 30 },
      });
      replaced(world, hub, '40s');
      const pod = first(hub.pods);
      pod.metadata.deletionTimestamp = world.ago('10s');
      pod.metadata.deletionGracePeriodSeconds = 30;
      world.note(pod, 'Killing', 'Stopping container stream-hub', { source: 'kubelet', first: '40s' });
      world.warn(pod, 'FailedPreStopHook', 'PreStopHook failed', { source: 'kubelet', first: '10s' });
      world.log(pod, 'stream-hub', ['draining 412 connections', 'draining 398 connections']);
      replicasMismatch(world, hub.deployment, '30s');
      return 'Streams are cut at each deployment.';
    },
  }),
];
