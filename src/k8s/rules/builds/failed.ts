import type { NameProfile } from '../../../alerts/profile.ts';
import type { Facts } from '../../facts/facts.ts';
import { functionOfJob, functionOfJobName, isBuild, isBuildPod, jobOfPod } from '../../subjects/build.ts';
import { failureOf, type Job, phaseOf } from '../../subjects/job.ts';
import { conditionOf, named, timeOf } from '../../subjects/object.ts';
import { containerNamed, endedBadly, lastEnd, type Pod, statusesOf } from '../../subjects/pod.ts';
import type { BUILD_CODES } from '../codes/builds.ts';
import { isTarget } from '../targeted.ts';
import { baseImageOf, readOutput } from './output.ts';

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
  readonly why: Why;
  /** The lines that decided the cause, or the most that is known. */
  readonly because: readonly string[];
}

export interface Why {
  readonly code: keyof typeof BUILD_CODES & FailureCode;
  readonly confidence: 'confirmed' | 'likely' | 'unknown';
  readonly reach: 'platform' | 'function' | 'owner';
  /** Detail for the sentence: the limit, the image, the key. */
  readonly detail: string;
}

type FailureCode = Exclude<
  keyof typeof BUILD_CODES,
  'build-hangs' | 'build-slow' | 'build-storm' | 'source-too-large' | 'source-not-ready' | 'built-not-deployed'
>;

const why = (
  code: Why['code'],
  reach: Why['reach'] = 'function',
  detail = '',
  confidence: Why['confidence'] = 'confirmed',
): Why => ({ code, confidence, reach, detail });

/** The builds that failed in the window or are asked about, each with the reason its own pod gives; newest first. */
export function failedBuilds(facts: Facts): readonly FailedBuild[] {
  const pods = facts.all('Pod').filter((pod) => isBuildPod(pod, facts.profile));
  const byJob = Map.groupBy(pods, (pod) => jobOfPod(pod) ?? '');
  const jobs = facts.all('Job').filter((job) => isBuild(job, facts.profile));
  const failed = jobs.flatMap((job) => {
    const failure = failureOf(job);
    if (!failure || !inWindow(failure.at ?? timeOf(job.status.startTime), job.metadata, facts)) return [];
    if (isMadeUpFor(job, jobs, facts)) return [];
    const line = `Job ${job.metadata.name}: Failed, ${failure.reason}${failure.message ? `: ${failure.message}` : ''}`;
    return [readBuild({ job, name: job.metadata.name, reason: failure.reason, line, at: failure.at }, byJob, facts)];
  });
  const known = new Set(facts.all('Job').map(({ metadata }) => metadata.name));
  // The Job may be gone, or not readable, while its pod still tells.
  const orphans = [...byJob].flatMap(([name, own]) => {
    const [first] = own;
    if (known.has(name) || !first || !own.some(isFailedPod)) return [];
    const at = endOf(own);
    if (!inWindow(at, { name, namespace: first.metadata.namespace }, facts)) return [];
    return [readBuild({ job: null, name, reason: '', line: `Pod ${first.metadata.name} failed`, at }, byJob, facts)];
  });
  return [...failed, ...orphans].toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0));
}

/** Whether the function was built after this failure; a build named in the question is reported all the same. */
function isMadeUpFor(failed: Job, jobs: readonly Job[], facts: Facts): boolean {
  const name = functionOfJob(failed, facts.profile);
  if (name === null || facts.target.names.has(failed.metadata.name)) return false;
  const at = failureOf(failed)?.at ?? 0;
  return jobs.some(
    (job) =>
      functionOfJob(job, facts.profile) === name &&
      job.metadata.namespace === failed.metadata.namespace &&
      phaseOf(job) === 'complete' &&
      (timeOf(job.status.completionTime) ?? 0) > at,
  );
}

/** Builds that ended well in the window: they speak against causes that would hit all. */
export function succeededBuilds(facts: Facts): readonly Job[] {
  return facts.all('Job').filter((job) => {
    const at = timeOf(job.status.completionTime);
    return isBuild(job, facts.profile) && phaseOf(job) === 'complete' && at !== null && at >= facts.target.from;
  });
}

function inWindow(
  at: number | null,
  of: { readonly name: string; readonly namespace?: string | undefined },
  facts: Facts,
): boolean {
  return (
    (at !== null && at >= facts.target.from) || facts.target.names.has(of.name) || isTarget(named('Job', of), facts)
  );
}

interface Ended {
  readonly job: Job | null;
  readonly name: string;
  readonly reason: string;
  readonly line: string;
  readonly at: number | null;
}

