/** A Kubernetes object as JSON. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp?: string;
    ownerReferences?: readonly Record<string, unknown>[];
    [key: string]: unknown;
  };
  spec?: unknown;
  status?: unknown;
  [key: string]: unknown;
}

export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name: string;
}

export interface EventDraft {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly regarding: ObjectRef & { readonly uid?: string };
  /** Component that reported it: `kubelet`, `job-controller` ... */
  readonly source: string;
  /** Epoch milliseconds of the first and of the last occurrence. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

export interface LogDraft {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The log of the container's previous instance (`kubectl logs --previous`). */
  readonly previous?: boolean;
  readonly lines: readonly { readonly at: number; readonly text: string }[];
}

export interface UsageDraft {
  readonly kind: 'Pod' | 'Node';
  readonly namespace?: string;
  readonly name: string;
  /** Per container for pods (key `''` for a node): millicores and mebibytes. */
  readonly containers: Readonly<Record<string, { readonly cpuMilli: number; readonly memoryMi: number }>>;
}

/** What the scenarios need of the simulated cluster. */
export interface ScenarioWorld {
  /** Creates the object or replaces it, status included. */
  apply(object: KubeObject): void;
  /** Merges into the status (JSON merge patch). An object that is gone is no error. */
  patchStatus(ref: ObjectRef, status: Readonly<Record<string, unknown>>): void;
  /** Deletes it; an object that is gone is no error. */
  remove(ref: ObjectRef): void;
  get(ref: ObjectRef): KubeObject | undefined;
  list(kind: { apiVersion: string; kind: string }, namespace?: string): readonly KubeObject[];
  event(event: EventDraft): void;
  log(log: LogDraft): void;
  usage(usage: UsageDraft): void;
}

/** The name under which an object is found again. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace ? { namespace } : {}) };
}
