import type { Finding } from '../../incidents/evidence.ts';
import type { Node, Pod } from '../objects.ts';
import { quantity } from '../quantity.ts';
import { instant } from '../span.ts';
import { finding, look, nameOf } from './finding.ts';
import { statusesOf } from './pods.ts';
import { disruption } from './wholePod.ts';

/** What pods of a node request of what it has. */
export interface Room {
  readonly pods: number;
  readonly cpu: number;
  readonly memory: number;
}

/** Requested this much of what a node has, the next pod of some size finds no place. */
const FULL = 0.95;

/** What pods that are not over request, by node. Init containers count when they want more than the others together. */
export function requestsByNode(pods: readonly Pod[]): ReadonlyMap<string, Room> {
  const rooms = new Map<string, Room>();
  for (const pod of pods) {
    const node = pod.spec.nodeName;
    if (!node || pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') continue;
    const known = rooms.get(node) ?? { pods: 0, cpu: 0, memory: 0 };
    rooms.set(node, {
      pods: known.pods + 1,
      cpu: known.cpu + requested(pod, 'cpu'),
      memory: known.memory + requested(pod, 'memory'),
    });
  }
  return rooms;
}

function requested(pod: Pod, what: string): number {
  const of = (one: Pod['spec']['containers'][number]) => quantity(one.resources?.requests?.[what]) ?? 0;
  const sum = pod.spec.containers.reduce((total, one) => total + of(one), 0);
  return Math.max(sum, ...(pod.spec.initContainers ?? []).map(of));
}

/** Share of the allocatable that is requested; null when the node does not say what it has. */
export function shares(
  node: Node,
  room: Room | undefined,
): { cpu: number | null; memory: number | null; pods: number | null } {
  const of = (what: string, used: number) => {
    const all = quantity(node.status.allocatable?.[what]);
    return all ? used / all : null;
  };
  const { pods = 0, cpu = 0, memory = 0 } = room ?? {};
  return { cpu: of('cpu', cpu), memory: of('memory', memory), pods: of('pods', pods) };
}

/** Conditions of which `True` is good news, or none at all. */
const GOOD = /^(Ready|EtcdIsVoter)$/;
const PRESSURES = /Pressure$/;

export function nodeFindings(node: Node, room: Room | undefined, evicted: readonly Pod[]): readonly Finding[] {
  const subject = nameOf('Node', node.metadata);
  const top = look('top nodes', {});
  const conditions = (node.status.conditions ?? []).flatMap(({ type, status, reason, message }): Finding[] => {
    const because = [`${type}=${status}${reason ? `/${reason}` : ''}${message ? `: ${message}` : ''}`];
    if (type === 'Ready' && status !== 'True')
      return [
        finding({
          code: 'node-not-ready',
          level: 'critical',
          subject,
          conclusion: `Node ${subject.name} is not ready${status === 'Unknown' ? ': its kubelet no longer answers' : ''}.`,
          because,
          nextStep: `What ran there? ${look('pods', {}, `--filter ${subject.name}`)}`,
        }),
      ];
    if (GOOD.test(type) || status === 'False') return [];
    const pressure = PRESSURES.test(type);
    return [
      finding({
        code: pressure ? 'node-pressure' : 'node-condition',
        level: pressure || type === 'NetworkUnavailable' ? 'critical' : 'warning',
        subject,
        conclusion: pressure
          ? `Node ${subject.name} is under ${type.replace(/Pressure$/, '').toLowerCase()} pressure${evicted.length > 0 ? ` and evicts pods (${evicted.length} so far)` : ''}.`
          : `Node ${subject.name} reports ${type}.`,
        because: [...because, ...evicted.slice(0, 3).map(evictionLine)],
        nextStep: `What uses it up? ${top}`,
      }),
    ];
  });
  return [...conditions, ...schedulable(node, subject, room), ...evictions(subject, evicted, conditions)];
}

function schedulable(node: Node, subject: Finding['subject'], room: Room | undefined): readonly Finding[] {
  const found: Finding[] = [];
  if (node.spec.unschedulable)
    found.push(
      finding({
        code: 'node-cordoned',
        level: 'notice',
        subject,
        conclusion: `Node ${subject.name} is cordoned and takes no new pods.`,
        because: ['spec.unschedulable: true'],
        nextStep: `Who did it? ${look('events', { name: subject.name, namespace: 'default' })}`,
      }),
    );
  const { cpu, memory, pods } = shares(node, room);
  const full = [
    ['CPU', cpu],
    ['memory', memory],
    ['pods', pods],
  ].flatMap(([what, share]) => (typeof share === 'number' && share >= FULL ? [`${what} ${percent(share)}`] : []));
  if (full.length > 0)
    found.push(
      finding({
        code: 'node-full',
        level: 'warning',
        subject,
        conclusion: `Node ${subject.name} is full by what its pods request (${full.join(', ')}): new pods find no room there.`,
        because: [`requested of allocatable: ${full.join(', ')}`],
        nextStep: `Who waits for room? ${look('pods', {}, '--field-selector status.phase=Pending')}`,
      }),
    );
  return found;
}

function evictions(
  subject: Finding['subject'],
  evicted: readonly Pod[],
  conditions: readonly Finding[],
): readonly Finding[] {
  if (evicted.length === 0 || conditions.some(({ code }) => code === 'node-pressure')) return [];
  return [
    finding({
      code: 'node-evicted-pods',
      level: 'warning',
      subject,
      conclusion: `Node ${subject.name} has evicted pods (${evicted.length}) and is under no pressure now.`,
      because: evicted.slice(0, 4).map(evictionLine),
      nextStep: `Is it short of memory again? ${look('top nodes', {})}`,
    }),
  ];
}

function evictionLine({ metadata, status }: Pod): string {
  return `${metadata.namespace}/${metadata.name}: ${status.message ?? 'evicted'}`;
}

const DAY = 86_400_000;

/** Evicted within the last day, or at a time that nobody recorded: failed pods stay for weeks and then tell nothing of today. */
export function isEvicted(pod: Pod, now: number): boolean {
  if (disruption(pod)?.reason !== 'TerminationByKubelet') return false;
  const times = [
    pod.status.conditions?.find(({ type }) => type === 'DisruptionTarget')?.lastTransitionTime,
    ...statusesOf(pod).map(({ state }) => state?.terminated?.finishedAt),
  ].flatMap((time) => instant(time) ?? []);
  return times.length === 0 || now - Math.max(...times) < DAY;
}

export function percent(share: number | null): string {
  return share === null ? '-' : `${Math.round(share * 100)}%`;
}
