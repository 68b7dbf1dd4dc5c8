import type { JobCondition } from 'kubernetes-types/batch/v1.js';
import type { Span } from './clock.ts';
import { instant, millis } from './clock.ts';
import { firstContainer, setContainer, terminated } from './ills.ts';
import type { WholeCronJob, WholeJob, WholePod } from './kinds.ts';
import { suffix } from './names.ts';
import { runningPod } from './pods.ts';
import { counted, isReady, ownedPods } from './settle.ts';
import { type Template, templateOf } from './template.ts';
import { type Named, ownedBy, type World } from './world.ts';

export interface JobPlan extends Template {
  readonly age?: Span;
  readonly namespace?: string;
  readonly owner?: Named;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  /** Pods that exist now; they run until the story ends them. */
  readonly pods?: number;
  readonly podAge?: Span;
  readonly completions?: number;
  readonly parallelism?: number;
  readonly backoffLimit?: number;
  readonly deadline?: number;
  readonly ttl?: number;
  readonly indexed?: boolean;
  readonly suspend?: boolean;
  readonly node?: string;
}

export interface Ran {
  readonly job: WholeJob;
  readonly pods: WholePod[];
}

/** A Job whose pods run. Its counts follow from them when the world settles; conditions are the story's. */
export function job(world: World, name: string, plan: JobPlan = {}): Ran {
  const age = plan.age ?? '5m';
  const metadata = world.metadata('Job', name, {
    age,
    generation: 1,
    ...(plan.namespace === undefined ? {} : { namespace: plan.namespace }),
    ...(plan.owner === undefined ? {} : { ownerReferences: [ownedBy(plan.owner)] }),
    ...(plan.annotations === undefined ? {} : { annotations: plan.annotations }),
  });
  const labels = {
    'batch.kubernetes.io/controller-uid': metadata.uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': metadata.uid,
    'job-name': name,
    ...plan.labels,
  };
  metadata.labels = labels;
  const { labels: _, annotations: __, ...template } = plan;
  const built: WholeJob = world.add({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      backoffLimit: plan.backoffLimit ?? 6,
      completionMode: plan.indexed === true ? 'Indexed' : 'NonIndexed',
      completions: plan.completions ?? 1,
      parallelism: plan.parallelism ?? 1,
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid } },
      suspend: plan.suspend ?? false,
      ...(plan.deadline === undefined ? {} : { activeDeadlineSeconds: plan.deadline }),
      ...(plan.ttl === undefined ? {} : { ttlSecondsAfterFinished: plan.ttl }),
      template: templateOf(plan.container ?? name, labels, {
        ...template,
        spec: { restartPolicy: 'Never', ...template.spec },
      }),
    },
    status: { ...(plan.suspend === true ? {} : { startTime: world.ago(age) }) },
  });
  const pods = Array.from({ length: plan.suspend === true ? 0 : (plan.pods ?? 1) }, (_unused, index) =>
    runningPod(world, {
      name:
        plan.indexed === true
          ? `${name}-${index}-${suffix(`${name}/${index}`, 5)}`
          : `${name}-${suffix(`${name}/${index}`, 5)}`,
      owner: built,
      template: built.spec.template,
      age: plan.podAge ?? age,
      ...(plan.node === undefined ? {} : { node: plan.node }),
      ...(plan.namespace === undefined ? {} : { namespace: plan.namespace }),
      ...(plan.indexed === true
        ? {
            labels: { 'batch.kubernetes.io/job-completion-index': String(index) },
            annotations: { 'batch.kubernetes.io/job-completion-index': String(index) },
          }
        : {}),
    }),
  );
  for (const pod of pods) {
    world.note(built, 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`, {
      source: 'job-controller',
      first: plan.podAge ?? age,
    });
  }
  world.settling(() => settleJob(world, built));
  return { job: built, pods };
}

function settleJob(world: World, of: WholeJob): void {
  const pods = ownedPods(world, of);
  const count = (phase: string) => pods.filter(({ status }) => status.phase === phase).length;
  const running = pods.filter(
    ({ status, metadata }) => /Running|Pending/.test(status.phase ?? '') && metadata.deletionTimestamp === undefined,
  );
  const finished = (of.status.conditions ?? []).some(
    ({ type, status }) => /^(Complete|Failed)$/.test(type) && status === 'True',
  );
  of.status = {
    ...counted({ active: running.length, succeeded: count('Succeeded'), failed: count('Failed') }),
    ready: running.filter(isReady).length,
    terminating: pods.filter(
      ({ metadata, status }) => metadata.deletionTimestamp !== undefined && status.phase === 'Running',
    ).length,
    ...(of.status.startTime === undefined && finished ? {} : { uncountedTerminatedPods: {} }),
    ...of.status,
  };
}

/** A pod of a Job that is over: Failed or Succeeded, by its exit code. */
export function podEnds(
  world: World,
  pod: WholePod,
  told: {
    exitCode: number;
    reason?: string;
    message?: string;
    container?: string;
    ended?: Span;
    lived?: Span;
    log?: readonly string[];
  },
): void {
  const ended = told.ended ?? '60s';
  for (const { name } of pod.spec.containers) {
    const failed = name === (told.container ?? firstContainer(pod));
    const state = terminated(world, pod, name, {
      ...(failed ? told : {}),
      exitCode: failed ? told.exitCode : 0,
      restarts: 0,
      since: ended,
      ended,
      ...(told.lived === undefined ? {} : { lived: told.lived }),
    });
    setContainer(world, pod, name, { state, restartCount: 0, ready: false, started: false }, { since: ended });
  }
  pod.status.phase = told.exitCode === 0 ? 'Succeeded' : 'Failed';
  const sandbox = pod.status.conditions.find(({ type }) => type === 'PodReadyToStartContainers');
  if (sandbox !== undefined) Object.assign(sandbox, { status: 'False', lastTransitionTime: world.ago(ended) });
  if (told.exitCode === 0) {
    for (const condition of pod.status.conditions) {
      if (condition.reason === 'ContainersNotReady') {
        condition.reason = 'PodCompleted';
        delete condition.message;
      }
    }
  }
  if (told.log !== undefined) world.log(pod, told.container ?? firstContainer(pod), told.log, { endedAgo: ended });
}

/** The Job's own end: `Complete` after SuccessCriteriaMet, `Failed` after FailureTarget. */
export function jobCompletes(world: World, of: WholeJob, ago: Span): void {
  const reached = 'Reached expected number of succeeded pods';
  of.status.conditions = ['SuccessCriteriaMet', 'Complete'].map((type) =>
    conditionOf(world, type, 'CompletionsReached', reached, ago),
  );
  of.status.completionTime = world.ago(ago);
  world.note(of, 'Completed', 'Job completed', { source: 'job-controller', first: ago });
}

export function jobFails(world: World, of: WholeJob, reason: string, message: string, ago: Span): void {
  of.status.conditions = ['FailureTarget', 'Failed'].map((type) => conditionOf(world, type, reason, message, ago));
  world.warn(of, reason, message, { source: 'job-controller', first: ago });
}

export function backoffExceeded(world: World, of: WholeJob, ago: Span): void {
  jobFails(world, of, 'BackoffLimitExceeded', 'Job has reached the specified backoff limit', ago);
}

export function conditionOf(
  world: World,
  type: string,
  reason: string,
  message: string,
  ago: Span,
  status = 'True',
): JobCondition {
  return { type, status, reason, message, lastProbeTime: world.ago(ago), lastTransitionTime: world.ago(ago) };
}

export interface CronPlan extends Template {
  readonly schedule?: string;
  readonly suspend?: boolean;
  readonly concurrency?: 'Allow' | 'Forbid' | 'Replace';
  readonly startingDeadline?: number;
  readonly age?: Span;
  readonly lastScheduled?: Span;
  readonly lastSucceeded?: Span;
}

/** A CronJob; its Jobs are added by `jobOf`. */
export function cronJob(world: World, name: string, plan: CronPlan = {}): WholeCronJob {
  return world.add<WholeCronJob>({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: world.metadata('CronJob', name, { age: plan.age ?? '60d', generation: 1 }),
    spec: {
      schedule: plan.schedule ?? '0 * * * *',
      suspend: plan.suspend ?? false,
      concurrencyPolicy: plan.concurrency ?? 'Allow',
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      ...(plan.startingDeadline === undefined ? {} : { startingDeadlineSeconds: plan.startingDeadline }),
      jobTemplate: {
        spec: { template: templateOf(name, {}, { ...plan, spec: { restartPolicy: 'Never', ...plan.spec } }) },
      },
    },
    status: {
      ...(plan.lastScheduled === undefined ? {} : { lastScheduleTime: world.ago(plan.lastScheduled) }),
      ...(plan.lastSucceeded === undefined ? {} : { lastSuccessfulTime: world.ago(plan.lastSucceeded) }),
    },
  });
}

/** The Job a CronJob made at a moment; named by the minute, as the controller names it. */
export function jobOf(world: World, of: WholeCronJob, ago: Span, plan: JobPlan = {}): Ran {
  const at = world.now - millis(ago);
  const made = job(world, `${of.metadata.name}-${Math.floor(at / 60_000)}`, {
    container: of.metadata.name,
    age: ago,
    owner: of,
    annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': instant(at) },
    ...plan,
  });
  world.note(of, 'SuccessfulCreate', `Created job ${made.job.metadata.name}`, {
    source: 'cronjob-controller',
    first: ago,
  });
  return made;
}

/** Writes the running Jobs of a CronJob into its status. */
export function running(of: WholeCronJob, jobs: readonly WholeJob[]): void {
  of.status.active = jobs.map(({ metadata }) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    uid: metadata.uid,
  }));
}
