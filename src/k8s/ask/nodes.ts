import type { Finding } from '../../incidents/evidence.ts';
import { labelled } from '../../incidents/phoneRows.ts';
import { counted } from '../../wording/counts.ts';
import { coarse } from '../../wording/lengths.ts';
import { readTable, type TableRow } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { findingOf } from '../judge/tell.ts';
import { fullNodeCase } from '../rules/nodeFull.ts';
import { event } from '../subjects/event.ts';
import { instant } from '../subjects/instant.ts';
import { healthOf, isCordoned, type Node, node, pressuresOf, troublesOf } from '../subjects/node.ts';
import { lastTransition, type Pod, pod } from '../subjects/pod.ts';
import { arrange } from './arrange.ts';
import { type Collection, type Diagnostic, options, splitName } from './diagnostic.ts';
import { percent, type Room, requestsByNode, shares } from './nodeRoom.ts';
import { atLeast, named, type Part, readPart } from './parts.ts';
import { rowsOnPhone } from './phone.ts';
import { verdictOf } from './verdict.ts';

/** Pods whose requests are summed, over all namespaces: 4 pages. */
const MAX_PODS = 2_000;

export const nodes: Diagnostic = {
  name: 'nodes',
  phone: rowsOnPhone({
    parts: [
      'NAME',
      'STATUS',
      labelled('CPU', (value) => `CPU ${value}`),
      labelled('MEMORY', (value) => `memory ${value}`),
      labelled('PODS', (value) => `${value} pods`),
      labelled('EVICTED', (value) => `${value} evicted`),
    ],
    isWell: (cell) => cell('STATUS') === 'Ready' && cell('EVICTED') === '',
    well: 'ready',
  }),
  kubectl: (request) =>
    request.name ? `kubectl describe node ${request.name}` : `kubectl describe nodes${options(request)}`,
  async collect(collection) {
    const { request, profile, clock } = collection;
    const [, name] = splitName(request.name);
    const { listed, running, failed, events } = await readAll(collection, name);
    const all = listed.rows.flatMap((row) => node.safeParse(row.object).data ?? []);
    const rooms = requestsByNode(running.items);
    // Pods of namespaces that nobody gave us to read are counted and not named.
    const readable = new Set([...profile.namespaces, request.namespace]);
    const evicted = failed.items.filter((one) => isEvicted(one, clock())).map((one) => nameless(one, readable));
    const of = (one: Node) => evicted.filter(({ spec }) => spec.nodeName === one.metadata.name);
    // A part of the pods supports no sum.
    const isWhole = running.state === 'read' && running.isWhole;
    const rows = all.map((one) => rowOf(one, rooms.get(one.metadata.name), isWhole, of(one), clock()));
    const notes = [...listed.notes, ...running.notes, ...failed.notes, ...events.notes];
    const columns = ['NAME', 'STATUS', 'CPU', 'MEMORY', 'PODS', 'EVICTED', 'TAINTS', 'AGE'];
    const by = request.sortBy === 'cpu' || request.sortBy === 'memory' ? request.sortBy : null;
    const fullest = (row: TableRow) => {
      const parsed = by === null ? null : node.safeParse(row.object).data;
      return parsed && by ? -(shares(parsed, rooms.get(parsed.metadata.name))[by] ?? 0) : 0;
    };
    const table = arrange(
      { columns, rows, total: listed.total, notes },
      by === null ? request : { ...request, sortBy: null },
      by === null ? undefined : fullest,
    );
    return {
      title: name === null ? 'Nodes' : `Node ${name}`,
      summary: summaryOf(all, evicted.length, failed),
      findings: [
        ...verdictOf(collection, {
          Node: { items: all, isWhole: listed.isWhole && name === null },
          Pod: { items: evicted, isWhole: false },
          Event: { items: events.items, isWhole: false },
        }),
        ...(isWhole ? all.flatMap((one) => fullNode(one, rooms.get(one.metadata.name))) : []),
      ],
      table,
      lines: null,
      notes: [...table.notes, 'CPU and MEMORY: requested by pods, of what the node can give'],
    };
  },
};

