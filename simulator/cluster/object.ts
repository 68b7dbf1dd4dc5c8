/** A Kubernetes object as JSON. Objects that come out of the world are shared: they are replaced, never changed. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: readonly Record<string, unknown>[];
    [key: string]: unknown;
  };
  spec?: unknown;
  status?: unknown;
  [key: string]: unknown;
}

/** How an object is found: `apiVersion` and `kind` as in the object, no `namespace` for cluster-scoped kinds. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** The name under which an object is found again. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace ? { namespace } : {}) };
}

/** A moment as Kubernetes writes it: UTC, whole seconds. */
export function rfc3339(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** A moment as `metav1.MicroTime` is written. */
export function microTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '000Z');
}

/** Follows keys into JSON; undefined as soon as something is missing. */
export function dig(value: unknown, ...keys: readonly (string | number)[]): unknown {
  let found = value;
  for (const key of keys) {
    if (found === null || typeof found !== 'object') return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

/** The text at a path, or undefined when there is none. */
export function text(value: unknown, ...keys: readonly (string | number)[]): string | undefined {
  const found = dig(value, ...keys);
  return typeof found === 'string' ? found : undefined;
}
