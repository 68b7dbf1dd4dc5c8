import { counted } from '../../incidents/counted.ts';
import type { Finding } from '../../incidents/evidence.ts';
import { finding } from '../findings/finding.ts';
import { imagePull } from '../findings/imagePull.ts';
import type { ContainerStatus, Pod } from '../objects.ts';
import { deploymentOfPod, type Facts, isBuild, jobOfPod, logsOf, namesOfPod, timeOf, wasRead } from './facts.ts';
import { type Case, cause, DEPTH, excluded, found, type Hypothesis, object, undecided } from './hypothesis.ts';
import type { Topic } from './target.ts';
import { changeBefore } from './whatChanged.ts';

const PULL =
  /^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ImageInspectError|RegistryUnavailable)$/;

/** F7: an image that cannot be pulled, of a function or of anything else. */
export const imagePulls: Hypothesis = {
  id: 'F7',
  title: 'An image cannot be pulled',
  areas: ['functions', 'control', 'serving', 'builds', 'storage'],
  judge(facts) {
    if (!wasRead(facts, 'pods')) return undecided('pods were not read');
    const cases = facts.pods.flatMap((pod) =>
      statusesOf(pod).flatMap((status) => {
        const waiting = status.state?.waiting;
        if (!waiting?.reason || !PULL.test(waiting.reason)) return [];
        return [pullCase(pod, status, waiting.reason, waiting.message ?? '', facts)];
      }),
    );
    return cases.length > 0 ? found(byCause(cases)) : excluded('every image was pulled');
  },
};

function pullCase(pod: Pod, status: ContainerStatus, reason: string, message: string, facts: Facts): Case {
  // Older kubelets say why only in an event: the status has `Back-off pulling image "..."`.
  const event = facts.events.findLast(
    (one) =>
      one.involvedObject.name === pod.metadata.name &&
      /^Failed to pull image/.test(one.message ?? '') &&
      (one.message ?? '').includes(status.image ?? ''),
  );
  const told = [message, event?.message ?? ''].join(' ');
  const lines = [
    `${status.name}: ${reason}${message ? `: ${message}` : ''}`,
    ...(event ? [`${event.reason}: ${event.message}`] : []),
  ];
  const one = imagePull(object('Pod', pod.metadata.namespace, pod.metadata.name), status, told, lines);
  const revision = pod.metadata.labels?.['serving.knative.dev/revision'];
  const serves = revision ? stillServes(revision, facts) : null;
  const image = status.image ?? pod.spec.containers.find(({ name }) => name === status.name)?.image ?? 'unnamed';
  return {
    ...cause({ ...one, touches: namesOfPod(pod, facts.profile), areas: areasOf(pod, facts) }),
    conclusion: `${one.conclusion.replace(`(${status.image ?? 'unnamed'})`, `${revision ? `of revision ${revision} ` : ''}(${image})`)}${serves ? ` ${serves}` : ''}`,
  };
}

function stillServes(revision: string, facts: Facts): string | null {
  const service = facts.services.find(({ status }) => status.latestCreatedRevisionName === revision);
  const ready = service?.status.latestReadyRevisionName;
  return ready && ready !== revision ? `Revision ${ready} still serves.` : null;
}

/** F8 and what is like it: a container that ends again and again, with its last words. */
export const crashes: Hypothesis = {
  id: 'F8',
  title: 'A container exits again and again',
  areas: ['functions', 'control', 'serving', 'storage', 'eventing'],
  judge(facts) {
    if (!wasRead(facts, 'pods')) return undecided('pods were not read');
    const cases = facts.pods.flatMap((pod) =>
      isOfBuild(pod, facts) ? [] : statusesOf(pod).flatMap((status) => crashCase(pod, status, facts) ?? []),
    );
    return cases.length > 0 ? found(byCause(cases)) : excluded('no container crashed in the window');
  },
};

function isOfBuild(pod: Pod, facts: Facts): boolean {
  const job = jobOfPod(pod);
  return job !== null && isBuild({ metadata: { name: job, labels: pod.metadata.labels } }, facts.profile);
}

/** What a container that ends badly tells; null for one that does not. */
export function crashCase(pod: Pod, status: ContainerStatus, facts: Facts): Case | null {
  const loops = status.state?.waiting?.reason === 'CrashLoopBackOff';
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  const at = timeOf(ended?.finishedAt);
  const named = namesOfPod(pod, facts.profile).some((name) => facts.target.names.has(name));
  // A crash of long ago is no cause of what began now, whoever the alert names.
  const recent = loops || (at === null ? named : at >= facts.target.from);
  const bad = ended !== undefined && ((ended.exitCode ?? 0) !== 0 || ended.reason === 'OOMKilled');
  if (
    pod.status.reason === 'Evicted' ||
    !recent ||
    !(loops || (bad && (status.restartCount ?? 0) + (status.state?.terminated ? 1 : 0) > 0))
  )
    return null;
  const words = lastWords(pod, status, facts);
  const limit = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(({ name }) => name === status.name)
    ?.resources?.limits?.memory;
  const isOom = ended?.reason === 'OOMKilled';
  const who = whoOf(pod, status);
  const exit = ended?.exitCode === undefined ? '' : ` with exit code ${ended.exitCode}`;
  // The pods of a Job end once each: nothing was restarted, and there is no instance before this one.
  const restarts =
    status.state?.terminated && !status.restartCount ? '' : ` (${counted(status.restartCount ?? 0, 'restart')})`;
  const since = changeBefore(pod, facts);
  return cause({
    code: isOom ? 'oom-killed' : loops ? 'crash-loop' : 'container-failed',
    subject: object('Pod', pod.metadata.namespace, pod.metadata.name),
    conclusion: isOom
      ? `${who} was killed for using more memory than its limit${limit ? ` of ${limit}` : ''} (${counted(status.restartCount ?? 0, 'restart')})${since.words}.`
      : `${who} ${loops ? 'crashes again and again' : 'ended'}${exit}${words ? `: ${words.slice(0, 140)}` : ''}${restarts}${since.words}.`,
    because: [
      `${status.name}: ${isOom ? 'OOMKilled' : (ended?.reason ?? status.state?.waiting?.reason ?? 'Error')}, exit code ${ended?.exitCode ?? 'not recorded'}, restarts ${status.restartCount ?? 0}`,
      ...(words ? [words] : []),
      ...since.lines,
      ...readyAnyway(pod, facts),
      ...killedFromOutside(pod, ended?.exitCode, ended?.reason, facts),
    ],
    nextStep: isOom
      ? 'Raise the memory limit or make it use less; when it began with a release, roll that back.'
      : `Read what it said before it died: /lambda diag logs ${pod.metadata.name}${status.state?.terminated ? '' : ' --previous'}. When it began with a release, roll that back.`,
    touches: namesOfPod(pod, facts.profile),
    areas: areasOf(pod, facts),
  });
}

