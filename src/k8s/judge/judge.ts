import type { ObjectName } from '../../incidents/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import { isUnnamed } from '../facts/target.ts';
import { RULES } from '../rules/allRules.ts';
import type { Case, Rule } from '../rules/case.ts';
import { type CodeRow, DEPTHS } from '../rules/code.ts';
import { CODES } from '../rules/codes.ts';
import { isTarget } from '../rules/targeted.ts';
import type { Kind } from '../subjects/kinds.ts';
import { keyOf, named } from '../subjects/object.ts';
import { topOwner } from '../subjects/owners.ts';
import { isOfPart } from './unnamed.ts';

/** A case with its place: what it explains, and how trouble gets from it to what was asked about. */
export interface Judged {
  readonly one: Case;
  /** The path from its object to the target; null where none joins them. */
  readonly path: readonly ObjectName[] | null;
  /** Consequences, nearest first. */
  readonly explains: readonly Case[];
}

export interface Judgement {
  /** Decided causes, the first being the answer; empty when nothing that was read explains the target. */
  readonly causes: readonly Judged[];
  /** Undecided cases of the target: a fact is missing. */
  readonly undecided: readonly Judged[];
  readonly symptoms: readonly Case[];
  /** Cases without a path to the target. */
  readonly elsewhere: readonly Case[];
}

/** Judges what was read: every rule, then one ranking over the graph (docs/rules.md#what-may-be-said-of-a-cluster). */
export function judge(facts: Facts, rules: readonly Rule[] = RULES): Judgement {
  const cases = together(
    rules.flatMap((rule) => rule(facts)),
    facts,
  );
  const targets = targetKeys(facts);
  const placed = cases.map((one) => place(one, facts, targets));
  const near = withoutUnjoinedParts(withCauses(placed), facts);
  const roots = near.filter((held) => !near.some((other) => explains(other, held)));
  const explained = (held: Placed) =>
    near.filter((other) => other !== held && explains(held, other)).map(({ one }) => one);
  const ranked = roots.toSorted((a, b) => rank(a, facts) - rank(b, facts));
  const told = ranked.map((held): Judged => ({ one: held.one, path: held.path, explains: explained(held) }));
  const isDecided = ({ one }: Judged) => one.confidence !== 'unknown';
  const decided = told.filter(isDecided);
  const serious = decided.filter(({ one }) => one.level === 'critical' && one.noIncident === null);
  const causes =
    serious.length > 0 ? serious : decided.filter(({ one }) => one.level === 'warning' || one.noIncident !== null);
  return {
    causes,
    undecided: told.filter((held) => !causes.includes(held)),
    symptoms: near.filter((held) => !roots.includes(held)).map(({ one }) => one),
    elsewhere: placed.filter((held) => !near.includes(held)).map(({ one }) => one),
  };
}

/** The cases joined to the target, their deeper causes, and the causes of those. */
function withCauses(placed: readonly Placed[]): readonly Placed[] {
  return closure(
    placed.filter(({ path }) => path !== null),
    placed,
  );
}

function closure(seeds: readonly Placed[], all: readonly Placed[]): readonly Placed[] {
  const kept = new Set(seeds);
  for (let size = -1; size !== kept.size; ) {
    size = kept.size;
    for (const other of all) if (!kept.has(other) && [...kept].some((held) => explains(other, held))) kept.add(other);
  }
  return all.filter((held) => kept.has(held));
}

/**
 * Leaves out what no edge joins to what was asked about (a part of the platform that is down, and why it is) where that has a
 * decided cause of its own, and nothing of its own follows from the part: a webhook that is down does not make an image missing.
 */
function withoutUnjoinedParts(near: readonly Placed[], facts: Facts): readonly Placed[] {
  const joined = near.filter((held) => isJoined(held, facts));
  const isDecided = joined.some(
    ({ one }) =>
      one.level === 'critical' && one.confidence === 'confirmed' && DEPTHS[CODES[one.code].depth] >= DEPTHS.cause,
  );
  return isDecided ? closure(joined, near) : near;
}

