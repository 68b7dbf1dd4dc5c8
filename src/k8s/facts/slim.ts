import type { Redactor } from '../../redaction/redactor.ts';

type Value = Readonly<Record<string, unknown>>;

const SECRETIVE = new Set(['Secret', 'ConfigMap']);
const HELD = ['data', 'stringData', 'binaryData'];
/** kubectl's annotation that repeats the object, secrets included. */
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MASK = '[redacted]';

/**
 * An object without what a snapshot must not or need not hold: values of Secrets and ConfigMaps, environment variables whose
 * name says that they are secrets, the manifest it was applied from, images of nodes, and which fields a manager set below
 * the second level.
 */
export function slim<T extends Value>(object: T, redactor: Redactor): T {
  const kind = String(object.kind);
  const copy: Record<string, unknown> = { ...object };
  if (isObject(copy.metadata)) copy.metadata = slimMetadata(copy.metadata);
  if (SECRETIVE.has(kind))
    for (const field of HELD)
      if (isObject(copy[field])) copy[field] = Object.fromEntries(Object.keys(copy[field]).map((name) => [name, MASK]));
  if (kind === 'Node' && isObject(copy.status)) {
    const { images: _images, ...status } = copy.status;
    copy.status = status;
  }
  // The object with fields removed; its shape stays.
  return withoutValues(copy, redactor) as T;
}

function slimMetadata(metadata: Value): Value {
  const { managedFields, annotations, ...rest } = metadata;
  const kept = isObject(annotations)
    ? { annotations: Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== APPLIED)) }
    : {};
  const managed = Array.isArray(managedFields) ? { managedFields: managedFields.map(slimManaged) } : {};
  return { ...rest, ...kept, ...managed };
}

/** Who wrote which part of the spec: no more of managedFields is read. */
function slimManaged(entry: unknown): unknown {
  if (!isObject(entry)) return entry;
  const { fieldsV1, fieldsType: _type, ...rest } = entry;
  const spec = isObject(fieldsV1) ? fieldsV1['f:spec'] : undefined;
  if (!isObject(spec)) return rest;
  return { ...rest, fieldsV1: { 'f:spec': Object.fromEntries(Object.keys(spec).map((name) => [name, {}])) } };
}

/** `{name: DB_PASSWORD, value: ...}` names its value beside it. */
function withoutValues(value: unknown, redactor: Redactor): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutValues(item, redactor));
  if (!isObject(value)) return value;
  const { name, value: held } = value;
  if (typeof name === 'string' && typeof held === 'string')
    return { ...value, value: Object.values(redactor.redactFields({ [name]: held }))[0] };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutValues(item, redactor)]));
}

function isObject(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
