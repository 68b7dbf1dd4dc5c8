import { coerceError } from '../../errors.ts';
import { RESOURCES, type Resource } from '../client/resources.ts';
import { censusPages, isSickRow } from '../facts/census.ts';
import { type Event, event } from '../subjects/event.ts';
import type { Collection } from './diagnostic.ts';
import { namespaceOf } from './diagnostic.ts';
import { type Events, eventsIn, isRecent } from './eventList.ts';
import { readPart } from './parts.ts';

/** Objects whose names begin with the named one's, of which events are asked for. */
const MAX_CHILDREN = 12;
const CHILDREN: readonly Resource[] = [RESOURCES.pods, RESOURCES.replicasets, RESOURCES.jobs];

/**
 * The events of an object by its name, and those of its children (pods of a Job, ReplicaSets of a Deployment), whose
 * names begin with it. The server filters by `involvedObject.name`; where the events of the place fit into one page,
 * events about deleted children are included.
 * @throws ResponderError what the cluster's reads throw
 */
export async function eventsOf(collection: Collection, name: string): Promise<Events> {
  const { since, fieldSelector, selector } = collection.request;
  const of = (one: string) =>
    readPart(collection, event, {
      resource: RESOURCES.events,
      selector,
      fieldSelector: [`involvedObject.name=${one}`, fieldSelector].filter(Boolean).join(','),
    });
  const [own, page] = await Promise.all([
    of(name),
    readPart(collection, event, { resource: RESOURCES.events, selector, fieldSelector, limit: 500 }),
  ]);
  if (own.error) throw own.error;
  const isMeant = (one: Event) => isRecent(one, since) && about(one, name);
  if (page.state === 'read' && page.isWhole) return eventsIn(page.table, isMeant);
  const { children, notes: unread } = await childrenOf(collection, name);
  const chosen = children.slice(0, MAX_CHILDREN);
  const parts = [own, ...(await Promise.all(chosen.map(of)))];
  const notes = [
    ...parts.flatMap(({ notes: ofPart }) => ofPart),
    ...unread,
    ...(chosen.length < children.length ? [`events of ${chosen.length} of ${children.length} objects it made`] : []),
    ...(children.length > 0 ? ['events of what it made and is gone by now are not among them'] : []),
  ];
  const isCounted = unread.length === 0 && chosen.length === children.length && parts.every(({ isWhole }) => isWhole);
  const columns = parts.map(({ table }) => table.columns).find(({ length }) => length > 0) ?? page.table.columns;
  const rows = parts.flatMap(({ table }) => table.rows);
  return eventsIn({ columns, rows, total: rows.length, notes }, isMeant, isCounted);
}

/** Events of an object by its name; of a Job also those of its pods, whose names begin with it. */
function about(one: Event, name: string): boolean {
  const involved = one.involvedObject.name ?? '';
  return involved === name || involved.startsWith(`${name}-`) || involved.startsWith(`${name}.`);
}

/** Names of what it made, the sick first; a kind that could not be read to its end is in the notes. */
async function childrenOf(
  collection: Collection,
  name: string,
): Promise<{ readonly children: readonly string[]; readonly notes: readonly string[] }> {
  const found = await Promise.all(CHILDREN.map((resource) => childrenIn(collection, resource, name)));
  const children = found
    .flatMap(({ names }) => names)
    .toSorted((a, b) => Number(b.isSick) - Number(a.isSick))
    .map((one) => one.name);
  return { children, notes: found.flatMap(({ notes }) => notes) };
}

async function childrenIn({ cluster, request }: Collection, resource: Resource, name: string) {
  const { priority, signal } = request;
  const names: { readonly name: string; readonly isSick: boolean }[] = [];
  try {
    for await (const rows of censusPages(cluster, { resource, namespace: namespaceOf(request), priority, signal }))
      for (const row of rows)
        if (row.name.startsWith(`${name}-`))
          names.push({ name: row.name, isSick: resource === RESOURCES.pods && isSickRow(row) });
    return { names, notes: [] };
  } catch (thrown) {
    signal.throwIfAborted();
    return { names, notes: [`events of its ${resource.plural} may be missing: ${coerceError(thrown).message}`] };
  }
}
