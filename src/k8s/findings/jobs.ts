import type { Finding } from '../../incidents/evidence.ts';
import type { Job } from '../objects.ts';
import { finding, nameOf } from './finding.ts';

/**
 * Jobs that failed and did not succeed later under the same function, by the pattern of the profile. One whose
 * successor succeeded is history, not news.
 */
export function jobFindings(jobs: readonly Job[], functionOf: (job: Job) => string | null): readonly Finding[] {
  const succeededAt = new Map<string, number>();
  for (const job of jobs) {
    const owner = functionOf(job);
    const at = Date.parse(job.status.completionTime ?? '');
    if (owner !== null && !Number.isNaN(at)) succeededAt.set(owner, Math.max(at, succeededAt.get(owner) ?? 0));
  }
  return jobs.flatMap((job) => {
    const failed = job.status.conditions?.find((one) => one.type === 'Failed' && one.status === 'True');
    if (!failed) return [];
    const owner = functionOf(job);
    const at = Date.parse(failed.lastTransitionTime ?? job.status.startTime ?? '');
    if (owner !== null && (succeededAt.get(owner) ?? 0) > at) return [];
    return [failure(job, failed.reason ?? '', failed.message ?? '')];
  });
}

function failure(job: Job, reason: string, message: string): Finding {
  const subject = nameOf('Job', job.metadata);
  const deadline = reason === 'DeadlineExceeded';
  return finding({
    code: deadline ? 'job-deadline' : 'job-failed',
    level: 'critical',
    subject,
    conclusion: deadline
      ? `Job ${subject.name} ran longer than its deadline${job.spec.activeDeadlineSeconds ? ` of ${job.spec.activeDeadlineSeconds} s` : ''}.`
      : `Job ${subject.name} failed${job.status.failed ? ` after ${job.status.failed} ${job.status.failed === 1 ? 'pod' : 'pods'}` : ''}${reason ? ` (${reason})` : ''}.`,
    because: [`${reason || 'Failed'}${message ? `: ${message}` : ''}`],
    nextStep: `/lambda diag logs ${subject.name}`,
  });
}