/** Whether trouble can reach the target from a case; for a platform part only edges of the graph count. */
function isJoined({ one, path }: Placed, { graph }: Facts): boolean {
  const [first, second] = path ?? [];
  if (first === undefined) return false;
  return !isPart(one) || second === undefined || graph.edges(first).some(({ to }) => keyOf(to) === keyOf(second));
}

function rowOf(one: Case): CodeRow<never> {
  return CODES[one.code];
}

function isPart(one: Case): boolean {
  return rowOf(one).isPart === true;
}

interface Placed {
  readonly one: Case;
  readonly path: readonly ObjectName[] | null;
  /** Keys that its trouble reaches, with and without calls between workloads. */
  readonly reach: ReadonlyMap<string, number>;
  readonly close: ReadonlyMap<string, number>;
  readonly family: ReadonlyMap<string, number>;
  /** What edges of the graph lead to from its object alone. */
  readonly own: ReadonlyMap<string, number>;
}

/** The target: the named objects and their workloads, else everything in the namespace (null: everything). */
function targetKeys(facts: Facts): ReadonlySet<string> | null {
  const { target } = facts;
  const keys = new Set<string>();
  for (const of of target.objects) {
    keys.add(keyOf(of));
    const object = facts.get(of.kind as Kind, of.namespace, of.name);
    if (object) keys.add(keyOf(topOwner(of, object.metadata, facts)));
  }
  if (keys.size === 0 && target.names.size > 0)
    for (const kind of [
      'Pod',
      'Deployment',
      'StatefulSet',
      'DaemonSet',
      'Job',
      'KnativeService',
      'Service',
      'PersistentVolumeClaim',
    ] as const)
      for (const { metadata } of facts.within(kind, target.namespace))
        if (target.names.has(metadata.name)) keys.add(keyOf(named(kind, metadata)));
  return keys.size === 0 ? null : keys;
}

function place(one: Case, facts: Facts, targets: ReadonlySet<string> | null): Placed {
  const { graph, target } = facts;
  const starts = [one.subject, ...(one.affects === 'cluster' ? [] : one.affects)];
  const reach = merged(starts.map((of) => graph.reach(of)));
  const family = graph.reach(one.subject, ['family']);
  const own = graph.reach(one.subject, ['family', 'needs']);
  const close = merged(starts.map((of) => graph.reach(of, ['family', 'needs'])));
  if (one.affects === 'cluster') return { one, path: [one.subject], reach, close, family, own };
  if (targets !== null) {
    for (const start of starts) {
      const path = graph.path(start, targets, ['family', 'needs']) ?? graph.path(start, targets);
      if (path) return { one, path: start === one.subject ? path : [one.subject, ...path], reach, close, family, own };
    }
    return { one, path: null, reach, close, family, own };
  }
  const { namespace } = target;
  if (isUnnamed(target) && !starts.some((of) => isOfPart(of, facts)))
    return { one, path: null, reach, close, family, own };
  const isHere = (key: string) => namespace === null || key.split('/')[1] === namespace;
  return {
    one,
    path: starts.some((of) => isHere(keyOf(of))) || [...reach.keys()].some(isHere) ? [one.subject] : null,
    reach,
    close,
    family,
    own,
  };
}

function merged(maps: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const [first, ...others] = maps;
  if (others.length === 0) return first ?? new Map();
  const all = new Map(first);
  for (const other of others) for (const [key, far] of other) all.set(key, Math.min(far, all.get(key) ?? far));
  return all;
}

/**
 * Whether `a` explains `b`: it lies deeper, and its trouble reaches b's object; through calls only where b shows no
 * cause of its own.
 */
