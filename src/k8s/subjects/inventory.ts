import type { ObjectName } from '../../incidents/evidence.ts';
import type { Event } from './event.ts';
import type { Kind, ObjectOf } from './kinds.ts';

/**
 * The coverage of a list. `part`: at least what was read; absence proves nothing. `ill`: a part that contains every
 * unhealthy object; an absent one is healthy or does not exist.
 */
export type Coverage = 'whole' | 'ill' | 'part' | 'unread';

export interface LogLine {
  /** Epoch ms as the kubelet stamped it; null without a stamp. */
  readonly at: number | null;
  readonly text: string;
}

/** The log of one container instance, as far as it was read. */
export interface LogExcerpt {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Of the instance before the restart. */
  readonly previous: boolean;
  readonly lines: readonly LogLine[];
  /** Why the log is missing, as the server said it; null when it was read. */
  readonly missing: string | null;
}

/** The objects that were read, and how much of the whole they are. */
export interface Lookup {
  all<K extends Kind>(kind: K): readonly ObjectOf<K>[];
  within<K extends Kind>(kind: K, namespace: string | null | undefined): readonly ObjectOf<K>[];
  get<K extends Kind>(
    kind: K,
    namespace: string | null | undefined,
    name: string | null | undefined,
  ): ObjectOf<K> | null;
  coverage(kind: Kind, namespace?: string | null): Coverage;
  /** Number of objects, also where only a part was read; null when it is not known. */
  total(kind: Kind, namespace?: string | null): number | null;
  /** All events about an object, oldest first. */
  eventsAbout(of: ObjectName): readonly Event[];
}
