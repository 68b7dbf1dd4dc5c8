import { sick } from '../story.ts';
import { podNotReady } from '../world/alerts.ts';
import { cordon } from '../world/nodes.ts';
import { unscheduled } from '../world/starting.ts';
import { deployment } from '../world/workloads.ts';

const SCHEDULER = 'k8s.io/kubernetes pkg/scheduler/framework/plugins';
const NO_HELP = (nodes: number) =>
  `preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`;
const NO_VICTIMS = (nodes: number) =>
  `preemption: 0/${nodes} nodes are available: ${nodes} No preemption victims found for incoming pod.`;

/** Pods that no node takes, each for another reason; messages as FitError writes them (pkg/scheduler/framework/types.go). */
export const SCHEDULING = [
  sick('request-larger-than-any-node', {
    source: `${SCHEDULER}/noderesources/fit.go`,
    about: ['Deployment/training'],
    says: [/memory/i, /64\s?Gi/],
    confirmed: true,
    tell({ world }) {
      const training = deployment(world, 'training', {
        replicas: 1,
        age: '10m',
        resources: { requests: { cpu: '1', memory: '64Gi' }, limits: { memory: '64Gi' } },
      });
      const message = `0/3 nodes are available: 3 Insufficient memory. ${NO_HELP(3)}`;
      for (const pod of training.pods) unscheduled(world, pod, message);
      for (const pod of training.pods) podNotReady(world, pod);
      return 'The training pod waits and waits.';
    },
  }),
  sick('taints-without-keys-since-1-34', {
    source: `${SCHEDULER}/tainttoleration/taint_toleration.go`,
    about: ['Deployment/reports'],
    says: [/taint|tolerat/i, /dedicated/],
    tell({ world, nodes }) {
      for (const node of nodes) node.spec.taints = [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }];
      const reports = deployment(world, 'reports', { replicas: 1, age: '8m', nodes: ['node-a'] });
      const message = `0/3 nodes are available: 3 node(s) had untolerated taint(s). ${NO_HELP(3)}`;
      for (const pod of reports.pods) unscheduled(world, pod, message);
      for (const pod of reports.pods) podNotReady(world, pod);
      return 'reports is pending.';
    },
  }),
  sick('every-node-is-cordoned', {
    source: `${SCHEDULER}/nodeunschedulable/node_unschedulable.go`,
    about: ['Deployment/checkout', 'Node/node-a', 'Node/node-b', 'Node/node-c'],
    says: [/cordon|unschedulable|scheduling (is )?disabled/i],
    confirmed: true,
    tell({ world, nodes }) {
      const checkout = deployment(world, 'checkout', { replicas: 2, age: '6m' });
      for (const node of nodes) cordon(world, node, '25m');
      const message = `0/3 nodes are available: 3 node(s) were unschedulable. ${NO_HELP(3)}`;
      for (const pod of checkout.pods) unscheduled(world, pod, message);
      for (const pod of checkout.pods) podNotReady(world, pod);
      return 'Nothing new gets scheduled since the maintenance.';
    },
  }),
  sick('anti-affinity-is-not-affinity', {
    source: `${SCHEDULER}/interpodaffinity/filtering.go`,
    about: ['Deployment/broker'],
    says: [/anti-?affinity/i],
    confirmed: true,
    tell({ world }) {
      const broker = deployment(world, 'broker', {
        replicas: 4,
        age: '15m',
        nodes: ['node-a', 'node-b', 'node-c', 'node-a'],
        spec: {
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { labelSelector: { matchLabels: { app: 'broker' } }, topologyKey: 'kubernetes.io/hostname' },
              ],
            },
          },
        },
      });
      const message = `0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. ${NO_VICTIMS(3)}`;
      const [, , , last] = broker.pods;
      if (last === undefined) throw new Error('four pods');
      unscheduled(world, last, message);
      podNotReady(world, last);
      return 'The fourth broker is not placed.';
    },
  }),
];
