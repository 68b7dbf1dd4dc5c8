import type { Event } from 'kubernetes-types/core/v1.js';
import { since } from '../age.ts';
import { column, defineKind } from '../kind.ts';
import type { KubeObject } from '../object.ts';

/** Events as the core API shows them. Both event kinds are views of the same stored objects. */
export const event = defineKind<Event>({
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  storage: 'events',
  columns: eventColumns(),
  fields: (one) => ({
    'involvedObject.kind': one.involvedObject?.kind ?? '',
    'involvedObject.namespace': one.involvedObject?.namespace ?? '',
    'involvedObject.name': one.involvedObject?.name ?? '',
    'involvedObject.uid': one.involvedObject?.uid ?? '',
    'involvedObject.apiVersion': one.involvedObject?.apiVersion ?? '',
    'involvedObject.resourceVersion': one.involvedObject?.resourceVersion ?? '',
    'involvedObject.fieldPath': one.involvedObject?.fieldPath ?? '',
    reason: one.reason ?? '',
    reportingComponent: one.reportingComponent ?? '',
    source: one.source?.component || one.reportingComponent || '',
    type: one.type ?? '',
  }),
});

/** Events as `events.k8s.io/v1` shows them: other names for the same facts, the old ones kept as `deprecated...`. */
export const newEvent = defineKind<Event>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  storage: 'events',
  columns: eventColumns(),
  fields: (one) => ({
    'regarding.kind': one.involvedObject?.kind ?? '',
    'regarding.namespace': one.involvedObject?.namespace ?? '',
    'regarding.name': one.involvedObject?.name ?? '',
    'regarding.uid': one.involvedObject?.uid ?? '',
    'regarding.apiVersion': one.involvedObject?.apiVersion ?? '',
    'regarding.resourceVersion': one.involvedObject?.resourceVersion ?? '',
    'regarding.fieldPath': one.involvedObject?.fieldPath ?? '',
    reason: one.reason ?? '',
    reportingController: one.reportingComponent ?? '',
    type: one.type ?? '',
  }),
  present: inNewForm,
});

function inNewForm(stored: KubeObject): KubeObject {
  const { involvedObject, message, count, firstTimestamp, lastTimestamp, source, reportingComponent, ...rest } = stored;
  return {
    ...rest,
    apiVersion: 'events.k8s.io/v1',
    regarding: involvedObject,
    note: message,
    reportingController: reportingComponent ?? '',
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp ?? null,
    deprecatedLastTimestamp: lastTimestamp ?? null,
    deprecatedCount: count,
  };
}

function eventColumns() {
  return [
    column<Event>('Last Seen', lastSeen, { description: 'The time at which the most recent occurrence was recorded.' }),
    column<Event>('Type', (one) => one.type ?? '', { description: 'Type of this event (Normal, Warning).' }),
    column<Event>('Reason', (one) => one.reason ?? ''),
    column<Event>('Object', (one) => {
      const { kind = '', name } = one.involvedObject ?? {};
      return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
    }),
    column<Event>('Subobject', (one) => one.involvedObject?.fieldPath ?? '', { wide: true }),
    column<Event>('Source', source, { wide: true }),
    column<Event>('Message', (one) => (one.message ?? '').trim()),
    column<Event>('First Seen', firstSeen, { wide: true }),
    column<Event>('Count', (one) => one.series?.count ?? (one.count || 1), { wide: true }),
    { ...column<Event>('Name', (one) => one.metadata?.name ?? '', { wide: true }), format: 'name' },
  ];
}

function firstSeen(one: Event, now: number): string {
  return since(one.firstTimestamp || one.eventTime, now);
}

function lastSeen(one: Event, now: number): string {
  if (one.series?.lastObservedTime) return since(one.series.lastObservedTime, now);
  return one.lastTimestamp ? since(one.lastTimestamp, now) : firstSeen(one, now);
}

function source(one: Event): string {
  const component = one.source?.component || one.reportingComponent || '';
  const instance = one.source?.host || one.reportingInstance || '';
  return instance ? `${component}, ${instance}` : component;
}
