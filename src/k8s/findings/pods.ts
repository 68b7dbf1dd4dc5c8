import type { Finding } from '../../incidents/evidence.ts';
import type { ContainerStatus, Pod } from '../objects.ts';
import { waitingFinding } from './containers.ts';
import { endedFinding } from './ended.ts';
import { finding, look, nameOf } from './finding.ts';
import { wholePod } from './wholePod.ts';

/** What is wrong with a pod, from its status alone, all containers and init containers included; [] for a healthy one. */
export function podFindings(pod: Pod): readonly Finding[] {
  const found = [...wholePod(pod), ...statusesOf(pod).flatMap((status) => container(pod, status))];
  return found.length > 0 ? found : notReady(pod);
}

/** Of init containers too: a pod that cannot begin says so there. */
export function statusesOf(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
}

/** How unhealthy a pod is, to show the worst first: higher is worse. */
export function unhealth(pod: Pod): number {
  const levels = podFindings(pod).map(({ level }) => ['ok', 'notice', 'warning', 'critical'].indexOf(level));
  return Math.max(0, ...levels);
}

function container(pod: Pod, status: ContainerStatus): readonly Finding[] {
  // A crash loop at the memory limit is an OOM: the loop is only how it looks.
  const ended = endedFinding(pod, status);
  return ended.length > 0 ? ended : waitingFinding(pod, status);
}

function notReady(pod: Pod): readonly Finding[] {
  if (pod.status.phase !== 'Running' || pod.metadata.deletionTimestamp) return [];
  const waiting = (pod.status.containerStatuses ?? []).filter(
    (status) => status.ready === false && status.state?.running,
  );
  return waiting.slice(0, 1).map((status) => {
    const starting = status.started === false;
    return finding({
      code: 'not-ready',
      level: 'warning',
      confidence: 'likely',
      subject: nameOf('Pod', pod.metadata),
      conclusion: `Container ${status.name} runs but is not ready: its ${starting ? 'startup' : 'readiness'} probe fails or has not passed yet.`,
      because: [
        `${status.name}: ready=false${starting ? ', started=false' : ''}, running since ${status.state?.running?.startedAt ?? 'not recorded'}`,
      ],
      nextStep: `What do the probes answer? ${look('events', pod.metadata)}`,
    });
  });
}
