import { counted } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { isReplaced } from '../facts/recovered.ts';
import { isBuildPod } from '../subjects/build.ts';
import { timeOf } from '../subjects/object.ts';
import {
  type ContainerStatus,
  containerNamed,
  isFlapping,
  isInit,
  isTerminating,
  lastEnd,
  loops,
  type Pod,
  STUCK_MS,
  statusesOf,
  type Terminated,
} from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { changeBefore } from './changes.ts';
import { lastWordsOf } from './logs/lastWords.ts';
import { isKilledByProbe } from './probes.ts';
import { podCases } from './stuckPods.ts';
import { diag, podName, whoOf } from './words.ts';

/** Containers that cannot be created, crash, are killed, or stay on the way up or down. */
export function containerCases(facts: Facts): readonly Case[] {
  return (
    facts
      .all('Pod')
      // A replaced pod is history, unless it does not go away.
      .filter((pod) => !isReplaced(pod, facts) || isTerminating(pod))
      .flatMap((pod) => [
        ...podCases(pod, facts),
        ...statusesOf(pod).flatMap((status) => containerCase(pod, status, facts)),
      ])
  );
}

const CONFIG =
  /^(CreateContainerConfigError|CreateContainerError|RunContainerError|StartError|ContainerCannotRun|PreCreateHookError|PostStartHookError|PreStartHookError)$/;
const MISSING = /(configmap|secret) "([^"]+)" not found/i;
const MISSING_KEY = /couldn't find key (\S+) in (ConfigMap|Secret) (?:[^/\s]+\/)?(\S+)/;
const NOT_EXECUTABLE =
  /exec(?:utable)?[^"]*"?:? ?"?([^":]+)"?: (?:stat [^:]+: )?(executable file not found in \$PATH|no such file or directory|permission denied|exec format error|is a directory)|exec format error/;

function containerCase(pod: Pod, status: ContainerStatus, facts: Facts): readonly Case[] {
  const subject = podName(pod);
  const who = whoOf(pod, facts);
  const parts = {
    who,
    container: status.name,
    detail: '',
    look: diag('logs', subject, '-c', status.name, ...(status.state?.terminated ? [] : ['--previous'])),
  };
  const waiting = status.state?.waiting;
  const end = lastEnd(status);
  const start =
    end && /^(StartError|ContainerCannotRun)$/.test(end.reason ?? '')
      ? { reason: end.reason ?? '', message: end.message ?? '' }
      : null;
  const refused =
    waiting?.reason && CONFIG.test(waiting.reason) ? { reason: waiting.reason, message: waiting.message ?? '' } : start;
  if (refused) return [refusedCase(pod, status, refused, { subject, parts })];
  // Ends of builds are covered by the rules of builds.
  if (pod.status.phase === 'Succeeded' || isBuildPod(pod, facts.profile)) return [];
  return endCase(pod, status, { subject, parts, who, facts });
}

interface At {
  readonly subject: Case['subject'];
  readonly parts: { readonly who: string; readonly container: string; readonly detail: string; readonly look: string };
}

/** The runtime or the kubelet says why a container cannot be made. */
function refusedCase(
  pod: Pod,
  status: ContainerStatus,
  { reason, message }: { reason: string; message: string },
  { subject, parts }: At,
): Case {
  const because = [`${status.name}: ${reason}: ${short(message, 280)}`];
  const { who } = parts;
  const missing = MISSING.exec(message);
  if (missing)
    return found('config-missing', {
      subject,
      because,
      parts: { kind: /^secret/i.test(missing[1] ?? '') ? 'Secret' : 'ConfigMap', name: missing[2] ?? '', who },
    });
  const key = MISSING_KEY.exec(message);
  if (key)
    return found('config-key-missing', {
      subject,
      because,
      parts: { kind: key[2] ?? '', name: key[3] ?? '', key: key[1] ?? '', who },
    });
  if (NOT_EXECUTABLE.test(message)) {
    const [
      ,
      program = containerNamed(pod.spec, status.name)?.command?.[0] ?? 'its program',
      why = 'exec format error',
    ] = NOT_EXECUTABLE.exec(message) ?? [];
    const words = /exec format/.test(why)
      ? `${program} is built for another processor (exec format error)`
      : `its command ${program}: ${why.replace(' in $PATH', ' in the PATH of the image')}`;
    return found('command-not-found', { subject, because, parts: { ...parts, detail: words } });
  }
  return found('container-config', { subject, because, parts: { ...parts, detail: startError(message) || reason } });
}

