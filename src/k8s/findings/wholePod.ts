import type { Finding } from '../../incidents/evidence.ts';
import type { Pod } from '../objects.ts';
import { finding, look, nameOf } from './finding.ts';
import { schedulingFindings } from './scheduling.ts';

/** https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions, and reasons of the kubelet. */
const DISRUPTIONS: Readonly<Record<string, string>> = {
  TerminationByKubelet: 'evicted by the kubelet',
  EvictionByEvictionAPI: 'evicted (a drain, or an autoscaler of nodes)',
  PreemptionByScheduler: 'preempted by a pod of higher priority',
  Preempting: 'preempted by a pod of higher priority',
  DeletionByTaintManager: 'deleted because of a taint of its node',
  DeletionByPodGC: 'deleted because its node is gone',
  NodeLost: 'lost with its node',
  NodeShutdown: 'ended because its node shut down',
  Terminated: 'ended because its node shut down',
};

const REFUSED = /^(OutOf\w+|NodeAffinity|Unexpected ?AdmissionError|NodePorts)$/;

/** Why the kubelet or the control plane ended the pod as a whole; null when they did not. */
export function disruption(pod: Pod): { readonly reason: string; readonly words: string } | null {
  const reason = pod.status.reason === 'Evicted' ? 'TerminationByKubelet' : (target(pod)?.reason ?? pod.status.reason);
  const words = DISRUPTIONS[reason ?? ''];
  return reason === undefined || words === undefined ? null : { reason, words };
}

/** What is wrong with a pod as a whole: evicted, disrupted, refused by its node, lost, or without a node. */
export function wholePod(pod: Pod): readonly Finding[] {
  const subject = nameOf('Pod', pod.metadata);
  const tell = (parts: Pick<Finding, 'code' | 'level' | 'conclusion'>, otherwise: string, question: string) => {
    const because = reasonsOf(pod);
    const nextStep = `${question} ${look('nodes', { name: pod.spec.nodeName })}`;
    return [finding({ ...parts, subject, because: because.length > 0 ? because : [otherwise], nextStep })];
  };
  const disrupted = disruption(pod);
  if (disrupted?.reason === 'TerminationByKubelet') {
    const conclusion = `Pod ${subject.name} was evicted from its node${lowOn(pod.status.message)}.`;
    const question = 'Is the node still under pressure?';
    return tell({ code: 'pod-evicted', level: 'warning', conclusion }, 'reason: Evicted', question);
  }
  if (disrupted) {
    const conclusion = `Pod ${subject.name} was ${disrupted.words}.`;
    const parts = { code: 'pod-disrupted', level: 'warning', conclusion } as const;
    return tell(parts, `reason: ${disrupted.reason}`, 'Look at its node:');
  }
  const reason = pod.status.reason ?? '';
  if (pod.status.phase === 'Failed' && REFUSED.test(reason)) {
    const conclusion = `Pod ${subject.name} was refused by its node: ${reason}.`;
    return tell({ code: 'pod-refused', level: 'warning', conclusion }, `reason: ${reason}`, 'How full is the node?');
  }
  if (pod.status.phase === 'Unknown') {
    const conclusion = `The state of pod ${subject.name} is not known: its node does not answer.`;
    return tell({ code: 'pod-unknown', level: 'critical', conclusion }, 'phase: Unknown', 'Is the node ready?');
  }
  return schedulingFindings(pod);
}

function target(pod: Pod) {
  return pod.status.conditions?.find((one) => one.type === 'DisruptionTarget' && one.status === 'True');
}

function reasonsOf(pod: Pod): readonly string[] {
  const condition = target(pod);
  const line = condition
    ? `DisruptionTarget: ${condition.reason ?? 'True'}${condition.message ? `: ${condition.message}` : ''}`
    : '';
  return [pod.status.message ?? '', line].filter((text) => text !== '');
}

/** `The node was low on resource: memory. ...` */
function lowOn(message: string | undefined): string {
  const resource = /low on resource: ([\w-]+)/.exec(message ?? '')?.[1];
  return resource ? `, which was low on ${resource}` : '';
}
