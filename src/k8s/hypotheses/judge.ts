import type { Finding } from '../../incidents/evidence.ts';
import { finding } from '../findings/finding.ts';
import type { Facts } from './facts.ts';
import { type Case, type Hypothesis, object, several, type Verdict } from './hypothesis.ts';
import { HYPOTHESES } from './table.ts';

/** What the facts come to. */
export interface Diagnosis {
  /** Ranked: causes, what follows from them, what else was seen. */
  readonly findings: readonly Finding[];
  readonly summary: string;
  readonly verdict: 'cause' | 'several' | 'no-incident' | 'unknown';
  /** What excluded the hypotheses that would fit the alert, each fact once. */
  readonly ruledOut: readonly string[];
  /** Why this is no incident, with how sure that is; null when it may be one. */
  readonly dismissal: { readonly why: string; readonly decided: boolean } | null;
  /** Every hypothesis with how it ended and what decided it, one line each. */
  readonly judged: readonly string[];
}

interface Judged {
  readonly hypothesis: Hypothesis;
  readonly verdict: Verdict;
}

const CONFIDENCES = ['confirmed', 'likely', 'unknown', 'excluded'];
const LEVELS = ['critical', 'warning', 'notice', 'ok'];
const MOST_CAUSES = 4;
const MOST_OTHERS = 2;

/** Judges every hypothesis and ranks what is left: the deepest cause of what the alert names, never a guess. */
export function judge(facts: Facts, hypotheses: readonly Hypothesis[] = HYPOTHESES): Diagnosis {
  const judged = hypotheses.map((hypothesis) => ({ hypothesis, verdict: hypothesis.judge(facts) }));
  const cases = distinct(judged);
  const relevant = withCauses(
    cases.filter(({ one }) => concerns(one, facts)),
    cases,
  );
  const roots = relevant
    .filter(({ one }) => !relevant.some((other) => explains(other.one, one)))
    .toSorted((a, b) => rankOf(a, facts) - rankOf(b, facts));
  const decided = roots.filter(({ one }) => one.confidence === 'confirmed' || one.confidence === 'likely');
  const serious = decided.filter(({ one }) => one.noIncident === undefined && one.level === 'critical');
  const causes = serious.length > 0 ? serious : decided;
  const ruledOut = ruledOutOf(judged, facts);
  const harmless = causes.length > 0 && causes.every(({ one }) => one.noIncident !== undefined);
  const why = causes.flatMap(({ one }) => one.noIncident ?? [])[0];
  const rest = roots.filter((root) => !causes.includes(root));
  // What a cause already tells in its own lines is not told again below it.
  const saidAlready = new Set(causes.flatMap(({ one }) => one.because));
  const symptoms = relevant.filter(
    (held) => !roots.includes(held) && !held.one.because.slice(0, 1).some((line) => saidAlready.has(line)),
  );
  const others = cases.filter((one) => !relevant.includes(one) && one.one.level === 'critical').slice(0, MOST_OTHERS);
  const told = causes.slice(0, MOST_CAUSES).map(({ one }) => plain(one));
  return {
    findings: [
      ...(causes.length === 0 ? [unknown(facts, ruledOut)] : told),
      ...rest.slice(0, 2).map(({ one }) => plain(one)),
      ...symptoms.slice(0, 4).map(({ one }) => symptomOf(one)),
      ...others.map(({ one }) => elsewhere(one)),
    ],
    summary: summaryOf(
      causes.map(({ one }) => one),
      rest.map(({ one }) => one),
      harmless ? (why ?? null) : null,
      facts,
      ruledOut,
    ),
    verdict: causes.length === 0 ? 'unknown' : harmless ? 'no-incident' : causes.length > 1 ? 'several' : 'cause',
    ruledOut,
    dismissal: harmless && why ? { why, decided: causes.every(({ one }) => one.confidence === 'confirmed') } : null,
    judged: judged.map(
      ({ hypothesis, verdict }) =>
        `${hypothesis.id} ${hypothesis.title}: ${verdict.outcome}${verdict.because.length > 0 ? ` (${verdict.because.join(' | ').slice(0, 400)})` : ''}`,
    ),
  };
}

interface Held {
  readonly id: string;
  readonly one: Case;
}

/** All cases; what the general rules see of an object that a hypothesis has told of is left out. */
function distinct(judged: readonly Judged[]): readonly Held[] {
  const all = judged.flatMap(({ hypothesis, verdict }) => verdict.cases.map((one) => ({ id: hypothesis.id, one })));
  const touched = new Set(all.filter(({ id }) => id !== 'G').flatMap(({ one }) => one.touches));
  const kept = all.filter(({ id, one }) => id !== 'G' || !touched.has(one.subject.name));
  const groups = Map.groupBy(kept, ({ id, one }) =>
    id === 'G'
      ? `G/${one.code}/${one.subject.namespace}/${one.confidence}`
      : `${id}/${one.code}/${one.subject.kind}/${one.subject.namespace}/${one.subject.name}`,
  );
  return [...groups.values()].flatMap((group) => {
    const first = group[0];
    if (!first) return [];
    const count = group.length === 1 ? first.one.count : new Set(group.map(({ one }) => one.subject.name)).size;
    return [{ id: first.id, one: { ...first.one, count, touches: group.flatMap(({ one }) => one.touches) } }];
  });
}

