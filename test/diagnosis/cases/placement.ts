import { sick } from '../story.ts';
import { podNotReady } from '../world/alerts.ts';
import { cordon, setNode } from '../world/nodes.ts';
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

/** Pods kept out by other pods, ports, counts, pressure and by who schedules them. */
export const PLACEMENT = [
  sick('anti-affinity-is-not-affinity', {
    source: `${PLUGINS}/interpodaffinity/filtering.go`,
    about: ['Deployment/broker'],
    says: [/anti-?affinity/i],
    confirmed: true,
    tell({ world }) {
      const term = { labelSelector: { matchLabels: { app: 'broker' } }, topologyKey: 'kubernetes.io/hostname' };
      const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
      const nodes = ['node-a', 'node-b', 'node-c', 'node-a'];
      const broker = deployment(world, 'broker', { replicas: 4, age: '15m', nodes, spec: { affinity } });
      const last = nth(broker.pods, 3);
      unscheduled(
        world,
        last,
        `0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. ${NO_VICTIMS}`,
      );
      podNotReady(world, last);
      return 'The fourth broker is not placed.';
    },
  }),
  sick('another-pods-anti-affinity-keeps-it-out', {
    source: `${PLUGINS}/interpodaffinity/filtering.go`,
    about: ['Deployment/scraper'],
    says: [/anti-?affinity/i, /exist|other|another|already|of (the )?running/i],
    tell({ world }) {
      const term = { labelSelector: { matchLabels: { app: 'scraper' } }, topologyKey: 'kubernetes.io/hostname' };
      const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
      deployment(world, 'quiet-db', { replicas: 3, nodes: ['node-a', 'node-b', 'node-c'], spec: { affinity } });
      const scraper = deployment(world, 'scraper', { replicas: 1, age: '5m' });
      wait(
        world,
        scraper,
        `0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules. ${NO_VICTIMS}`,
      );
      return 'The scraper finds no node.';
    },
  }),
  sick('pod-affinity-finds-no-partner', {
    source: `${PLUGINS}/interpodaffinity/filtering.go`,
    about: ['Deployment/sidekick'],
    says: [/(?<!anti-)(?<!anti )affinity/i, /app.{0,4}(redis|cache-main)|cache-main/i],
    tell({ world }) {
      const term = { labelSelector: { matchLabels: { app: 'cache-main' } }, topologyKey: 'kubernetes.io/hostname' };
      const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
      const sidekick = deployment(world, 'sidekick', { replicas: 1, age: '9m', spec: { affinity } });
      wait(world, sidekick, `0/3 nodes are available: 3 node(s) didn't match pod affinity rules. ${NO_HELP}`);
      return 'sidekick is pending.';
    },
  }),
  sick('topology-spread-cannot-be-kept', {
    source: `${PLUGINS}/podtopologyspread/plugin.go`,
    about: ['Deployment/quorum'],
    says: [/topology ?spread|spread/i],
    confirmed: true,
    tell({ world, nodes }) {
      cordon(world, nth(nodes, 2), '2h');
      const quorum = deployment(world, 'quorum', {
        replicas: 3,
        age: '18m',
        nodes: ['node-a', 'node-b', 'node-a'],
        spec: {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'topology.kubernetes.io/zone',
              whenUnsatisfiable: 'DoNotSchedule',
              labelSelector: { matchLabels: { app: 'quorum' } },
            },
          ],
        },
      });
      const last = nth(quorum.pods, 2);
      unscheduled(
        world,
        last,
        `0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints. ${NO_HELP}`,
      );
      podNotReady(world, last);
      return 'The third member of the quorum is missing.';
    },
  }),
  sick('host-port-is-taken-on-every-node', {
    source: `${PLUGINS}/nodeports/node_ports.go`,
    about: ['Deployment/ingress-b'],
    says: [/port/i, /8443/],
    tell({ world }) {
      const ports = [{ containerPort: 8443, hostPort: 8443, protocol: 'TCP' }];
      const first = deployment(world, 'ingress-a', {
        replicas: 3,
        nodes: ['node-a', 'node-b', 'node-c'],
        ports: [8443],
      });
      const second = deployment(world, 'ingress-b', { replicas: 1, age: '9m', ports: [8443] });
      for (const pod of [...first.pods, ...second.pods]) Object.assign(pod.spec.containers[0] ?? {}, { ports });
      wait(
        world,
        second,
        `0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports. ${NO_VICTIMS}`,
      );
      return 'ingress-b is pending.';
    },
  }),
  sick('nodes-hold-no-more-pods', {
    source: `${PLUGINS}/noderesources/fit.go`,
    about: ['Deployment/worker'],
    says: [/too many pods|pods? (limit|capacity|slots?)|no more pods|(number|count) of pods|full/i],
    tell({ world, nodes }) {
      for (const node of nodes) {
        Object.assign(node.status.capacity ?? {}, { pods: '6' });
        Object.assign(node.status.allocatable ?? {}, { pods: '6' });
      }
      const names = ['node-a', 'node-b', 'node-c'];
      deployment(world, 'tiny', {
        replicas: 12,
        nodes: names,
        resources: { requests: { cpu: '10m', memory: '16Mi' } },
      });
      const worker = deployment(world, 'worker', { replicas: 1, age: '5m' });
      wait(world, worker, `0/3 nodes are available: 3 Too many pods. ${NO_VICTIMS}`);
      return 'worker is pending although the nodes are idle.';
    },
  }),
  sick('no-node-has-the-extended-resource', {
    source: `${PLUGINS}/noderesources/fit.go`,
    about: ['Deployment/inference'],
    says: [/nvidia\.com\/gpu/],
    confirmed: true,
    tell({ world }) {
      const resources = {
        limits: { 'nvidia.com/gpu': '1', memory: '4Gi' },
        requests: { 'nvidia.com/gpu': '1', memory: '4Gi' },
      };
      const inference = deployment(world, 'inference', { replicas: 1, age: '12m', resources });
      wait(world, inference, `0/3 nodes are available: 3 Insufficient nvidia.com/gpu. ${NO_HELP}`);
      return 'inference does not get its GPU.';
    },
  }),
  sick('disk-pressure-taints-every-node', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-nodes-by-condition',
    about: ['Deployment/thumbnailer', 'Node/node-a', 'Node/node-b', 'Node/node-c'],
    says: [/disk/i],
    tell({ world, nodes }) {
      const thumbnailer = deployment(world, 'thumbnailer', { replicas: 1, age: '8m' });
      for (const node of nodes) {
        setNode(world, node, 'DiskPressure', 'True', {
          reason: 'KubeletHasDiskPressure',
          message: 'kubelet has disk pressure',
          since: '15m',
        });
        node.spec.taints = [
          { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule', timeAdded: world.ago('15m') },
        ];
        world.warn(node, 'EvictionThresholdMet', 'Attempting to reclaim ephemeral-storage', {
          source: 'kubelet',
          first: '15m',
          last: '20s',
          count: 70,
        });
      }
      wait(world, thumbnailer, `0/3 nodes are available: 3 node(s) had untolerated taint(s). ${NO_HELP}`);
      return 'thumbnailer waits for a node.';
    },
  }),
  sick('scheduler-that-nobody-runs', {
    source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/configure-multiple-schedulers/',
    about: ['Deployment/batch-front'],
    says: [/scheduler/i, /volcano-v2/],
    confirmed: true,
    tell({ world }) {
      const front = deployment(world, 'batch-front', {
        replicas: 1,
        age: '14m',
        spec: { schedulerName: 'volcano-v2' },
      });
      unscheduled(world, first(front.pods), null);
      podNotReady(world, first(front.pods));
      return 'batch-front is pending and nothing is said of it.';
    },
  }),
  sick('scheduling-gate-is-still-set', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/',
    about: ['Deployment/tenant-api'],
    says: [/gate/i, /example\.com\/quota-approved/],
    confirmed: true,
    tell({ world }) {
      const gates = [{ name: 'example.com/quota-approved' }];
      const api = deployment(world, 'tenant-api', { replicas: 1, age: '22m', spec: { schedulingGates: gates } });
      const pod = first(api.pods);
      unscheduled(world, pod, null);
      pod.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
          lastTransitionTime: pod.metadata.creationTimestamp,
        },
      ];
      podNotReady(world, pod);
      return 'tenant-api stays SchedulingGated.';
    },
  }),
];