const MOUNT_ERROR =
  /error mounting "[^"]+" to rootfs at "([^"]+)".*?(not a directory|is a directory|no such file or directory|permission denied|read-only file system)/s;
const WRAPPER =
  /^(?:failed to (?:create|start) (?:containerd |shim )?(?:task|container)|OCI runtime create failed|runc create failed|unable to start container process|error during container init|rpc error: code = \w+ desc =|container_linux\.go:\d+)[^:]*:\s*/;

/** What a runtime says beneath its wrappers, the innermost first. */
function startError(message: string): string {
  const mount = MOUNT_ERROR.exec(message);
  if (mount?.[1] && mount[2]) {
    const mixed = /directory/.test(mount[2]) ? ' (a directory is mounted onto a file, or a file onto a directory)' : '';
    return `nothing can be mounted at ${mount[1]}: ${mount[2]}${mixed}`;
  }
  let inner = message;
  while (WRAPPER.test(inner)) inner = inner.replace(WRAPPER, '');
  return short(inner, 160);
}

interface Ending extends At {
  readonly who: string;
  readonly facts: Facts;
}

/** The case of a container's bad end: a crash loop, one failure, or a restart that is over. */
function endCase(pod: Pod, status: ContainerStatus, ending: Ending): readonly Case[] {
  const { facts } = ending;
  const end = lastEnd(status);
  if (pod.status.reason === 'Evicted') return [];
  if (end === null) return loops(status) ? [loopWithoutEnd(status, ending)] : [];
  const at = timeOf(end.finishedAt);
  const isRecent = loops(status) || at === null || at >= facts.target.from;
  if (!isRecent) return [];
  const ended: Ended = {
    ...ending,
    pod,
    status,
    end,
    at,
    isUp: status.state?.running !== undefined && status.ready === true && !isFlapping(status, facts.now),
    restarts: status.restartCount ? ` (${counted(status.restartCount, 'restart')})` : '',
    line: `${status.name}: ${end.reason ?? 'ended'}, exit code ${end.exitCode ?? 'not recorded'}, restarts ${status.restartCount ?? 0}`,
  };
  if (end.reason === 'OOMKilled') return [memoryCase(ended)];
  if (isSuccess(end)) return loops(status) ? successCase(ended) : [];
  return [failureCase(ended)];
}

/** How the last instance of a container ended. */
interface Ended extends Ending {
  readonly pod: Pod;
  readonly status: ContainerStatus;
  readonly end: Terminated;
  /** Epoch ms; null when it is not recorded. */
  readonly at: number | null;
  /** Another instance runs and is ready. */
  readonly isUp: boolean;
  /** ` (3 restarts)`, or empty. */
  readonly restarts: string;
  /** What the status says, as evidence. */
  readonly line: string;
}

function isSuccess(end: Terminated): boolean {
  return (end.exitCode ?? 0) === 0;
}

function memoryCase({ pod, status, subject, parts, at, isUp, restarts, line, facts }: Ended): Case {
  const since = changeBefore(pod, facts);
  const limit = containerNamed(pod.spec, status.name)?.resources?.limits?.memory;
  const isOpen = !isUp || (at !== null && facts.now - at < STUCK_MS) || (status.restartCount ?? 0) > 2;
  return found('oom-killed', {
    subject,
    at,
    because: [line, ...since.lines],
    parts: { ...parts, limit: limit ? ` of ${limit}` : '', detail: `${restarts}${since.words}` },
    ...(isOpen ? {} : { confidence: 'likely' as const, level: 'warning' as const }),
  });
}

/** A program that should run on ended with exit code 0, again and again. */
function successCase(ended: Ended): readonly Case[] {
  const { pod, status, subject, parts, at, isUp, restarts, line, facts } = ended;
  const words = lastWordsOf(pod, status, facts);
  const because = words ? [line, words.line] : [line];
  if (isUp) return [restartedOnce(ended, because)];
  // Exit code 0 after SIGTERM: the probe's kill ended it.
  if (isKilledByProbe(pod, status, facts)) return [];
  const confidence = isInit(pod, status.name) ? 'likely' : 'confirmed';
  return [found('ended-early', { subject, at, because, parts: { ...parts, detail: restarts }, confidence })];
}

function failureCase(ended: Ended): Case {
  const { pod, status, end, subject, parts, at, isUp, restarts, line, facts } = ended;
  const words = lastWordsOf(pod, status, facts);
  const because = words ? [line, words.line] : [line];
  if (isUp) return restartedOnce(ended, because);
  const exit = end.exitCode === undefined ? '' : ` with exit code ${end.exitCode}`;
  const isKilled = (end.exitCode === 137 || end.exitCode === 143) && !words?.says;
  const isLooping =
    loops(status) ||
    isFlapping(status, facts.now) ||
    (status.state?.running === undefined && (status.restartCount ?? 0) > 0) ||
    ((status.restartCount ?? 0) > 1 && !status.ready);
  if (isKilled && !isLooping)
    return found('killed-from-outside', {
      subject,
      at,
      because: [line],
      parts: { ...parts, detail: `${exit}${restarts}` },
    });
  const since = changeBefore(pod, facts);
  const detail = `${exit}${words?.says ? `: ${words.says}` : ''}${restarts}${since.words}`;
  return found(isLooping ? 'crash-loop' : 'container-failed', {
    subject,
    at,
    because: [...because, ...since.lines],
    parts: { ...parts, detail },
    confidence: 'confirmed',
  });
}

function restartedOnce({ end, subject, parts, at, restarts }: Ended, because: readonly string[]): Case {
  return found('restarted-once', {
    confidence: 'unknown',
    subject,
    at,
    because,
    parts: { ...parts, detail: ` (exit code ${end.exitCode ?? '?'})${restarts}` },
  });
}

/** A crash loop whose last end the kubelet has not kept. */
function loopWithoutEnd(status: ContainerStatus, { subject, parts }: At): Case {
  const restarts = status.restartCount ? ` (${counted(status.restartCount, 'restart')})` : '';
  return found('crash-loop', {
    subject,
    because: [`${status.name}: CrashLoopBackOff, restarts ${status.restartCount ?? 0}`],
    parts: { ...parts, detail: restarts },
  });
}
