import { createHash, randomUUID } from 'node:crypto';
import type { JobRun, Starting } from './controllers/pending.ts';
import { type Fault, Faults } from './faults.ts';
import type { Kind } from './kind.ts';
import { type CustomResource, definitionOf } from './kinds/custom.ts';
import { LogBook, type LogLine, type LogSource, type LogTarget } from './logBook.ts';
import { type KubeObject, type ObjectRef, refOf, rfc3339, text } from './object.ts';
import type { Placement } from './podObject.ts';
import { KindRegistry } from './registry.ts';
import { ObjectStore } from './store.ts';

export interface EventDraft {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly regarding: ObjectRef & { readonly uid?: string; readonly fieldPath?: string };
  /** Component that reported it: `kubelet`, `job-controller` ... */
  readonly source: string;
  /** Node it was reported from. */
  readonly host?: string;
  /** Epoch milliseconds of the first and of the last occurrence; now when absent. */
  readonly firstAt?: number;
  readonly lastAt?: number;
  readonly count?: number;
}

export interface UsageDraft {
  readonly kind: 'Pod' | 'Node';
  readonly namespace?: string;
  readonly name: string;
  /** Per container for pods (key `''` for a node): millicores and mebibytes. Empty: nothing is measured any more. */
  readonly containers: Readonly<Record<string, { readonly cpuMilli: number; readonly memoryMi: number }>>;
}

/**
 * The simulated cluster's state and everything a scenario may do to it. Names are as in the API; to apply a kind nobody
 * serves is a RangeError, because it is a mistake in the scenario. To look for one finds nothing.
 */
export class ClusterWorld {
  readonly clock: () => number;
  readonly kinds = new KindRegistry();
  readonly store = new ObjectStore();
  readonly logs = new LogBook();
  readonly faults = new Faults();
  /** Objects for the controllers to act on; see `controllers/controllers.ts`. */
  readonly starting = new Map<string, Starting>();
  readonly ending = new Map<string, ObjectRef>();
  readonly jobs = new Map<string, JobRun>();
  /** When a quota last refused a pod to its owner, by the owner's uid. */
  readonly refused = new Map<string, number>();
  readonly changed: ObjectRef[] = [];
  readonly tasks: ((now: number) => void)[] = [];
  eventsExpiredAt = 0;
  restartsLookedAt = 0;

  constructor(options: { readonly clock?: () => number; readonly install?: readonly CustomResource[] } = {}) {
    this.clock = options.clock ?? Date.now;
    for (const resource of options.install ?? []) this.apply(definitionOf(resource));
  }

  /** Creates the object or replaces it, status included. Its namespace appears when it was not there. */
  apply(object: KubeObject): KubeObject {
    const kind = this.kindOf(object.apiVersion, object.kind);
    const copy = structuredClone(object);
    if (kind.namespaced) {
      copy.metadata.namespace ??= 'default';
      this.#ensureNamespace(copy.metadata.namespace);
    } else delete copy.metadata.namespace;
    const before = this.store.get(kind.storage, copy.metadata.namespace, copy.metadata.name);
    copy.metadata.uid ??= before?.metadata.uid ?? randomUUID();
    copy.metadata.creationTimestamp ??= before?.metadata.creationTimestamp ?? rfc3339(this.clock());
    const stored = this.store.put(kind.storage, copy);
    if (kind.plural === 'customresourcedefinitions') this.kinds.define(stored);
    if (kind.storage === 'namespaces' && !before) this.#furnish(stored);
    return stored;
  }

  /** Merges into the status (JSON merge patch). An object that is gone is no error. */
  patchStatus(ref: ObjectRef, status: Readonly<Record<string, unknown>>): KubeObject | undefined {
    return this.change(ref, (object) => ({ ...object, status: mergePatch(object.status, status) }));
  }

  /** Replaces an object by what `edit` makes of it. An object that is gone is no error. */
  change(ref: ObjectRef, edit: (object: KubeObject) => KubeObject): KubeObject | undefined {
    const kind = this.kinds.byObject(ref.apiVersion, ref.kind);
    const found = kind && this.#find(kind, ref);
    return kind && found && this.store.put(kind.storage, edit(found));
  }

  /** Deletes it and what it owns, at once. An object that is gone is no error. */
  remove(ref: ObjectRef): void {
    const kind = this.kinds.byObject(ref.apiVersion, ref.kind);
    if (!kind) return;
    const { namespace, name } = ref;
    const gone = this.store.remove(kind.storage, kind.namespaced ? (namespace ?? 'default') : undefined, name);
    if (!gone) return;
    if (kind.storage === 'pods') {
      this.logs.forget(gone.metadata.namespace ?? '', name);
      this.store.remove('pods.metrics.k8s.io', gone.metadata.namespace, name);
    }
    if (kind.plural === 'customresourcedefinitions') this.kinds.forget(name);
    if (gone.metadata.uid) this.#removeOwned(gone.metadata.uid);
  }

  /** Deletes it as a user does through the API: a pod ends in its own time, and its owner replaces it. */
  terminate(ref: ObjectRef): void {
    const object = this.get(ref);
    if (ref.kind !== 'Pod' || !object?.metadata.uid) {
      this.remove(ref);
      return;
    }
    if (object.metadata.deletionTimestamp) return;
    const deletionTimestamp = rfc3339(this.clock());
    this.change(ref, (found) => ({
      ...found,
      metadata: { ...found.metadata, deletionTimestamp, deletionGracePeriodSeconds: 30 },
    }));
    this.ending.set(object.metadata.uid, ref);
  }

  /** A user created or changed it through the API: its controller follows. */
  noticed(object: KubeObject): void {
    if (object.kind === 'Job') this.runJob({ ref: refOf(object) });
    else this.changed.push(refOf(object));
  }

