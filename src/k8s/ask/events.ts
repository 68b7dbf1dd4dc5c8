import { counted } from '../../incidents/counted.ts';
import { RESOURCES } from '../client/resources.ts';
import { type KubeTable, readTable, type TableRow } from '../client/table.ts';
import { type Event, event, lastSeen } from '../subjects/event.ts';
import { arrange } from './arrange.ts';
import { type Diagnostic, namespaceOf, place, splitName } from './diagnostic.ts';
import { verdictOf } from './verdict.ts';

function parsed(row: TableRow): Event | null {
  return event.safeParse(row.object).data ?? null;
}

/** Events of an object by its name; of a Job also those of its pods, whose names begin with it. */
function about(one: Event | null, name: string): boolean {
  const involved = one?.involvedObject.name ?? '';
  return involved === name || involved.startsWith(`${name}-`) || involved.startsWith(`${name}.`);
}

export const events: Diagnostic = {
  name: 'events',
  kubectl: (request) =>
    `kubectl get events ${place(request)}${request.fieldSelector ? ` --field-selector=${request.fieldSelector}` : ''} --sort-by=${request.sortBy ?? '.lastTimestamp'}`,
  async collect(collection) {
    const { cluster, request } = collection;
    const read = await readTable(cluster, {
      resource: RESOURCES.events,
      namespace: namespaceOf(request),
      selector: request.selector,
      fieldSelector: request.fieldSelector,
      limit: 2_000,
      priority: request.priority,
      signal: request.signal,
    });
    const { since } = request;
    const [, name] = splitName(request.name);
    const rows = read.rows.filter(
      (row) => (name === null || about(parsed(row), name)) && (since === null || recent(row, since)),
    );
    const chosen: KubeTable = rows.length === read.rows.length ? read : { ...read, rows, total: rows.length };
    const byTime = request.sortBy === null || /lastTimestamp/.test(request.sortBy);
    const table = arrange(chosen, byTime ? { ...request, sortBy: null } : request, byTime ? seenAt : undefined);
    const warnings = rows.filter((row) => parsed(row)?.type === 'Warning').length;
    return {
      title: `Events${name ? ` of ${name}` : ''} in ${request.allNamespaces ? 'all namespaces' : request.namespace}`,
      summary:
        rows.length === 0
          ? `No events${since === null ? '' : ' in that time'}; the API server keeps them for an hour by default.`
          : `${counted(chosen.total, 'event')}, ${counted(warnings, 'warning')}; the newest stand last.`,
      findings: verdictOf(collection, {
        objects: { Event: rows.flatMap((row) => parsed(row) ?? []) },
        parts: ['Event'],
      }),
      table,
      lines: null,
      notes: table.notes,
    };
  },
};

function seenAt(row: TableRow): number {
  const one = parsed(row);
  return one ? (lastSeen(one) ?? 0) : 0;
}

function recent(row: TableRow, since: number): boolean {
  const one = parsed(row);
  const at = one ? lastSeen(one) : null;
  return at === null || at >= since;
}
