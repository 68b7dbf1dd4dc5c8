import { suffixOf } from '../naming.ts';
import { dig, type KubeObject, refOf, rfc3339, text } from '../object.ts';
import { podOf, succeeded } from '../podObject.ts';
import type { ClusterWorld } from '../world.ts';
import { overQuota } from './quotas.ts';

/** How long the pod of a Job runs that was created through the API, when nothing says otherwise. */
const RUN_MS = 28_000;
const QUOTA_AGAIN_MS = 30_000;

/** What a Job tolerates by default: https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy */
const BACKOFF_LIMIT = 6;

/** Jobs created through the API (or handed to `world.runJob`) get a pod, run, and complete, or fail with their pods. */
export function runJobs(world: ClusterWorld, now: number): void {
  for (const [uid, run] of world.jobs) {
    const job = world.get(run.ref);
    if (!job || job.metadata.uid !== uid || dig(job.status, 'conditions') !== undefined) world.jobs.delete(uid);
    else if (isLate(job, now))
      fail(world, job, 'DeadlineExceeded', 'Job was active longer than specified deadline', now);
    else if (!run.pod) createPod(world, job, now);
    else advance(world, job, run.pod, now);
  }
}

function createPod(world: ClusterWorld, job: KubeObject, now: number): void {
  const run = world.jobs.get(job.metadata.uid ?? '');
  if (!run || now - (run.refusedAt ?? 0) < QUOTA_AGAIN_MS) return;
  const name = `${job.metadata.name}-${suffixOf(`${job.metadata.name} ${now}`)}`;
  const pod = podOf(job, name, now);
  const refusal = overQuota(world, pod);
  if (refusal) {
    run.refusedAt = now;
    const message = `Error creating: pods "${job.metadata.name}-" is forbidden: ${refusal}`;
    world.event({ type: 'Warning', reason: 'FailedCreate', message, regarding: refOf(job), source: 'job-controller' });
    return;
  }
  const created = world.apply(pod);
  run.pod = refOf(created);
  world.starting.set(created.metadata.uid ?? '', { ref: run.pod, like: undefined });
  world.patchStatus(run.ref, { active: 1, ready: 0, startTime: rfc3339(now) });
  world.event({
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Created pod: ${name}`,
    regarding: refOf(job),
    source: 'job-controller',
  });
}

function advance(world: ClusterWorld, job: KubeObject, podRef: ReturnType<typeof refOf>, now: number): void {
  const pod = world.get(podRef);
  const run = world.jobs.get(job.metadata.uid ?? '');
  if (pod && run && text(pod.status, 'phase') === 'Failed') {
    podFailed(world, job, now);
    return;
  }
  if (!pod || !run || text(pod.status, 'phase') !== 'Running') return;
  const started = Date.parse(text(pod.status, 'containerStatuses', 0, 'state', 'running', 'startedAt') ?? '');
  if (Number.isNaN(started)) return;
  if (!run.logged) {
    run.logged = true;
    run.onStart?.(pod.metadata.name, started);
  }
  if (now < started + (run.runMs ?? RUN_MS)) return;
  world.apply(succeeded(pod, world.placementOf(pod), started, now));
  world.usage({ kind: 'Pod', name: podRef.name, namespace: podRef.namespace ?? '', containers: {} });
  const condition = (type: string) => ({
    type,
    status: 'True',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
    lastProbeTime: rfc3339(now),
    lastTransitionTime: rfc3339(now),
  });
  world.patchStatus(run.ref, {
    active: 0,
    ready: 0,
    succeeded: 1,
    completionTime: rfc3339(now),
    conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
  });
  world.event({
    type: 'Normal',
    reason: 'Completed',
    message: 'Job completed',
    regarding: refOf(job),
    source: 'job-controller',
  });
  world.jobs.delete(job.metadata.uid ?? '');
}

function podFailed(world: ClusterWorld, job: KubeObject, now: number): void {
  const failed = numberOf(dig(job.status, 'failed'), 0) + 1;
  const run = world.jobs.get(job.metadata.uid ?? '');
  world.patchStatus(refOf(job), { active: null, ready: 0, failed });
  if (run) delete run.pod;
  if (failed > numberOf(dig(job.spec, 'backoffLimit'), BACKOFF_LIMIT))
    fail(world, job, 'BackoffLimitExceeded', 'Job has reached the specified backoff limit', now);
}

function isLate(job: KubeObject, now: number): boolean {
  const seconds = dig(job.spec, 'activeDeadlineSeconds');
  const started = Date.parse(text(job.status, 'startTime') ?? '');
  return typeof seconds === 'number' && now >= started + seconds * 1000;
}

/** The Job is given up: what still runs of it is ended. */
function fail(world: ClusterWorld, job: KubeObject, reason: string, message: string, now: number): void {
  const condition = (type: string) => ({
    type,
    status: 'True',
    reason,
    message,
    lastProbeTime: rfc3339(now),
    lastTransitionTime: rfc3339(now),
  });
  const pods = world.store.ownedBy(job.metadata.uid ?? '').filter(({ kind }) => kind === 'Pod');
  const running = pods.filter((pod) => text(pod.status, 'phase') !== 'Failed');
  for (const pod of running) world.remove(refOf(pod));
  world.patchStatus(refOf(job), {
    active: null,
    ready: 0,
    failed: numberOf(dig(world.get(refOf(job))?.status, 'failed'), 0) + running.length,
    conditions: [condition('FailureTarget'), condition('Failed')],
  });
  world.event({ type: 'Warning', reason, message, regarding: refOf(job), source: 'job-controller' });
  world.jobs.delete(job.metadata.uid ?? '');
}

function numberOf(value: unknown, byDefault: number): number {
  return typeof value === 'number' ? value : byDefault;
}
