import { counted } from '../../wording/counts.ts';
import type { TableRow } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { event, lastSeen } from '../subjects/event.ts';
import { arrange } from './arrange.ts';
import { type Collection, type Diagnostic, place, splitName } from './diagnostic.ts';
import { type Events, eventOf, eventsIn, isRecent } from './eventList.ts';
import { eventsOf } from './eventsOf.ts';
import { countEvents } from './manyEvents.ts';
import { readPart } from './parts.ts';
import { eventsOnPhone } from './phoneLines.ts';
import { presentVerdict } from './present.ts';

export const events: Diagnostic = {
  name: 'events',
  phone: eventsOnPhone,
  kubectl: (request) =>
    `kubectl get events ${place(request)}${request.fieldSelector ? ` --field-selector=${request.fieldSelector}` : ''} --sort-by=${request.sortBy ?? '.lastTimestamp'}`,
  async collect(collection) {
    const { request } = collection;
    const { since } = request;
    const [, name] = splitName(request.name);
    const read = name === null ? await allEvents(collection) : await eventsOf(collection, name);
    const byTime = request.sortBy === null || /lastTimestamp/.test(request.sortBy);
    const table = arrange(read.table, byTime ? { ...request, sortBy: null } : request, byTime ? seenAt : undefined);
    const { findings, notes } = await presentVerdict(collection, { Event: { items: read.items, isWhole: false } });
    return {
      title: `Events${name ? ` of ${name}` : ''} in ${request.allNamespaces ? 'all namespaces' : request.namespace}`,
      summary: summaryOf(read, since !== null),
      findings,
      table,
      lines: null,
      notes: [...table.notes, ...notes],
    };
  },
};

function summaryOf({ total, warnings, isCounted }: Events, isRecent: boolean): string {
  const least = isCounted ? '' : 'at least ';
  if (total === 0 && isCounted)
    return `No events${isRecent ? ' in that time' : ''}; the API server keeps them for an hour by default.`;
  if (total === 0) return 'None among the events that were read; not all were.';
  return `${isCounted ? '' : 'At least '}${counted(total, 'event')}, ${least}${counted(warnings, 'warning')}; the newest last.`;
}

/** All of a place: as they are when they fit into one page, else counted to the end. */
async function allEvents(collection: Collection): Promise<Events> {
  const { since, selector, fieldSelector } = collection.request;
  const part = await readPart(collection, event, { resource: RESOURCES.events, selector, fieldSelector, limit: 500 });
  if (part.error) throw part.error;
  return part.isWhole ? eventsIn(part.table, (one) => isRecent(one, since)) : countEvents(collection, part.table);
}

function seenAt(row: TableRow): number {
  const one = eventOf(row);
  return one ? (lastSeen(one) ?? 0) : 0;
}
