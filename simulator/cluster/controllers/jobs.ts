import { suffixOf } from '../naming.ts';
import { dig, type KubeObject, refOf, rfc3339, text } from '../object.ts';
import { podOf, succeeded } from '../podObject.ts';
import { quantity } from '../quantity.ts';
import type { ClusterWorld } from '../world.ts';

/** How long the pod of a Job runs that was created through the API, when nothing says otherwise. */
const RUN_MS = 28_000;
const QUOTA_AGAIN_MS = 30_000;

/** Jobs created through the API (or handed to `world.runJob`) get a pod, run, and complete. */
export function runJobs(world: ClusterWorld, now: number): void {
  for (const [uid, run] of world.jobs) {
    const job = world.get(run.ref);
    if (!job || job.metadata.uid !== uid || dig(job.status, 'conditions') !== undefined) world.jobs.delete(uid);
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

/** The admission's words when a quota of the namespace leaves no room for the pod. */
function overQuota(world: ClusterWorld, pod: KubeObject): string | undefined {
  const wanted = quantity(dig(pod.spec, 'containers', 0, 'resources', 'limits', 'memory'));
  for (const quota of world.list({ apiVersion: 'v1', kind: 'ResourceQuota' }, pod.metadata.namespace)) {
    const hard = text(quota.status, 'hard', 'limits.memory');
    const used = text(quota.status, 'used', 'limits.memory') ?? '0';
    if (!hard || quantity(used) + wanted <= quantity(hard)) continue;
    const asked = text(pod.spec, 'containers', 0, 'resources', 'limits', 'memory') ?? '0';
    return `exceeded quota: ${quota.metadata.name}, requested: limits.memory=${asked}, used: limits.memory=${used}, limited: limits.memory=${hard}`;
  }
  return undefined;
}
