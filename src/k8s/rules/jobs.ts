import { counted } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import { compact } from '../../wording/lengths.ts';
import type { Facts } from '../facts/facts.ts';
import { isBuild, jobOfPod } from '../subjects/build.ts';
import { type Event, firstSeen, lastSeen, timesSeen } from '../subjects/event.ts';
import { type CronJob, failureOf, type Job, phaseOf } from '../subjects/job.ts';
import { conditionOf, keyOf, named, timeOf } from '../subjects/object.ts';
import { isTerminating, type Pod, STUCK_MS } from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { say } from './words.ts';

/** A Job's backoffLimit where it sets none (https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy). */
const BACKOFF_LIMIT = 6;

/** Jobs that failed or retry, and CronJobs that start none. Builds have rules of their own. */
export function jobCases(facts: Facts): readonly Case[] {
  return [
    ...facts.all('Job').flatMap((job) => (isBuild(job, facts.profile) ? [] : jobCase(job, facts))),
    ...cronCases(facts),
  ];
}

function jobCase(job: Job, facts: Facts): readonly Case[] {
  const subject = named('Job', job.metadata);
  const who = say(subject);
  const phase = phaseOf(job);
  const failure = failureOf(job);
  const isNamed = facts.target.objects.some((of) => keyOf(of) === keyOf(subject));
  if (failure) {
    // A failure of long before the window is history unless it is what was asked about.
    if (failure.at !== null && failure.at < facts.target.changesFrom && !isNamed) return [];
    const because = [`${failure.reason}: ${short(failure.message, 240)}`];
    if (failure.reason === 'DeadlineExceeded') {
      const seconds = job.spec.activeDeadlineSeconds;
      return [
        found('job-deadline', {
          subject,
          parts: { who, detail: seconds === undefined ? '' : ` of ${seconds} s` },
          because,
          at: failure.at,
        }),
      ];
    }
    const detail =
      failure.reason === 'BackoffLimitExceeded'
        ? ` after ${counted(job.status.failed ?? 0, 'failed pod')}`
        : `: ${short(failure.message || failure.reason, 140)}`;
    return [found('job-failed', { subject, parts: { who, detail }, because, at: failure.at })];
  }
  const held = facts
    .within('Pod', job.metadata.namespace)
    .find((pod) => jobOfPod(pod) === job.metadata.name && heldBy(pod, facts.now));
  const holder = held ? heldBy(held, facts.now) : null;
  if (held && holder)
    return [
      found('job-held-open', {
        subject,
        affects: [named('Pod', held.metadata)],
        // It may be at work of its own.
        confidence: 'likely',
        parts: { who, container: holder.running, done: holder.done },
        because: [`${holder.done}: terminated, exit code 0`, `${holder.running}: running`],
        at: holder.at,
      }),
    ];
  // A queue (Kueue and others mark their Jobs) suspends by itself, and a Job nobody asked about waits on purpose.
  const isQueued = Object.keys(job.metadata.labels ?? {}).some((key) => /queue-name$/.test(key));
  if (phase === 'suspended' && isNamed && !isQueued) {
    const since = timeOf(conditionOf(job, 'Suspended')?.lastTransitionTime);
    const detail = since === null ? '' : ` for ${compact(facts.now - since)}`;
    return [found('job-suspended', { subject, parts: { who, detail }, because: ['spec.suspend: true'], at: since })];
  }
  const failed = job.status.failed ?? 0;
  if (phase !== 'running' || failed === 0) return [];
  return [
    found('job-retrying', {
      subject,
      parts: { who, failed: String(failed), limit: String(job.spec.backoffLimit ?? BACKOFF_LIMIT) },
      because: [`${failed} failed, ${job.status.active ?? 0} active, ${job.status.succeeded ?? 0} succeeded`],
    }),
  ];
}

/** The container that keeps a pod of a Job from ending: another one has done its work long ago. Sidecars that Kubernetes itself ends are init containers. */
function heldBy(
  pod: Pod,
  now: number,
): { readonly running: string; readonly done: string; readonly at: number } | null {
  const statuses = pod.status.containerStatuses ?? [];
  const running = statuses.find(({ state }) => state?.running !== undefined);
  // The container that does the work is the first one of the spec (Kubernetes' own default for kubectl logs).
  const done = statuses.find(
    ({ name, state }) => name === pod.spec.containers[0]?.name && state?.terminated?.exitCode === 0,
  );
  const at = timeOf(done?.state?.terminated?.finishedAt);
  if (!running || !done || at === null || now - at < STUCK_MS || isTerminating(pod)) return null;
  return { running: running.name, done: done.name, at };
}

