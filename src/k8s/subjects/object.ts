import { z } from 'zod';
import type { ObjectName } from '../../incidents/evidence.ts';

/**
 * What every Kubernetes object has. Everything we do not read is tolerated and dropped; a field that has another type
 * than documented is read as missing rather than failing the whole answer.
 */
export const text = z.string().optional().catch(undefined);
export const count = z.number().optional().catch(undefined);
export const flag = z.boolean().optional().catch(undefined);
export const texts = z.record(z.string(), z.string()).optional().catch(undefined);
/** A port as a number or a name, a quantity as a number or a text: the API allows both. */
export const scalar = z
  .union([z.string(), z.number()])
  .transform((value) => String(value))
  .optional()
  .catch(undefined);
export const quantities = z
  .record(z.string(), z.union([z.string(), z.number()]).transform(String))
  .optional()
  .catch(undefined);

/** A list whose unreadable members are left out. */
export function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item.nullable().catch(null))
    .transform((all) => all.filter((one): one is NonNullable<typeof one> => one !== null))
    .optional()
    .catch(undefined);
}

/** Who set which fields, and when: the only date an edit has (https://kubernetes.io/docs/reference/using-api/server-side-apply/). */
const managedField = z.object({
  manager: text,
  operation: text,
  subresource: text,
  time: text,
  fieldsV1: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
export type ManagedField = z.output<typeof managedField>;

const ownerReference = z.object({ apiVersion: text, kind: z.string(), name: z.string(), uid: text, controller: flag });
export type OwnerReference = z.output<typeof ownerReference>;

export const metadata = z.object({
  name: z.string().catch(''),
  namespace: text,
  uid: text,
  labels: texts,
  annotations: texts,
  creationTimestamp: text,
  deletionTimestamp: text,
  generation: count,
  finalizers: listOf(z.string()),
  ownerReferences: listOf(ownerReference),
  managedFields: listOf(managedField),
});
export type Metadata = z.output<typeof metadata>;

const condition = z.object({
  type: z.string().catch(''),
  status: z.string().catch(''),
  reason: text,
  message: text,
  lastTransitionTime: text,
  lastHeartbeatTime: text,
});
export type Condition = z.output<typeof condition>;
export const conditions = listOf(condition);

/** What a label selector of `matchLabels` and `matchExpressions` asks. */
export const labelSelector = z
  .object({
    matchLabels: texts,
    matchExpressions: listOf(z.object({ key: z.string(), operator: z.string(), values: listOf(z.string()) })),
  })
  .optional()
  .catch(undefined);
export type LabelSelector = NonNullable<z.output<typeof labelSelector>>;

export interface Named {
  readonly metadata: Metadata;
}

/** The condition of a type; null when the object does not have it. */
export function conditionOf(
  object: { readonly status: { readonly conditions?: readonly Condition[] | undefined } },
  type: string,
): Condition | null {
  return object.status.conditions?.find((one) => one.type === type) ?? null;
}

/** Epoch ms of a Kubernetes time; null when there is none. */
export function timeOf(value: string | null | undefined): number | null {
  const at = value ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

export function createdAt({ metadata: of }: Named): number | null {
  return timeOf(of.creationTimestamp);
}

/** The name of an object as findings carry it. */
export function named(
  kind: string,
  of: { readonly namespace?: string | null | undefined; readonly name: string },
): ObjectName {
  return { kind, namespace: of.namespace ?? null, name: of.name };
}

/** One text for one object, to compare and to look up by. */
export function keyOf({ kind, namespace, name }: ObjectName): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

/** Whether labels satisfy a plain `key: value` selector; an empty one selects nothing (Service, ReplicationController). */
export function selects(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}

/** Whether labels satisfy a LabelSelector; an empty one selects everything (NetworkPolicy, PodDisruptionBudget). */
export function matches(selector: LabelSelector, labels: Readonly<Record<string, string>> | undefined): boolean {
  const own = labels ?? {};
  const plain = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => own[key] === value);
  return plain && (selector.matchExpressions ?? []).every((one) => satisfies(one, own));
}

function satisfies(
  one: { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined },
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[one.key];
  if (one.operator === 'Exists') return value !== undefined;
  if (one.operator === 'DoesNotExist') return value === undefined;
  const listed = value !== undefined && (one.values ?? []).includes(value);
  if (one.operator === 'In') return listed;
  if (one.operator === 'NotIn') return !listed;
  const bound = Number(one.values?.[0]);
  if (one.operator === 'Gt') return Number(value) > bound;
  if (one.operator === 'Lt') return Number(value) < bound;
  return false;
}
