import type {
  ContainerLog,
  KubeObject,
  Metadata,
  OwnerReference,
  Regarding,
  Snapshot,
  SnapshotAlert,
  SnapshotEvent,
  Unread,
  Usage,
} from '../snapshot.ts';
import { instant, millis, type Span } from './clock.ts';
import { uid } from './names.ts';

/** What names an object well enough to own, to be told of, or to be found. */
export interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

export interface WorldOptions {
  readonly namespace?: string;
  /** Moment of the recording. */
  readonly now?: string;
  /** Version of the control plane and the nodes; messages differ (taints since 1.34). */
  readonly version?: string;
}

/** Age of what has long been there. */
export const LONG_AGO: Span = '21d';

/**
 * A cluster at one moment, made of whole objects. Builders add what is healthy; a story then breaks something;
 * `snapshot` lets the controllers settle what follows from it (see settle.ts) and freezes the result.
 */
export class World {
  readonly now: number;
  readonly namespace: string;
  readonly version: string;
  readonly #objects = new Map<string, Named>();
  readonly #kinds = new Map<string, Set<Named>>();
  #owned: Map<string, Named[]> | undefined;
  readonly #events: SnapshotEvent[] = [];
  readonly #logs: Record<string, Record<string, ContainerLog>> = {};
  readonly #usage: { pods: Record<string, Record<string, Usage>>; nodes: Record<string, Usage> } = {
    pods: {},
    nodes: {},
  };
  readonly #alerts: SnapshotAlert[] = [];
  readonly #settlers: (() => void)[] = [];
  #series: Snapshot['series'] = null;
  #addresses = 10;

  constructor(options: WorldOptions = {}) {
    this.now = Date.parse(options.now ?? '2026-11-24T10:00:00Z');
    this.namespace = options.namespace ?? 'shop';
    this.version = options.version ?? 'v1.34.4';
  }

  /** The moment a span before the recording. */
  ago(span: Span): string {
    return instant(this.now - millis(span));
  }

  metadata(
    kind: string,
    name: string,
    given: Partial<Metadata> & { age?: Span; clusterWide?: boolean } = {},
  ): Metadata {
    const { age, clusterWide, ...rest } = given;
    const namespace = clusterWide === true ? undefined : (rest.namespace ?? this.namespace);
    return {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: uid(`${kind}/${namespace ?? ''}/${name}`),
      creationTimestamp: this.ago(age ?? LONG_AGO),
      ...rest,
    };
  }

  /** Adds an object; a second one of the same kind, namespace and name is a mistake in the story. */
  add<T extends Named>(object: T): T {
    const key = keyOf(object);
    if (this.#objects.has(key)) throw new Error(`there is a ${key} already`);
    this.#objects.set(key, object);
    const alike = this.#kinds.get(object.kind) ?? new Set();
    this.#kinds.set(object.kind, alike.add(object));
    this.#owned = undefined;
    return object;
  }

  remove(object: Named): void {
    if (!this.#objects.delete(keyOf(object))) throw new Error(`there is no ${keyOf(object)}`);
    this.#kinds.get(object.kind)?.delete(object);
    this.#owned = undefined;
  }

  /** All objects of a kind; the caller says of which type they are. */
  all<T extends Named>(kind: string): T[] {
    return [...(this.#kinds.get(kind) ?? [])] as T[];
  }

  /** The objects of a kind that an object owns. */
  owned<T extends Named>(owner: Named, kind: string): T[] {
    this.#owned ??= this.#ownedNow();
    return (this.#owned.get(owner.metadata.uid) ?? []).filter((object) => object.kind === kind) as T[];
  }

  #ownedNow(): Map<string, Named[]> {
    const found = new Map<string, Named[]>();
    for (const object of this.#objects.values()) {
      for (const { uid } of object.metadata.ownerReferences ?? []) {
        const list = found.get(uid) ?? [];
        found.set(uid, list);
        list.push(object);
      }
    }
    return found;
  }

  find<T extends Named>(kind: string, name: string, namespace?: string): T | undefined {
    return this.all<T>(kind).find(
      ({ metadata }) => metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
    );
  }

  /** A fresh pod address of the cluster's pod network. */
  address(): string {
    this.#addresses += 1;
    return `10.244.${1 + Math.floor(this.#addresses / 250)}.${(this.#addresses % 250) + 2}`;
  }

  event(type: 'Normal' | 'Warning', about: Named, reason: string, message: string, told: Telling): void {
    const last = this.now - millis(told.last ?? told.first ?? '0s');
    const first = told.first === undefined ? last : this.now - millis(told.first);
    this.#events.push({
      type,
      reason,
      message,
      source: told.source,
      count: told.count ?? 1,
      firstAt: instant(first),
      lastAt: instant(last),
      // A kubelet names its node by the name, also where a uid belongs (pkg/kubelet/kubelet.go, nodeRef).
      regarding: {
        ...regarding(about),
        ...(about.kind === 'Node' && told.source === 'kubelet' ? { uid: about.metadata.name } : {}),
      },
    });
  }

  warn(about: Named, reason: string, message: string, told: Telling): void {
    this.event('Warning', about, reason, message, told);
  }

  note(about: Named, reason: string, message: string, told: Telling): void {
    this.event('Normal', about, reason, message, told);
  }

  /** Log lines of a container; the last was written `endedAgo` before the recording, one a second before it. */
  log(
    pod: Named,
    container: string,
    lines: readonly string[],
    told: { previous?: boolean; endedAgo?: Span } = {},
  ): void {
    const { name } = pod.metadata;
    const log = this.#logs[name]?.[container] ?? { current: [], previous: [] };
    this.#logs[name] = { ...this.#logs[name], [container]: log };
    const end = this.now - millis(told.endedAgo ?? '5s');
    const dated = lines.map((line, index) => [microTime(end - (lines.length - 1 - index) * 1_000), line] as const);
    (told.previous === true ? log.previous : log.current).push(...dated);
  }

  podUsage(pod: Named, container: string, usage: Usage): void {
    const { name } = pod.metadata;
    this.#usage.pods[name] = { ...this.#usage.pods[name], [container]: usage };
  }

  nodeUsage(node: Named, usage: Usage): void {
    this.#usage.nodes[node.metadata.name] = usage;
  }

  series(series: NonNullable<Snapshot['series']>): void {
    this.#series = series;
  }

  /** An alert that fires; the first one is what pages. */
  alert(
    alertname: string,
    labels: Record<string, string>,
    since: Span,
    annotations: Record<string, string> = {},
  ): void {
    this.#alerts.push({
      labels: { alertname, severity: 'warning', prometheus: 'monitoring/k8s', ...labels },
      annotations,
      startsAt: this.ago(since),
    });
  }

  /** What is to be done before the world is frozen: builders register how their statuses follow from pods. */
  settling(settle: () => void): void {
    this.#settlers.push(settle);
  }

  snapshot(id: string, query: string, told: { silent?: boolean; reads?: readonly Unread[] } = {}): Snapshot {
    for (const settle of this.#settlers) settle();
    const [alert] = this.#alerts;
    if (alert === undefined) throw new Error(`${id}: nothing alerts`);
    return {
      id,
      now: instant(this.now),
      namespace: this.namespace,
      query,
      silent: told.silent ?? false,
      alert,
      alerts: this.#alerts,
      objects: [...this.#objects.values()] as unknown as KubeObject[],
      events: this.#events.toSorted((a, b) => a.lastAt.localeCompare(b.lastAt)),
      logs: this.#logs,
      usage: this.#usage,
      series: this.#series,
    };
  }
}

/** When and by whom an event was recorded; without `first` it was seen once. */
export interface Telling {
  readonly source: string;
  readonly first?: Span;
  readonly last?: Span;
  readonly count?: number;
}

export function keyOf({ apiVersion, kind, metadata }: Named): string {
  return `${apiVersion} ${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

export function regarding({ apiVersion, kind, metadata }: Named): Regarding {
  const { name, namespace, uid } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }), uid };
}

export function ownedBy({ apiVersion, kind, metadata }: Named): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

function microTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '000000Z');
}
