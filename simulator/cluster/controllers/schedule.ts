import { dig, type KubeObject, text } from '../object.ts';
import type { Placement } from '../podObject.ts';
import { quantity } from '../quantity.ts';
import type { ClusterWorld } from '../world.ts';

interface Room {
  readonly name: string;
  readonly ip: string;
  cpu: number;
  memory: number;
  pods: number;
  /** The node's capacity with no pod on it. */
  readonly whole: { readonly cpu: number; readonly memory: number };
}

/** The cluster's free capacity in one round; each pod that is placed takes its part. */
export class Scheduler {
  readonly #rooms: Room[];
  readonly #addresses: Set<string>;
  readonly #world: ClusterWorld;

  constructor(world: ClusterWorld) {
    this.#world = world;
    this.#rooms = world
      .list({ apiVersion: 'v1', kind: 'Node' })
      .filter((node) => dig(node.spec, 'unschedulable') !== true && isReady(node))
      .map((node) => ({
        name: node.metadata.name,
        ip: text(node.status, 'addresses', 0, 'address') ?? '',
        cpu: quantity(dig(node.status, 'allocatable', 'cpu')),
        memory: quantity(dig(node.status, 'allocatable', 'memory')),
        pods: Number(dig(node.status, 'allocatable', 'pods') ?? 110),
        whole: {
          cpu: quantity(dig(node.status, 'allocatable', 'cpu')),
          memory: quantity(dig(node.status, 'allocatable', 'memory')),
        },
      }));
    this.#addresses = new Set();
    for (const pod of world.list({ apiVersion: 'v1', kind: 'Pod' })) {
      const ip = text(pod.status, 'podIP');
      if (ip) this.#addresses.add(ip);
      const room = this.#rooms.find((one) => one.name === text(pod.spec, 'nodeName'));
      if (room && !isOver(pod)) take(room, pod);
    }
  }

  /** The emptiest node it fits on, or the scheduler's words about why there is none. */
  place(pod: KubeObject): Placement | { readonly because: string } {
    const unbound = this.#unbound(pod);
    if (unbound) return { because: unbound };
    const { cpu, memory } = requestsOf(pod);
    const fits = this.#rooms.filter((room) => room.cpu >= cpu && room.memory >= memory && room.pods > 0);
    const room = fits.sort((a, b) => b.cpu - a.cpu)[0];
    if (!room) return { because: this.#refusal(cpu, memory) };
    take(room, pod);
    return { node: room.name, hostIp: room.ip, podIp: this.#address(room) };
  }

  /** The scheduler's message about an unbound claim. */
  #unbound(pod: KubeObject): string | undefined {
    const volumes = dig(pod.spec, 'volumes');
    const claims = (Array.isArray(volumes) ? volumes : []).flatMap(
      (one) => text(one, 'persistentVolumeClaim', 'claimName') ?? [],
    );
    for (const name of claims) {
      const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: pod.metadata.namespace ?? '', name };
      const claim = this.#world.get(ref);
      const nodes = `0/${this.#rooms.length} nodes are available`;
      if (!claim) return `${nodes}: persistentvolumeclaim "${name}" not found. not found`;
      if (text(claim.status, 'phase') !== 'Bound' && !text(claim.spec, 'volumeName'))
        return `${nodes}: pod has unbound immediate PersistentVolumeClaims. not found`;
    }
    return undefined;
  }

  #refusal(cpu: number, memory: number): string {
    const short = (what: string, count: number) => (count > 0 ? [`${count} ${what}`] : []);
    const reasons = [
      ...short('Insufficient cpu', this.#rooms.filter((room) => room.cpu < cpu).length),
      ...short('Insufficient memory', this.#rooms.filter((room) => room.memory < memory).length),
      ...short('Too many pods', this.#rooms.filter((room) => room.pods <= 0).length),
    ];
    const total = this.#rooms.length;
    // What no node could ever hold is not helped by ending other pods; the words are those of Kubernetes 1.34.
    const hopeless = this.#rooms.every((room) => room.whole.cpu < cpu || room.whole.memory < memory);
    const victims = hopeless
      ? 'Preemption is not helpful for scheduling'
      : 'No preemption victims found for incoming pod';
    return `0/${total} nodes are available: ${reasons.join(', ')}. no new claims to deallocate, preemption: 0/${total} nodes are available: ${total} ${victims}.`;
  }

  #address(room: Room): string {
    const net = `10.42.${this.#rooms.indexOf(room)}`;
    for (let host = 10; host < 250; host++) {
      const address = `${net}.${host}`;
      if (this.#addresses.has(address)) continue;
      this.#addresses.add(address);
      return address;
    }
    return `${net}.250`;
  }
}

function take(room: Room, pod: KubeObject): void {
  const { cpu, memory } = requestsOf(pod);
  room.cpu -= cpu;
  room.memory -= memory;
  room.pods--;
}

export function isOver(pod: KubeObject): boolean {
  const phase = text(pod.status, 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

function isReady(node: KubeObject): boolean {
  const conditions = dig(node.status, 'conditions');
  const ready = (Array.isArray(conditions) ? conditions : []).find((one) => text(one, 'type') === 'Ready');
  return ready === undefined || text(ready, 'status') === 'True';
}

function requestsOf(pod: KubeObject): { cpu: number; memory: number } {
  const containers = dig(pod.spec, 'containers');
  const sum = (resource: string) =>
    (Array.isArray(containers) ? containers : []).reduce(
      (all: number, one) => all + quantity(dig(one, 'resources', 'requests', resource)),
      0,
    );
  return { cpu: sum('cpu'), memory: sum('memory') };
}
