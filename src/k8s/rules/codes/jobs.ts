import { code } from '../code.ts';

/** Jobs and CronJobs that do not do their work. */
export const JOB_CODES = {
  'job-failed': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'symptom',
    says: ({ who, detail }) => `${who} failed${detail}.`,
    brief: ({ who }) => `${who} failed`,
    next: ({ who }) => `Read the log of its last pod: /lambda diag logs ${who.split(' ').at(-1)}`,
    confirms: 'condition Failed or FailureTarget is True',
    excludes: 'condition Complete is True, whatever pods failed on the way',
  }),
  'job-deadline': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, detail }) => `${who} failed because it ran longer than its deadline${detail}.`,
    brief: ({ who }) => `${who} over its deadline`,
    next: ({ who }) => `Find why it took so long, or raise activeDeadlineSeconds of ${who}.`,
    confirms: 'condition Failed with reason DeadlineExceeded',
    excludes: 'another reason',
  }),
  'job-held-open': code<'who' | 'container' | 'done'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, container, done }) =>
      `${who} does not complete: its container ${done} is done, and its container ${container} runs on.`,
    brief: ({ who, container }) => `${container} keeps ${who} open`,
    next: ({ who, container }) =>
      `Make ${container} of ${who} an init container with restartPolicy: Always, which ends with the Job, or let it end itself.`,
    confirms: 'in a pod of the Job the first container ended with exit code 0 five minutes ago and another runs',
    excludes: 'what runs on is an init container that restarts always, or no container has ended',
  }),
  'job-retrying': code<'who' | 'failed' | 'limit'>({
    level: 'warning',
    depth: 'symptom',
    says: ({ who, failed, limit }) => `${who} retries: ${failed} of ${limit} allowed failures so far.`,
    brief: ({ who }) => `${who} retries`,
    next: ({ who }) => `Read the log of a failed pod: /lambda diag logs ${who.split(' ').at(-1)}`,
    confirms: 'pods of the Job failed and it goes on',
    excludes: 'the Job is complete or failed',
  }),
  'job-suspended': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, detail }) => `${who} is suspended${detail}: it runs no pods until somebody resumes it.`,
    brief: ({ who }) => `${who} is suspended`,
    next: ({ who }) =>
      `Resume it when that was not meant: kubectl patch job ${who.split(' ').at(-1)} -p '{"spec":{"suspend":false}}'`,
    confirms: 'spec.suspend of the Job that was asked about is true, and no queue looks after it',
    excludes: 'the Job runs or is over, or a queue suspends and resumes it',
  }),
  'cronjob-suspended': code<'who' | 'detail'>({
    level: 'warning',
    depth: 'cause',
    says: ({ who, detail }) => `${who} is suspended and starts no Jobs${detail}.`,
    brief: ({ who }) => `${who} suspended`,
    next: ({ who }) =>
      `Resume it when that was not meant: kubectl patch cronjob ${who.split(' ').at(-1)} -p '{"spec":{"suspend":false}}'`,
    confirms: 'spec.suspend is true and an alert names the CronJob',
    excludes: 'it is not suspended',
  }),
  'cronjob-missed': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, detail }) => `${who} has missed its schedule: ${detail}.`,
    brief: ({ who }) => `${who} missed its schedule`,
    next: ({ who }) => `Look at its events; after 100 missed starts ${who} stops until startingDeadlineSeconds is set.`,
    confirms: 'an event MissSchedule, TooManyMissedTimes or FailedNeedsStart',
    excludes: 'it started a Job since',
  }),
  'cronjob-blocked': code<'who' | 'detail'>({
    level: 'warning',
    depth: 'cause',
    says: ({ who, detail }) =>
      `${who} skips its runs while the Job before still runs (concurrencyPolicy Forbid)${detail}.`,
    brief: ({ who }) => `${who} skips while its last Job runs`,
    next: () => 'Find why the last Job does not end.',
    confirms: 'more than one event JobAlreadyActive while a Job of it is active',
    excludes: 'no Job of it is active, or one run was left out',
  }),
  'cronjob-replaced': code<'who' | 'times' | 'schedule'>({
    level: 'warning',
    depth: 'cause',
    says: ({ who, times, schedule }) =>
      `${who} ends no run: the next one replaced it ${times} before it was done (concurrencyPolicy Replace, schedule ${schedule}).`,
    brief: ({ who }) => `${who} replaces its own runs`,
    next: ({ who }) => `Give ${who} a longer interval or concurrencyPolicy Forbid, or find why a run takes so long.`,
    confirms:
      'concurrencyPolicy is Replace, and runs that had not ended were deleted at least twice since the last success',
    excludes: 'a run succeeded since',
  }),
  'cronjob-schedule-invalid': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, detail }) => `${who} cannot run: ${detail}.`,
    brief: ({ who }) => `schedule of ${who} not valid`,
    next: ({ who }) => `Correct schedule or timeZone of ${who}.`,
    confirms: 'an event UnparseableCronJobSchedule or UnknownTimeZone',
    excludes: 'the schedule can be parsed',
  }),
} as const;
