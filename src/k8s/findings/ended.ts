import type { Finding } from '../../incidents/evidence.ts';
import type { ContainerStatus, Pod } from '../objects.ts';
import { finding, look, nameOf } from './finding.ts';
import { disruption } from './wholePod.ts';

interface Ended {
  readonly exitCode?: number | undefined;
  readonly signal?: number | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly finishedAt?: string | undefined;
}

/** How a container ended, now or before its last restart; [] when that is nothing to tell. */
export function endedFinding(pod: Pod, status: ContainerStatus): readonly Finding[] {
  const now = status.state?.terminated;
  const ended = now ?? status.lastState?.terminated;
  if (!ended) return [];
  if (ended.reason === 'OOMKilled') return [outOfMemory(pod, status, ended)];
  if (!now || (now.exitCode ?? 0) === 0) return [];
  // Who is deleted or evicted ends with 137 or 143 and is told as a whole.
  if (disruption(pod) || pod.metadata.deletionTimestamp) return [];
  const code = exitCode(now);
  return [code === 137 || code === 143 ? killed(pod, status, now, code) : failed(pod, status, now)];
}

function exitCode(ended: Ended): number | undefined {
  return ended.exitCode === 0 && ended.signal ? 128 + ended.signal : ended.exitCode;
}

function outOfMemory(pod: Pod, status: ContainerStatus, ended: Ended): Finding {
  const limit = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((one) => one.name === status.name)
    ?.resources?.limits?.memory;
  const recovered = status.ready === true && status.state?.running !== undefined;
  const subject = nameOf('Pod', pod.metadata);
  return finding({
    code: isBuild(pod, status) ? 'build-oom-killed' : 'oom-killed',
    level: recovered ? 'warning' : 'critical',
    subject,
    conclusion: limit
      ? `Container ${status.name} was killed for using more memory than its limit of ${limit}${recovered ? ', and runs again' : ''}.`
      : `Container ${status.name} was killed for want of memory; it has no limit, so its node or a parent had none left${recovered ? '; it runs again' : ''}.`,
    because: [
      `${status.name}: OOMKilled, exit code ${ended.exitCode ?? 'not recorded'}${ended.finishedAt ? ` at ${ended.finishedAt}` : ''}`,
      ...(status.restartCount ? [`restarts: ${status.restartCount}`] : []),
    ],
    nextStep: limit
      ? `Raise the memory limit, or make it use less; its last lines tell what it was doing: ${look('logs', subject, ...(status.restartCount ? ['--previous'] : []))}`
      : `Is the node short of memory? ${look('nodes', { name: pod.spec.nodeName })}`,
  });
}

/** Exit 137 or 143 with another reason than OOMKilled: somebody ended it, and the memory limit did not. */
function killed(pod: Pod, status: ContainerStatus, ended: Ended, code: number): Finding {
  const subject = nameOf('Pod', pod.metadata);
  return finding({
    code: 'container-killed',
    level: 'warning',
    confidence: 'likely',
    subject,
    conclusion: `Container ${status.name} was ended from outside (exit code ${code}), not at its memory limit: by a deletion, a deadline, a failed liveness probe or its node.`,
    because: [
      `${status.name}: ${ended.reason ?? 'Error'}, exit code ${code}${ended.finishedAt ? ` at ${ended.finishedAt}` : ''}; a kill at the limit would say OOMKilled`,
    ],
    nextStep: `Who ended it? ${look('events', subject)}`,
  });
}

const EXITS: Readonly<Record<number, string>> = {
  126: 'its command cannot be executed',
  127: 'its command does not exist in the image',
  128: 'it could not be started',
  132: 'an illegal instruction: an image for another processor?',
  134: 'it aborted itself',
  139: 'a segmentation fault',
};

function failed(pod: Pod, status: ContainerStatus, ended: Ended): Finding {
  const subject = nameOf('Pod', pod.metadata);
  const words = EXITS[ended.exitCode ?? 0];
  const reason = ended.reason && ended.reason !== 'Error' ? ` (${ended.reason})` : '';
  return finding({
    code: 'container-failed',
    level: 'critical',
    subject,
    conclusion: `Container ${status.name} ended with exit code ${ended.exitCode}${reason}${words ? `: ${words}` : ''}.`,
    because: [ended.message?.trim() || `${status.name}: ${ended.reason ?? 'Error'}, exit code ${ended.exitCode}`],
    nextStep: `Read its last lines: ${look('logs', subject, `-c ${status.name}`)}`,
  });
}

export function isBuild(pod: Pod, status: Pick<ContainerStatus, 'name'>): boolean {
  // The control plane's own container is called `builder`: that it is part of a Job tells a build.
  const job = pod.metadata.labels?.['job-name'] ?? '';
  return /^(kaniko|buildah|buildkitd?)$/.test(status.name) || /build|kaniko/i.test(job);
}
