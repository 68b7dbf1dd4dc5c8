import { healthy } from '../story.ts';
import { alertOn, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { job, jobCompletes, podEnds } from '../world/batch.ts';
import { restarted } from '../world/ills.ts';
import { setNode } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { hpa } from '../world/policies.ts';
import { quota } from '../world/quota.ts';
import { boundClaim, claimed } from '../world/storage.ts';
import { http } from '../world/template.ts';
import { deployment } from '../world/workloads.ts';

const _SOURCE = 'https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/';
const set = 'replicaset-controller';

/** Warnings of what has since come right: what is outranks what was. */
export const HEALTHY_RECOVERED = [
  healthy('service-account-came-a-second-later', {
    source: 'k8s.io/kubernetes plugin/pkg/admission/serviceaccount/admission.go',
    tell({ world }) {
      const mailer = deployment(world, 'mailer', { replicas: 1, age: '9m', spec: { serviceAccountName: 'mailer' } });
      world.add({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: world.metadata('ServiceAccount', 'mailer', { age: '9m' }),
      });
      const { name } = mailer.replicaSet.metadata;
      const missing = `Error creating: pods "${name}-" is forbidden: error looking up service account shop/mailer: serviceaccount "mailer" not found`;
      world.warn(mailer.replicaSet, 'FailedCreate', missing, { source: set, last: '9m', count: 3 });
      world.note(mailer.replicaSet, 'SuccessfulCreate', `Created pod: ${first(mailer.pods).metadata.name}`, {
        source: set,
        first: '9m',
      });
      replicasMismatch(world, mailer.deployment, '8m');
      return 'Is the mailer all right?';
    },
  }),
  healthy('quota-has-room-again', {
    source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
    tell({ world }) {
      const search = deployment(world, 'search', { replicas: 3, age: '30m' });
      quota(world, 'team', { 'requests.cpu': '2' });
      const { name } = search.replicaSet.metadata;
      const full = `Error creating: pods "${name}-q2x8f" is forbidden: exceeded quota: team, requested: requests.cpu=100m, used: requests.cpu=2, limited: requests.cpu=2`;
      world.warn(search.replicaSet, 'FailedCreate', full, { source: set, first: '30m', last: '27m', count: 9 });
      for (const pod of search.pods) {
        world.note(search.replicaSet, 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`, {
          source: set,
          first: '26m',
        });
      }
      replicasMismatch(world, search.deployment, '25m');
      return 'Search had no pods half an hour ago.';
    },
  }),
  healthy('job-failed-once-and-completed', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy',
    tell({ world }) {
      const sync = job(world, 'sync-prices', { pods: 2, age: '10m' });
      podEnds(world, nth(sync.pods, 0), { exitCode: 1, ended: '8m', log: ['connection reset by peer, giving up'] });
      podEnds(world, nth(sync.pods, 1), { exitCode: 0, ended: '4m', log: ['1423 prices written'] });
      jobCompletes(world, sync.job, '4m');
      alertOn(world, 'KubePodNotReady', nth(sync.pods, 0), { since: '7m' });
      return 'Did the price sync work?';
    },
  }),
  healthy('failed-job-was-run-again-by-hand', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/',
    tell({ world }) {
      const again = job(world, 'export-retry', { pods: 1, age: '20m' });
      podEnds(world, first(again.pods), { exitCode: 0, ended: '15m', log: ['export complete'] });
      jobCompletes(world, again.job, '15m');
      alertOn(world, 'KubeJobCompletion', again.job, { since: '18m' });
      return 'Is the export done?';
    },
  }),
  healthy('scheduled-after-the-autoscaler-brought-a-node', {
    source: 'https://kubernetes.io/docs/concepts/cluster-administration/node-autoscaling/',
    tell({ world }) {
      const burst = deployment(world, 'burst', { replicas: 2, age: '12m', nodes: ['node-c'] });
      for (const pod of burst.pods) {
        const full =
          '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';
        world.warn(pod, 'FailedScheduling', full, { source: 'default-scheduler', first: '12m', last: '11m', count: 3 });
        const bound = `Successfully assigned shop/${pod.metadata.name} to node-c`;
        world.note(pod, 'Scheduled', bound, { source: 'default-scheduler', first: '10m' });
      }
      podNotReady(world, first(burst.pods), '9m');
      return 'burst was pending.';
    },
  }),
  healthy('volume-was-mounted-at-the-second-try', {
    source: 'k8s.io/kubernetes pkg/kubelet/util/manager/watch_based_manager.go',
    tell({ world }) {
      const cart = deployment(world, 'cart', { replicas: 1, age: '14m' });
      const pod = first(cart.pods);
      const race =
        'MountVolume.SetUp failed for volume "kube-api-access-x" : failed to sync configmap cache: timed out waiting for the condition';
      world.warn(pod, 'FailedMount', race, { source: 'kubelet', last: '14m', count: 2 });
      world.note(pod, 'Started', 'Started container cart', { source: 'kubelet', first: '13m' });
      podNotReady(world, pod, '13m');
      return 'Is the cart all right?';
    },
  }),
  healthy('claim-was-provisioned-at-the-third-try', {
    source: 'https://kubernetes-csi.github.io/docs/external-provisioner.html',
    tell({ world }) {
      const { claim } = boundClaim(world, 'notes', { age: '18m' });
      deployment(world, 'notes', { replicas: 1, age: '18m', ...claimed('notes') });
      const failed =
        'failed to provision volume with StorageClass "standard": rpc error: code = DeadlineExceeded desc = context deadline exceeded';
      world.warn(claim, 'ProvisioningFailed', failed, {
        source: 'csi.example.com_provisioner',
        first: '18m',
        last: '17m',
        count: 2,
      });
      world.note(claim, 'ProvisioningSucceeded', `Successfully provisioned volume ${claim.spec.volumeName}`, {
        source: 'csi.example.com_provisioner',
        first: '16m',
      });
      alertOn(world, 'KubePersistentVolumeClaimPending', claim, { since: '17m' });
      return 'Has notes its disk?';
    },
  }),
  healthy('image-was-pulled-at-the-second-try', {
    source: 'k8s.io/kubernetes pkg/kubelet/images/image_manager.go',
    tell({ world }) {
      const rates = deployment(world, 'rates', { replicas: 1, age: '11m' });
      const pod = first(rates.pods);
      const image = 'registry.example.com/shop/rates:1.8.2';
      const reset = `Failed to pull image "${image}": rpc error: code = Unavailable desc = error reading from server: connection reset by peer`;
      world.warn(pod, 'Failed', reset, { source: 'kubelet', last: '11m' });
      world.warn(pod, 'Failed', 'Error: ErrImagePull', { source: 'kubelet', last: '11m' });
      world.note(
        pod,
        'Pulled',
        `Successfully pulled image "${image}" in 4.1s (4.1s including waiting). Image size: 48123311 bytes.`,
        {
          source: 'kubelet',
          first: '10m',
        },
      );
      podNotReady(world, pod, '10m');
      return 'Is rates all right?';
    },
  }),
  healthy('readiness-failed-while-it-started', {
    source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
    tell({ world }) {
      const api = deployment(world, 'api', { replicas: 2, age: '8m', ports: [8080], readiness: http('/ready', 8080) });
      for (const pod of api.pods) {
        const refused = `Readiness probe failed: Get "http://${pod.status.podIP}:8080/ready": dial tcp ${pod.status.podIP}:8080: connect: connection refused`;
        world.warn(pod, 'Unhealthy', refused, { source: 'kubelet', last: '8m', count: 2 });
      }
      replicasMismatch(world, api.deployment, '7m');
      return 'Is the api up?';
    },
  }),
  healthy('startup-probe-failed-some-times-and-passed', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes',
    tell({ world }) {
      const jvm = deployment(world, 'catalog-jvm', {
        replicas: 1,
        age: '15m',
        ports: [8080],
        startup: http('/started', 8080, { failureThreshold: 60 }),
      });
      const pod = first(jvm.pods);
      world.warn(pod, 'Unhealthy', 'Startup probe failed: HTTP probe failed with statuscode: 503', {
        source: 'kubelet',
        first: '15m',
        last: '14m',
        count: 6,
      });
      podNotReady(world, pod, '14m');
      return 'The catalog started slowly.';
    },
  }),
  healthy('liveness-kill-three-days-ago', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts',
    tell({ world }) {
      const api = deployment(world, 'api', { replicas: 2, ports: [8080], liveness: http('/live', 8080) });
      restarted(world, first(api.pods), { exitCode: 137, restarts: 1, since: '3d', ended: '3d' });
      alertOn(world, 'KubePodCrashLooping', first(api.pods), { since: '2m' });
      return 'Does the api restart?';
    },
  }),
  healthy('restarted-twice-three-weeks-ago', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts',
    tell({ world }) {
      const cart = deployment(world, 'cart', { replicas: 2, ports: [8080], age: '30d' });
      restarted(world, first(cart.pods), { exitCode: 1, restarts: 2, since: '21d', ended: '20d' });
      alertOn(world, 'KubePodCrashLooping', first(cart.pods), { since: '2m' });
      return 'Does the cart crash?';
    },
  }),
  healthy('killed-for-memory-ten-days-ago', {
    source: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
    tell({ world }) {
      const cart = deployment(world, 'cart', { replicas: 2, ports: [8080] });
      restarted(world, first(cart.pods), {
        exitCode: 137,
        reason: 'OOMKilled',
        restarts: 1,
        since: '10d',
        ended: '10d',
      });
      for (const pod of cart.pods) world.podUsage(pod, 'cart', { cpuMilli: 20, memoryMi: 90 });
      alertOn(world, 'KubeDeploymentReplicasMismatch', cart.deployment, { since: '3m' });
      return 'Is the cart short of memory?';
    },
  }),
  healthy('node-rebooted-and-everything-came-back', {
    source: 'k8s.io/kubernetes pkg/kubelet/nodestatus/setters.go',
    tell({ world, nodes }) {
      const node = nth(nodes, 1);
      const jobs = deployment(world, 'queue-worker', { replicas: 1, nodes: ['node-b'] });
      restarted(world, first(jobs.pods), { exitCode: 255, reason: 'Unknown', restarts: 1, since: '41m', ended: '41m' });
      setNode(world, node, 'Ready', 'True', {
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
        since: '39m',
      });
      world.warn(node, 'Rebooted', 'Node node-b has been rebooted, boot id: 6f9d', { source: 'kubelet', first: '40m' });
      world.warn(node, 'InvalidDiskCapacity', 'invalid capacity 0 on image filesystem', {
        source: 'kubelet',
        first: '40m',
      });
      world.note(node, 'NodeReady', 'Node node-b status is now: NodeReady', { source: 'kubelet', first: '39m' });
      alertOn(world, 'KubeNodeNotReady', node, { labels: { node: 'node-b' }, since: '39m' });
      return 'node-b was rebooted.';
    },
  }),
  healthy('node-pressure-is-over', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
    tell({ world, nodes }) {
      const node = first(nodes);
      setNode(world, node, 'MemoryPressure', 'False', {
        reason: 'KubeletHasSufficientMemory',
        message: 'kubelet has sufficient memory available',
        since: '34m',
      });
      world.warn(node, 'EvictionThresholdMet', 'Attempting to reclaim memory', {
        source: 'kubelet',
        first: '45m',
        last: '40m',
        count: 20,
      });
      world.note(node, 'NodeHasSufficientMemory', 'Node node-a status is now: NodeHasSufficientMemory', {
        source: 'kubelet',
        first: '34m',
      });
      alertOn(world, 'KubeNodePressure', node, {
        labels: { node: 'node-a', condition: 'MemoryPressure' },
        since: '35m',
      });
      return 'node-a had memory pressure.';
    },
  }),
  healthy('autoscaler-had-no-metrics-while-pods-started', {
    source: 'k8s.io/kubernetes pkg/controller/podautoscaler/replica_calculator.go',
    tell({ world }) {
      deployment(world, 'api', { replicas: 2, age: '20m' });
      const scaler = hpa(world, 'api', { max: 6, current: 2, desired: 2, seen: 31 });
      scaler.metadata.creationTimestamp = world.ago('20m');
      for (const condition of scaler.status.conditions ?? []) condition.lastTransitionTime = world.ago('18m');
      const why = 'failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)';
      world.warn(scaler, 'FailedGetResourceMetric', why, {
        source: 'horizontal-pod-autoscaler',
        first: '20m',
        last: '19m',
        count: 4,
      });
      alertOn(world, 'KubeHpaReplicasMismatch', scaler, { since: '18m' });
      return 'Does the autoscaler of the api work?';
    },
  }),
];
