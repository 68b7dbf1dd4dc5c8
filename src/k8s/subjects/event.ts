import { z } from 'zod';
import { count, metadata, named, text } from './object.ts';

export const event = z.object({
  metadata,
  type: text,
  reason: text,
  message: text,
  count,
  firstTimestamp: z.string().nullish().catch(undefined),
  lastTimestamp: z.string().nullish().catch(undefined),
  eventTime: z.string().nullish().catch(undefined),
  series: z.object({ lastObservedTime: text, count }).nullish().catch(undefined),
  source: z.object({ component: text, host: text }).optional().catch(undefined),
  reportingComponent: text,
  involvedObject: z
    .object({ apiVersion: text, kind: text, namespace: text, name: text, uid: text, fieldPath: text })
    .catch({}),
});
export type Event = z.output<typeof event>;

/** Epoch ms of when an event was last seen: newer clusters fill `series` or only `eventTime`. Null when it does not say. */
export function lastSeen(one: Event): number | null {
  const when =
    one.series?.lastObservedTime ??
    one.lastTimestamp ??
    one.eventTime ??
    one.firstTimestamp ??
    one.metadata.creationTimestamp;
  const at = when ? Date.parse(when) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** Epoch ms of when it was seen first; null when it does not say. */
export function firstSeen(one: Event): number | null {
  const when = one.firstTimestamp ?? one.eventTime ?? one.metadata.creationTimestamp;
  const at = when ? Date.parse(when) : Number.NaN;
  return Number.isNaN(at) ? lastSeen(one) : at;
}

/** How often it was seen, at least 1. */
export function timesSeen(one: Event): number {
  return Math.max(1, one.series?.count ?? 1, one.count ?? 1);
}

export function isWarning(one: Event): boolean {
  return one.type === 'Warning';
}

/** The object an event is about; null when it names none. */
export function aboutOf(one: Event) {
  const { kind, name, namespace } = one.involvedObject;
  return kind && name ? named(kind, { namespace, name }) : null;
}

/** The container of an event's `fieldPath`: `spec.containers{web}`; null without one. */
export function containerOf(one: Event): string | null {
  return /\{([^{}]+)\}$/.exec(one.involvedObject.fieldPath ?? '')?.[1] ?? null;
}
