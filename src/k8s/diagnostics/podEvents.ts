import type { Finding } from '../../incidents/evidence.ts';
import type { Collection } from '../diagnostic.ts';
import { eventFindings } from '../findings/events.ts';
import { event, type Pod } from '../objects.ts';
import { readPart } from '../parts.ts';
import { RESOURCES } from '../resources.ts';

const MAX_EVENTS = 500;

/**
 * What the events say about these pods: a waiting container says that it cannot pull, mount or start, its events say
 * why. Nothing is read when there are none to explain.
 */
export async function eventsAbout(
  collection: Collection,
  pods: readonly Pod[],
): Promise<{ readonly findings: readonly Finding[]; readonly notes: readonly string[] }> {
  if (pods.length === 0) return { findings: [], notes: [] };
  const only = pods.length === 1 ? `,involvedObject.name=${pods[0]?.metadata.name}` : '';
  const { items, notes } = await readPart(collection, event, {
    resource: RESOURCES.events,
    fieldSelector: `involvedObject.kind=Pod${only}`,
    limit: MAX_EVENTS,
  });
  const names = new Set(pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const about = items.filter(({ involvedObject: of }) => names.has(`${of.namespace}/${of.name}`));
  return { findings: eventFindings(about), notes };
}
