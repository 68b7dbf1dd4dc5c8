import { RESOURCES } from '../client/resources.ts';
import { type Event, event } from '../subjects/event.ts';
import type { Pod } from '../subjects/pod.ts';
import type { Collection } from './diagnostic.ts';
import { readPart } from './parts.ts';

/** Pods whose events are asked for by name; the first of them are the worst or the newest. */
const MAX_PODS = 8;

/**
 * What the events say about these pods: a waiting container says that it cannot pull, mount or start, its events say
 * why. Each is asked for by its name, since a list of events is in the order of names; nothing is read when there are
 * none to explain.
 */
export async function eventsAbout(
  collection: Collection,
  pods: readonly Pod[],
): Promise<{ readonly events: readonly Event[]; readonly notes: readonly string[] }> {
  const chosen = pods.slice(0, MAX_PODS);
  const parts = await Promise.all(
    chosen.map(({ metadata: { name, namespace = null } }) =>
      readPart(collection, event, {
        resource: RESOURCES.events,
        namespace,
        fieldSelector: `involvedObject.kind=Pod,involvedObject.name=${name}`,
      }),
    ),
  );
  const more = pods.length > chosen.length ? [`events of ${chosen.length} of ${pods.length} pods`] : [];
  return {
    events: parts.flatMap(({ items }) => items),
    notes: [...new Set(parts.flatMap(({ notes }) => notes)), ...more],
  };
}
