import { sick } from '../story.ts';
import { alertOn, replicasMismatch } from '../world/alerts.ts';
import { setNode, unreachable } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { deployment } from '../world/workloads.ts';

const LIFECYCLE = 'k8s.io/kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go';
const SETTERS = 'k8s.io/kubernetes pkg/kubelet/nodestatus/setters.go';

/** Nodes that do not serve their pods. */
export const NODES = [
  sick('node-stopped-reporting', {
    source: LIFECYCLE,
    about: ['Node/node-b'],
    says: [/node-b/, /kubelet|stopped (posting|reporting|answering)|unreachable|heartbeat|not report/i],
    confirmed: true,
    tell({ world, nodes }) {
      unreachable(world, nth(nodes, 1), '4m');
      alertOn(world, 'KubeNodeUnreachable', nth(nodes, 1), { labels: { node: 'node-b' }, since: '2m' });
      return 'node-b is gone.';
    },
  }),
  sick('node-stopped-reporting-and-a-deployment-pages', {
    source: LIFECYCLE,
    about: ['Node/node-a'],
    says: [/node-a/, /kubelet|stopped (posting|reporting|answering)|unreachable|heartbeat|not report|not ready/i],
    confirmed: true,
    tell({ world, nodes }) {
      const solo = deployment(world, 'solo', { replicas: 1, nodes: ['node-a'], ports: [8080] });
      unreachable(world, first(nodes), '4m');
      replicasMismatch(world, solo.deployment, '2m');
      return 'solo is not available.';
    },
  }),
  sick('container-network-is-not-ready-on-a-node', {
    source: SETTERS,
    about: ['Node/node-c'],
    says: [/node-c/, /network|cni/i],
    confirmed: true,
    tell({ world, nodes }) {
      const node = nth(nodes, 2);
      setNode(world, node, 'Ready', 'False', {
        reason: 'KubeletNotReady',
        message:
          'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
        since: '14m',
      });
      node.spec.taints = [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule', timeAdded: world.ago('14m') }];
      world.note(node, 'NodeNotReady', 'Node node-c status is now: NodeNotReady', { source: 'kubelet', first: '14m' });
      alertOn(world, 'KubeNodeNotReady', node, { labels: { node: 'node-c' } });
      return 'node-c is not ready.';
    },
  }),
  sick('container-runtime-is-down-on-a-node', {
    source: 'k8s.io/kubernetes pkg/kubelet/runtime.go',
    about: ['Node/node-a'],
    says: [/node-a/, /container ?runtime|containerd/i],
    confirmed: true,
    tell({ world, nodes }) {
      const node = first(nodes);
      setNode(world, node, 'Ready', 'False', {
        reason: 'KubeletNotReady',
        message:
          '[container runtime is down, PLEG is not healthy: pleg was last seen active 6m12.4s ago; threshold is 3m0s]',
        since: '6m',
      });
      node.spec.taints = [
        { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule', timeAdded: world.ago('6m') },
        { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', timeAdded: world.ago('6m') },
      ];
      alertOn(world, 'KubeNodeNotReady', node, { labels: { node: 'node-a' } });
      return 'node-a is not ready.';
    },
  }),
  sick('node-is-full-of-processes', {
    source: SETTERS,
    about: ['Node/node-b'],
    says: [/node-b/, /pid|process/i],
    confirmed: true,
    tell({ world, nodes }) {
      const node = nth(nodes, 1);
      setNode(world, node, 'PIDPressure', 'True', {
        reason: 'KubeletHasInsufficientPID',
        message: 'kubelet has insufficient PID available',
        since: '12m',
      });
      node.spec.taints = [
        { key: 'node.kubernetes.io/pid-pressure', effect: 'NoSchedule', timeAdded: world.ago('12m') },
      ];
      world.warn(node, 'EvictionThresholdMet', 'Attempting to reclaim pids', {
        source: 'kubelet',
        first: '12m',
        last: '10s',
        count: 70,
      });
      alertOn(world, 'KubeNodePressure', node, { labels: { node: 'node-b', condition: 'PIDPressure' } });
      return 'node-b behaves oddly.';
    },
  }),
  sick('image-disk-of-a-node-cannot-be-freed', {
    source: 'k8s.io/kubernetes pkg/kubelet/images/image_gc_manager.go',
    about: ['Node/node-c'],
    says: [/node-c/, /disk|image|space/i],
    tell({ world, nodes }) {
      const node = nth(nodes, 2);
      setNode(world, node, 'DiskPressure', 'True', {
        reason: 'KubeletHasDiskPressure',
        message: 'kubelet has disk pressure',
        since: '22m',
      });
      node.spec.taints = [
        { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule', timeAdded: world.ago('22m') },
      ];
      const told = { source: 'kubelet', first: '22m', last: '2m', count: 5 };
      world.warn(
        node,
        'FreeDiskSpaceFailed',
        'Failed to garbage collect required amount of images. Attempted to free 8364523520 bytes, but only found 0 bytes eligible to free.',
        told,
      );
      world.warn(node, 'EvictionThresholdMet', 'Attempting to reclaim ephemeral-storage', {
        ...told,
        last: '20s',
        count: 90,
      });
      alertOn(world, 'KubeNodePressure', node, { labels: { node: 'node-c', condition: 'DiskPressure' } });
      return 'node-c has no disk left.';
    },
  }),
];
