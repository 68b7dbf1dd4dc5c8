import type { KubeTable, TableRow } from '../client/kubeTable.ts';
import { type Event, event, lastSeen } from '../subjects/event.ts';

/** Events that were read, and how many there are in all. */
export interface Events {
  readonly table: KubeTable;
  readonly items: readonly Event[];
  readonly total: number;
  readonly warnings: number;
  /** The counts are complete; otherwise they are lower bounds. */
  readonly isCounted: boolean;
}

/** The events of a table that was read whole, as far as they are meant. */
export function eventsIn(table: KubeTable, isMeant: (one: Event) => boolean, isCounted = true): Events {
  const rows = table.rows.filter((row) => {
    const one = eventOf(row);
    return one !== null && isMeant(one);
  });
  const items = rows.flatMap((row) => eventOf(row) ?? []);
  const warnings = items.filter(({ type }) => type === 'Warning').length;
  return { table: { ...table, rows, total: rows.length }, items, total: rows.length, warnings, isCounted };
}

export function eventOf(row: TableRow): Event | null {
  return event.safeParse(row.object).data ?? null;
}

/** Seen since then, or at an unrecorded time. */
export function isRecent(one: Event, since: number | null): boolean {
  const at = lastSeen(one);
  return since === null || at === null || at >= since;
}