/** Knative says ready while its pods crash: that is told, not believed. */
function readyAnyway(pod: Pod, facts: Facts): readonly string[] {
  const revision = pod.metadata.labels?.['serving.knative.dev/revision'];
  const ready = facts.revisions
    .find(({ metadata }) => metadata.name === revision)
    ?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return revision && ready ? [`Revision ${revision} says Ready=True all the same`] : [];
}

function killedFromOutside(
  pod: Pod,
  exitCode: number | undefined,
  reason: string | undefined,
  facts: Facts,
): readonly string[] {
  if (exitCode !== 137 || reason === 'OOMKilled') return [];
  const probe = facts.events.find(
    (one) => one.involvedObject.name === pod.metadata.name && /liveness/i.test(one.message ?? ''),
  );
  return [
    probe
      ? `killed from outside: ${probe.message}`
      : 'exit code 137 without OOMKilled: killed from outside (probe, deletion, node), not for memory',
  ];
}

const ERROR_LINE = /\b(?:Error|Exception|panic|fatal|FATAL|CRITICAL|Cannot|cannot|failed|Failed|refused|denied)\b/;
const NAMED_ERROR = /^(?:Uncaught )?(?:[\w.]*(?:Error|Exception)\b|panic:|fatal error:|FATAL|Cannot )/;

/** What the dead instance said last that tells a reason; the termination message when there is no log. */
function lastWords(pod: Pod, status: ContainerStatus, facts: Facts): string | null {
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  const logs = logsOf(facts, pod).filter(({ container }) => container === status.name);
  const lines = [...(ended?.message ?? '').split('\n'), ...logs.flatMap((log) => log.lines.map(({ text }) => text))]
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^at |^node:internal|^\^+$/.test(line));
  return (
    lines.find((line) => NAMED_ERROR.test(line)) ??
    lines.findLast((line) => ERROR_LINE.test(line)) ??
    (ended?.message ? (lines.at(-1) ?? null) : null)
  );
}

function whoOf(pod: Pod, status: ContainerStatus): string {
  const revision = pod.metadata.labels?.['serving.knative.dev/revision'];
  if (revision) return `Container ${status.name} of revision ${revision}`;
  const deployment = deploymentOfPod(pod);
  return `Container ${status.name} of ${deployment ? `Deployment ${deployment}` : `pod ${pod.metadata.name}`}${pod.metadata.namespace ? ` in ${pod.metadata.namespace}` : ''}`;
}

export function statusesOf(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
}

/** What alerts a pod's trouble may explain. */
export function areasOf(pod: Pod, facts: Facts): readonly Topic[] {
  const { namespace, labels } = pod.metadata;
  const { profile } = facts;
  if (isOfBuild(pod, facts)) return ['builds'];
  if (labels?.['serving.knative.dev/service']) return ['functions', 'eventing'];
  if (deploymentOfPod(pod) === profile.controlDeployment) return ['control', 'builds', 'eventing', 'metrics'];
  if (namespace === profile.storageNamespace) return ['storage', 'builds'];
  if (namespace === 'knative-serving' || namespace === 'kourier-system') return ['serving', 'functions', 'metrics'];
  if (namespace === 'knative-eventing' || namespace === profile.rabbitmqNamespace) return ['eventing'];
  return [];
}

/** The same cause of several pods of one owner is one case with a count. */
export function byCause(cases: readonly Case[]): readonly Case[] {
  const groups = Map.groupBy(
    cases,
    ({ code, touches, subject }) => `${code}/${subject.namespace}/${touches.slice(1).join(',')}`,
  );
  return [...groups.values()].flatMap((group) => {
    const first = group[0];
    return first
      ? [
          {
            ...first,
            count: group.reduce((sum, one) => sum + one.count, 0),
            touches: group.flatMap(({ touches }) => touches),
          },
        ]
      : [];
  });
}

/** A finding of the general rules as a case about a pod. */
export function asCase(one: Finding, pod: Pod, facts: Facts): Case {
  return cause({
    ...finding(one),
    touches: namesOfPod(pod, facts.profile),
    areas: areasOf(pod, facts),
    depth: DEPTH.symptom,
  });
}
