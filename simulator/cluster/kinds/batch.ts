import type { CronJob, Job } from 'kubernetes-types/batch/v1.js';
import { humanDuration, since } from '../age.ts';
import { ageColumn, column, defineKind, type Kind, nameColumn } from '../kind.ts';
import { containerImages, containerNames, selectorText } from './layout.ts';

const GROUP = { group: 'batch', version: 'v1', categories: ['all'] } as const;

const job = defineKind<Job>({
  ...GROUP,
  kind: 'Job',
  plural: 'jobs',
  subresources: ['status'],
  columns: [
    nameColumn,
    column('Status', status, { description: 'Status of the job.' }),
    column('Completions', completions),
    column('Duration', duration, { description: 'Time required to complete the job.' }),
    ageColumn,
    column('Containers', (one) => containerNames(one.spec?.template.spec?.containers), { wide: true }),
    column('Images', (one) => containerImages(one.spec?.template.spec?.containers), { wide: true }),
    column('Selector', (one) => selectorText(one.spec?.selector), { wide: true }),
  ],
  // A running Job has succeeded 0 times, like a failed one: `status.successful=0` matches both.
  fields: (one) => ({ 'status.successful': String(one.status?.succeeded ?? 0) }),
});

const cronJob = defineKind<CronJob>({
  ...GROUP,
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  subresources: ['status'],
  columns: [
    nameColumn,
    column('Schedule', (one) => one.spec?.schedule ?? ''),
    column('Timezone', (one) => one.spec?.timeZone ?? '<none>'),
    column('Suspend', (one) => (one.spec?.suspend ? 'True' : 'False')),
    column('Active', (one) => one.status?.active?.length ?? 0, { type: 'integer' }),
    column('Last Schedule', (one, now) =>
      one.status?.lastScheduleTime ? since(one.status.lastScheduleTime, now) : '<none>',
    ),
    ageColumn,
    column('Containers', (one) => containerNames(one.spec?.jobTemplate.spec?.template.spec?.containers), {
      wide: true,
    }),
    column('Images', (one) => containerImages(one.spec?.jobTemplate.spec?.template.spec?.containers), { wide: true }),
    column('Selector', (one) => selectorText(one.spec?.jobTemplate.spec?.selector), { wide: true }),
  ],
});

export const batchKinds: readonly Kind[] = [cronJob, job];

function status(one: Job): string {
  const holds = (type: string) => one.status?.conditions?.some((c) => c.type === type && c.status === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (one.metadata?.deletionTimestamp) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  if (holds('FailureTarget')) return 'FailureTarget';
  return 'Running';
}

function completions(one: Job): string {
  const succeeded = one.status?.succeeded ?? 0;
  if (one.spec?.completions !== undefined) return `${succeeded}/${one.spec.completions}`;
  const parallelism = one.spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration(one: Job, now: number): string {
  if (!one.status?.startTime) return '';
  const end = one.status.completionTime ? Date.parse(one.status.completionTime) : now;
  return humanDuration(end - Date.parse(one.status.startTime));
}
