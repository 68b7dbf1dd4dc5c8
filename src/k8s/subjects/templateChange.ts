import { namesSecret } from '../../redaction/assignments.ts';
import { secretRanges } from '../../redaction/detect.ts';
import { cut } from '../../wording/cuts.ts';
import type { PodTemplate } from './pod.ts';

/** A field of a pod template that is not as before: `env RATES_URL`, `resources.limits.cpu`, `image`. */
export interface FieldChange {
  /** The field, with its container where there are several: `env RATES_URL`, `proxy image`. */
  readonly field: string;
  /** Values before and after, short; null where there is none, or where it is or holds a secret. */
  readonly from: string | null;
  readonly to: string | null;
}

const RESTARTED = 'annotation kubectl.kubernetes.io/restartedAt';
const LONGEST = 48;
const IMAGE = /(?:^| )image$/;
/** What controllers write beside what a person set. */
const BOOKKEEPING = /^label (?:pod-template-hash|controller-revision-hash)$/;

/** What differs between two templates, images first; the time of a restart is left to `restartedAt`. */
export function templateChanges(before: PodTemplate | undefined, now: PodTemplate | undefined): readonly FieldChange[] {
  if (!before || !now) return [];
  const [old, fresh] = [fieldsOf(before), fieldsOf(now)];
  const changed = [...new Set([...old.keys(), ...fresh.keys()])]
    .filter((field) => old.get(field) !== fresh.get(field) && field !== RESTARTED && !BOOKKEEPING.test(field))
    .map((field): FieldChange => {
      const [from = null, to = null] = [old.get(field), fresh.get(field)];
      const name = field.split(' ').at(-1) ?? '';
      return [from, to].some((value) => value !== null && holdsSecret(name, value))
        ? { field, from: null, to: null }
        : { field, from, to };
    });
  return changed.toSorted((a, b) => Number(IMAGE.test(b.field)) - Number(IMAGE.test(a.field)));
}

/** Asked of the whole value: what is cut off may be what shows that the rest is a secret. */
function holdsSecret(name: string, value: string): boolean {
  return namesSecret(name, value) || secretRanges(`${name}=${value}`).length > 0;
}

/** When `kubectl rollout restart` was called; null when it never was. */
export function restartedAt(of: PodTemplate | undefined): string | null {
  return of?.metadata.annotations?.['kubectl.kubernetes.io/restartedAt'] ?? null;
}

/** `image web:v1 → web:v2`, `env RATES_URL http://a → http://b`, `readinessProbe removed`. */
export function inWords({ field, from, to }: FieldChange): string {
  const [old, fresh] = [from, to].map((value) => (value === null ? null : shown(field, value)));
  // An image tells its container by itself.
  if (IMAGE.test(field) && old && fresh) return `image ${old} → ${fresh}`;
  if (from === null && to === null) return `${field} changed`;
  if (to === null) return `${field} removed`;
  return from === null ? `${field} added (${fresh})` : `${field} ${old} → ${fresh}`;
}

function shown(field: string, value: string): string {
  return cut(IMAGE.test(field) ? (value.split('/').at(-1) ?? value) : value, LONGEST);
}

/** Every field by its path; members of a list that have a name go by it. */
function fieldsOf({ metadata, spec }: PodTemplate): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const { containers = [], initContainers = [], ...rest } = spec ?? { containers: [] };
  const all = [...containers, ...(initContainers ?? [])];
  for (const { name, ...of } of all) flatten(of, all.length > 1 ? `${name} ` : '', fields);
  flatten(rest, '', fields);
  for (const [kind, values] of [['annotation', metadata.annotations] as const, ['label', metadata.labels] as const])
    for (const [name, value] of Object.entries(values ?? {})) fields.set(`${kind} ${name}`, value);
  return fields;
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one !== 'object')) into.set(path, value.join(' '));
    else
      for (const [index, one] of value.entries())
        flatten(unnamed(one), `${path} ${(one as { name?: string }).name ?? index}`, into);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value))
      flatten(
        one,
        key === 'value' ? path : path === '' || path.endsWith(' ') ? `${path}${key}` : `${path}.${key}`,
        into,
      );
  } else if (value !== undefined && value !== null) into.set(path, String(value));
}

function unnamed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { name: _name, ...rest } = value as Readonly<Record<string, unknown>>;
  return rest;
}
