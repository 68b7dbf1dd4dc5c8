import { RESOURCES } from '../client/resources.ts';
import { type Event, event } from '../subjects/event.ts';
import type { Pod } from '../subjects/pod.ts';
import type { Collection } from './diagnostic.ts';
import { readPart } from './parts.ts';

const MAX_EVENTS = 500;

/**
 * What the events say about these pods: a waiting container says that it cannot pull, mount or start, its events say
 * why. Nothing is read when there are none to explain.
 */
export async function eventsAbout(
  collection: Collection,
  pods: readonly Pod[],
): Promise<{ readonly events: readonly Event[]; readonly notes: readonly string[] }> {
  if (pods.length === 0) return { events: [], notes: [] };
  const only = pods.length === 1 ? `,involvedObject.name=${pods[0]?.metadata.name}` : '';
  const { items, notes } = await readPart(collection, event, {
    resource: RESOURCES.events,
    fieldSelector: `involvedObject.kind=Pod${only}`,
    limit: MAX_EVENTS,
  });
  const names = new Set(pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const about = items.filter(({ involvedObject: of }) => names.has(`${of.namespace}/${of.name}`));
  return { events: about, notes };
}