  /** Lets the job controller make the Job's pod and run it. */
  runJob(run: JobRun): void {
    const uid = this.get(run.ref)?.metadata.uid;
    if (uid && !this.jobs.has(uid)) this.jobs.set(uid, run);
  }

  /** Where a pod runs, as its spec and status say it. */
  placementOf(pod: KubeObject): Placement {
    const known = this.starting.get(pod.metadata.uid ?? '')?.placement;
    const node = text(pod.spec, 'nodeName') ?? '';
    return known ?? { node, hostIp: text(pod.status, 'hostIP') ?? '', podIp: text(pod.status, 'podIP') ?? '' };
  }

  get(ref: ObjectRef): KubeObject | undefined {
    const kind = this.kinds.byObject(ref.apiVersion, ref.kind);
    return kind && this.#find(kind, ref);
  }

  list(kind: { readonly apiVersion: string; readonly kind: string }, namespace?: string): readonly KubeObject[] {
    const storage = this.kinds.byObject(kind.apiVersion, kind.kind)?.storage;
    return storage ? [...this.store.scan(storage, namespace)].map(({ object }) => object) : [];
  }

  /** Records an event. The same event again counts up, as the recorder of a controller does. */
  event(draft: EventDraft): KubeObject {
    const { regarding, reason, message, type } = draft;
    const lastAt = draft.lastAt ?? this.clock();
    const namespace = regarding.namespace ?? 'default';
    const identity = [regarding.kind, regarding.name, regarding.uid, reason, message, draft.source, draft.host];
    const name = `${regarding.name}.${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16)}`;
    const before = this.store.get('events', namespace, name);
    const counted = before ? Number(before.count ?? 1) + (draft.count ?? 1) : (draft.count ?? 1);
    const firstAt = draft.firstAt ?? Date.parse(text(before, 'firstTimestamp') ?? '') ?? lastAt;
    const { fieldPath, ...ref } = regarding;
    const uid = ref.uid ?? this.get(ref)?.metadata.uid;
    return this.apply({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace, creationTimestamp: rfc3339(Number.isNaN(firstAt) ? lastAt : firstAt) },
      involvedObject: { ...ref, ...(uid ? { uid } : {}), ...(fieldPath ? { fieldPath } : {}) },
      type,
      reason,
      message,
      source: { component: draft.source, ...(draft.host ? { host: draft.host } : {}) },
      firstTimestamp: rfc3339(Number.isNaN(firstAt) ? lastAt : firstAt),
      lastTimestamp: rfc3339(lastAt),
      count: counted,
      eventTime: null,
      reportingComponent: draft.source,
      reportingInstance: draft.host ?? '',
    });
  }

  /** Appends lines to a container's log. */
  log(draft: LogTarget & { readonly lines: readonly LogLine[] }): void {
    const { lines, ...target } = draft;
    this.logs.write(target, lines);
  }

  /** Gives a container a log whose lines are made when they are read, so that it may be of any size. */
  logStream(target: LogTarget, source: LogSource): void {
    this.logs.generate(target, source);
  }

  /** What `kubectl top` shows of a pod or a node. */
  usage(draft: UsageDraft): void {
    const apiVersion = 'metrics.k8s.io/v1beta1';
    const kind = `${draft.kind}Metrics`;
    const { name, namespace } = draft;
    const measured = Object.entries(draft.containers).map(([container, used]) => ({
      name: container,
      usage: { cpu: `${Math.round(used.cpuMilli * 1e6)}n`, memory: `${Math.round(used.memoryMi * 1024)}Ki` },
    }));
    const first = measured[0];
    const at = { name, ...(namespace ? { namespace } : {}) };
    if (!first) {
      this.remove({ apiVersion, kind, ...at });
      return;
    }
    const labels = this.get({ apiVersion: 'v1', kind: draft.kind, ...at })?.metadata.labels;
    this.apply({
      apiVersion,
      kind,
      metadata: { ...at, ...(labels ? { labels } : {}) },
      ...(draft.kind === 'Pod' ? { containers: measured } : { usage: first.usage }),
    });
  }

  /**
   * Starts a fault.
   * @returns a function that ends it.
   */
  fault(fault: Fault): () => void {
    return this.faults.add(fault, this.clock());
  }

  clearFaults(): void {
    this.faults.clear();
  }

  kindOf(apiVersion: string, kind: string): Kind {
    const found = this.kinds.byObject(apiVersion, kind);
    if (!found) throw new RangeError(`no matches for kind "${kind}" in version "${apiVersion}"`);
    return found;
  }

  #find(kind: Kind, { namespace, name }: ObjectRef): KubeObject | undefined {
    return this.store.get(kind.storage, kind.namespaced ? (namespace ?? 'default') : undefined, name);
  }

  #ensureNamespace(name: string): void {
    if (this.store.get('namespaces', undefined, name)) return;
    this.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }

  /** What the controllers put into every namespace; without the account no pod can be created in a real one. */
  #furnish(namespace: KubeObject): void {
    const { name, creationTimestamp } = namespace.metadata;
    const at = { namespace: name, ...(creationTimestamp ? { creationTimestamp } : {}) };
    this.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', ...at } });
  }

  /** Garbage collection: what the removed object was the controlling owner of goes with it. */
  #removeOwned(uid: string): void {
    for (const object of this.store.ownedBy(uid)) this.remove(refOf(object));
  }
}

/** RFC 7396: null removes, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> =
    target !== null && typeof target === 'object' && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

export type { LogLine, LogSource, LogTarget } from './logBook.ts';
export type { KubeObject, ObjectRef } from './object.ts';
