import type { Finding } from '../../incidents/evidence.ts';
import type { ContainerStatus, Pod } from '../objects.ts';
import { finding, nameOf } from './finding.ts';
import { imagePull } from './imagePull.ts';

/** What is wrong with a pod, from its status alone; [] for a healthy one. */
export function podFindings(pod: Pod): readonly Finding[] {
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  const found = [...wholePod(pod), ...statuses.flatMap((status) => container(pod, status))];
  return found.length > 0 ? found : notReady(pod);
}

/** How unhealthy a pod is, to show the worst first: higher is worse. */
export function unhealth(pod: Pod): number {
  const levels = podFindings(pod).map(({ level }) => ['ok', 'notice', 'warning', 'critical'].indexOf(level));
  return Math.max(0, ...levels);
}

function wholePod(pod: Pod): readonly Finding[] {
  const subject = nameOf('Pod', pod.metadata);
  if (pod.status.reason === 'Evicted')
    return [
      finding({
        code: 'pod-evicted',
        level: 'warning',
        subject,
        conclusion: `Pod ${subject.name} was evicted from its node.`,
        because: [pod.status.message ?? 'reason: Evicted'],
        nextStep:
          'Look at the node’s pressure: /lambda diag nodes. Requests below real use make a pod the first to go.',
      }),
    ];
  if (pod.status.phase !== 'Pending') return [];
  const scheduled = pod.status.conditions?.find((one) => one.type === 'PodScheduled');
  if (scheduled?.status !== 'False') return [];
  return [
    finding({
      code: 'pod-unschedulable',
      level: 'critical',
      subject,
      conclusion: `Pod ${subject.name} finds no node: ${pendingReason(scheduled.message ?? '')}.`,
      because: [scheduled.message ?? scheduled.reason ?? 'Unschedulable'],
      nextStep: 'Compare requests with what is free: /lambda diag top nodes, and quota: /lambda diag quota.',
    }),
  ];
}

function pendingReason(message: string): string {
  const reasons: readonly (readonly [RegExp, string])[] = [
    [/Insufficient memory/i, 'not enough free memory'],
    [/Insufficient cpu/i, 'not enough free CPU'],
    [/Insufficient ephemeral-storage/i, 'not enough ephemeral storage'],
    [/taint/i, 'taints it does not tolerate'],
    [/affinity|selector/i, 'no node matches its affinity or selector'],
    [/persistentvolumeclaim|volume/i, 'its volume is not available'],
    [/Too many pods/i, 'the nodes hold as many pods as they may'],
  ];
  const found = reasons.filter(([pattern]) => pattern.test(message)).map(([, words]) => words);
  return found.length > 0 ? found.join(', ') : 'the scheduler gives no known reason';
}

function container(pod: Pod, status: ContainerStatus): readonly Finding[] {
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  if (ended?.reason === 'OOMKilled') return [outOfMemory(pod, status)];
  const waiting = status.state?.waiting;
  if (waiting?.reason && waiting.reason !== 'ContainerCreating' && waiting.reason !== 'PodInitializing')
    return [waitingFor(pod, status, waiting.reason, waiting.message ?? '')];
  const now = status.state?.terminated;
  if (now && (now.exitCode ?? 0) !== 0) return [failed(pod, status, now)];
  return [];
}

function outOfMemory(pod: Pod, status: ContainerStatus): Finding {
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  const limit = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((one) => one.name === status.name)
    ?.resources?.limits?.memory;
  return finding({
    code: /kaniko|build/i.test(`${status.name} ${pod.metadata.labels?.['job-name'] ?? ''}`)
      ? 'build-oom-killed'
      : 'oom-killed',
    level: 'critical',
    subject: nameOf('Pod', pod.metadata),
    conclusion: `Container ${status.name} was killed for using more memory than its limit${limit ? ` of ${limit}` : ''}.`,
    because: [
      `${status.name}: OOMKilled, exit code ${ended?.exitCode ?? 'not recorded'}${ended?.finishedAt ? ` at ${ended.finishedAt}` : ''}`,
      ...(status.restartCount ? [`restarts: ${status.restartCount}`] : []),
    ],
    nextStep:
      'Raise the memory limit, or make it use less; the log’s last lines tell what it was doing: /lambda diag logs --previous.',
  });
}

function waitingFor(pod: Pod, status: ContainerStatus, reason: string, message: string): Finding {
  const subject = nameOf('Pod', pod.metadata);
  const because = [`${status.name}: ${reason}${message ? `: ${message}` : ''}`];
  if (reason === 'ImagePullBackOff' || reason === 'ErrImagePull' || reason === 'InvalidImageName')
    return imagePull(subject, status, message, because);
  if (reason === 'CrashLoopBackOff') {
    const last = status.lastState?.terminated;
    return finding({
      code: 'crash-loop',
      level: 'critical',
      subject,
      conclusion: `Container ${status.name} crashes again and again${last?.exitCode === undefined ? '' : ` with exit code ${last.exitCode}`} (${status.restartCount ?? 0} restarts).`,
      because: [...because, ...(last?.message ? [last.message] : [])],
      nextStep: `Read what it said before it died: /lambda diag logs ${subject.name} --previous`,
    });
  }
  const configuration = /^(CreateContainerConfigError|CreateContainerError|RunContainerError|StartError)$/.test(reason);
  return finding({
    code: configuration ? 'container-config' : 'container-waiting',
    level: configuration ? 'critical' : 'warning',
    subject,
    conclusion: configuration
      ? `Container ${status.name} cannot be created: ${message || reason}.`
      : `Container ${status.name} is waiting: ${reason}.`,
    because,
    nextStep: configuration
      ? 'Check the ConfigMaps, Secrets and mounts it names: do they exist in this namespace?'
      : `/lambda diag events ${subject.name}`,
  });
}

function failed(
  pod: Pod,
  status: ContainerStatus,
  ended: { exitCode?: number | undefined; reason?: string | undefined; message?: string | undefined },
): Finding {
  return finding({
    code: 'container-failed',
    level: 'critical',
    subject: nameOf('Pod', pod.metadata),
    conclusion: `Container ${status.name} ended with exit code ${ended.exitCode}${ended.reason && ended.reason !== 'Error' ? ` (${ended.reason})` : ''}.`,
    because: [ended.message ?? `${status.name}: ${ended.reason ?? 'Error'}, exit code ${ended.exitCode}`],
    nextStep: `/lambda diag logs ${pod.metadata.name}`,
  });
}

function notReady(pod: Pod): readonly Finding[] {
  if (pod.status.phase !== 'Running' || pod.metadata.deletionTimestamp) return [];
  const waiting = (pod.status.containerStatuses ?? []).filter(
    (status) => status.ready === false && status.state?.running,
  );
  return waiting.slice(0, 1).map((status) =>
    finding({
      code: 'not-ready',
      level: 'warning',
      confidence: 'likely',
      subject: nameOf('Pod', pod.metadata),
      conclusion: `Container ${status.name} runs but is not ready: its readiness probe fails or has not passed yet.`,
      because: [`${status.name}: ready=false, running since ${status.state?.running?.startedAt ?? 'not recorded'}`],
      nextStep: `/lambda diag events ${pod.metadata.name}`,
    }),
  );
}
