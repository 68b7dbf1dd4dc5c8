import type { z } from 'zod';
import { coerceError } from '../../errors.ts';
import { type KubeTable, type ReadTable, readTable, type TableRead, type TableRow } from '../client/kubeTable.ts';
import { pathOf } from '../client/resources.ts';
import { type CensusRow, censusPages, spread } from '../facts/census.ts';
import type { Collection } from './diagnostic.ts';
import { namespaceOf, options, splitName } from './diagnostic.ts';

/** Rows shown of a long list, and number of unhealthy objects read in full. */
const SHOWN = 500;
const IN_FULL = 20;

/** A list that was counted to its end. */
export interface Counted<T> {
  /** Rows shown: everything, or the unhealthy first. */
  readonly table: KubeTable;
  /** Read in full: everything, or some of the ill. */
  readonly items: readonly T[];
  /** `items` are all there are. */
  readonly isWhole: boolean;
  /** Number of objects in each state. */
  readonly states: ReadonlyMap<string, number>;
  /** The counts are complete; otherwise they are lower bounds. */
  readonly isCounted: boolean;
}

/** How healthy and unhealthy objects of a kind are distinguished, in full and by their printed columns alone. */
export interface Telling<T> {
  readonly shape: z.ZodType<T>;
  stateOf(item: T): string;
  stateOfRow(row: CensusRow): string;
  isIll(state: string): boolean;
}

/**
 * Reads the list a person asked for. One that fits is read in full; a longer one is counted to its end by the printed
 * columns, and what is ill in it is read by name: Kubernetes lists by name, and the ill may be the last.
 * @throws ResponderError what the cluster's reads throw
 */
export async function readCounted<T>(
  { cluster, request }: Collection,
  resource: TableRead['resource'],
  telling: Telling<T>,
): Promise<Counted<T>> {
  const read: TableRead = {
    resource,
    namespace: namespaceOf(request),
    name: splitName(request.name)[1],
    selector: request.selector,
    fieldSelector: request.fieldSelector,
    priority: request.priority,
    isWide: request.output === 'wide',
    signal: request.signal,
  };
  const table = await readTable(cluster, read);
  const parsed = table.rows.flatMap((row) => telling.shape.safeParse(row.object).data ?? []);
  const first = { table, items: parsed, isWhole: table.isWhole, states: tally(parsed.map(telling.stateOf)) };
  if (table.isWhole) return { ...first, isCounted: true };
  try {
    const whole = await countRows({ cluster, request }, read, table, telling);
    const full = await Promise.all(
      spread(whole.ill, IN_FULL).map(async ({ name, namespace }) => {
        const path = pathOf(resource, resource.namespaced ? namespace : null, name);
        const { priority, signal } = request;
        return telling.shape.safeParse(await cluster.json({ path, priority, signal }).catch(() => null)).data ?? [];
      }),
    );
    return { ...whole, items: full.flat() as readonly T[], isWhole: false, isCounted: true };
  } catch (thrown) {
    if (request.signal.aborted) throw thrown;
    const note = `not counted to the end: ${coerceError(thrown).message}`;
    return { ...first, table: { ...table, notes: [...table.notes, note] }, isCounted: false };
  }
}

async function countRows<T>(
  { cluster, request }: Pick<Collection, 'cluster' | 'request'>,
  read: TableRead,
  first: ReadTable,
  telling: Telling<T>,
) {
  const states = new Map<string, number>();
  const ill: CensusRow[] = [];
  const others: CensusRow[] = [];
  const needle = request.filter?.toLowerCase() ?? null;
  let total = 0;
  let matching = 0;
  for await (const rows of censusPages(cluster, read))
    for (const row of rows) {
      const state = telling.stateOfRow(row);
      states.set(state, (states.get(state) ?? 0) + 1);
      total += 1;
      if (telling.isIll(state)) ill.push(row);
      if (needle !== null && !Object.values(row.cells).some((cell) => cell.toLowerCase().includes(needle))) continue;
      matching += 1;
      if (!telling.isIll(state) && others.length < SHOWN) others.push(row);
    }
  const shown = [...ill, ...others].slice(0, SHOWN).map((row) => rowOf(row, first.columns));
  const notes = [
    ...(shown.length < total
      ? [`${shown.length} of ${total} are shown, unhealthy first${options(request) ? '' : ', else by name'}`]
      : []),
    ...(needle === null ? [] : [`${matching} of ${total} match "${request.filter}"`]),
    ...(request.sortBy === null ? [] : [`only what is shown is sorted by ${request.sortBy}`]),
  ];
  return { states, ill, table: { columns: first.columns, rows: shown, total, notes } };
}

function rowOf(row: CensusRow, columns: readonly string[]): TableRow {
  const cells = columns.map((name) => (name === 'NAMESPACE' ? (row.namespace ?? '') : (row.cells[name] ?? '')));
  return { cells, object: { metadata: { name: row.name, namespace: row.namespace ?? undefined } } };
}

function tally(states: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(states, (state) => state)].map(([state, all]) => [state, all.length]));
}
