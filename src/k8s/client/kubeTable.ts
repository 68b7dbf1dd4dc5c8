import { z } from 'zod';
import { coerceError, ResponderError } from '../../errors.ts';
import type { ClusterAccess } from './cluster.ts';
import { notUnderstood, type Page, pageOf, UNPRINTED } from './listPage.ts';
import { readInWords } from './readInWords.ts';
import type { Priority } from './requestBudget.ts';
import { pathOf, type Resource } from './resources.ts';

const ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** Most objects that one diagnostic reads. */
export const MAX_ITEMS = 500;

export interface TableRead {
  readonly resource: Resource;
  /** Null: all namespaces (or the kind has none). */
  readonly namespace: string | null;
  readonly name?: string | null;
  readonly selector?: string | null;
  readonly fieldSelector?: string | null;
  readonly limit?: number;
  /** With the columns of `-o wide` too. */
  readonly isWide?: boolean;
  readonly priority: Priority;
  readonly signal: AbortSignal;
}

export interface TableRow {
  readonly cells: readonly string[];
  /** The whole object, unredacted. */
  readonly object: unknown;
}

/** The API server's printed columns, which are kubectl's own, custom resources included. */
export interface KubeTable {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  /** Number of objects, as far as the server says; at least the number of rows. */
  readonly total: number;
  /** Notes in words, when a bound or a change cut the list. */
  readonly notes: readonly string[];
}

/** A table as it was read. */
export interface ReadTable extends KubeTable {
  /** The list is complete. With a selector the server sends no `remainingItemCount`, so a cut list has no total. */
  readonly isWhole: boolean;
}

/**
 * Reads a list (or one object) as a table with its objects, page by page up to the bound.
 * @throws ResponderError also when an answer is no list, or when the server sends the same continue token again, which
 * would never end: what came so far would look like the whole
 */
export async function readTable(cluster: ClusterAccess, read: TableRead): Promise<ReadTable> {
  const limit = read.limit ?? MAX_ITEMS;
  const rows: TableRow[] = [];
  const notes: string[] = [];
  const turned = new Set<string>();
  let columns: Page['columns'] | undefined;
  let remaining = 0;
  let next: string | null = null;
  do {
    const wanted = request(read, Math.min(limit - rows.length, MAX_ITEMS), next);
    const what = readInWords(cluster.name, wanted.path).text;
    let page: Page;
    try {
      page = pageOf(await cluster.json(wanted), what, read.isWide);
    } catch (thrown) {
      if (rows.length === 0 || coerceError(thrown).code !== 'gone') throw thrown;
      notes.push(`the list changed while it was read: these are the first ${rows.length}`);
      break;
    }
    if (columns !== undefined && (columns === null) !== (page.columns === null))
      throw notUnderstood(what, 'now a table, now a list');
    // Later pages of a table need not repeat its columns.
    columns ??= page.columns?.length === 0 && page.rows.length === 0 ? undefined : page.columns;
    const shown = columns?.map(({ index }) => index) ?? UNPRINTED.map((_, index) => index);
    for (const row of page.rows) rows.push({ cells: shown.map((index) => cell(row.cells[index])), object: row.object });
    ({ next, remaining } = page);
    if (next !== null && turned.has(next)) throw endless(what, rows.length);
    if (next !== null) turned.add(next);
  } while (next !== null && rows.length < limit);
  if (next !== null && notes.length === 0)
    notes.push(
      `stopped at ${rows.length} ${read.resource.plural}${remaining > 0 ? ` of ${rows.length + remaining}` : ''}`,
    );
  if (columns === null && rows.length > 0) notes.push(`the server prints no table of ${read.resource.plural}`);
  const names = columns === undefined ? [] : (columns?.map(({ name }) => name.toUpperCase()) ?? UNPRINTED);
  const isWhole = next === null;
  return withNamespace({ columns: names, rows, total: rows.length + remaining, notes, isWhole }, read);
}

function endless(what: string, read: number): ResponderError {
  return new ResponderError(
    'unavailable',
    `${what}: the server sends the same continue token again: the list has no end (${read} objects read)`,
    { hint: 'A proxy or the server of this kind ignores the token; name an object, or narrow it with a selector.' },
  );
}

function request(read: TableRead, limit: number, next: string | null) {
  const one = read.name ?? null;
  return {
    path: pathOf(read.resource, read.namespace, one),
    query: {
      includeObject: 'Object',
      ...(one === null
        ? { limit, continue: next, labelSelector: read.selector, fieldSelector: read.fieldSelector }
        : {}),
    },
    accept: ACCEPT,
    priority: read.priority,
    signal: read.signal,
  };
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '<none>';
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** kubectl shows the namespace first when it lists more than one. */
function withNamespace(table: ReadTable, read: TableRead): ReadTable {
  if (!read.resource.namespaced || read.namespace !== null) return table;
  const named = z.object({ metadata: z.object({ namespace: z.string() }) });
  return {
    ...table,
    columns: ['NAMESPACE', ...table.columns],
    rows: table.rows.map((row) => ({
      ...row,
      cells: [named.safeParse(row.object).data?.metadata.namespace ?? '', ...row.cells],
    })),
  };
}
