import type { Node } from '../subjects/node.ts';
import { isOver, type Pod } from '../subjects/pod.ts';
import { quantity } from '../subjects/quantity.ts';

/** Requests of the pods on a node: cores and bytes. */
export interface Room {
  readonly pods: number;
  readonly cpu: number;
  readonly memory: number;
}

/**
 * Requests of pods that have not ended, by node. Init containers count when they request more than the others together.
 */
export function requestsByNode(pods: readonly Pod[]): ReadonlyMap<string, Room> {
  const rooms = new Map<string, Room>();
  for (const pod of pods) {
    const node = pod.spec.nodeName;
    if (!node || isOver(pod)) continue;
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

export function percent(share: number | null): string {
  return share === null ? '-' : `${Math.round(share * 100)}%`;
}
