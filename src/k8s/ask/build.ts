import { instant } from '../subjects/instant.ts';
import { failureOf, type Job, phaseOf as jobPhase } from '../subjects/job.ts';
import { conditionOf } from '../subjects/object.ts';
import { endedBadly, lastEnd, type Pod, statusesOf } from '../subjects/pod.ts';

/** A build: its Job, the newest of its pods, and the last lines of the deciding container. */
export interface Build {
  readonly job: Job;
  /** Null when neither label nor name tells. */
  readonly functionName: string | null;
  readonly pod: Pod | null;
  readonly lines: readonly { readonly at: number | null; readonly text: string }[];
}

/** Kaniko's steps in the order of a build, by the lines it prints (docs/platform.md). */
const PHASES: readonly (readonly [RegExp, string])[] = [
  [/Pushed \S+/, 'pushed'],
  [/Pushing image to|error pushing image|failed to push/, 'pushing'],
  [/Taking snapshot of|Snapshotting|Initializing snapshotter/, 'snapshot'],
  [/Unpacking rootfs/, 'unpacking'],
  [/\bRUN |Running: \[|\bCOPY |\bADD |\bWORKDIR |Collecting |Downloading |npm (?:http|warn|ERR!|error)/, 'RUN'],
  [/Retrieving image|Resolved base name|Built cross stage deps|Executing 0 build triggers/, 'base image'],
  [/checking push permission|push check transport/, 'push check'],
];

/**
 * The step a build is at or ended in: fetching source, base image, unpacking, RUN, snapshot, pushing, pushed; null when
 * the log does not show it.
 */
export function phaseOf({ job, pod, lines }: Build): string | null {
  if (!pod) return job.status.active ? 'waiting' : null;
  const init = (pod.status.initContainerStatuses ?? []).find(
    ({ state }) => state?.terminated === undefined || (state.terminated.exitCode ?? 0) !== 0,
  );
  if (pod.status.phase === 'Pending' && !init?.state?.running && !pod.spec.nodeName) return 'no node';
  if (init) return 'fetching source';
  for (const { text } of lines.toReversed()) {
    // A line about unpacking names the command it unpacks for.
    const phase = PHASES.find(([pattern]) => pattern.test(text.slice(0, 500)));
    if (phase) return phase[1];
  }
  return pod.status.phase === 'Pending' ? 'starting' : null;
}

/** `running`, `done`, `failed`, `suspended`, or `waiting` for its first pod. */
export function stateOf(job: Job): string {
  const phase = jobPhase(job);
  return phase === 'complete' ? 'done' : phase === 'failing' ? 'failed' : phase;
}

/**
 * The end of the container or pod: `OOMKilled`, `Evicted`, `DeadlineExceeded`, `exit 1`; empty while it runs or when it
 * succeeded.
 */
export function exitOf({ job, pod }: Build): string {
  const failed = failureOf(job);
  const disrupted = pod ? conditionOf(pod, 'DisruptionTarget') : null;
  if (pod?.status.reason) return pod.status.reason;
  if (disrupted?.status === 'True') return disrupted.reason ?? 'DisruptionTarget';
  const ended = (pod ? statusesOf(pod) : []).map(lastEnd).find(endedBadly);
  if (ended?.reason && ended.reason !== 'Error') return ended.reason;
  if (failed?.reason === 'DeadlineExceeded') return failed.reason;
  const waiting = (pod ? statusesOf(pod) : []).find(({ state }) => state?.waiting?.reason?.match(/Back|Err/));
  return ended ? `exit ${ended.exitCode}` : (waiting?.state?.waiting?.reason ?? failed?.reason ?? '');
}

/** The image it builds: by annotation, else by Kaniko's own argument. */
export function imageOf({ job }: Pick<Build, 'job'>): string | null {
  const marked = job.metadata.annotations?.['lambda.knative.io/image-uri'];
  const args = (job.spec.template?.spec?.containers ?? []).flatMap(({ args: own = [] }) => own);
  const at = args.findIndex((arg) => /^--destination(=|$)/.test(arg));
  const argument = args[at]?.includes('=') ? args[at]?.slice('--destination='.length) : args[at + 1];
  return marked ?? (at < 0 ? null : (argument ?? null));
}

/** Milliseconds it took or has taken by `now`; null before it began. */
export function durationOf({ job }: Pick<Build, 'job'>, now: number): number | null {
  const from = instant(job.status.startTime ?? job.metadata.creationTimestamp);
  const to = instant(job.status.completionTime) ?? failureOf(job)?.at ?? null;
  return from === null ? null : Math.max(0, (to ?? now) - from);
}

/** The container whose output decides: the init container that runs or failed, else Kaniko, else the first. */
export function tellingContainer(pod: Pod): string {
  const init = (pod.status.initContainerStatuses ?? []).find(
    ({ state }) => state?.running !== undefined || (state?.terminated?.exitCode ?? 0) !== 0,
  );
  const kaniko = pod.spec.containers.find(({ name }) => /kaniko|buildkit|build/i.test(name));
  return init?.name ?? kaniko?.name ?? pod.spec.containers[0]?.name ?? '';
}
