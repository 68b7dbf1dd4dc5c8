import type { z } from 'zod';
import type { Finding, ObjectName } from '../../incidents/evidence.ts';
import { counted } from '../../wording/counts.ts';
import { RECOVERING, type Recovering } from '../facts/recovered.ts';
import { aboutOf, type Event, isWarning, lastSeen } from '../subjects/event.ts';
import { KINDS, kindOf } from '../subjects/kinds.ts';
import { keyOf } from '../subjects/object.ts';
import type { Collection } from './diagnostic.ts';
import { named, readPart } from './parts.ts';
import { type Read, verdictOf } from './verdict.ts';

/** Objects that are asked for by name. */
const MOST = 12;

/** An object that a warning is about, and that shows whether the warning is over. */
interface Warned extends ObjectName {
  readonly kind: Recovering;
}

type WithEvents = Read & Required<Pick<Read, 'Event'>>;

/** What of the present is known, and what is not. */
interface Open {
  readonly read: WithEvents;
  /** Keys of warned objects as they are now. */
  readonly present: ReadonlySet<string>;
  readonly unread: readonly Warned[];
}

/**
 * The findings of events, judged by the present state of the objects the warnings are about: what is outranks what was,
 * and what is gone has no troubles. The objects are read only when there are findings. What an object that was not read
 * (more of them than are asked for, or a failed read) leaves open is likely at most, and a note says so.
 * @param kinds the kinds whose objects are read
 */
export async function presentVerdict(
  collection: Collection,
  read: WithEvents,
  kinds: readonly Recovering[] = RECOVERING,
): Promise<{ readonly findings: readonly Finding[]; readonly notes: readonly string[] }> {
  const before = verdictOf(collection, read);
  if (before.length === 0) return { findings: [], notes: [] };
  const warned = warnedOf(read.Event.items, kinds, before);
  const answers = await Promise.all(warned.slice(0, MOST).map((one) => stateOf(collection, one)));
  const of = (state: State['state']) => answers.filter((one) => one.state === state);
  const gone = new Set(of('gone').map(({ of: one }) => keyOf(one)));
  const present = Map.groupBy(of('present'), ({ of: { kind } }) => kind);
  const items = read.Event.items.filter((one) => !gone.has(keyOf(warnedBy(one, kinds) ?? NOBODY)));
  const found = verdictOf(collection, {
    ...read,
    Event: { ...read.Event, items },
    // Each list holds its kind's own shape, which `KINDS` names.
    ...(Object.fromEntries(
      [...present].map(([kind, states]) => [kind, { items: states.flatMap((one) => one.items), isWhole: false }]),
    ) as Read),
  });
  const open: Open = {
    read,
    present: new Set(of('present').map(({ of: one }) => keyOf(one))),
    unread: [...of('unread').map(({ of: one }) => one), ...warned.slice(MOST)],
  };
  const notes = new Set(answers.flatMap((one) => one.notes));
  if (open.unread.length > 0)
    notes.add(`the present state of ${counted(open.unread.length, 'more object')} was not read`);
  // What else ails the objects is asked of other commands: these tell what the events do.
  const codes = new Set(before.map(({ code }) => code));
  const told = found.filter(({ code, level }) => level === 'ok' || codes.has(code));
  return {
    findings: told.map((one) => (isOpen(one, open) ? { ...one, confidence: 'likely' } : one)),
    notes: [...notes],
  };
}

const NOBODY: ObjectName = { kind: '', namespace: null, name: '' };

/** Whether an object that was not read may have outlived what a finding confirms: its own, or one it was concluded from. */
function isOpen({ confidence, subject, count }: Finding, open: Open): boolean {
  if (confidence !== 'confirmed' || open.unread.length === 0) return false;
  const key = keyOf(subject);
  if (open.unread.some((one) => keyOf(one) === key)) return true;
  // Those it counts may be among them.
  if (count > 1 && open.unread.some(({ kind }) => kind === subject.kind)) return true;
  if (subject.kind in open.read || open.present.has(key)) return false;
  // Of other kinds an event is all that is ever known, as long as it is about them.
  return !open.read.Event.items.some((one) => keyOf(aboutOf(one) ?? NOBODY) === key);
}

/** The objects that warnings are about, each once: those of findings first, then the newest warning's. */
function warnedOf(
  events: readonly Event[],
  kinds: readonly Recovering[],
  findings: readonly Finding[],
): readonly Warned[] {
  const told = new Set(findings.map(({ subject }) => keyOf(subject)));
  const newest = events.filter(isWarning).toSorted((a, b) => (lastSeen(b) ?? 0) - (lastSeen(a) ?? 0));
  const all = new Map(newest.flatMap((one) => warnedBy(one, kinds) ?? []).map((one) => [keyOf(one), one]));
  return [...all.values()].toSorted((a, b) => Number(told.has(keyOf(b))) - Number(told.has(keyOf(a))));
}

function warnedBy(one: Event, kinds: readonly Recovering[]): Warned | null {
  const about = aboutOf(one);
  const known = about && kindOf(one.involvedObject.apiVersion, about.kind);
  const kind = kinds.find((of) => of === known);
  return about && kind ? { ...about, kind } : null;
}

interface State {
  readonly of: Warned;
  readonly state: 'present' | 'gone' | 'unread';
  readonly items: readonly unknown[];
  readonly notes: readonly string[];
}

/** One object as it is now. An answer that cannot be understood is no absence, and neither is a kind that is not served. */
async function stateOf(collection: Collection, of: Warned): Promise<State> {
  const { resource, shape } = KINDS[of.kind];
  const part = await readPart(collection, shape as z.ZodType, {
    resource,
    namespace: resource.namespaced ? of.namespace || null : null,
    ...named(of.name),
  });
  if (part.state === 'read' && part.table.rows.length === 0) return { of, state: 'gone', items: [], notes: [] };
  const state = part.items.length > 0 ? 'present' : 'unread';
  return { of, state, items: part.items, notes: part.state === 'read' ? [] : part.notes };
}
