import { sick } from '../story.ts';
import { podNotReady } from '../world/alerts.ts';
import { cordon } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { unscheduled } from '../world/starting.ts';
import { type Deployed, deployment } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

const PLUGINS = 'k8s.io/kubernetes pkg/scheduler/framework/plugins';
const NO_HELP = 'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
const NO_VICTIMS = 'preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';

/** All pods of a workload wait, and the first one pages. */
function wait(world: World, of: Deployed, message: string): void {
  for (const pod of of.pods) unscheduled(world, pod, message);
  podNotReady(world, first(of.pods));
}

/** Pods that no node takes, each for another reason; messages as FitError writes them (pkg/scheduler/framework/types.go). */
export const SCHEDULING = [
  sick('request-larger-than-any-node', {
    source: `${PLUGINS}/noderesources/fit.go`,
    about: ['Deployment/training'],
    says: [/memory/i, /64\s?Gi/],
    confirmed: true,
    tell({ world }) {
      const resources = { requests: { cpu: '1', memory: '64Gi' }, limits: { memory: '64Gi' } };
      const training = deployment(world, 'training', { replicas: 1, age: '10m', resources });
      wait(world, training, `0/3 nodes are available: 3 Insufficient memory. ${NO_HELP}`);
      return 'The training pod waits and waits.';
    },
  }),
  sick('cpu-is-taken-on-every-node', {
    source: `${PLUGINS}/noderesources/fit.go`,
    about: ['Deployment/encoder'],
    says: [/cpu/i],
    confirmed: true,
    tell({ world }) {
      deployment(world, 'simulation', {
        replicas: 3,
        nodes: ['node-a', 'node-b', 'node-c'],
        resources: { requests: { cpu: '3', memory: '1Gi' } },
      });
      const encoder = deployment(world, 'encoder', {
        replicas: 2,
        age: '9m',
        resources: { requests: { cpu: '1500m', memory: '512Mi' } },
      });
      wait(world, encoder, `0/3 nodes are available: 3 Insufficient cpu. ${NO_VICTIMS}`);
      return 'The encoder has no pods running.';
    },
  }),
  sick('node-selector-matches-no-node', {
    source: `${PLUGINS}/nodeaffinity/node_affinity.go`,
    about: ['Deployment/gpu-render'],
    says: [/selector|label/i, /disktype/],
    confirmed: true,
    tell({ world }) {
      const render = deployment(world, 'gpu-render', {
        replicas: 1,
        age: '7m',
        spec: { nodeSelector: { disktype: 'nvme' } },
      });
      wait(world, render, `0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. ${NO_HELP}`);
      return 'gpu-render is pending.';
    },
  }),
  sick('node-affinity-matches-no-node', {
    source: `${PLUGINS}/nodeaffinity/node_affinity.go`,
    about: ['Deployment/edge-proxy'],
    says: [/(?<!anti-)affinity/i, /zone-x|topology\.kubernetes\.io\/zone/],
    confirmed: true,
    tell({ world }) {
      const matchExpressions = [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-x'] }];
      const nodeAffinity = {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
      };
      const proxy = deployment(world, 'edge-proxy', { replicas: 2, age: '8m', spec: { affinity: { nodeAffinity } } });
      wait(world, proxy, `0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. ${NO_HELP}`);
      return 'edge-proxy does not start in the new zone.';
    },
  }),
  sick('taints-without-keys-since-1-34', {
    source: `${PLUGINS}/tainttoleration/taint_toleration.go`,
    about: ['Deployment/reports'],
    says: [/taint|tolerat/i, /dedicated/],
    tell({ world, nodes }) {
      for (const node of nodes) node.spec.taints = [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }];
      const reports = deployment(world, 'reports', { replicas: 1, age: '8m', nodes: ['node-a'] });
      wait(world, reports, `0/3 nodes are available: 3 node(s) had untolerated taint(s). ${NO_HELP}`);
      return 'reports is pending.';
    },
  }),
  sick('taint-with-its-key-before-1-34', {
    source: 'k8s.io/kubernetes@v1.31 pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go',
    options: { version: 'v1.31.4' },
    about: ['Deployment/reports'],
    says: [/taint|tolerat/i, /gpu-only/],
    confirmed: true,
    tell({ world, nodes }) {
      for (const node of nodes) node.spec.taints = [{ key: 'gpu-only', value: 'true', effect: 'NoSchedule' }];
      const reports = deployment(world, 'reports', { replicas: 1, age: '8m', nodes: ['node-a'] });
      wait(world, reports, `0/3 nodes are available: 3 node(s) had untolerated taint {gpu-only: true}. ${NO_HELP}`);
      return 'reports is pending.';
    },
  }),
  sick('every-node-is-cordoned', {
    source: `${PLUGINS}/nodeunschedulable/node_unschedulable.go`,
    about: ['Deployment/checkout', 'Node/node-a', 'Node/node-b', 'Node/node-c'],
    says: [/cordon|unschedulable|scheduling (is )?disabled/i],
    confirmed: true,
    tell({ world, nodes }) {
      const checkout = deployment(world, 'checkout', { replicas: 2, age: '6m' });
      for (const node of nodes) cordon(world, node, '25m');
      wait(world, checkout, `0/3 nodes are available: 3 node(s) were unschedulable. ${NO_HELP}`);
      return 'Nothing new gets scheduled since the maintenance.';
    },
  }),
  sick('only-the-cordoned-node-fits', {
    source: `${PLUGINS}/nodeunschedulable/node_unschedulable.go`,
    about: ['Deployment/db-proxy', 'Node/node-c'],
    says: [/cordon|unschedulable|scheduling (is )?disabled/i, /node-c/],
    tell({ world, nodes }) {
      const spec = { nodeSelector: { 'kubernetes.io/hostname': 'node-c' } };
      const proxy = deployment(world, 'db-proxy', { replicas: 1, age: '6m', spec });
      cordon(world, nth(nodes, 2), '30m');
      const message = `0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector. ${NO_HELP}`;
      wait(world, proxy, message);
      return 'db-proxy is pending since it was restarted.';
    },
  }),
];
