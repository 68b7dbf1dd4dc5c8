import { exact } from '../../wording/lengths.ts';
import { type Event, isWarning, lastSeen, timesSeen } from '../subjects/event.ts';

/** Equal events of one object, merged. */
export interface EventGroup {
  readonly times: number;
  readonly reason: string;
  readonly object: string;
  readonly message: string;
  readonly warning: boolean;
  /** Epoch ms; null when no event says when. */
  readonly last: number | null;
}

/** Groups events by object, reason and message; warnings first, the newest of each first. */
export function groupEvents(events: readonly Event[]): readonly EventGroup[] {
  const groups = new Map<string, EventGroup>();
  for (const one of events) {
    const { kind = '', name = '' } = one.involvedObject;
    const object = `${kind.toLowerCase()}/${name}`;
    const message = (one.message ?? '').replaceAll(/\s+/g, ' ').trim();
    const key = `${object} ${one.reason ?? ''} ${message}`;
    const before = groups.get(key);
    const last = lastSeen(one);
    groups.set(key, {
      times: (before?.times ?? 0) + timesSeen(one),
      reason: one.reason ?? '',
      object,
      message,
      warning: isWarning(one),
      last: before?.last == null ? last : Math.max(before.last, last ?? 0),
    });
  }
  return [...groups.values()].toSorted(
    (a, b) => Number(b.warning) - Number(a.warning) || (b.last ?? 0) - (a.last ?? 0),
  );
}

/** `6x BackOff pod/x: Back-off restarting failed container, 23s ago`. */
export function eventLine(group: EventGroup, now: number, withObject = true): string {
  const times = group.times > 1 ? `${group.times}x ` : '';
  const object = withObject ? ` ${group.object}` : '';
  const when = group.last === null ? '' : `, ${exact(now - group.last)} ago`;
  return `${times}${group.reason}${object}: ${group.message}${when}`;
}
