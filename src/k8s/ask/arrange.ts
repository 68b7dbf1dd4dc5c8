import type { DiagnosticRequest } from '../../commands/ports.ts';
import type { KubeTable, TableRow } from '../client/kubeTable.ts';

/** Filters and sorts rows as the request asks; without `sortBy` the order of the server, or `byDefault`, stays. */
export function arrange(
  table: KubeTable,
  request: DiagnosticRequest,
  byDefault?: (row: TableRow) => string | number,
): KubeTable {
  const needle = request.filter?.toLowerCase() ?? null;
  const kept =
    needle === null
      ? table.rows
      : table.rows.filter((row) => row.cells.some((cell) => cell.toLowerCase().includes(needle)));
  const path = request.sortBy;
  const key = path === null ? byDefault : (row: TableRow) => valueAt(row.object, path);
  const rows = key ? kept.toSorted((a, b) => compare(key(a), key(b))) : kept;
  const notes =
    needle === null || kept.length === table.rows.length
      ? table.notes
      : [...table.notes, `${kept.length} of ${table.rows.length} match "${request.filter}"`];
  return { ...table, rows, notes, total: needle === null ? table.total : kept.length };
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

/** kubectl's `--sort-by`: `.status.startTime`, `{.metadata.name}`, `.status.containerStatuses[0].restartCount`. */
export function valueAt(object: unknown, path: string): string | number {
  let at = object;
  for (const [, name, index] of path.replace(/^\{|\}$/g, '').matchAll(/\.?([\w-]+)|\[(\d+)\]/g)) {
    const key = name ?? index;
    if (key === undefined || at === null || typeof at !== 'object') return '';
    at = Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined;
  }
  return typeof at === 'number' || typeof at === 'string' ? at : '';
}
