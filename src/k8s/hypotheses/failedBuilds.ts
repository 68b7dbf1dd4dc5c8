import type { Job, Pod } from '../objects.ts';
import { type Facts, functionOfJob, functionOfJobName, isBuild, jobOfPod, logsOf, timeOf } from './facts.ts';
import { type BuildCause, baseImageOf, readOutput } from './kaniko.ts';

/** One failed build with the reason its own pod gives. */
export interface FailedBuild {
  readonly job: string;
  readonly namespace: string | null;
  /** The function, or the Job's name where it does not tell. */
  readonly name: string;
  /** `python`, `nodejs` ...: from the label, else the base image; null when neither tells. */
  readonly runtime: string | null;
  readonly pods: readonly Pod[];
  readonly at: number | null;
  readonly seconds: number | null;
  readonly cause: BuildCause | null;
  /** The lines that decided the cause, or the most that is known. */
  readonly because: readonly string[];
  readonly reason: string;
}

const OOM: BuildCause = {
  code: 'build-oom-killed',
  id: 'F1',
  words: 'was killed for using more memory than its limit',
  next: 'Raise the memory limit of the build or use a slimmer base image, and build again.',
  reach: 'function',
  confidence: 'confirmed',
};
const EVICTED: BuildCause = {
  code: 'build-evicted',
  id: 'F15',
  words: 'was evicted from its node',
  next: 'Look at the node: /lambda diag nodes',
  reach: 'platform',
  confidence: 'confirmed',
};
const PREEMPTED: BuildCause = {
  code: 'build-disrupted',
  id: 'F15',
  words: 'was ended from outside (preemption, drain or deletion)',
  next: 'Who or what ended it? /lambda diag events',
  reach: 'platform',
  confidence: 'likely',
};
const DEADLINE: BuildCause = {
  code: 'build-deadline',
  id: 'F4',
  words: 'ran longer than its deadline',
  next: 'What was it waiting for? The log collected when it ran tells; a registry or a package mirror is usual.',
  reach: 'function',
  confidence: 'confirmed',
};

const cache = new WeakMap<Facts, readonly FailedBuild[]>();

/** The builds that failed in the window, each with the reason its own pod gives; newest first. */
export function failedBuilds(facts: Facts): readonly FailedBuild[] {
  const known = cache.get(facts);
  if (known) return known;
  const podsByJob = Map.groupBy(facts.pods, (pod) => jobOfPod(pod) ?? '');
  const jobs = facts.jobs.filter((job) => isBuild(job, facts.profile));
  const failed = jobs.flatMap((job) => {
    const condition = job.status.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
    const at = timeOf(condition?.lastTransitionTime) ?? timeOf(job.status.startTime);
    if (!condition || !inWindow(at, job.metadata.name, facts)) return [];
    const line = `Job ${job.metadata.name}: Failed, ${condition.reason ?? 'no reason'}${condition.message ? `: ${condition.message}` : ''}`;
    return [readBuild({ job, name: job.metadata.name, condition: condition.reason ?? '', line, at }, podsByJob, facts)];
  });
  const named = new Set(facts.jobs.map(({ metadata }) => metadata.name));
  // The Job may be gone, or not readable, while its pod still tells.
  const orphans = [...podsByJob].flatMap(([name, pods]) => {
    if (name === '' || named.has(name) || !pods.some(isFailed)) return [];
    const isOne = isBuild({ metadata: { name, labels: pods[0]?.metadata.labels } }, facts.profile);
    const at = endedAt(pods);
    if (!isOne || !inWindow(at, name, facts)) return [];
    return [
      readBuild({ job: null, name, condition: '', line: `Pod ${pods[0]?.metadata.name} failed`, at }, podsByJob, facts),
    ];
  });
  const all = [...failed, ...orphans].toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0));
  cache.set(facts, all);
  return all;
}

/** Builds that ended well in the window: they speak against causes that would hit all. */
export function succeededBuilds(facts: Facts): readonly Job[] {
  return facts.jobs.filter((job) => {
    const at = timeOf(job.status.completionTime);
    return isBuild(job, facts.profile) && (job.status.succeeded ?? 0) > 0 && at !== null && at >= facts.target.from;
  });
}

function inWindow(at: number | null, name: string, facts: Facts): boolean {
  return facts.target.names.has(name) || (at !== null && at >= facts.target.from);
}

interface Ended {
  readonly job: Job | null;
  readonly name: string;
  readonly condition: string;
  readonly line: string;
  readonly at: number | null;
}

