import { counted } from '../../incidents/counted.ts';
import type { Finding } from '../../incidents/evidence.ts';
import type { ContainerStatus, Pod } from '../objects.ts';
import { finding, look, nameOf } from './finding.ts';
import { imagePull } from './imagePull.ts';

/** Reasons that are a normal step of starting; events tell when they last too long. */
const STARTING = /^(ContainerCreating|PodInitializing)$/;
const IMAGE =
  /^(ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|ImageInspectError|RegistryUnavailable|SignatureValidationFailed)$/;
/** Reasons of the kubelet: https://github.com/kubernetes/kubernetes/blob/v1.32.0/pkg/kubelet/container/sync_result.go */
const CONFIGURATION =
  /^(CreateContainerConfigError|CreateContainerError|RunContainerError|StartError|PreCreateHookError|PreStartHookError|PostStartHookError|ContainerCannotRun|RunInitContainerError)$/;
const SANDBOX = /^(CreatePodSandboxError|ConfigPodSandboxError|KillPodSandboxError)$/;

/** Why a container waits; [] when it does not, or only starts. */
export function waitingFinding(pod: Pod, status: ContainerStatus): readonly Finding[] {
  const { reason, message = '' } = status.state?.waiting ?? {};
  if (!reason || STARTING.test(reason)) return [];
  const subject = nameOf('Pod', pod.metadata);
  const because = [`${status.name}: ${reason}${message ? `: ${message}` : ''}`];
  if (IMAGE.test(reason)) return [imagePull(subject, status, `${reason} ${message}`, because)];
  if (reason === 'CrashLoopBackOff') return [crashLoop(pod, status, because)];
  if (CONFIGURATION.test(reason)) return [configuration(pod, status, reason, message, because)];
  return [
    finding({
      code: SANDBOX.test(reason) ? 'sandbox-failed' : 'container-waiting',
      level: SANDBOX.test(reason) ? 'critical' : 'warning',
      subject,
      conclusion: `Container ${status.name} is waiting: ${reason}.`,
      because,
      nextStep: `The events say more: ${look('events', subject)}`,
    }),
  ];
}

function crashLoop(pod: Pod, status: ContainerStatus, because: readonly string[]): Finding {
  const subject = nameOf('Pod', pod.metadata);
  const last = status.lastState?.terminated;
  const code = last?.exitCode === undefined ? '' : ` with exit code ${last.exitCode}`;
  const clean = last?.exitCode === 0;
  return finding({
    code: 'crash-loop',
    level: 'critical',
    subject,
    conclusion: clean
      ? `Container ${status.name} ends by itself again and again (${counted(status.restartCount ?? 0, 'restart')}): it has nothing to do, or its liveness probe fails.`
      : `Container ${status.name} crashes again and again${code} (${counted(status.restartCount ?? 0, 'restart')}).`,
    because: [
      ...because,
      ...(last ? [`last: ${last.reason ?? 'Error'}, exit code ${last.exitCode ?? 'not recorded'}`] : []),
      ...(last?.message ? [last.message.trim()] : []),
    ],
    nextStep: `Read what it said before it died: ${look('logs', subject, `-c ${status.name}`, '--previous')}`,
  });
}

function configuration(
  pod: Pod,
  status: ContainerStatus,
  reason: string,
  message: string,
  because: readonly string[],
): Finding {
  const subject = nameOf('Pod', pod.metadata);
  const missing = /(secret|configmap) "([^"]+)" not found/i.exec(message);
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) (\S+)/i.exec(message);
  const words = missing
    ? `${kindWord(missing[1])} ${missing[2]} is missing`
    : key
      ? `${key[2]} ${key[3]} has no key ${key[1]}`
      : message || reason;
  return finding({
    code: 'container-config',
    level: 'critical',
    subject,
    conclusion: `Container ${status.name} cannot be created: ${words}.`,
    because,
    nextStep: `What it names must exist in this namespace; was it changed lately? ${look('changes', { namespace: subject.namespace })}`,
  });
}

function kindWord(kind: string | undefined): string {
  return kind?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';
}
