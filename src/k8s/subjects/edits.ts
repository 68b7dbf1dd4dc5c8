import { z } from 'zod';
import { instant } from './instant.ts';
import type { ManagedField, Metadata } from './object.ts';

/** An edit of an object's fields, as its managedFields date it. */
export interface Edit {
  readonly at: number;
  /** The client's own name for itself: `kubectl-edit`, `kustomize-controller`, `helm`. */
  readonly by: string;
  /** Top-level fields below `spec`: `template`, `replicas`; empty when it only says that it did. */
  readonly fields: readonly string[];
  readonly scaled: boolean;
}

const tree = z.record(z.string(), z.unknown());
/** An edit this close to the creation is the creation. */
const SAME_MS = 2_000;
const MOST_FIELDS = 20;

/**
 * Edits of an object's spec, the newest first, without status reports and bookkeeping of controllers. A manager has one
 * date, of its last write: its older writes are not visible.
 */
export function editsOf(of: Metadata): readonly Edit[] {
  const created = instant(of.creationTimestamp);
  return (of.managedFields ?? [])
    .flatMap((entry) => {
      const at = instant(entry.time);
      const fields = wanted(entry);
      if (at === null || fields === null || entry.subresource === 'status') return [];
      if (created !== null && Math.abs(at - created) <= SAME_MS) return [];
      const scaled = entry.subresource === 'scale' || (fields.length === 1 && fields[0] === 'replicas');
      return [{ at, by: entry.manager ?? 'not recorded', fields, scaled }];
    })
    .toSorted((a, b) => b.at - a.at);
}

/** The fields of a spec it set; null when it set none. */
function wanted({ fieldsV1 }: ManagedField): readonly string[] | null {
  if (!fieldsV1) return null;
  const spec = fieldsV1['f:spec'];
  if (spec === undefined) return null;
  const names = Object.keys(tree.safeParse(spec).data ?? {}).filter((name) => name.startsWith('f:'));
  return names.map((name) => name.slice(2)).slice(0, MOST_FIELDS);
}
