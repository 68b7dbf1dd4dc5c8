import { sick, undecidable } from '../story.ts';
import { alertOn, crashLooping, podNotReady, replicasMismatch, usersSee } from '../world/alerts.ts';
import { cronJob, job, jobFails, jobOf, podEnds, running } from '../world/batch.ts';
import { crashLoops, restarted } from '../world/ills.ts';
import { service } from '../world/network.ts';
import { first } from '../world/pick.ts';
import { exceeded, quota, refusedPods } from '../world/quota.ts';
import { pullFails, unscheduled } from '../world/starting.ts';
import { boundClaim, claimed } from '../world/storage.ts';
import { deployment, statefulSet } from '../world/workloads.ts';

/** Causes that are met seldom, written before anybody looked whether a rule knows them. */
export const SELDOM = [
  sick('program-may-open-no-more-watches-of-files', {
    source: 'https://man7.org/linux/man-pages/man7/inotify.7.html',
    about: ['Deployment/watcher'],
    says: [/inotify|watch/i],
    never: [/disk|volume/i],
    tell({ world }) {
      const { pods } = deployment(world, 'watcher', { replicas: 1 });
      const log = ["Error: ENOSPC: System limit for number of file watchers reached, watch '/app/config'"];
      crashLoops(world, first(pods), { exitCode: 1, restarts: 6, since: '14m', log });
      crashLooping(world, first(pods));
      return 'The watcher restarts.';
    },
  }),
  sick('program-may-start-no-more-threads', {
    source: 'https://kubernetes.io/docs/concepts/policy/pid-limiting/',
    about: ['Deployment/crawler'],
    says: [/thread|process|pthread|resource temporarily unavailable/i],
    tell({ world }) {
      const { pods } = deployment(world, 'crawler', { replicas: 1 });
      const log = ['runtime: failed to create new OS thread (have 1024 already; errno=11)', 'fatal error: newosproc'];
      crashLoops(world, first(pods), { exitCode: 2, restarts: 6, since: '14m', log });
      crashLooping(world, first(pods));
      return 'The crawler restarts.';
    },
  }),
  sick('custom-resource-of-the-controller-is-not-installed', {
    source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/',
    about: ['Deployment/backup-operator'],
    says: [/Backup|backup\.example\.com/],
    tell({ world }) {
      const { pods } = deployment(world, 'backup-operator', { replicas: 1 });
      const log = [
        'ERROR setup unable to start manager {"error": "no matches for kind \\"Backup\\" in version \\"backup.example.com/v1\\""}',
      ];
      crashLoops(world, first(pods), { exitCode: 1, restarts: 6, since: '14m', log });
      crashLooping(world, first(pods));
      return 'The backup operator restarts.';
    },
  }),
  sick('shared-secret-between-services-is-not-the-same', {
    source: 'https://datatracker.ietf.org/doc/html/rfc9110#name-401-unauthorized',
    about: ['Deployment/shipping'],
    says: [/401|unauthori[sz]ed|signature/i],
    tell({ world }) {
      const { pods } = deployment(world, 'shipping', { replicas: 1 });
      const log = ['fatal: cannot register with orders: 401 Unauthorized: invalid signature'];
      crashLoops(world, first(pods), { exitCode: 1, restarts: 6, since: '14m', log });
      crashLooping(world, first(pods));
      return 'shipping restarts.';
    },
  }),
  sick('pull-of-an-image-that-is-too-large-for-the-disk', {
    source: 'https://github.com/containerd/containerd/blob/main/docs/content-flow.md',
    about: ['Deployment/models'],
    says: [/no space left|disk/i],
    tell({ world }) {
      const { pods } = deployment(world, 'models', { replicas: 1, podAge: '20m' });
      const error =
        'failed to pull and unpack image "registry.example.com/models:70b": failed to extract layer sha256:9d1c: write /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/91/fs/model.bin: no space left on device';
      pullFails(world, first(pods), { error });
      podNotReady(world, first(pods));
      return 'The models do not start.';
    },
  }),
  sick('object-counts-of-a-quota-stop-the-jobs-of-a-cron-job', {
    source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/#object-count-quota',
    about: ['CronJob/reindex', 'ResourceQuota/objects'],
    says: [/objects/, /quota/i],
    tell({ world }) {
      const cron = cronJob(world, 'reindex', { schedule: '*/5 * * * *', lastScheduled: '5m' });
      job(world, 'other', { age: '2h' });
      const full = quota(world, 'objects', { 'count/jobs.batch': '1' });
      const why = exceeded(world, full, 'jobs.batch "reindex-29"', { 'count/jobs.batch': '1' });
      refusedPods(world, cron as never, why, { source: 'cronjob-controller', first: '30m', last: '2m', count: 6 });
      alertOn(world, 'CronJobNotRunning', cron);
      return 'reindex does not run.';
    },
  }),
  sick('pods-of-a-stateful-set-cannot-come-back-after-their-claim-went', {
    source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection',
    about: ['StatefulSet/index', 'PersistentVolumeClaim/data-index-0'],
    says: [/data-index-0/, /delet|terminat/i],
    tell({ world }) {
      const { claim } = boundClaim(world, 'data-index-0');
      Object.assign(claim.metadata, {
        deletionTimestamp: world.ago('20m'),
        finalizers: ['kubernetes.io/pvc-protection'],
      });
      const { statefulSet: of, pods } = statefulSet(world, 'index', {
        replicas: 1,
        podAge: '18m',
        ...claimed('data-index-0'),
      });
      unscheduled(
        world,
        first(pods),
        '0/3 nodes are available: persistentvolumeclaim "data-index-0" is being deleted. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      alertOn(world, 'KubeStatefulSetReplicasMismatch', of);
      return 'The index does not come back.';
    },
  }),
  sick('cron-job-waits-for-a-job-that-never-ends', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy',
    about: ['CronJob/export', 'Job/export'],
    says: [/Forbid|still runs|not end|active/i],
    tell({ world }) {
      const cron = cronJob(world, 'export', { schedule: '*/10 * * * *', concurrency: 'Forbid', lastScheduled: '26h' });
      const { job: of } = jobOf(world, cron, '26h');
      running(cron, [of]);
      world.note(
        cron,
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
        {
          source: 'cronjob-controller',
          first: '25h',
          last: '3m',
          count: 150,
        },
      );
      alertOn(world, 'CronJobNotRunning', cron);
      return 'There is no export since yesterday.';
    },
  }),
  sick('job-ends-by-a-rule-of-its-failure-policy-and-the-exit-code-is-told', {
    source: 'https://kubernetes.io/docs/tasks/job/pod-failure-policy/',
    about: ['Job/settle'],
    says: [/\b42\b/],
    tell({ world }) {
      const { job: of, pods } = job(world, 'settle', { age: '9m' });
      podEnds(world, first(pods), { exitCode: 42, ended: '8m', log: ['ledger is closed for today'] });
      jobFails(
        world,
        of,
        'PodFailurePolicy',
        `Container settle for pod shop/${first(pods).metadata.name} failed with exit code 42 matching FailJob rule at index 0`,
        '8m',
      );
      alertOn(world, 'KubeJobFailed', of);
      return 'The settlement failed.';
    },
  }),
  sick('etcd-is-slow-and-controllers-lose-their-leases', {
    source: 'https://etcd.io/docs/v3.5/faq/#what-does-the-etcd-warning-failed-to-send-out-heartbeat-on-time-mean',
    about: ['Deployment/cert-controller'],
    says: [/lease|leader|etcdserver/i],
    tell({ world }) {
      const { pods } = deployment(world, 'cert-controller', { replicas: 1 });
      const log = [
        'E1124 09:58:01.004 leaderelection.go:369] Failed to update lock: etcdserver: request timed out',
        'I1124 09:58:06.001 leaderelection.go:285] failed to renew lease shop/cert-controller: timed out waiting for the condition',
        'F1124 09:58:06.002 main.go:88] leader election lost',
      ];
      restarted(world, first(pods), { exitCode: 1, restarts: 4, since: '40m', ended: '90s', log }, { ready: false });
      crashLooping(world, first(pods));
      return 'cert-controller restarts.';
    },
  }),
  undecidable('program-ends-with-one-and-says-nothing', {
    source: 'https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/',
    about: ['Deployment/mute'],
    tell({ world }) {
      const { pods } = deployment(world, 'mute', { replicas: 1 });
      crashLoops(world, first(pods), { exitCode: 1, restarts: 6, since: '14m', log: [] });
      crashLooping(world, first(pods));
      return 'mute restarts.';
    },
  }),
  undecidable('service-answers-with-errors-and-is-ready-and-was-not-changed', {
    source: 'https://sre.google/sre-book/monitoring-distributed-systems/',
    silent: true,
    about: ['Deployment/quotes'],
    tell({ world }) {
      const { deployment: of } = deployment(world, 'quotes', { replicas: 3 });
      service(world, 'quotes');
      alertOn(world, 'HighErrorRate', of);
      usersSee(world, 'HighErrorRate', 'quotes answers 500.');
      return 'quotes answers 500.';
    },
  }),
  sick('pod-cannot-be-placed-where-its-replica-already-stands-in-each-zone', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
    about: ['Deployment/edge'],
    says: [/spread|zone/i],
    tell({ world }) {
      const spec = {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'topology.kubernetes.io/zone',
            whenUnsatisfiable: 'DoNotSchedule',
            minDomains: 5,
            labelSelector: { matchLabels: { app: 'edge' } },
          },
        ],
      };
      const { deployment: of, pods } = deployment(world, 'edge', { replicas: 4, podAge: '12m', spec });
      unscheduled(
        world,
        pods.at(-1) ?? first(pods),
        "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
      );
      replicasMismatch(world, of);
      return 'edge lacks a pod.';
    },
  }),
];
