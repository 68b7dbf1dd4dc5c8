import type { z } from 'zod';
import { coerceError, type ResponderError } from '../../errors.ts';
import { type KubeTable, readTable, type TableRead } from '../client/kubeTable.ts';
import type { Resource } from '../client/resources.ts';
import type { Collection } from './diagnostic.ts';
import { namespaceOf } from './diagnostic.ts';

/** The result of one of several reads. */
export interface Part<T> {
  readonly items: readonly T[];
  /** `absent`: the cluster has no such kind. `failed`: it could not be read. Both are in the notes. */
  readonly state: 'read' | 'absent' | 'failed';
  readonly table: KubeTable;
  /** The list is complete: an absent object does not exist. */
  readonly isWhole: boolean;
  readonly notes: readonly string[];
  /** Why it could not be read; null when it was. */
  readonly error: ResponderError | null;
}

const NOTHING: KubeTable = { columns: [], rows: [], total: 0, notes: [] };
/** Objects of one kind of several: four pages. */
const MOST = 2_000;

/**
 * Reads one of several kinds that a diagnostic shows. A kind the cluster does not have, one we may not read and one
 * that does not answer in time become a note; the rest of the answer is kept. Throws only what ends all of them: a
 * caller that aborted, or credentials that were refused.
 */
export async function readPart<T>(
  { cluster, request }: Pick<Collection, 'cluster' | 'request'>,
  shape: z.ZodType<T>,
  read: Partial<TableRead> & { readonly resource: Resource },
): Promise<Part<T>> {
  const { resource } = read;
  try {
    const table = await readTable(cluster, {
      namespace: resource.namespaced ? namespaceOf(request) : null,
      priority: request.priority,
      isWide: request.output === 'wide',
      signal: request.signal,
      limit: MOST,
      ...read,
    });
    const items = table.rows.flatMap((row) => shape.safeParse(row.object).data ?? []);
    return { items, state: 'read', table, isWhole: table.isWhole, notes: table.notes, error: null };
  } catch (thrown) {
    const error = coerceError(thrown);
    if (request.signal.aborted || error.code === 'unauthorized') throw thrown;
    const kind = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
    if (error.code === 'not_found')
      return {
        items: [],
        state: 'absent',
        table: NOTHING,
        isWhole: true,
        notes: [`${kind}: not installed in this cluster`],
        error,
      };
    const why = error.code === 'forbidden' ? 'forbidden; the ClusterRole lacks it' : error.message;
    return { items: [], state: 'failed', table: NOTHING, isWhole: false, notes: [`${kind}: ${why}`], error };
  }
}

/** The count in words: `at least 500` of a list that was cut. */
export function atLeast(count: number | string, { isWhole }: Pick<Part<unknown>, 'isWhole'>): string {
  return isWhole ? String(count) : `at least ${count}`;
}

/** The first object of exactly this name, asked for as a list: so a 404 means that the kind is missing, not the object. */
export function named(name: string): { readonly fieldSelector: string; readonly limit: number } {
  return { fieldSelector: `metadata.name=${name}`, limit: 1 };
}