function explains(a: Placed, b: Placed): boolean {
  if (a === b || a.one.confidence === 'unknown') return false;
  // What is only likely does not explain away what is decided.
  if (
    a.one.confidence === 'likely' &&
    b.one.confidence === 'confirmed' &&
    DEPTHS[CODES[b.one.code].depth] >= DEPTHS.cause
  )
    return false;
  const [deep, shallow] = [DEPTHS[CODES[a.one.code].depth], DEPTHS[CODES[b.one.code].depth]];
  const key = keyOf(b.one.subject);
  // A platform part that is down is explained by its own pods, and explains everything else.
  if (isPart(a.one) && a.family.has(key)) return false;
  if (isPart(b.one) && a.family.has(key)) return deep >= DEPTHS.failure && !isPart(a.one);
  if (deep <= shallow) return false;
  // A platform part that is down explains what cannot go on without it; an object with a cause of its own has it also
  // while the part runs, and a program that ends says by itself what it missed.
  if (isPart(a.one) && (shallow >= DEPTHS.cause || rowOf(b.one).ends === true) && !a.own.has(key)) return false;
  // An existing pod was not refused, and the end of one container does not explain the end of another.
  if (b.one.subject.kind === 'Pod' && a.one.subject.kind !== 'Pod' && rowOf(a.one).keepsOut === true) return false;
  if (rowOf(b.one).ends === true && key === keyOf(a.one.subject) && isOfOther(a.one, b.one)) return false;
  if (a.one.affects === 'cluster') return shallow <= DEPTHS.effect;
  return a.close.has(key) || (shallow <= DEPTHS.effect && a.reach.has(key) && a.one.noIncident === null);
}

function isOfOther({ parts: { container: one } }: Case, { parts: { container: other } }: Case): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

const CONFIDENCES = ['confirmed', 'likely', 'unknown'];
const LEVELS = ['critical', 'warning', 'notice', 'ok'];
const MOST_BREADTH = 9;

/** Sort key, smaller first: sure, serious, about the object itself rather than something it calls, deep, wide. */
function rank(held: Placed, facts: Facts): number {
  const { one, path } = held;
  const isOwn =
    path === null ||
    path.every(
      (of, at) =>
        at === 0 ||
        facts.graph.edges(path[at - 1] ?? of).some((edge) => keyOf(edge.to) === keyOf(of) && edge.link !== 'calls'),
    );
  return (
    LEVELS.indexOf(one.level) * 10_000 +
    CONFIDENCES.indexOf(one.confidence) * 1_000 +
    (one.noIncident === null ? 0 : 500) -
    DEPTHS[CODES[one.code].depth] * 50 +
    (isOwn ? 0 : 120) -
    Math.min(MOST_BREADTH, one.count)
  );
}

/**
 * Merges equal cases of several pods of one workload into one with a count; duplicates about one object are dropped.
 */
function together(cases: readonly Case[], facts: Facts): readonly Case[] {
  const groups = Map.groupBy(cases, (one) => {
    const object = facts.get(one.subject.kind as Kind, one.subject.namespace, one.subject.name);
    const owner = one.subject.kind === 'Pod' && object ? topOwner(one.subject, object.metadata, facts) : one.subject;
    return `${one.code}/${one.confidence}/${one.parts.container ?? ''}/${keyOf(owner)}`;
  });
  return [...groups.values()].flatMap((all) => {
    // The representative of a group: the target, else the newest.
    const asked = all.filter(({ subject }) => isTarget(subject, facts));
    const speaks = (asked.length > 0 ? asked : all).toSorted((x, y) => (y.at ?? 0) - (x.at ?? 0))[0];
    const group = speaks ? [speaks, ...all.filter((one) => one !== speaks)] : all;
    const [first] = group;
    if (!first) return [];
    const subjects = new Map(group.map((one) => [keyOf(one.subject), one.subject]));
    return [
      {
        ...first,
        count: Math.max(first.count, subjects.size),
        because: [...new Set(group.flatMap(({ because }) => because))],
        affects: first.affects === 'cluster' ? first.affects : [...first.affects, ...[...subjects.values()].slice(1)],
      },
    ];
  });
}
