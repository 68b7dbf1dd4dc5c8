import { healthy } from '../story.ts';
import { alertOn, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { backoffExceeded, conditionOf, cronJob, job, jobCompletes, jobOf, podEnds, running } from '../world/batch.ts';
import { build, kanikoBegins } from '../world/builds.ts';
import { instant } from '../world/clock.ts';
import { eventing } from '../world/eventing.ts';
import { unready } from '../world/ills.ts';
import { knativeService, mark } from '../world/knative.ts';
import { first, nth } from '../world/pick.ts';
import { rollOut } from '../world/rollout.ts';
import { creating, unscheduled } from '../world/starting.ts';
import { claimed, pendingClaim, storageClass } from '../world/storage.ts';
import { http } from '../world/template.ts';
import { namespace, serviceAccount } from '../world/town.ts';
import { deployment, replaced, statefulSet } from '../world/workloads.ts';

/** What is under way and takes its time. */
export const HEALTHY_MOVING = [
  healthy('rolling-update-in-progress', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment',
    tell({ world }) {
      const cart = deployment(world, 'cart', { replicas: 4, ports: [8080], readiness: http('/ready', 8080) });
      const { pods } = rollOut(world, cart, { image: 'registry.example.com/shop/cart:1.9.0' }, { ago: '15s' });
      for (const pod of pods) unready(world, pod, '13s');
      replicasMismatch(world, cart.deployment, '10s');
      return 'The cart is being rolled out.';
    },
  }),
  healthy('pods-are-created-since-a-few-seconds', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase',
    tell({ world }) {
      const fresh = deployment(world, 'fresh', { replicas: 2, age: '6s' });
      for (const pod of fresh.pods) creating(world, pod, []);
      replicasMismatch(world, fresh.deployment, '4s');
      return 'fresh was just applied.';
    },
  }),
  healthy('large-image-is-being-pulled', {
    source: 'https://kubernetes.io/docs/concepts/containers/images/#serial-and-parallel-image-pulls',
    tell({ world }) {
      const model = deployment(world, 'model', { replicas: 1, age: '70s', image: 'registry.example.com/ml/model:12' });
      const pod = first(model.pods);
      creating(world, pod, []);
      world.note(pod, 'Pulling', 'Pulling image "registry.example.com/ml/model:12"', {
        source: 'kubelet',
        first: '68s',
      });
      replicasMismatch(world, model.deployment, '40s');
      return 'model is starting.';
    },
  }),
  healthy('pod-goes-within-its-grace-period', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
    tell({ world }) {
      const hub = deployment(world, 'hub', { replicas: 3, ports: [8080] });
      replaced(world, hub, '12s');
      const pod = first(hub.pods);
      pod.metadata.deletionTimestamp = instant(world.now + 18_000);
      pod.metadata.deletionGracePeriodSeconds = 30;
      world.note(pod, 'Killing', 'Stopping container hub', { source: 'kubelet', first: '12s' });
      replicasMismatch(world, hub.deployment, '10s');
      return 'A hub pod is going.';
    },
  }),
  healthy('stateful-set-starts-its-pods-one-after-another', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees',
    tell({ world }) {
      const db = statefulSet(world, 'db', { replicas: 3, age: '40s', ports: [5432], readiness: http('/ready', 8008) });
      world.remove(nth(db.pods, 2));
      unready(world, nth(db.pods, 1), '9s');
      alertOn(world, 'KubeStatefulSetReplicasMismatch', db.statefulSet, { since: '15s' });
      return 'db was just applied.';
    },
  }),
  healthy('claim-waits-for-its-first-consumer', {
    source: 'https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode',
    tell({ world }) {
      storageClass(world, 'local', { provisioner: 'kubernetes.io/no-provisioner', binding: 'WaitForFirstConsumer' });
      const claim = pendingClaim(world, 'spare', { storageClass: 'local', age: '3d' });
      world.note(claim, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding', {
        source: 'persistentvolume-controller',
        first: '58m',
        last: '8s',
        count: 230,
      });
      alertOn(world, 'KubePersistentVolumeClaimPending', claim, { severity: 'info', since: '2d' });
      return 'The claim spare is pending.';
    },
  }),
  healthy('claim-of-a-new-pod-is-being-provisioned', {
    source: 'https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/',
    tell({ world }) {
      storageClass(world, 'standard', { binding: 'WaitForFirstConsumer' });
      const claim = pendingClaim(world, 'blog', { age: '9s' });
      const message =
        "Waiting for a volume to be created either by the external provisioner 'csi.example.com' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.";
      world.note(claim, 'ExternalProvisioning', message, { source: 'persistentvolume-controller', first: '7s' });
      const blog = deployment(world, 'blog', { replicas: 1, age: '9s', ...claimed('blog') });
      unscheduled(world, first(blog.pods), null);
      replicasMismatch(world, blog.deployment, '5s');
      return 'blog was just applied.';
    },
  }),
  healthy('job-runs-since-two-minutes', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/',
    tell({ world }) {
      const report = job(world, 'report', { pods: 1, age: '2m' });
      world.log(first(report.pods), 'report', ['page 12 of 300', 'page 13 of 300']);
      alertOn(world, 'KubeJobRunning', report.job, { severity: 'info', since: '1m' });
      return 'Does the report run?';
    },
  }),
  healthy('indexed-job-has-two-of-three-and-goes-on', {
    source: 'https://kubernetes.io/docs/tasks/job/indexed-parallel-processing-static/',
    tell({ world }) {
      const shards = job(world, 'shards', { pods: 3, completions: 3, parallelism: 3, indexed: true, age: '4m' });
      for (const pod of shards.pods.slice(0, 2)) podEnds(world, pod, { exitCode: 0, ended: '1m' });
      Object.assign(shards.job.status, { completedIndexes: '0,1' });
      world.log(nth(shards.pods, 2), 'shards', ['shard 2: 71 %', 'shard 2: 74 %']);
      alertOn(world, 'KubeJobRunning', shards.job, { severity: 'info', since: '2m' });
      return 'Are the shards done?';
    },
  }),
  healthy('job-is-suspended-by-its-queue', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#suspending-a-job',
    tell({ world }) {
      const queued = job(world, 'queued', { suspend: true, age: '7m' });
      queued.job.status.conditions = [conditionOf(world, 'Suspended', 'JobSuspended', 'Job suspended', '7m')];
      queued.job.metadata.labels = { ...queued.job.metadata.labels, 'kueue.x-k8s.io/queue-name': 'night' };
      world.note(queued.job, 'Suspended', 'Job suspended', { source: 'job-controller', first: '7m' });
      alertOn(world, 'KubeJobSuspended', queued.job, { severity: 'info', since: '6m' });
      return 'queued does not start yet.';
    },
  }),
  healthy('cron-job-skipped-one-run-because-the-last-still-works', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy',
    tell({ world }) {
      const plan = {
        schedule: '*/5 * * * *',
        concurrency: 'Forbid',
        lastScheduled: '10m',
        lastSucceeded: '11m',
      } as const;
      const sync = cronJob(world, 'sync', plan);
      const made = jobOf(world, sync, '10m', { pods: 1 });
      running(sync, [made.job]);
      world.log(first(made.pods), 'sync', ['4211 of 5000 rows', '4388 of 5000 rows']);
      world.note(
        sync,
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
        {
          source: 'cronjob-controller',
          first: '5m',
        },
      );
      alertOn(world, 'KubeJobRunning', made.job, {
        severity: 'info',
        since: '1m',
      });
      return 'Does sync run?';
    },
  }),
  healthy('build-runs-since-ninety-seconds', {
    source: 'https://github.com/GoogleContainerTools/kaniko/blob/main/README.md',
    options: { namespace: 'knative-lambda' },
    tell({ world }) {
      serviceAccount(world, 'knative-lambda-operator');
      const made = build(world, 'hello-python', { age: '90s' });
      world.log(first(made.pods), 'kaniko', [...kanikoBegins(), 'INFO[0071] Taking snapshot of full filesystem...']);
      alertOn(world, 'KubeJobRunning', made.job, {
        severity: 'info',
        since: '1m',
      });
      return 'Is hello-python built?';
    },
  }),
  healthy('knative-service-was-created-seconds-ago', {
    source: 'https://knative.dev/docs/serving/',
    tell({ world }) {
      const hello = knativeService(world, 'hello', { age: '5s' });
      for (const pod of hello.workload.pods) creating(world, pod, []);
      for (const type of ['ContainerHealthy', 'ResourcesAvailable', 'Ready'])
        mark(world, hello.revision, type, 'Unknown', 'Deploying', '', '5s');
      mark(world, hello.configuration, 'Ready', 'Unknown', '', '', '5s');
      const waiting = 'Configuration "hello" is waiting for a Revision to become ready.';
      for (const type of ['AllTrafficAssigned', 'Ready'])
        mark(world, hello.route, type, 'Unknown', 'RevisionMissing', waiting, '5s');
      for (const type of ['ConfigurationsReady', 'RoutesReady', 'Ready'])
        mark(world, hello.service, type, 'Unknown', '', '', '5s');
      alertOn(world, 'KnativeServiceNotReady', hello.service, { since: '2s', labels: { service_name: 'hello' } });
      return 'hello was just deployed.';
    },
  }),
  healthy('trigger-was-created-seconds-ago', {
    source: 'https://knative.dev/docs/eventing/triggers/',
    tell({ world }) {
      eventing(world, 'Broker', 'default', {});
      const uri = 'http://ledger.shop.svc.cluster.local';
      const trigger = eventing(world, 'Trigger', 'paid', { broker: 'default', subscriber: { uri } }, '3s');
      for (const type of ['SubscriptionReady', 'DependencyReady', 'Ready'])
        mark(world, trigger, type, 'Unknown', '', '', '3s');
      alertOn(world, 'KnativeTriggerNotReady', trigger, { since: '1s' });
      return 'The trigger paid was just made.';
    },
  }),
  healthy('namespace-goes-since-five-seconds', {
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace',
    tell({ world }) {
      const preview = namespace(world, 'preview-18');
      preview.metadata.deletionTimestamp = world.ago('5s');
      preview.status.phase = 'Terminating';
      world.alert('NamespaceTerminating', { namespace: 'preview-18', severity: 'info' }, '2s');
      return 'preview-18 is being deleted.';
    },
  }),
  healthy('autoscaler-is-adding-pods', {
    source: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/',
    tell({ world }) {
      const api = deployment(world, 'api', { replicas: 4, ports: [8080] });
      const young = api.pods.slice(2);
      for (const pod of young) {
        pod.metadata.creationTimestamp = world.ago('8s');
        creating(world, pod, []);
      }
      const scaled = `Scaled up replica set ${api.replicaSet.metadata.name} from 2 to 4`;
      world.note(api.deployment, 'ScalingReplicaSet', scaled, { source: 'deployment-controller', first: '8s' });
      podNotReady(world, first(young), '4s');
      return 'The api is scaling up.';
    },
  }),
  healthy('build-failed-and-the-next-one-succeeded', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/',
    tell({ world }) {
      const bad = job(world, 'greet-build-1764000000', { pods: 1, age: '20m', backoffLimit: 0 });
      podEnds(world, first(bad.pods), {
        exitCode: 1,
        ended: '19m',
        log: [
          'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1',
        ],
      });
      backoffExceeded(world, bad.job, '19m');
      const good = job(world, 'greet-build-1764000600', { pods: 1, age: '10m', backoffLimit: 0 });
      podEnds(world, first(good.pods), {
        exitCode: 0,
        ended: '8m',
        log: ['INFO[0071] Pushed kind-registry:5000/knative-lambda/greet@sha256:77'],
      });
      jobCompletes(world, good.job, '8m');
      alertOn(world, 'KubeJobCompletion', good.job, { since: '9m' });
      return 'Was greet built?';
    },
  }),
];