/** The nodes, with the pods of all namespaces that run on them or failed there, and their own events. */
async function readAll(collection: Collection, name: string | null) {
  const { cluster, request } = collection;
  const where = name === null ? '' : `,spec.nodeName=${name}`;
  const everywhere = { namespace: null } as const;
  const [listed, running, failed, events] = await Promise.all([
    readTable(cluster, {
      resource: RESOURCES.nodes,
      namespace: null,
      selector: request.selector,
      ...(name === null ? {} : named(name)),
      priority: request.priority,
      signal: request.signal,
    }),
    readPart(collection, pod, {
      resource: RESOURCES.pods,
      ...everywhere,
      fieldSelector: `status.phase!=Succeeded,status.phase!=Failed${where}`,
      limit: MAX_PODS,
    }),
    readPart(collection, pod, {
      resource: RESOURCES.pods,
      ...everywhere,
      fieldSelector: `status.phase=Failed${where}`,
    }),
    readPart(collection, event, {
      resource: RESOURCES.events,
      ...everywhere,
      fieldSelector: `involvedObject.kind=Node${name === null ? '' : `,involvedObject.name=${name}`}`,
    }),
  ]);
  return { listed, running, failed, events };
}

function fullNode(one: Node, room: Room | undefined): readonly Finding[] {
  const { cpu: CPU, memory, pods } = shares(one, room);
  return fullNodeCase(one.metadata.name, { CPU, memory, pods }).map(findingOf);
}

function nameless(one: Pod, readable: ReadonlySet<string | null>): Pod {
  if (readable.has(one.metadata.namespace ?? null)) return one;
  const metadata = { ...one.metadata, name: '(a pod)', namespace: 'another namespace' };
  return { ...one, metadata, status: { ...one.status, message: 'evicted' } };
}

function rowOf(one: Node, room: Room | undefined, counted: boolean, evicted: readonly Pod[], now: number): TableRow {
  const share = shares(one, room);
  const made = instant(one.metadata.creationTimestamp);
  const cells = [
    one.metadata.name,
    statusOf(one),
    counted ? percent(share.cpu) : '-',
    counted ? percent(share.memory) : '-',
    counted ? `${room?.pods ?? 0}/${one.status.allocatable?.pods ?? '-'}` : '-',
    evicted.length === 0 ? '' : String(evicted.length),
    (one.spec.taints ?? []).map(({ key, effect }) => `${key}:${effect ?? ''}`).join(','),
    made === null ? '' : coarse(now - made),
  ];
  return { cells, object: one };
}

/** As kubectl words it, with the pressures and what a problem detector found behind it; of a silent kubelet they are unknown. */
function statusOf(one: Node): string {
  const health = healthOf(one);
  return [
    health === 'ready' ? 'Ready' : health === 'unknown' ? 'Unknown' : 'NotReady',
    ...pressuresOf(one),
    ...troublesOf(one).map(({ type }) => type),
    ...(isCordoned(one) ? ['SchedulingDisabled'] : []),
  ].join(',');
}

const DAY_MS = 86_400_000;

/** Evicted within the last day, or at a time that nobody recorded: failed pods stay for weeks and then tell nothing of today. */
function isEvicted(of: Pod, now: number): boolean {
  if (of.status.phase !== 'Failed' || of.status.reason !== 'Evicted') return false;
  const at = lastTransition(of);
  return at === 0 || now - at < DAY_MS;
}

function summaryOf(all: readonly Node[], evicted: number, failed: Part<Pod>): string {
  if (all.length === 0) return 'There is no such node.';
  const bad = all.filter((one) => statusOf(one) !== 'Ready').map((one) => `${one.metadata.name} ${statusOf(one)}`);
  const count = counted(all.length, 'node');
  const none = failed.isWhole ? 'no evicted pods' : 'whether pods were evicted is not known';
  const pods = evicted === 0 ? none : `${atLeast(evicted, failed)} evicted ${evicted === 1 ? 'pod' : 'pods'}`;
  return `${count}, ${bad.length === 0 ? 'all ready and under no pressure' : bad.slice(0, 5).join(', ')}; ${pods}.`;
}