/**
 * How often a run was taken away for the next one since the last that succeeded. The controller reports SuccessfulDelete
 * also when it removes finished Jobs beyond failedJobsHistoryLimit, and events last an hour, so that the end of such a Job
 * may be forgotten: where any run is known to have ended, a deleted one counts only while its start is told and no end.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/controller/cronjob/cronjob_controllerv2.go
 */
function replacedRuns({ metadata, status }: CronJob, facts: Facts): number {
  const success = timeOf(status.lastSuccessfulTime) ?? 0;
  const since = facts.eventsAbout(named('CronJob', metadata)).filter((one) => (firstSeen(one) ?? 0) > success);
  const of = (reason: string) => since.filter((one) => one.reason === reason);
  const ended = new Set(of('SawCompletedJob').map(runOf));
  const begun = new Set(of('SuccessfulCreate').map(runOf));
  const failed = facts
    .within('Job', metadata.namespace)
    .some((job) => isOf(job, metadata) && (failureOf(job)?.at ?? 0) > success);
  return of('SuccessfulDelete')
    .filter((one) => !ended.has(runOf(one)))
    .filter((one) => (ended.size === 0 && !failed) || begun.has(runOf(one)))
    .reduce((sum, one) => sum + timesSeen(one), 0);
}

/** The Job that an event of a CronJob tells of: `Created job x`, `Deleted job x`, `Saw completed job: x, condition: Failed`. */
function runOf({ message = '' }: Event): string {
  return /\bjob:? ([^\s,]+)/i.exec(message)?.[1] ?? '';
}

function isOf({ metadata }: Job, cronJob: CronJob['metadata']): boolean {
  return (metadata.ownerReferences ?? []).some(({ kind, name }) => kind === 'CronJob' && name === cronJob.name);
}

function cronCases(facts: Facts): readonly Case[] {
  return facts.all('CronJob').flatMap((of) => {
    const subject = named('CronJob', of.metadata);
    const who = say(subject);
    const isNamed = facts.target.objects.some((one) => keyOf(one) === keyOf(subject));
    const event = facts.warningsAbout(subject).at(-1);
    const started = timeOf(of.status.lastScheduleTime);
    const because = event ? [`${event.reason}: ${short(event.message ?? '', 250)}`] : [];
    if (of.spec.suspend === true)
      return isNamed
        ? [
            found('cronjob-suspended', {
              subject,
              parts: { who, detail: started === null ? '' : `; its last run began ${of.status.lastScheduleTime}` },
              because: ['spec.suspend is true'],
            }),
          ]
        : [];
    if (event && /UnparseableCronJobSchedule|UnParseable|UnknownTimeZone|InvalidSchedule/i.test(event.reason ?? ''))
      return [
        found('cronjob-schedule-invalid', {
          subject,
          parts: { who, detail: short(event.message ?? '', 140) },
          because,
        }),
      ];
    const isLater = event !== undefined && started !== null && started > (lastSeen(event) ?? 0);
    if (event && !isLater && /MissSchedule|TooManyMissedTimes|FailedNeedsStart/.test(event.reason ?? ''))
      return [found('cronjob-missed', { subject, parts: { who, detail: short(event.message ?? '', 140) }, because })];
    const ended = isNamed && of.spec.concurrencyPolicy === 'Replace' ? replacedRuns(of, facts) : 0;
    if (ended >= 2)
      return [
        found('cronjob-replaced', {
          subject,
          // How long a run would take is not known: that it was replaced each time is.
          confidence: 'likely',
          parts: { who, times: counted(ended, 'time'), schedule: of.spec.schedule ?? 'its schedule' },
          because: [
            'concurrencyPolicy: Replace',
            `SuccessfulDelete ${counted(ended, 'time')}; last success ${of.status.lastSuccessfulTime ?? 'never'}`,
          ],
        }),
      ];
    const skips = facts.eventsAbout(subject).filter(({ reason }) => reason === 'JobAlreadyActive');
    const skipped = skips.at(-1);
    // One run that was left out is what the policy asks for.
    const isAgain = skips.reduce((sum, one) => sum + timesSeen(one), 0) > 1;
    if (skipped && isAgain && (of.status.active ?? []).length > 0)
      return [
        found('cronjob-blocked', {
          subject,
          parts: { who, detail: `: ${of.status.active?.[0]?.name ?? ''}` },
          because: [`${skipped.reason}: ${short(skipped.message ?? '', 250)}`],
        }),
      ];
    return [];
  });
}
