import type { Finding } from '../../incidents/evidence.ts';
import type { Pod } from '../objects.ts';
import { finding, look, nameOf } from './finding.ts';

/** What the scheduler says, in words, and where one sees it. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/Insufficient memory/i, 'not enough free memory'],
  [/Insufficient cpu/i, 'not enough free CPU'],
  [/Insufficient ephemeral-storage/i, 'not enough ephemeral storage'],
  [/Insufficient (?!memory|cpu|ephemeral-storage)[\w./-]+/i, 'not enough of a special resource'],
  [/Too many pods/i, 'the nodes hold as many pods as they may'],
  [/memory-pressure|disk-pressure|pid-pressure/i, 'nodes under pressure'],
  [/node\.kubernetes\.io\/(?:not-ready|unreachable)/i, 'nodes that are not ready'],
  [/unschedulable/i, 'cordoned nodes'],
  [/untolerated taint|had taint/i, 'taints it does not tolerate'],
  [/topology spread/i, 'its topology spread constraints'],
  [/anti-affinity/i, 'its anti-affinity'],
  [/affinity|node selector/i, 'no node matches its affinity or selector'],
  [/persistentvolumeclaim|volume|PersistentVolume/i, 'its volume is not available'],
  [/free ports/i, 'the host ports it wants are taken'],
];

/** Why a pod that waits for a node gets none; [] for any other pod. */
export function schedulingFindings(pod: Pod): readonly Finding[] {
  if (pod.status.phase !== 'Pending') return [];
  const scheduled = pod.status.conditions?.find((one) => one.type === 'PodScheduled' && one.status === 'False');
  if (!scheduled) return [];
  const subject = nameOf('Pod', pod.metadata);
  const message = scheduled.message ?? '';
  if (scheduled.reason === 'SchedulingGated')
    return [
      finding({
        code: 'pod-gated',
        level: 'warning',
        subject,
        conclusion: `Pod ${subject.name} is held back by a scheduling gate.`,
        because: [message || 'SchedulingGated'],
        nextStep: `Whoever set the gate must lift it: ${look('events', subject)}`,
      }),
    ];
  const words = pendingReasons(message);
  const volume = words.includes('its volume is not available');
  return [
    finding({
      code: 'pod-unschedulable',
      level: 'critical',
      confidence: words.length > 0 ? 'confirmed' : 'likely',
      subject,
      conclusion: `Pod ${subject.name} finds no node: ${words.join(', ') || 'the scheduler gives no known reason'}.`,
      because: [message || scheduled.reason || 'Unschedulable'],
      nextStep: volume
        ? `Is its claim bound? ${look('storage', { namespace: subject.namespace })}`
        : `Compare what pods request with what the nodes have: ${look('nodes', {})}`,
    }),
  ];
}

/** The reasons of a FailedScheduling message: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {...}.` */
export function pendingReasons(message: string): readonly string[] {
  // What follows "preemption:" repeats the reasons in other words.
  const said = message.split(/preemption:/i)[0] ?? '';
  const found = REASONS.filter(([pattern]) => pattern.test(said)).map(([, words]) => words);
  const pressure = found.some((words) => words.startsWith('nodes ') || words === 'cordoned nodes');
  return found.filter((words) => !(pressure && words === 'taints it does not tolerate'));
}
