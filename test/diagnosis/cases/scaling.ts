import { sick } from '../story.ts';
import { alertOn } from '../world/alerts.ts';
import { crashLoops } from '../world/ills.ts';
import { cordon } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { budget, hpa } from '../world/policies.ts';
import { answered, neverReady } from '../world/probes.ts';
import { unscheduled } from '../world/starting.ts';
import { pendingClaim } from '../world/storage.ts';
import { http } from '../world/template.ts';
import { daemonSet, deployment, statefulSet } from '../world/workloads.ts';

const HPA = 'k8s.io/kubernetes pkg/controller/podautoscaler/horizontal.go';

/** Autoscalers, budgets and sets of pods in order. */
export const SCALING = [
  sick('autoscaler-gets-no-metrics', {
    source: HPA,
    about: ['HorizontalPodAutoscaler/api', 'Deployment/api'],
    says: [/metric/i],
    confirmed: true,
    tell({ world }) {
      deployment(world, 'api', { replicas: 2, ports: [8080] });
      const why =
        'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)';
      const scaler = hpa(world, 'api', {
        max: 10,
        current: 2,
        desired: 2,
        conditions: [
          {
            type: 'ScalingActive',
            status: 'False',
            reason: 'FailedGetResourceMetric',
            message: `the HPA was unable to compute the replica count: ${why}`,
            since: '22m',
          },
        ],
      });
      const told = { source: 'horizontal-pod-autoscaler', first: '22m', last: '10s', count: 88 };
      world.warn(scaler, 'FailedGetResourceMetric', why, told);
      world.warn(
        scaler,
        'FailedComputeMetricsReplicas',
        `invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`,
        told,
      );
      alertOn(world, 'KubeHpaReplicasMismatch', scaler);
      return 'api does not scale.';
    },
  }),
  sick('autoscaler-aims-at-a-deployment-that-is-not-there', {
    source: HPA,
    about: ['HorizontalPodAutoscaler/worker'],
    says: [/worker-v1/, /not (there|exist|found)|does not exist|no such|missing/i],
    confirmed: true,
    tell({ world }) {
      deployment(world, 'worker-v2', { replicas: 2 });
      const message =
        'the HPA controller was unable to get the target\'s current scale: deployments.apps "worker-v1" not found';
      const scaler = hpa(world, 'worker', {
        max: 8,
        current: 0,
        desired: 0,
        scales: { kind: 'Deployment', name: 'worker-v1' },
        conditions: [{ type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message, since: '3d' }],
      });
      world.warn(scaler, 'FailedGetScale', 'deployments.apps "worker-v1" not found', {
        source: 'horizontal-pod-autoscaler',
        first: '59m',
        last: '5s',
        count: 240,
      });
      alertOn(world, 'KubeHpaReplicasMismatch', scaler);
      return 'worker does not scale since the rename.';
    },
  }),
  sick('autoscaler-is-at-its-maximum-and-wants-more', {
    source: HPA,
    about: ['HorizontalPodAutoscaler/checkout', 'Deployment/checkout'],
    says: [/max/i, /\b5\b/],
    tell({ world }) {
      const checkout = deployment(world, 'checkout', { replicas: 5, ports: [8080] });
      const scaler = hpa(world, 'checkout', {
        max: 5,
        current: 5,
        desired: 5,
        seen: 168,
        conditions: [
          {
            type: 'ScalingLimited',
            status: 'True',
            reason: 'TooManyReplicas',
            message: 'the desired replica count is more than the maximum replica count',
            since: '40m',
          },
        ],
      });
      for (const pod of checkout.pods) world.podUsage(pod, 'checkout', { cpuMilli: 168, memoryMi: 120 });
      alertOn(world, 'KubeHpaMaxedOut', scaler, { since: '20m' });
      return 'The checkout is slow at full size.';
    },
  }),
  sick('autoscaler-cannot-count-pods-without-a-request', {
    source: 'k8s.io/kubernetes pkg/controller/podautoscaler/replica_calculator.go',
    about: ['HorizontalPodAutoscaler/render', 'Deployment/render'],
    says: [/request/i, /cpu/i],
    confirmed: true,
    tell({ world }) {
      const render = deployment(world, 'render', { replicas: 2, resources: { limits: { memory: '1Gi' } } });
      const why = `failed to get cpu utilization: missing request for cpu in container render of Pod ${first(render.pods).metadata.name}`;
      const scaler = hpa(world, 'render', {
        max: 6,
        current: 2,
        desired: 0,
        conditions: [
          {
            type: 'ScalingActive',
            status: 'False',
            reason: 'FailedGetResourceMetric',
            message: `the HPA was unable to compute the replica count: ${why}`,
            since: '2h',
          },
        ],
      });
      world.warn(scaler, 'FailedGetResourceMetric', why, {
        source: 'horizontal-pod-autoscaler',
        first: '58m',
        last: '3s',
        count: 232,
      });
      alertOn(world, 'KubeHpaReplicasMismatch', scaler);
      return 'render never scales.';
    },
  }),
  sick('budget-forbids-the-drain', {
    source: 'k8s.io/kubernetes pkg/registry/core/pod/storage/eviction.go',
    about: ['PodDisruptionBudget/single', 'Node/node-b', 'Deployment/single'],
    says: [/disruption|budget|pdb/i, /single/],
    tell({ world, nodes }) {
      deployment(world, 'single', { replicas: 1, nodes: ['node-b'], ports: [8080] });
      const held = budget(world, 'single', { minAvailable: 1, selector: { app: 'single' } });
      cordon(world, nth(nodes, 1), '50m');
      alertOn(world, 'NodeDrainStuck', nth(nodes, 1), {
        labels: { node: 'node-b' },
        summary: "Draining node-b: Cannot evict pod as it would violate the pod's disruption budget.",
      });
      alertOn(world, 'KubePdbNotEnoughHealthyPods', held, { labels: { poddisruptionbudget: 'single' } });
      return 'The drain of node-b does not end.';
    },
  }),
  sick('budget-lacks-healthy-pods', {
    source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
    about: ['Deployment/members'],
    says: [/readiness|503/i],
    tell({ world }) {
      const members = deployment(world, 'members', { replicas: 3, ports: [8080], readiness: http('/ready', 8080) });
      const held = budget(world, 'members', { minAvailable: 2, selector: { app: 'members' } });
      for (const pod of members.pods.slice(0, 2)) neverReady(world, pod, answered(503), { since: '10m', count: 60 });
      alertOn(world, 'KubePdbNotEnoughHealthyPods', held, { labels: { poddisruptionbudget: 'members' } });
      return 'The budget of members has too few healthy pods.';
    },
  }),
  sick('stateful-set-stands-at-its-first-pod', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees',
    about: ['StatefulSet/kafka'],
    says: [/kafka-0/, /cluster.?id|InconsistentClusterId/i],
    tell({ world }) {
      const kafka = statefulSet(world, 'kafka', { replicas: 3, age: '30m', ports: [9092] });
      for (const pod of kafka.pods.slice(1)) world.remove(pod);
      const log = [
        '[2026-11-24 09:58:40,117] INFO starting (kafka.server.KafkaServer)',
        '[2026-11-24 09:58:41,902] ERROR Fatal error during KafkaServer startup. Prepare to shutdown (kafka.server.KafkaServer)',
        "kafka.common.InconsistentClusterIdException: The Cluster ID 7mXk doesn't match stored clusterId Some(Qb3f) in meta.properties. The broker is trying to join the wrong cluster.",
      ];
      crashLoops(world, first(kafka.pods), { exitCode: 1, restarts: 9, since: '29m', log });
      alertOn(world, 'KubeStatefulSetReplicasMismatch', kafka.statefulSet);
      return 'Kafka has one broker of three.';
    },
  }),
  sick('stateful-set-waits-for-a-claim-of-its-template', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#volume-claim-templates',
    about: ['StatefulSet/mongo', 'PersistentVolumeClaim/data-mongo-0'],
    says: [/storage ?class/i, /local-nvme/],
    confirmed: true,
    tell({ world }) {
      const claims = [
        {
          metadata: { name: 'data' },
          spec: {
            storageClassName: 'local-nvme',
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '20Gi' } },
          },
        },
      ];
      const spec = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-mongo-0' } }] };
      const mongo = statefulSet(world, 'mongo', { replicas: 3, age: '18m', claims, spec });
      for (const pod of mongo.pods.slice(1)) world.remove(pod);
      const claim = pendingClaim(world, 'data-mongo-0', { storageClass: 'local-nvme', age: '18m', size: '20Gi' });
      world.warn(claim, 'ProvisioningFailed', 'storageclass.storage.k8s.io "local-nvme" not found', {
        source: 'persistentvolume-controller',
        first: '18m',
        last: '9s',
        count: 72,
      });
      unscheduled(
        world,
        first(mongo.pods),
        '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      alertOn(world, 'KubeStatefulSetReplicasMismatch', mongo.statefulSet);
      return 'mongo does not come up.';
    },
  }),
  sick('daemon-set-fails-on-one-node', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/',
    about: ['DaemonSet/node-exporter'],
    says: [/address already in use|port/i, /9100/],
    tell({ world }) {
      const exporter = daemonSet(world, 'node-exporter', { ports: [9100], spec: { hostNetwork: true } });
      const pod = nth(exporter.pods, 1);
      const log = [
        'time=2026-11-24T09:58:20.114Z level=ERROR source=node_exporter.go:223 msg="" err="listen tcp :9100: bind: address already in use"',
      ];
      crashLoops(world, pod, { exitCode: 1, restarts: 11, since: '31m', log });
      alertOn(world, 'KubeDaemonSetRolloutStuck', exporter.daemonSet);
      return 'One node has no metrics.';
    },
  }),
];
