import type { Finding } from '../../incidents/evidence.ts';
import { type Coverage, createFacts, type FactParts, type LogExcerpt, listKey } from '../facts/facts.ts';
import { targetOfQuestion } from '../facts/target.ts';
import { judge } from '../judge/judge.ts';
import { findingOf, type Most, tell } from '../judge/tell.ts';
import { stateCases } from '../rules/states.ts';
import { RULES } from '../rules/table.ts';
import type { Kind, ObjectOf } from '../subjects/kinds.ts';
import type { Collection } from './diagnostic.ts';

/** A person who asked for a list reads more than fits a card. */
const MOST: Most = { causes: 12, undecided: 8, symptoms: 8, elsewhere: 4 };

/** What a diagnostic has read: objects by kind, and the kinds of which only a part came. */
export interface Read {
  readonly objects: { readonly [K in Kind]?: readonly ObjectOf<K>[] };
  readonly parts?: readonly Kind[];
  readonly logs?: readonly LogExcerpt[];
}

/**
 * What the rules of the diagnosis say of what a diagnostic has read: the same rules, over fewer facts. What was not read
 * is unread, so that nothing is concluded from its absence.
 */
export function verdictOf({ request, profile, clock }: Collection, read: Read): readonly Finding[] {
  const now = clock();
  const lists = new Map<string, { coverage: Coverage; total: number | null }>();
  const namespace = request.allNamespaces ? null : request.namespace;
  for (const kind of Object.keys(read.objects) as Kind[]) {
    const coverage = read.parts?.includes(kind) ? 'part' : 'whole';
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
    objects: read.objects,
    lists,
    logs: read.logs ?? [],
    usage: [],
    unread: [],
    api: { p95Ms: null, timeouts: [] },
  };
  const facts = createFacts(parts);
  const judgement = judge(facts, [...RULES, stateCases]);
  const told = tell(judgement, facts, MOST).findings.filter(({ code }) => code !== 'undecided');
  // That something is well is said where nothing is wrong with it.
  return told.length > 0
    ? told
    : judgement.undecided.filter(({ one }) => one.level === 'ok').map(({ one }) => findingOf(one));
}