/** Whether a case is about what the alerts name, or, where they name no object, about their part of the platform. */
function concerns(one: Case, { target }: Facts): boolean {
  const fits = one.areas.length === 0 || target.topics.size === 0 || one.areas.some((area) => target.topics.has(area));
  if (target.names.size > 0) {
    if (
      [...target.pods, ...target.jobs, ...target.nodes, ...target.workloads].some((name) => one.touches.includes(name))
    )
      return true;
    return fits && one.touches.some((name) => target.names.has(name));
  }
  if (one.areas.length > 0 && target.topics.size > 0) return fits;
  return target.namespace === null || one.subject.namespace === target.namespace;
}

/** Deeper causes of the cases, and theirs. */
function withCauses(start: readonly Held[], all: readonly Held[]): readonly Held[] {
  const kept = new Set(start);
  for (let size = -1; size !== kept.size; ) {
    size = kept.size;
    for (const other of all)
      if (!kept.has(other) && [...kept].some((held) => explains(other.one, held.one))) kept.add(other);
  }
  return all.filter((held) => kept.has(held));
}

function explains(a: Case, b: Case): boolean {
  return (
    a !== b && a.depth > b.depth && a.confidence !== 'unknown' && a.touches.some((name) => b.touches.includes(name))
  );
}

/** What an alert's name makes likely, to order causes that are equally sure. */
const SUSPECTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/oom|memory/i, ['F1', 'F8', 'F15']],
  [/context|source/i, ['F3', 'F9']],
  [/evict|node/i, ['F15']],
  [/quota|pods?missing|concurrency/i, ['F6']],
  [/pending/i, ['F11', 'F5', 'F6']],
  [/backlog|storm|queue/i, ['F11', 'F10']],
  [/webhook/i, ['F13']],
  [/dlq|dead/i, ['F12', 'F20']],
  [/imagepull/i, ['F7']],
  [/withoutservice|trigger/i, ['T1', 'F12']],
  [/apiserver|reconcile/i, ['F16', 'F10']],
  [/cert/i, ['F17']],
  [/burn|availability|coldstart|activator/i, ['F14', 'F8']],
];

function rankOf({ id, one }: Held, facts: Facts): number {
  const { alert, names } = facts.target;
  const suspected = SUSPECTS.some(([pattern, ids]) => pattern.test(alert) && ids.includes(id));
  const direct = one.touches.some((name) => names.has(name));
  return (
    CONFIDENCES.indexOf(one.confidence) * 10_000 +
    LEVELS.indexOf(one.level) * 1_000 +
    (suspected ? 0 : 200) +
    (direct ? 0 : 100) -
    one.depth * 10 -
    Math.min(9, one.count)
  );
}

/** The finding of a case, with what speaks against it in sight. */
function plain(one: Case): Finding {
  const { code, level, confidence, subject, count, conclusion, because, nextStep, against } = one;
  return {
    code,
    level,
    confidence,
    subject,
    count,
    conclusion,
    because: [...because.slice(0, 5), ...against.map((line) => `against it: ${line}`)],
    nextStep,
  };
}

/** What follows from a cause is told below it, and never as a cause of its own. */
function symptomOf(one: Case): Finding {
  return {
    ...plain(one),
    level: one.level === 'critical' ? 'warning' : one.level,
    conclusion: `Follows from it: ${one.conclusion}`,
  };
}

/** Excluded as a cause of this alert: the card never names it as one. */
function elsewhere(one: Case): Finding {
  return {
    ...plain(one),
    level: 'notice',
    confidence: 'excluded',
    conclusion: `Also seen, not about this alert: ${one.conclusion}`,
  };
}

function unknown(facts: Facts, ruledOut: readonly string[]): Finding {
  const { alert, namespace, names } = facts.target;
  return finding({
    code: 'undecided',
    level: 'notice',
    confidence: 'unknown',
    subject: object('Alert', namespace, [...names][0] ?? alert),
    conclusion: `Unknown: nothing that was read explains ${alert}.`,
    because: ruledOut.slice(0, 6).map((line) => `ruled out: ${line}`),
    nextStep: 'The cluster does not show why: ask the owner, and look at what it calls.',
  });
}

function ruledOutOf(judged: readonly Judged[], { target }: Facts): readonly string[] {
  const lines = judged.flatMap(({ hypothesis, verdict }) => {
    if (verdict.outcome !== 'excluded' || hypothesis.areas.length === 0) return [];
    const fits = target.topics.size === 0 || hypothesis.areas.some((area) => target.topics.has(area));
    return fits ? (verdict.because[0] ?? `not: ${hypothesis.title}`) : [];
  });
  // The same fact rules out several hypotheses; it is told once.
  return [...new Set(lines)];
}

function summaryOf(
  causes: readonly Case[],
  rest: readonly Case[],
  harmless: string | null,
  facts: Facts,
  ruledOut: readonly string[],
): string {
  const [first, ...more] = causes;
  if (!first) {
    const half = rest.find(({ confidence }) => confidence === 'unknown');
    const out = ruledOut.length > 0 ? ` Ruled out: ${ruledOut.slice(0, 4).join('; ')}.` : '';
    return half
      ? `Unknown: ${half.conclusion}${out}`
      : `Unknown: nothing that was read explains ${facts.target.alert}.${out}`;
  }
  const sure = (one: Case) => (one.confidence === 'confirmed' ? '' : 'probably: ');
  if (harmless !== null) return `Probably no incident: ${harmless}.`;
  if (more.length === 0) return `${first.confidence === 'confirmed' ? '' : 'Probably: '}${first.conclusion}`;
  const names = causes.slice(0, 3).map((one) => `${sure(one)}${one.conclusion.replace(/\.$/, '')}`);
  return `${causes.length} causes: ${names.join('; ')}${causes.length > 3 ? `; and ${several(causes.slice(3).map(({ subject }) => subject.name))}` : ''}.`;
}
