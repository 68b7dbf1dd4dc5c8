import { sick } from '../story.ts';
import { alertOn } from '../world/alerts.ts';
import { backoffExceeded, cronJob, job, jobFails, jobOf, podEnds, running } from '../world/batch.ts';
import type { WholeJob } from '../world/kinds.ts';
import { first } from '../world/pick.ts';
import { unscheduled } from '../world/starting.ts';
import type { World } from '../world/world.ts';

const JOBS = 'k8s.io/kubernetes pkg/controller/job/job_controller.go';
const CRON = 'k8s.io/kubernetes pkg/controller/cronjob/cronjob_controllerv2.go';

const failed = (world: World, of: WholeJob) =>
  alertOn(world, 'KubeJobFailed', of, {
    labels: { condition: 'true' },
    summary: 'Job failed to complete.',
  });

/** Jobs that fail or do not end, and CronJobs that do not run. */
export const JOB_CASES = [
  sick('job-reached-its-backoff-limit', {
    source: JOBS,
    about: ['Job/import-prices'],
    says: [/price feed|invalid JSON/i],
    tell({ world }) {
      const imported = job(world, 'import-prices', { pods: 3, backoffLimit: 2, age: '9m' });
      const log = [
        'fetching price feed',
        'ValueError: price feed returned invalid JSON: Expecting value: line 1 column 1 (char 0)',
      ];
      for (const [index, pod] of imported.pods.entries())
        podEnds(world, pod, { exitCode: 1, ended: `${7 - index * 2}m`, log });
      backoffExceeded(world, imported.job, '3m');
      failed(world, imported.job);
      return 'The price import failed.';
    },
  }),
  sick('job-passed-its-deadline', {
    source: JOBS,
    about: ['Job/reindex'],
    says: [/deadline/i, /600|10 ?min/i],
    confirmed: true,
    tell({ world }) {
      const reindex = job(world, 'reindex', { pods: 0, deadline: 600, age: '25m' });
      jobFails(world, reindex.job, 'DeadlineExceeded', 'Job was active longer than specified deadline', '15m');
      world.note(reindex.job, 'SuccessfulDelete', 'Deleted pod: reindex-9kq2x', {
        source: 'job-controller',
        first: '15m',
      });
      reindex.job.status.failed = 1;
      failed(world, reindex.job);
      return 'The reindex broke off.';
    },
  }),
  sick('job-of-many-indexes-lost-one', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#backoff-limit-per-index',
    about: ['Job/shards'],
    says: [/index/i, /\b2\b/],
    tell({ world }) {
      const shards = job(world, 'shards', { pods: 4, completions: 4, parallelism: 4, indexed: true, age: '14m' });
      shards.job.spec.backoffLimitPerIndex = 0;
      shards.pods.forEach((pod, index) => {
        const log = index === 2 ? ['shard 2: checksum mismatch in part-0002.parquet'] : ['shard done'];
        podEnds(world, pod, { exitCode: index === 2 ? 1 : 0, ended: '5m', log });
      });
      Object.assign(shards.job.status, { completedIndexes: '0,1,3', failedIndexes: '2' });
      jobFails(world, shards.job, 'FailedIndexes', 'Job has failed indexes', '4m');
      failed(world, shards.job);
      return 'One shard is missing.';
    },
  }),
  sick('job-fails-by-its-pod-failure-policy', {
    source: 'k8s.io/kubernetes pkg/controller/job/pod_failure_policy.go',
    about: ['Job/settle'],
    says: [/exit(ed)?.{0,12}42|code 42|\b42\b|policy/i],
    confirmed: true,
    tell({ world }) {
      const settle = job(world, 'settle', { pods: 1, age: '6m' });
      settle.job.spec.podFailurePolicy = {
        rules: [{ action: 'FailJob', onExitCodes: { containerName: 'settle', operator: 'In', values: [42] } }],
      };
      const pod = first(settle.pods);
      podEnds(world, pod, { exitCode: 42, ended: '5m', log: ['books of 2026-11-23 are closed already'] });
      const message = `Container settle for pod shop/${pod.metadata.name} failed with exit code 42 matching FailJob rule at index 0`;
      jobFails(world, settle.job, 'PodFailurePolicy', message, '5m');
      failed(world, settle.job);
      return 'The settlement failed at once.';
    },
  }),
  sick('job-is-killed-for-memory', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#handling-pod-and-container-failures',
    about: ['Job/aggregate'],
    says: [/memory|oom/i],
    confirmed: true,
    tell({ world }) {
      const aggregate = job(world, 'aggregate', {
        pods: 1,
        backoffLimit: 0,
        age: '8m',
        resources: { limits: { memory: '512Mi' } },
      });
      podEnds(world, first(aggregate.pods), {
        exitCode: 137,
        reason: 'OOMKilled',
        ended: '3m',
        lived: '4m',
        log: ['joining 18 partitions'],
      });
      backoffExceeded(world, aggregate.job, '3m');
      failed(world, aggregate.job);
      return 'The aggregation job failed.';
    },
  }),
  sick('job-has-a-pod-that-finds-no-node', {
    source: JOBS,
    about: ['Job/backtest'],
    says: [/cpu/i],
    confirmed: true,
    tell({ world }) {
      const backtest = job(world, 'backtest', {
        pods: 1,
        age: '50m',
        resources: { requests: { cpu: '16', memory: '1Gi' } },
      });
      unscheduled(
        world,
        first(backtest.pods),
        '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      alertOn(world, 'KubeJobNotCompleted', backtest.job);
      return 'backtest does not begin.';
    },
  }),
  sick('cron-job-is-suspended-and-was-forgotten', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-suspension',
    about: ['CronJob/backup'],
    says: [/suspend/i],
    confirmed: true,
    tell({ world }) {
      const backup = cronJob(world, 'backup', {
        schedule: '0 2 * * *',
        suspend: true,
        lastScheduled: '9d8h',
        lastSucceeded: '9d8h',
      });
      alertOn(world, 'BackupTooOld', backup, { severity: 'critical', summary: 'The last backup is nine days old.' });
      return 'The last backup is nine days old.';
    },
  }),
  sick('cron-job-still-runs-and-forbids-the-next', {
    source: CRON,
    about: ['CronJob/sync'],
    says: [/forbid|concurrency|previous|still run|already (run|active)/i],
    confirmed: true,
    tell({ world }) {
      const sync = cronJob(world, 'sync', {
        schedule: '*/10 * * * *',
        concurrency: 'Forbid',
        lastScheduled: '5h',
        lastSucceeded: '5h10m',
      });
      const hanging = jobOf(world, sync, '5h', { pods: 1 });
      running(sync, [hanging.job]);
      world.log(first(hanging.pods), 'sync', ['connected to warehouse', 'waiting for lock on table stock'], {
        endedAgo: '4h58m',
      });
      world.note(
        sync,
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
        {
          source: 'cronjob-controller',
          first: '59m',
          last: '10s',
          count: 6,
        },
      );
      alertOn(world, 'CronJobNotScheduled', sync, { summary: 'sync has not run for five hours.' });
      return 'sync has not run since morning.';
    },
  }),
  sick('cron-job-misses-its-starting-deadline', {
    source: CRON,
    about: ['CronJob/rotate'],
    says: [/miss/i],
    confirmed: true,
    tell({ world }) {
      const rotate = cronJob(world, 'rotate', {
        schedule: '*/5 * * * *',
        startingDeadline: 5,
        lastScheduled: '3h',
        lastSucceeded: '3h',
      });
      world.warn(rotate, 'MissSchedule', 'Missed scheduled time to start a job: Tue, 24 Nov 2026 09:55:00 UTC', {
        source: 'cronjob-controller',
        first: '59m',
        last: '4m',
        count: 11,
      });
      alertOn(world, 'CronJobNotScheduled', rotate);
      return 'rotate does not run.';
    },
  }),
  sick('cron-job-has-too-many-missed-times', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#job-creation',
    about: ['CronJob/heartbeat'],
    says: [/miss/i, /startingDeadlineSeconds|too many|clock/i],
    confirmed: true,
    tell({ world }) {
      const beat = cronJob(world, 'heartbeat', { schedule: '* * * * *', lastScheduled: '2d', lastSucceeded: '2d' });
      const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      world.warn(beat, 'TooManyMissedTimes', message, {
        source: 'cronjob-controller',
        first: '50m',
        last: '20s',
        count: 300,
      });
      alertOn(world, 'CronJobNotScheduled', beat);
      return 'heartbeat has not run for two days.';
    },
  }),
  sick('cron-job-fails-each-time', {
    source: CRON,
    about: ['CronJob/invoice-run'],
    says: [/relation|invoices_2026|does not exist/i],
    tell({ world }) {
      const run = cronJob(world, 'invoice-run', {
        schedule: '*/15 * * * *',
        lastScheduled: '10m',
        lastSucceeded: '1d',
      });
      const log = [
        'psycopg.errors.UndefinedTable: relation "invoices_2026_11" does not exist',
        'LINE 1: select * from invoices_2026_11 where state = $1',
      ];
      for (const ago of ['30m', '15m']) {
        const made = jobOf(world, run, ago, { pods: 1, backoffLimit: 0 });
        podEnds(world, first(made.pods), { exitCode: 1, ended: ago === '30m' ? '29m' : '14m', log });
        backoffExceeded(world, made.job, ago === '30m' ? '29m' : '14m');
        if (ago === '15m') failed(world, made.job);
      }
      return 'Invoices are not sent.';
    },
  }),
  sick('job-whose-second-container-never-ends', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#sidecar-containers-and-jobs',
    about: ['Job/ledger-close'],
    says: [/mesh-proxy/],
    tell({ world }) {
      const sidecars = [{ name: 'mesh-proxy', image: 'registry.example.com/mesh/proxy:1.30' }];
      const close = job(world, 'ledger-close', { pods: 1, age: '6h', sidecars });
      const pod = first(close.pods);
      const status = first(pod.status.containerStatuses);
      const finishedAt = world.ago('5h50m');
      status.state = { terminated: { exitCode: 0, reason: 'Completed', startedAt: world.ago('6h'), finishedAt } };
      Object.assign(status, { ready: false, started: false });
      for (const condition of pod.status.conditions) {
        if (!/Ready$/.test(condition.type)) continue;
        const message = 'containers with unready status: [ledger-close]';
        Object.assign(condition, {
          status: 'False',
          reason: 'ContainersNotReady',
          message,
          lastTransitionTime: finishedAt,
        });
      }
      world.log(pod, 'ledger-close', ['books closed', 'exit 0'], { endedAgo: '5h50m' });
      alertOn(world, 'KubeJobNotCompleted', close.job);
      return 'ledger-close has been running for six hours.';
    },
  }),
];
