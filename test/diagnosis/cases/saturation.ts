import { sick } from '../story.ts';
import { alertOn, crashLooping, podNotReady, usersSee } from '../world/alerts.ts';
import { lambdaFunction } from '../world/builds.ts';
import { crashLoops } from '../world/ills.ts';
import type { WholeDaemonSet } from '../world/kinds.ts';
import { first, nth } from '../world/pick.ts';
import { neverReady, timedOut } from '../world/probes.ts';
import { ownedPods } from '../world/settle.ts';
import { unscheduled } from '../world/starting.ts';
import { boundClaim, claimed } from '../world/storage.ts';
import { http } from '../world/template.ts';
import { deployment } from '../world/workloads.ts';

/** What is used up, and what of the platform is ill with an effect elsewhere. */
export const SATURATION = [
  sick('container-is-held-at-its-cpu-limit', {
    source:
      'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-limits-are-run',
    about: ['Deployment/pricing'],
    says: [/cpu/i, /limit|throttl|saturat|busy/i],
    tell({ world }) {
      const resources = { requests: { cpu: '250m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } };
      const pricing = deployment(world, 'pricing', {
        replicas: 2,
        ports: [8080],
        resources,
        readiness: http('/ready', 8080),
      });
      for (const pod of pricing.pods) {
        world.podUsage(pod, 'pricing', { cpuMilli: 499, memoryMi: 120 });
        neverReady(world, pod, timedOut(pod, 8080, '/ready'), { since: '6m', count: 30 });
      }
      alertOn(world, 'CPUThrottlingHigh', first(pricing.pods), {
        labels: { container: 'pricing' },
        summary: 'Processes experience elevated CPU throttling.',
      });
      return 'Prices are slow to load.';
    },
  }),
  sick('node-is-out-of-cpu-and-its-pods-suffer', {
    source: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/',
    silent: true,
    about: ['Node/node-c', 'Deployment/miner'],
    says: [/cpu/i, /node-c|miner/],
    tell({ world, nodes }) {
      const miner = deployment(world, 'miner', {
        replicas: 1,
        nodes: ['node-c'],
        resources: { requests: { memory: '64Mi' } },
      });
      world.podUsage(first(miner.pods), 'miner', { cpuMilli: 3720, memoryMi: 50 });
      for (const [index, node] of nodes.entries())
        world.nodeUsage(node, { cpuMilli: index === 2 ? 3990 : 410, memoryMi: 4200 });
      usersSee(world, 'NodeCPUHighUsage', 'CPU usage at node-c has been above 95 % for the last 15 minutes.', '5m', {
        instance: 'node-c',
      });
      return 'node-c is slow.';
    },
  }),
  sick('node-holds-no-more-volumes', {
    source: 'k8s.io/kubernetes pkg/scheduler/framework/plugins/nodevolumelimits/csi.go',
    about: ['Deployment/archive'],
    says: [/volume/i, /max|limit|count|no more|exceed/i],
    confirmed: true,
    tell({ world }) {
      boundClaim(world, 'archive');
      const archive = deployment(world, 'archive', { replicas: 1, age: '8m', ...claimed('archive') });
      const message =
        '0/3 nodes are available: 3 node(s) exceed max volume count. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';
      unscheduled(world, first(archive.pods), message);
      podNotReady(world, first(archive.pods));
      return 'The archive pod is pending.';
    },
  }),
  sick('claim-for-one-pod-only-is-held-by-another', {
    source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes',
    about: ['Deployment/writer', 'PersistentVolumeClaim/journal'],
    says: [/ReadWriteOncePod|another pod|other pod|in use|already/i],
    confirmed: true,
    tell({ world }) {
      boundClaim(world, 'journal', { modes: ['ReadWriteOncePod'] });
      const writer = deployment(world, 'writer', { replicas: 2, age: '12m', ...claimed('journal') });
      const message =
        '0/3 nodes are available: 3 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';
      unscheduled(world, nth(writer.pods, 1), message);
      podNotReady(world, nth(writer.pods, 1));
      return 'The second writer is pending.';
    },
  }),
  sick('kube-proxy-crashes-on-a-node', {
    source: 'https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/',
    about: ['DaemonSet/kube-proxy'],
    says: [/kube-proxy/, /nf_tables|iptables|conntrack|mode/i],
    tell({ world }) {
      const proxy = world.find<WholeDaemonSet>('DaemonSet', 'kube-proxy', 'kube-system');
      if (proxy === undefined) throw new Error('kube-proxy is in every town');
      const pod = nth(ownedPods(world, proxy), 1);
      const log = [
        'I1124 09:58:01.100441       1 server_linux.go:53] "Using iptables proxy"',
        'E1124 09:58:01.201930       1 run.go:72] "command failed" err="can\'t set sysctl net/netfilter/nf_conntrack_max to 131072: open /proc/sys/net/netfilter/nf_conntrack_max: permission denied"',
      ];
      crashLoops(world, pod, { exitCode: 1, restarts: 8, since: '21m', log });
      alertOn(world, 'KubeProxyDown', pod, { severity: 'critical', labels: { container: 'kube-proxy' } });
      return 'Services do not answer from one node.';
    },
  }),
  sick('lambda-source-is-not-in-its-bucket', {
    source: 'https://min.io/docs/minio/linux/reference/s3-api-compatibility.html',
    options: { namespace: 'knative-lambda' },
    about: ['LambdaFunction/invoice-parser'],
    says: [/source|key|object|bucket|context/i, /does not exist|not (there|exist|found)|missing|no such/i],
    confirmed: true,
    tell({ world }) {
      const lambda = lambdaFunction(world, 'invoice-parser', { phase: 'Pending', age: '14m' });
      const message = 'failed to get source code: failed to read object from minio: The specified key does not exist.';
      lambda.status.conditions = [
        {
          type: 'SourceReady',
          status: 'False',
          reason: 'BuildContextFailed',
          message,
          lastTransitionTime: world.ago('14m'),
        },
      ];
      alertOn(world, 'KnativeLambdaBuildContextErrors', lambda);
      return 'invoice-parser is not built.';
    },
  }),
  sick('lambda-operator-is-killed-for-memory', {
    source: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#exceed-memory-limit',
    options: { namespace: 'knative-lambda' },
    about: ['Deployment/knative-lambda-operator'],
    says: [/memory|oom/i, /256Mi/],
    confirmed: true,
    tell({ world }) {
      const operator = deployment(world, 'knative-lambda-operator', {
        replicas: 1,
        selector: { 'app.kubernetes.io/name': 'knative-lambda-operator' },
        container: 'manager',
        image: 'ghcr.io/example-org/knative-lambda-operator:v1.13.17',
        ports: ['metrics:8080', 'health:8081'],
        podAge: '9m',
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
      });
      const pod = first(operator.pods);
      crashLoops(world, pod, {
        exitCode: 137,
        reason: 'OOMKilled',
        restarts: 5,
        since: '8m',
        lived: '40s',
        log: ['starting workers count=50'],
      });
      crashLooping(world, pod, '3m', 'manager');
      return 'No function is built or deployed.';
    },
  }),
];
