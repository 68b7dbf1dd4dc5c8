/**
 * What a case hands to whoever judges it: one recorded moment of a cluster, and what a true answer says.
 * The shape of a snapshot is that of `lambda-responder snapshot save` (docs: snapshots).
 */

/** An object of the API as it was read; `status` and `spec` are as wide as the kind. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

export interface Metadata {
  name: string;
  namespace?: string;
  uid: string;
  creationTimestamp: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  generateName?: string;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Whom an event is about; `namespace` is missing for nodes and other objects of the whole cluster. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
}

export interface SnapshotEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly source: string;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly regarding: Regarding;
}

export interface SnapshotAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
}

/** A line of a log and the moment the runtime wrote it, or null where only the text was kept. */
export type LogLine = readonly [at: string | null, line: string];

export interface ContainerLog {
  current: LogLine[];
  previous: LogLine[];
}

export interface Usage {
  readonly cpuMilli: number;
  readonly memoryMi: number;
}

/** A read that the API server did not answer: refused (403) or too slow. */
export interface Unread {
  /** The resource as the API names it, in the plural: `events`, `pods/log`, `nodes`, `endpointslices` ... */
  readonly resource: string;
  readonly how: 'forbidden' | 'timeout';
}

export interface Snapshot {
  readonly id: string;
  /** Moment of the recording; nothing in it is younger. */
  readonly now: string;
  readonly namespace: string;
  /** The sentence a person would report it with. */
  readonly query: string;
  readonly silent: boolean;
  readonly alert: SnapshotAlert;
  readonly alerts: readonly SnapshotAlert[];
  readonly objects: readonly KubeObject[];
  readonly events: readonly SnapshotEvent[];
  readonly logs: Readonly<Record<string, Readonly<Record<string, ContainerLog>>>>;
  readonly usage: {
    readonly pods: Readonly<Record<string, Readonly<Record<string, Usage>>>>;
    readonly nodes: Readonly<Record<string, Usage>>;
  };
  readonly series: { readonly times: readonly string[]; readonly values: Readonly<Record<string, number[]>> } | null;
}

export interface ObjectName {
  readonly kind: string;
  readonly name: string;
}

/** One cause: the objects that may be named for it, and what its sentence has to tell. */
export interface Cause {
  /** Right where the finding's subject is one of them, or its sentence names one. */
  readonly object: readonly ObjectName[];
  /** Every one has to match the sentence of the finding: the detail that tells sister causes apart. */
  readonly says: readonly RegExp[];
}

/**
 * What a true answer looks like, whatever the product calls it.
 * - `cause`: the first finding is about `object` and its sentence matches `says`. With `alsoCauses` it may be any of
 *   them, and each of them stands among the first three.
 * - `healthy`: nothing is told as a problem (no confirmed or likely finding above level ok).
 * - `undecidable`: no cause is named, neither as confirmed nor as likely. A symptom that is plain to see (crashes, is
 *   not ready, waits) may be told of `object`, and of nothing else.
 */
export interface Expectation {
  readonly verdict: 'cause' | 'healthy' | 'undecidable';
  readonly object?: readonly ObjectName[];
  readonly says?: readonly RegExp[];
  /** The objects and events alone prove it, so the first finding has to be confirmed. */
  readonly confirmed?: boolean;
  /** Further causes that hold at the same time. */
  readonly alsoCauses?: readonly Cause[];
  /** Each has to match somewhere in the whole answer: that a part could not be read. */
  readonly tells?: readonly RegExp[];
  /** No sentence of the answer may match: a claim that what was read does not support. */
  readonly never?: readonly RegExp[];
}

export interface DiagnosisCase {
  /** Unique; also the id of its snapshot. */
  readonly name: string;
  /** Where Kubernetes, Knative or Kaniko says so: a page of documentation, or a file of its source. */
  readonly source: string;
  readonly group: 'sick' | 'healthy' | 'two-causes' | 'undecidable' | 'large' | 'unread';
  /** Reads that fail when the snapshot is replayed. */
  readonly unread?: readonly Unread[];
  world(): Snapshot;
  readonly expect: Expectation;
}