function readBuild(ended: Ended, podsByJob: ReadonlyMap<string, readonly Pod[]>, facts: Facts): FailedBuild {
  const pods = podsByJob.get(ended.name) ?? [];
  const output = pods.flatMap((pod) => [
    ...messagesOf(pod),
    ...logsOf(facts, pod).flatMap(({ lines }) => lines.map(({ text }) => text)),
  ]);
  const { cause, because } = causeOf(ended, pods, output);
  const start = timeOf(ended.job?.status.startTime) ?? timeOf(pods[0]?.status.startTime);
  const base = baseImageOf(output);
  const label =
    ended.job?.metadata.labels?.['lambda.knative.io/runtime'] ??
    pods[0]?.metadata.labels?.['lambda.knative.io/runtime'];
  return {
    job: ended.name,
    namespace: ended.job?.metadata.namespace ?? pods[0]?.metadata.namespace ?? null,
    name:
      (ended.job ? functionOfJob(ended.job, facts.profile) : functionOfJobName(ended.name, facts.profile)) ??
      ended.name,
    runtime: label ?? base?.split(':')[0]?.replace(/^node$/, 'nodejs') ?? null,
    pods,
    at: ended.at,
    seconds: start === null || ended.at === null ? null : Math.max(0, Math.round((ended.at - start) / 1000)),
    cause,
    because,
    reason: ended.condition,
  };
}

function causeOf(
  ended: Ended,
  pods: readonly Pod[],
  output: readonly string[],
): { readonly cause: BuildCause | null; readonly because: readonly string[] } {
  const evicted = pods.find((pod) => pod.status.reason === 'Evicted');
  if (evicted)
    return {
      cause: EVICTED,
      because: [`Pod ${evicted.metadata.name}: Evicted: ${evicted.status.message ?? 'no message'}`],
    };
  const oom = pods.flatMap(terminations).find(({ reason }) => reason === 'OOMKilled');
  if (oom) {
    const limit = oom.limit ? ` of ${oom.limit}` : '';
    return {
      cause: { ...OOM, words: `${OOM.words}${limit}` },
      because: [`${oom.container}: OOMKilled, exit code ${oom.exitCode ?? 'not recorded'}`, ...output.slice(-1)],
    };
  }
  const read = readOutput(output);
  if (read) return { cause: read.cause, because: [read.line] };
  const disrupted = pods.find((pod) =>
    pod.status.conditions?.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True'),
  );
  const disruption = disrupted?.status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  if (disrupted)
    return {
      cause: PREEMPTED,
      because: [
        `Pod ${disrupted.metadata.name}: DisruptionTarget, ${disruption?.reason ?? ''} ${disruption?.message ?? ''}`,
      ],
    };
  if (ended.condition === 'DeadlineExceeded')
    return { cause: DEADLINE, because: [ended.line, ...lastWords(pods, output)] };
  const exits = pods.flatMap(terminations).filter(({ exitCode }) => (exitCode ?? 0) !== 0);
  const exit = exits.map(
    ({ container, exitCode, reason }) => `${container}: ${reason ?? 'Error'}, exit code ${exitCode}`,
  );
  return { cause: null, because: [...exit, ended.line, ...lastWords(pods, output)] };
}

function lastWords(pods: readonly Pod[], output: readonly string[]): readonly string[] {
  if (pods.length === 0) return ['its pod is gone, and its log with it'];
  const last = output.at(-1);
  return last ? [`last line: ${last}`] : [];
}

interface Termination {
  readonly container: string;
  readonly reason: string | undefined;
  readonly exitCode: number | undefined;
  readonly limit: string | undefined;
}

/** How the containers of a pod ended, init containers first. */
export function terminations(pod: Pod): readonly Termination[] {
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  const specs = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return statuses.flatMap((status) => {
    const ended = status.state?.terminated ?? status.lastState?.terminated;
    if (!ended) return [];
    const limit = specs.find(({ name }) => name === status.name)?.resources?.limits?.memory;
    return [{ container: status.name, reason: ended.reason, exitCode: ended.exitCode, limit }];
  });
}

function messagesOf(pod: Pod): readonly string[] {
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  return statuses.flatMap((status) => (status.state?.terminated?.message ?? '').split('\n').filter(Boolean));
}

function isFailed(pod: Pod): boolean {
  return pod.status.phase === 'Failed' || terminations(pod).some(({ exitCode }) => (exitCode ?? 0) !== 0);
}

function endedAt(pods: readonly Pod[]): number | null {
  const times = pods.flatMap((pod) =>
    [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])].flatMap(
      (status) => timeOf(status.state?.terminated?.finishedAt) ?? [],
    ),
  );
  return times.length > 0 ? Math.max(...times) : null;
}
