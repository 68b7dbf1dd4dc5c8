import type { Finding } from '../../incidents/evidence.ts';
import type { Job } from '../objects.ts';
import { finding, look, nameOf } from './finding.ts';

const MINUTE = 60_000;
/** A Job that has no pod after so long has been refused one. */
const NO_PODS_AFTER = 2 * MINUTE;
/** Longer than any build should take (domain sheet, F4). */
const LONG = 30 * MINUTE;

/**
 * Jobs that failed and did not succeed later under the same function, by the pattern of the profile. One whose
 * successor succeeded is history, not news. With `now` (epoch ms) also Jobs that got no pod or run for too long.
 */
export function jobFindings(
  jobs: readonly Job[],
  functionOf: (job: Job) => string | null,
  now: number | null = null,
): readonly Finding[] {
  const succeeded = successes(jobs, functionOf);
  return jobs.flatMap((job) => {
    const failed = failedCondition(job);
    if (failed && isHistory(job, succeeded, functionOf)) return [];
    if (failed) return [failure(job, failed.reason ?? '', failed.message ?? '')];
    return now === null ? [] : unfinished(job, now);
  });
}

/** The condition of a failed Job; newer clusters set `FailureTarget` first, while pods still end. */
export function failedCondition(job: Job) {
  const { conditions = [] } = job.status;
  const of = (wanted: string) => conditions.find(({ type, status }) => type === wanted && status === 'True');
  return of('Failed') ?? of('FailureTarget');
}

/** When the last Job of each function succeeded, epoch ms. */
export function successes(jobs: readonly Job[], functionOf: (job: Job) => string | null): ReadonlyMap<string, number> {
  const at = new Map<string, number>();
  for (const job of jobs) {
    const owner = functionOf(job);
    const done = Date.parse(job.status.completionTime ?? '');
    if (owner !== null && !Number.isNaN(done)) at.set(owner, Math.max(done, at.get(owner) ?? 0));
  }
  return at;
}

/** A failed Job whose function has succeeded since. */
export function isHistory(
  job: Job,
  succeeded: ReadonlyMap<string, number>,
  functionOf: (job: Job) => string | null,
): boolean {
  const failed = failedCondition(job);
  const owner = functionOf(job);
  if (!failed || owner === null) return false;
  return (succeeded.get(owner) ?? 0) > Date.parse(failed.lastTransitionTime ?? job.status.startTime ?? '');
}

const REASONS: Readonly<Record<string, string>> = {
  PodFailurePolicy: 'its pod failure policy ended it',
  FailedIndexes: 'some of its indexes failed',
  MaxFailedIndexesExceeded: 'too many of its indexes failed',
};

function failure(job: Job, reason: string, message: string): Finding {
  const subject = nameOf('Job', job.metadata);
  const deadline = reason === 'DeadlineExceeded';
  const pods = job.status.failed ? `after ${job.status.failed} ${job.status.failed === 1 ? 'pod' : 'pods'}` : '';
  const words = [pods, REASONS[reason] ?? reason].filter((part) => part !== '').join(', ');
  return finding({
    code: deadline ? 'job-deadline' : 'job-failed',
    level: 'critical',
    subject,
    conclusion: deadline
      ? `Job ${subject.name} ran longer than its deadline${job.spec.activeDeadlineSeconds ? ` of ${job.spec.activeDeadlineSeconds} s` : ''}.`
      : `Job ${subject.name} failed${words ? ` (${words})` : ''}.`,
    because: [`${reason || 'Failed'}${message ? `: ${message}` : ''}`],
    nextStep: deadline
      ? `Its pods are gone with it; what is left is in the events: ${look('events', subject)}`
      : `Its pod’s last lines: ${look('logs', { name: `job/${subject.name}`, namespace: subject.namespace })}`,
  });
}

function unfinished(job: Job, now: number): readonly Finding[] {
  const subject = nameOf('Job', job.metadata);
  const { active = 0, succeeded = 0, failed = 0, completionTime, startTime } = job.status;
  if (completionTime || job.metadata.deletionTimestamp) return [];
  if (job.spec.suspend)
    return [
      finding({
        code: 'job-suspended',
        level: 'notice',
        subject,
        conclusion: `Job ${subject.name} is suspended.`,
        because: ['spec.suspend: true'],
        nextStep: `Who suspended it? ${look('events', subject)}`,
      }),
    ];
  const created = Date.parse(job.metadata.creationTimestamp ?? '');
  if (active + succeeded + failed === 0 && now - created > NO_PODS_AFTER)
    return [
      finding({
        code: 'job-no-pods',
        level: 'critical',
        subject,
        conclusion: `Job ${subject.name} has no pod (${Math.round((now - created) / MINUTE)} min after it was made).`,
        because: [`active 0, succeeded 0, failed 0, created ${job.metadata.creationTimestamp}`],
        nextStep: `Was it refused one? ${look('quota', { namespace: subject.namespace })}`,
      }),
    ];
  const started = Date.parse(startTime ?? '');
  if (active > 0 && now - started > LONG)
    return [
      finding({
        code: 'job-long-running',
        level: 'warning',
        subject,
        conclusion: `Job ${subject.name} still runs (${Math.round((now - started) / MINUTE)} min)${job.spec.activeDeadlineSeconds ? '' : ' and has no deadline that would end it'}.`,
        because: [`active ${active}, started ${startTime}`],
        nextStep: `Does it still say something? ${look('logs', { name: `job/${subject.name}`, namespace: subject.namespace }, '--tail=5')}`,
      }),
    ];
  return [];
}
