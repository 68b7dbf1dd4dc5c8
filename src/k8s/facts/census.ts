import { z } from 'zod';
import { lengthOf } from '../../wording/lengths.ts';
import type { ClusterAccess } from '../client/cluster.ts';
import { notUnderstood } from '../client/listPage.ts';
import type { Priority } from '../client/requestBudget.ts';
import { pathOf, type Resource } from '../client/resources.ts';
import { STUCK_MS } from '../subjects/pod.ts';

const page = z.object({
  metadata: z.object({ continue: z.string().optional() }).optional(),
  columnDefinitions: z.array(z.object({ name: z.string(), priority: z.number().nullish() })).nullish(),
  // Thousands a page: each is looked at where it is read.
  rows: z.custom<readonly unknown[]>((value) => Array.isArray(value)).nullish(),
});

/** One object of a long list by its printed columns alone. */
export interface CensusRow {
  readonly name: string;
  readonly namespace: string | null;
  /** By kubectl's column name in upper case, those of `-o wide` too: `STATUS`, `READY`, `RESTARTS`, `COMPLETIONS`. */
  readonly cells: Readonly<Record<string, string>>;
}

export interface CensusRead {
  readonly resource: Resource;
  readonly namespace: string | null;
  readonly selector?: string | null;
  readonly fieldSelector?: string | null;
  readonly priority: Priority;
  readonly signal: AbortSignal;
  readonly onPage?: () => void;
}

/** Rows without objects are some 300 bytes each; those of all namespaces carry their metadata, which tells the namespace. */
const PAGE = { own: 5_000, all: 1_000 } as const;
const ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/**
 * A long list page by page to its end, by its printed columns without the objects: 10,000 pods are two requests and
 * about 3 MB, and nobody holds more of it than a page. Names and counts are of the whole list.
 * @throws ResponderError what the cluster's reads throw; `unavailable` for a server that prints no table or whose list has no end
 */
export async function* censusPages(cluster: ClusterAccess, read: CensusRead): AsyncGenerator<readonly CensusRow[]> {
  const { resource, namespace, priority, signal } = read;
  const path = pathOf(resource, namespace);
  const isOwn = namespace !== null || !resource.namespaced;
  let next: string | undefined;
  let columns: readonly string[] = [];
  const seen = new Set<string>();
  do {
    read.onPage?.();
    const query = {
      includeObject: isOwn ? 'None' : 'Metadata',
      limit: isOwn ? PAGE.own : PAGE.all,
      continue: next,
      labelSelector: read.selector,
      fieldSelector: read.fieldSelector,
    };
    const parsed = page.safeParse(await cluster.json({ path, query, accept: ACCEPT, priority, signal }));
    if (!parsed.success || (columns.length === 0 && !parsed.data.columnDefinitions?.length && parsed.data.rows?.length))
      throw notUnderstood(resource.plural, 'no table');
    const { columnDefinitions, rows, metadata } = parsed.data;
    if (columnDefinitions && columns.length === 0) columns = columnDefinitions.map(({ name }) => name.toUpperCase());
    yield (rows ?? []).map((row) => rowOf(row, columns, namespace) ?? notRow(resource.plural));
    next = metadata?.continue || undefined;
    if (next !== undefined && seen.has(next)) throw notUnderstood(resource.plural, 'a list without end');
    if (next !== undefined) seen.add(next);
  } while (next !== undefined);
}

function notRow(plural: string): never {
  throw notUnderstood(plural, 'a row without cells');
}

/** Null: what was sent is no row. */
function rowOf(row: unknown, columns: readonly string[], namespace: string | null): CensusRow | null {
  const cells = field(row, 'cells');
  if (!Array.isArray(cells)) return null;
  const byName: Record<string, string> = {};
  for (const [at, column] of columns.entries()) byName[column] = String(cells[at] ?? '');
  const own = namespace === null ? field(field(field(row, 'object'), 'metadata'), 'namespace') : namespace;
  return { name: byName.NAME ?? '', namespace: typeof own === 'string' ? own : namespace, cells: byName };
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined;
}

/** All rows of a long list. @throws as `censusPages` */
export async function census(cluster: ClusterAccess, read: CensusRead): Promise<readonly CensusRow[]> {
  const rows: CensusRow[] = [];
  for await (const some of censusPages(cluster, read)) rows.push(...some);
  return rows;
}

/** Some of each status before more of any: different troubles are seen rather than many of one. */
export function spread(rows: readonly CensusRow[], most: number): readonly CensusRow[] {
  const groups = [...Map.groupBy(rows, ({ cells }) => cells.STATUS ?? '').values()];
  const rounds = Math.max(0, ...groups.map(({ length }) => length));
  const chosen: CensusRow[] = [];
  for (let round = 0; round < rounds && chosen.length < most; round += 1)
    for (const group of groups) chosen.push(...group.slice(round, round + 1));
  return chosen.slice(0, most);
}

/** What the printed columns of a pod show: they do not tell since when it ends, so `leaving` may be well or stuck. */
export function stateOfPodRow({ cells }: CensusRow): 'ill' | 'leaving' | 'well' {
  const { STATUS = '', READY = '', RESTARTS = '', AGE = '' } = cells;
  if (/^(?:Completed|Complete|Succeeded)?$/.test(STATUS)) return 'well';
  if (STATUS === 'Terminating') return 'leaving';
  const age = lengthOf(AGE);
  const isYoung = age !== null && age <= STUCK_MS && /^0\b/.test(RESTARTS);
  if (/^(?:ContainerCreating|PodInitializing|Init:\d+\/\d+)$/.test(STATUS)) return isYoung ? 'well' : 'ill';
  if (STATUS !== 'Running') return 'ill';
  const [ready, all] = READY.split('/').map(Number);
  return ready !== undefined && all !== undefined && ready < all && !isYoung ? 'ill' : 'well';
}

export function isSickRow(row: CensusRow): boolean {
  return stateOfPodRow(row) !== 'well';
}

/** Whether the printed columns of a Job show that it failed; older servers print no status, and completions tell nothing. */
export function isFailedRow({ cells }: CensusRow): boolean {
  return /^Failed|^FailureTarget/.test(cells.STATUS ?? '');
}
