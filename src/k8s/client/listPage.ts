import { z } from 'zod';
import { ResponderError } from '../../errors.ts';

/** One answer to a list or a get, whichever of its forms the server chose. */
export interface Page {
  /** Names and indexes of the cells to show; null: no table came, and cells are name and creation. */
  readonly columns: readonly { readonly name: string; readonly index: number }[] | null;
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: unknown }[];
  /** The continue token of the next page; null on the last page. */
  readonly next: string | null;
  /** Objects after this page, as far as the server says. */
  readonly remaining: number;
}

const listMeta = z.object({ continue: z.string().nullish(), remainingItemCount: z.number().nullish() }).nullish();
const table = z.object({
  kind: z.literal('Table'),
  metadata: listMeta,
  columnDefinitions: z.array(z.object({ name: z.string(), priority: z.number().optional() })).nullish(),
  rows: z.array(z.object({ cells: z.array(z.unknown()), object: z.unknown() })).nullish(),
});
/** Go writes an empty list as null. */
const list = z.object({ kind: z.string().optional(), metadata: listMeta, items: z.array(z.unknown()).nullable() });
const named = z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.string().nullish().catch(null) }),
});

/** The columns of a list that came without a table. */
export const UNPRINTED = ['NAME', 'CREATED AT'] as const;

/**
 * Reads an answer to `as=Table`: the table, or, of a server that makes none (many aggregated ones), the list or the object
 * itself (https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables).
 * @param what was asked, for the error
 * @param isWide with the columns of `-o wide` too
 * @throws ResponderError unavailable for anything else: what was not understood is not empty
 */
export function pageOf(answer: unknown, what: string, isWide = false): Page {
  const asTable = table.safeParse(answer).data;
  if (asTable) {
    const columns = (asTable.columnDefinitions ?? [])
      .map(({ name, priority }, index) => ({ name, index, priority: priority ?? 0 }))
      .filter((column) => isWide || column.priority === 0);
    return { columns, rows: asTable.rows ?? [], ...restOf(asTable.metadata) };
  }
  const { items, metadata } = listOf(answer, what);
  const rows = items.map((object) => {
    const about = named.safeParse(object).data?.metadata;
    if (!about) throw notUnderstood(what, 'an entry without a name');
    return { cells: [about.name, about.creationTimestamp ?? null], object };
  });
  return { columns: null, rows, ...restOf(metadata) };
}

/** The objects of a list that was asked for as it is. @throws as `pageOf` */
export function itemsOf(answer: unknown, what: string): readonly unknown[] {
  return listOf(answer, what).items;
}

function listOf(answer: unknown, what: string) {
  const asList = list.safeParse(answer).data;
  if (asList) return { items: asList.items ?? [], metadata: asList.metadata };
  if (named.safeParse(answer).success) return { items: [answer], metadata: null };
  const kind = z.object({ kind: z.string().max(60) }).safeParse(answer).data?.kind;
  throw notUnderstood(what, kind === undefined ? 'something without a kind' : `a ${kind}`);
}

function restOf(metadata: z.output<typeof listMeta>): Pick<Page, 'next' | 'remaining'> {
  return { next: metadata?.continue || null, remaining: metadata?.remainingItemCount ?? 0 };
}

/** The error for an answer that has neither form. */
export function notUnderstood(what: string, came: string): ResponderError {
  return new ResponderError('unavailable', `${what}: the answer is ${came}, where a list was asked for`, {
    hint: 'Is this address a Kubernetes API server? If it is, the server of this kind (kubectl get apiservices) answers wrongly.',
    retryable: false,
  });
}
