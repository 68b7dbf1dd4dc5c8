import type { Finding } from '../../incidents/evidence.ts';
import { createFacts, type FactParts, listKey } from '../facts/facts.ts';
import { targetOfQuestion } from '../facts/target.ts';
import { judge } from '../judge/judge.ts';
import { findingOf, type Most, tell } from '../judge/tell.ts';
import { RULES } from '../rules/allRules.ts';
import { stateCases } from '../rules/states.ts';
import type { Coverage, LogExcerpt } from '../subjects/inventory.ts';
import type { Kind, ObjectOf } from '../subjects/kinds.ts';
import type { Collection } from './diagnostic.ts';

/** Most findings for a list a person asked for, more than on a card. */
const MOST: Most = { causes: 12, undecided: 8, symptoms: 8, elsewhere: 4 };

/** The lists a diagnostic has read, by kind; a missing or failed kind is unread. */
export type Read = {
  readonly [K in Kind]?: {
    readonly items: readonly ObjectOf<K>[];
    /** The list is complete for its kind in the queried place: an absent object does not exist. */
    readonly isWhole: boolean;
    readonly state?: 'read' | 'absent' | 'failed';
  };
};

/**
 * The findings of the diagnosis' rules on what a diagnostic has read: the same rules over fewer facts. A kind that was
 * not read is unread, so that nothing is concluded from its absence.
 */
export function verdictOf(
  { request, profile, clock }: Collection,
  read: Read,
  logs: readonly LogExcerpt[] = [],
): readonly Finding[] {
  const now = clock();
  const lists = new Map<string, { coverage: Coverage; total: number | null }>();
  const namespace = request.allNamespaces ? null : request.namespace;
  const objects: { [kind: string]: readonly unknown[] } = {};
  for (const [kind, part] of Object.entries(read) as [Kind, NonNullable<Read[Kind]>][]) {
    if (part.state === 'failed') continue;
    const coverage = part.isWhole ? 'whole' : 'part';
    objects[kind] = part.items;
    lists.set(listKey(kind, namespace), { coverage, total: null });
    // Kinds of the whole cluster are asked for without a namespace.
    lists.set(listKey(kind, null), { coverage, total: null });
  }
  const target = targetOfQuestion({
    namespace: null,
    objects: [],
    name: null,
    now,
    startedAt: request.startedAt ?? null,
  });
  const parts: FactParts = {
    now,
    profile,
    target,
    // Each list holds its kind's own shape: `Read` says so.
    objects: objects as FactParts['objects'],
    lists,
    logs,
    usage: [],
    nodeUsage: [],
    throttled: null,
    requests: null,
    unread: [],
    api: { p95Ms: null, timeouts: [] },
  };
  const facts = createFacts(parts);
  const judgement = judge(facts, [...RULES, stateCases]);
  const told = tell(judgement, facts, MOST).findings.filter(({ code }) => code !== 'undecided');
  // Good news is reported only where nothing is wrong with the object.
  return told.length > 0
    ? told
    : judgement.undecided.filter(({ one }) => one.level === 'ok').map(({ one }) => findingOf(one));
}
