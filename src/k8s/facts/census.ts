import { z } from 'zod';
import type { Priority } from '../client/budget.ts';
import type { ClusterAccess } from '../client/cluster.ts';
import { pathOf, type Resource } from '../client/resources.ts';

const page = z.object({
  metadata: z.object({ continue: z.string().optional() }).optional(),
  columnDefinitions: z.array(z.object({ name: z.string() })).optional(),
  rows: z
    .array(
      z.object({
        cells: z.array(z.unknown()),
        object: z.object({ metadata: z.object({ name: z.string(), namespace: z.string().optional() }) }),
      }),
    )
    .nullish(),
});

/** One object of a long list by its printed columns alone. */
export interface CensusRow {
  readonly name: string;
  readonly namespace: string | null;
  /** By kubectl's column name in upper case: `STATUS`, `READY`, `RESTARTS`, `COMPLETIONS`. */
  readonly cells: Readonly<Record<string, string>>;
}

const PAGE = 5_000;
const ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/**
 * Reads a long list to its end by its printed columns, without the objects: 10,000 pods are two requests and about 3 MB.
 * Names and counts are of the whole list. @throws ResponderError what the cluster's reads throw; `unavailable` for a server that prints no table.
 */
export async function census(
  cluster: ClusterAccess,
  read: {
    readonly resource: Resource;
    readonly namespace: string | null;
    readonly selector?: string | null;
    readonly priority: Priority;
    readonly signal: AbortSignal;
    readonly onPage?: () => void;
  },
): Promise<readonly CensusRow[]> {
  const rows: CensusRow[] = [];
  let next: string | undefined;
  let columns: readonly string[] = [];
  const seen = new Set<string>();
  do {
    read.onPage?.();
    const answer = page.parse(
      await cluster.json({
        path: pathOf(read.resource, read.namespace),
        query: { includeObject: 'Metadata', limit: PAGE, continue: next, labelSelector: read.selector },
        accept: ACCEPT,
        priority: read.priority,
        signal: read.signal,
      }),
    );
    if (answer.columnDefinitions && columns.length === 0)
      columns = answer.columnDefinitions.map(({ name }) => name.toUpperCase());
    for (const { cells, object } of answer.rows ?? [])
      rows.push({
        name: object.metadata.name,
        namespace: object.metadata.namespace ?? read.namespace,
        cells: Object.fromEntries(columns.map((column, at) => [column, String(cells[at] ?? '')])),
      });
    next = answer.metadata?.continue || undefined;
    if (next !== undefined && seen.has(next)) break;
    if (next !== undefined) seen.add(next);
  } while (next !== undefined);
  return rows;
}

/** Whether the printed columns of a pod show that something is wrong with it. */
export function isSickRow({ cells }: CensusRow): boolean {
  const { STATUS = '', READY = '' } = cells;
  if (STATUS === 'Completed' || STATUS === 'Succeeded') return false;
  if (STATUS !== 'Running') return STATUS !== '' && STATUS !== 'Complete';
  const [ready, all] = READY.split('/').map(Number);
  return ready !== undefined && all !== undefined && ready < all;
}

/** Whether the printed columns of a Job show that it failed; older servers print no status, and completions tell nothing. */
export function isFailedRow({ cells }: CensusRow): boolean {
  return /^Failed|^FailureTarget/.test(cells.STATUS ?? '');
}
