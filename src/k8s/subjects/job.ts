import { z } from 'zod';
import { conditionOf, conditions, count, flag, listOf, metadata, text, timeOf } from './object.ts';
import { podTemplate } from './pod.ts';

export const job = z.object({
  metadata,
  spec: z
    .object({
      backoffLimit: count,
      activeDeadlineSeconds: count,
      completions: count,
      parallelism: count,
      completionMode: text,
      suspend: flag,
      ttlSecondsAfterFinished: count,
      template: podTemplate,
    })
    .catch({}),
  status: z
    .object({
      active: count,
      ready: count,
      succeeded: count,
      failed: count,
      terminating: count,
      startTime: text,
      completionTime: text,
      completedIndexes: text,
      failedIndexes: text,
      conditions,
    })
    .catch({}),
});
export type Job = z.output<typeof job>;

export const cronJob = z.object({
  metadata,
  spec: z
    .object({
      schedule: text,
      timeZone: text,
      suspend: flag,
      concurrencyPolicy: text,
      startingDeadlineSeconds: count,
      jobTemplate: z
        .object({ spec: z.object({ template: podTemplate }).catch({}) })
        .optional()
        .catch(undefined),
    })
    .catch({}),
  status: z
    .object({ lastScheduleTime: text, lastSuccessfulTime: text, active: listOf(z.object({ name: text })) })
    .catch({}),
});
export type CronJob = z.output<typeof cronJob>;

export type JobPhase = 'suspended' | 'waiting' | 'running' | 'failing' | 'failed' | 'complete';

/**
 * The state of a Job. `failing`: the controller has decided (`FailureTarget`) and ends its pods; a Job that retries is
 * `running` whatever `failed` counts, and one that met its success policy is complete before its pods are gone.
 */
export function phaseOf(of: Job): JobPhase {
  const is = (type: string) => conditionOf(of, type)?.status === 'True';
  if (is('Failed')) return 'failed';
  if (is('Complete') || is('SuccessCriteriaMet')) return 'complete';
  if (is('FailureTarget')) return 'failing';
  if (of.spec.suspend === true || is('Suspended')) return 'suspended';
  return (of.status.active ?? 0) > 0 ? 'running' : 'waiting';
}

/** Complete, failed or about to be: it will start no more pods. */
export function isFinished(of: Job): boolean {
  return ['failed', 'failing', 'complete'].includes(phaseOf(of));
}

export function isFailed(of: Job): boolean {
  return ['failed', 'failing'].includes(phaseOf(of));
}

/** Why and when it failed, as its controller says; null for one that did not. */
export function failureOf(
  of: Job,
): { readonly reason: string; readonly message: string; readonly at: number | null } | null {
  const found = conditionOf(of, 'Failed') ?? conditionOf(of, 'FailureTarget');
  return found?.status === 'True'
    ? { reason: found.reason ?? 'Failed', message: found.message ?? '', at: timeOf(found.lastTransitionTime) }
    : null;
}

/** Epoch ms of its end, well or badly; null while it goes on. */
export function endedAt(of: Job): number | null {
  return timeOf(of.status.completionTime) ?? failureOf(of)?.at ?? null;
}
