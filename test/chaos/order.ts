import { expect } from '@jest/globals';
import type { Entry, Known } from './outcome.ts';
import type { SentState } from './sender.ts';

/** What an incident may do next, by what it did last. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  start: ['opened'],
  opened: ['quiet'],
  quiet: ['refired', 'reminder', 'resolved'],
  reminder: ['refired', 'resolved'],
  refired: ['quiet'],
  resolved: ['reopened'],
  reopened: ['quiet'],
};

/**
 * Everything happened to an incident once, in the order in which it was sent, and its timers ran once. Ids tell in which
 * order it was decided about; times may not, for a timer can run while an alert that was accepted before waits.
 */
export function verifyOrder({ incident, timeline }: Known, history: ReadonlyMap<string, readonly SentState[]>): void {
  const entries = timeline.toSorted((one, other) => one.id - other.id);
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  // As people read it: by when it happened, and what happened at once in the order in which it was written.
  const read = timeline.map(({ at, id }) => [at, id] as const);
  expect(read).toEqual(read.toSorted(([at, id], [otherAt, otherId]) => at - otherAt || id - otherId));
  const names = new Set(entries.flatMap(({ detail }) => (typeof detail.alert === 'string' ? [detail.alert] : [])));
  for (const name of names) expect([name, told(entries, name)]).toEqual([name, history.get(name)]);
  verifyTurns(incident, entries);
}

/** The states of an alert as the timeline tells them. */
function told(entries: readonly Entry[], name: string): readonly SentState[] {
  return entries
    .filter(({ kind, detail }) => (kind === 'alert_firing' || kind === 'alert_resolved') && detail.alert === name)
    .map(({ kind, detail }) => ({
      status: kind === 'alert_firing' ? 'firing' : 'resolved',
      startsAt: Number(detail.startsAt),
    }));
}

/** Opened once; quiet before it is resolved or a person is reminded, once for each time it was quiet. */
function verifyTurns(incident: Known['incident'], entries: readonly Entry[]): void {
  const turns = entries.map(({ kind }) => kind).filter((kind) => kind in NEXT);
  for (const [place, kind] of turns.entries()) {
    const before = turns[place - 1] ?? 'start';
    expect([incident.number, turns, before, NEXT[before]]).toEqual([
      incident.number,
      turns,
      before,
      expect.arrayContaining([kind]),
    ]);
  }
  // Nothing is under way any more, so that what was due did happen.
  const last =
    incident.severity === 'sev2' ? ['opened', 'refired', 'reminder'] : ['opened', 'refired', 'reopened', 'resolved'];
  expect([incident.number, incident.severity, turns, last]).toEqual([
    incident.number,
    incident.severity,
    turns,
    expect.arrayContaining([turns.at(-1)]),
  ]);
}
