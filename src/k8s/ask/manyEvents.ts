import { lengthOf } from '../../wording/lengths.ts';
import type { KubeTable, TableRow } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { type CensusRow, censusPages } from '../facts/census.ts';
import { KINDS, type Kind } from '../subjects/kinds.ts';
import type { Collection } from './diagnostic.ts';
import { namespaceOf } from './diagnostic.ts';
import { type Events, eventOf } from './eventList.ts';

/** The newest of each type that are kept. */
const KEPT = 300;

/**
 * Counts events to the end by their printed columns, and keeps the newest warnings and the newest of the others: a list
 * of events is in the order of the names of what they are about. @throws ResponderError what the cluster's reads throw
 */
export async function countEvents({ cluster, request, clock }: Collection, first: KubeTable): Promise<Events> {
  const { selector, fieldSelector, since, priority, signal } = request;
  const now = clock();
  const [warnings, others] = [newest(), newest()];
  const read = {
    resource: RESOURCES.events,
    namespace: namespaceOf(request),
    selector,
    fieldSelector,
    priority,
    signal,
  };
  for await (const rows of censusPages(cluster, read))
    for (const row of rows) {
      const age = lengthOf(row.cells['LAST SEEN'] ?? '');
      if (since !== null && age !== null && now - age < since - 1_000) continue;
      (row.cells.TYPE === 'Warning' ? warnings : others).add(row, age);
    }
  const kept = [...others.kept(), ...warnings.kept()].map(({ row, age }) =>
    tableRow(row, first.columns, age === null ? null : now - age),
  );
  const total = warnings.count() + others.count();
  const note = `${kept.length} of ${total} are shown, the newest`;
  return {
    table: { columns: first.columns, rows: kept, total, notes: kept.length < total ? [note] : [] },
    items: kept.flatMap((row) => eventOf(row) ?? []),
    total,
    warnings: warnings.count(),
    isCounted: true,
  };
}

/** Keeps the youngest, and counts all; an age that nobody can read is behind all others. */
function newest() {
  let some: { readonly row: CensusRow; readonly age: number | null }[] = [];
  let count = 0;
  const youngest = () => some.toSorted((a, b) => (a.age ?? Infinity) - (b.age ?? Infinity) || 0).slice(0, KEPT);
  return {
    add(row: CensusRow, age: number | null) {
      count += 1;
      some.push({ row, age });
      if (some.length > KEPT * 4) some = youngest();
    },
    kept: youngest,
    count: () => count,
  };
}

/** An event from its printed columns, in which the kind is in lower case. */
function tableRow(row: CensusRow, columns: readonly string[], at: number | null): TableRow {
  const { TYPE: type, REASON: reason, MESSAGE: message, OBJECT = '', COUNT: count, SUBOBJECT: fieldPath } = row.cells;
  const slash = OBJECT.indexOf('/');
  const lower = OBJECT.slice(0, slash);
  const kind = (Object.keys(KINDS) as Kind[]).find((one) => one.toLowerCase() === lower) ?? lower;
  const namespace = row.namespace ?? undefined;
  return {
    cells: columns.map((name) => (name === 'NAMESPACE' ? (row.namespace ?? '') : (row.cells[name] ?? ''))),
    object: {
      metadata: { name: row.name, namespace },
      type,
      reason,
      message,
      count: Number(count) || 1,
      lastTimestamp: at === null ? null : new Date(at).toISOString(),
      involvedObject: { kind, name: OBJECT.slice(slash + 1), namespace, fieldPath },
    },
  };
}
