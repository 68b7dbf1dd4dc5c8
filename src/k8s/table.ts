import { z } from 'zod';
import { coerceError } from '../errors.ts';
import type { Priority } from './budget.ts';
import type { ClusterAccess } from './cluster.ts';
import { pathOf, type Resource } from './resources.ts';

const tableAnswer = z.object({
  metadata: z.object({ continue: z.string().optional(), remainingItemCount: z.number().optional() }).optional(),
  columnDefinitions: z.array(z.object({ name: z.string(), priority: z.number().optional() })).optional(),
  rows: z.array(z.object({ cells: z.array(z.unknown()), object: z.unknown() })).nullish(),
});

const ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** How many objects one diagnostic reads at the most. */
export const MAX_ITEMS = 500;

export interface TableRead {
  readonly resource: Resource;
  /** Null: all namespaces (or the kind has none). */
  readonly namespace: string | null;
  readonly name?: string | null;
  readonly selector?: string | null;
  readonly fieldSelector?: string | null;
  readonly limit?: number;
  readonly priority: Priority;
  readonly signal: AbortSignal;
}

export interface TableRow {
  readonly cells: readonly string[];
  /** The whole object, unredacted. */
  readonly object: unknown;
}

/** What the API server printed: the columns are kubectl's own, custom resources included. */
export interface KubeTable {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  /** Objects there are, as far as the server says; at least the number of rows. */
  readonly total: number;
  /** In words, when a bound or a change cut the list. */
  readonly notes: readonly string[];
}

/** Reads a list (or one object) as a table with its objects, page by page up to the bound. */
export async function readTable(cluster: ClusterAccess, read: TableRead): Promise<KubeTable> {
  const limit = read.limit ?? MAX_ITEMS;
  const rows: TableRow[] = [];
  const notes: string[] = [];
  let columns: readonly { name: string; index: number }[] = [];
  let remaining = 0;
  let next: string | undefined;
  do {
    let answer: z.output<typeof tableAnswer>;
    try {
      answer = tableAnswer.parse(await cluster.json(request(read, Math.min(limit - rows.length, MAX_ITEMS), next)));
    } catch (thrown) {
      if (rows.length === 0 || coerceError(thrown).code !== 'gone') throw thrown;
      notes.push(`the list changed while it was read: these are the first ${rows.length}`);
      break;
    }
    if (answer.columnDefinitions && columns.length === 0) columns = visible(answer.columnDefinitions);
    for (const row of answer.rows ?? [])
      rows.push({ cells: columns.map(({ index }) => cell(row.cells[index])), object: row.object });
    next = answer.metadata?.continue || undefined;
    remaining = answer.metadata?.remainingItemCount ?? 0;
  } while (next && rows.length < limit);
  if (next && notes.length === 0)
    notes.push(
      `stopped at ${rows.length} ${read.resource.plural}${remaining > 0 ? ` of ${rows.length + remaining}` : ''}`,
    );
  return withNamespace(
    { columns: columns.map(({ name }) => name.toUpperCase()), rows, total: rows.length + remaining, notes },
    read,
  );
}

function request(read: TableRead, limit: number, next: string | undefined) {
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

function visible(definitions: readonly { name: string; priority?: number | undefined }[]) {
  return definitions
    .map(({ name, priority }, index) => ({ name, index, priority: priority ?? 0 }))
    .filter((column) => column.priority === 0);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '<none>';
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** kubectl shows the namespace first when it lists more than one. */
function withNamespace(table: KubeTable, read: TableRead): KubeTable {
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