function readBuild(ended: Ended, byJob: ReadonlyMap<string, readonly Pod[]>, facts: Facts): FailedBuild {
  const pods = byJob.get(ended.name) ?? [];
  const output = pods.flatMap((pod) => [
    ...messagesOf(pod),
    ...facts.logsOf(pod).flatMap(({ lines }) => lines.map(({ text }) => text)),
  ]);
  const start = timeOf(ended.job?.status.startTime) ?? timeOf(pods[0]?.status.startTime);
  const label =
    ended.job?.metadata.labels?.['lambda.knative.io/runtime'] ??
    pods[0]?.metadata.labels?.['lambda.knative.io/runtime'];
  return {
    job: ended.name,
    namespace: ended.job?.metadata.namespace ?? pods[0]?.metadata.namespace ?? null,
    name: nameOf(ended, facts.profile),
    runtime:
      label ??
      baseImageOf(output)
        ?.split(':')[0]
        ?.replace(/^node$/, 'nodejs') ??
      null,
    pods,
    at: ended.at,
    seconds: start === null || ended.at === null ? null : Math.max(0, Math.round((ended.at - start) / 1000)),
    ...causeOf(ended, pods, output),
  };
}

function nameOf({ job, name }: Ended, profile: NameProfile): string {
  return (job ? functionOfJob(job, profile) : functionOfJobName(name, profile)) ?? name;
}

/** Sources of the reason in order of precedence: the kubelet's status, the output, the controller's condition. */
function causeOf(
  ended: Ended,
  pods: readonly Pod[],
  output: readonly string[],
): { readonly why: Why; readonly because: readonly string[] } {
  const evicted = pods.find((pod) => pod.status.reason === 'Evicted');
  if (evicted)
    return {
      why: why('build-evicted', 'platform', evictedFrom(evicted)),
      because: [`Pod ${evicted.metadata.name}: Evicted: ${evicted.status.message ?? 'no message'}`],
    };
  for (const pod of pods)
    for (const status of statusesOf(pod)) {
      const end = lastEnd(status);
      if (end?.reason !== 'OOMKilled') continue;
      const limit = containerNamed(pod.spec, status.name)?.resources?.limits?.memory;
      return {
        why: why('build-oom-killed', 'function', limit ? ` of ${limit}` : ''),
        because: [`${status.name}: OOMKilled, exit code ${end.exitCode ?? 'not recorded'}`, ...output.slice(-1)],
      };
    }
  const read = readOutput(output);
  if (read) {
    const { code, confidence, reach } = read.trouble;
    return { why: why(code as Why['code'], reach, detailOf(code, read.line), confidence), because: [read.line] };
  }
  for (const pod of pods) {
    const target = conditionOf(pod, 'DisruptionTarget');
    if (target?.status === 'True')
      return {
        why: why('build-disrupted', 'platform', '', 'likely'),
        because: [`Pod ${pod.metadata.name}: DisruptionTarget, ${target.reason ?? ''} ${target.message ?? ''}`],
      };
  }
  const last =
    pods.length === 0 ? ['its pod is gone, and its log with it'] : output.slice(-1).map((line) => `last line: ${line}`);
  if (ended.reason === 'DeadlineExceeded')
    return {
      why: why(
        'build-deadline',
        'function',
        pods.length === 0 ? '; its pod is gone, so what it was waiting for is unknown' : '',
      ),
      because: [ended.line, ...last],
    };
  const exits = pods.flatMap((pod) =>
    statusesOf(pod).flatMap((status) => {
      const end = lastEnd(status);
      return endedBadly(end) ? [`${status.name}: ${end.reason ?? 'Error'}, exit code ${end.exitCode}`] : [];
    }),
  );
  return { why: why('build-failed-unexplained', 'function', '', 'unknown'), because: [...exits, ended.line, ...last] };
}

/** ` worker-3 (low on memory)`: where from, and what it lacked. */
function evictedFrom({ spec, status }: Pod): string {
  const lacked = /low on resource: ([\w-]+)/.exec(status.message ?? '')?.[1];
  return `${spec.nodeName ? ` ${spec.nodeName}` : ''}${lacked ? ` (low on ${lacked})` : ''}`;
}

/** The image or key the line names, for causes where it is the point. */
function detailOf(code: string, line: string): string {
  if (code === 'base-image-missing') {
    const image = /\/v2\/(\S+?)\/manifests\/([^\s:]+)/.exec(line);
    return image ? ` (${image[1]}:${image[2]})` : '';
  }
  if (code === 'source-missing') {
    const key = /Key "([^"]{1,120})"/.exec(line);
    return key ? ` (${key[1]})` : '';
  }
  return code === 'source-broken' || code === 'dependency-missing' || code === 'context-file-missing'
    ? ` (${line.slice(0, 100)})`
    : '';
}

function messagesOf(pod: Pod): readonly string[] {
  return statusesOf(pod).flatMap(({ state }) => (state?.terminated?.message ?? '').split('\n').filter(Boolean));
}

function isFailedPod(pod: Pod): boolean {
  return pod.status.phase === 'Failed' || statusesOf(pod).some((status) => endedBadly(lastEnd(status)));
}

function endOf(pods: readonly Pod[]): number | null {
  const times = pods.flatMap((pod) =>
    statusesOf(pod).flatMap(({ state }) => timeOf(state?.terminated?.finishedAt) ?? []),
  );
  return times.length > 0 ? Math.max(...times) : null;
}
