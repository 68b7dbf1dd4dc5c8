import { eraNames, OPEN_TELEMETRY_HTTP } from '../../../manifests/prometheus/eras.ts';
import type { Finding, FindingRole, ObjectName } from '../../incidents/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import { isUnnamed } from '../facts/target.ts';
import type { Case } from '../rules/case.ts';
import { changeBefore } from '../rules/changes.ts';
import { type CodeRow, DEPTHS } from '../rules/code.ts';
import { CODES } from '../rules/codes.ts';
import { type Lead, leadsOf } from '../rules/leads.ts';
import { requestsInWords } from '../rules/traffic.ts';
import type { Judged, Judgement } from './judge.ts';
import { typed } from './nextStep.ts';

/** The diagnosis in words. */
export interface Diagnosis {
  /** Ranked: causes, what follows from them, what else was seen. */
  readonly findings: readonly Finding[];
  readonly summary: string;
  readonly verdict: 'cause' | 'several' | 'no-incident' | 'unknown';
  /** Why this is no incident, and how sure that is; null when it may be one. */
  readonly dismissal: { readonly why: string; readonly decided: boolean } | null;
}

/** Most findings of each role. */
export interface Most {
  readonly causes: number;
  readonly undecided: number;
  readonly symptoms: number;
  readonly elsewhere: number;
}

const MOST = { causes: 4, undecided: 2, symptoms: 4, elsewhere: 2 } as const;
const MOST_LINES = 6;
const MOST_STEPS = 4;

/** Renders a judgement: the only place where a case becomes a sentence. */
export function tell(judgement: Judgement, facts: Facts, most: Most = MOST): Diagnosis {
  const { causes, undecided, symptoms, elsewhere } = judgement;
  const told = causes.slice(0, most.causes).map((held) => causeOf(held, 'cause', facts));
  const others = elsewhere.filter((one) => one.level === 'critical' && one.confidence === 'confirmed');
  const harmless = causes.length > 0 && causes.every(({ one }) => one.noIncident !== null);
  const why = causes[0]?.one.noIncident ?? null;
  const unsaid = undecided.filter(({ one }) => one.level !== 'ok');
  return {
    findings: [
      ...(told.length > 0 ? told : [unknown(facts, unsaid)]),
      ...unsaid.slice(0, most.undecided).map((held) => causeOf(held, 'undecided', facts)),
      ...symptoms.slice(0, most.symptoms).map(symptomOf),
      ...others.slice(0, most.elsewhere).map((one) => elsewhereOf(one, facts)),
    ],
    summary: summaryOf(causes, unsaid, harmless ? why : null, facts),
    verdict: causes.length === 0 ? 'unknown' : harmless ? 'no-incident' : causes.length > 1 ? 'several' : 'cause',
    dismissal:
      harmless && why !== null ? { why, decided: causes.every(({ one }) => one.confidence === 'confirmed') } : null,
  };
}

/** A case as a sentence; words quoted at its end may bring their own full stop. Which parts a code needs is checked where the case is made. */
function sentence(one: Case): string {
  return CODES[one.code].says(one.parts as never).replace(/([.!?…])\.$/, '$1');
}

/** A case as a finding, its words rendered. */
export function findingOf(one: Case): Finding {
  const row: CodeRow<never> = CODES[one.code];
  return {
    code: one.code,
    level: one.level,
    confidence: one.confidence,
    subject: one.subject,
    count: one.count,
    conclusion: sentence(one),
    because: one.because.slice(0, MOST_LINES),
    nextStep: nextStepOf(one),
    parts: one.parts,
    brief: brief(one),
    ...(row.act === undefined ? {} : { act: row.act(one.parts as never) }),
  };
}

function nextStepOf(one: Case): string | null {
  const step = CODES[one.code].next(one.parts as never);
  return step === null ? null : typed(step, one.subject);
}

function causeOf(held: Judged, role: FindingRole, facts: Facts): Finding {
  const path = pathOf(held);
  return { ...findingOf(held.one), role, ...released(held.one, facts), ...(path === null ? {} : { path }) };
}

/** A rollout just before is shown with a cause that a release can bring about, and going back comes first. */
function released(one: Case, facts: Facts): Partial<Finding> {
  const row: CodeRow<never> = CODES[one.code];
  const { kind, namespace, name } = one.subject;
  const pod = kind === 'Pod' && row.byRelease === true ? facts.get('Pod', namespace, name) : null;
  const change = pod ? changeBefore(pod, facts) : null;
  if (!change || change.to === null) return {};
  const words = brief(one);
  return {
    brief: words.includes(change.to) ? words : `${words} since ${change.to}`,
    ...(change.back === null
      ? {}
      : { act: `Roll back to ${change.back.to}`, nextStep: `Roll back to ${change.back.to}: ${change.back.how}` }),
  };
}

/** `quota compute is full -> ReplicaSet web-7d9 cannot create pods -> Deployment web has 0 of 3`; null when there is but one step. */
function pathOf({ one, explains }: Judged): string | null {
  const steps = [brief(one), ...explains.toSorted((a, b) => order(b) - order(a)).map(brief)];
  const distinct = [...new Set(steps)].slice(0, MOST_STEPS);
  return distinct.length < 2 ? null : distinct.join(' -> ');
}

const order = (one: Case) => DEPTHS[CODES[one.code].depth];
const brief = (one: Case) => CODES[one.code].brief(one.parts as never);

/** A consequence is shown below its cause, never as a cause of its own. */
function symptomOf(one: Case): Finding {
  const plain = findingOf(one);
  return {
    ...plain,
    role: 'symptom',
    level: one.level === 'critical' ? 'warning' : one.level,
    conclusion: `Follows from it: ${plain.conclusion}`,
  };
}

/** No cause of this alert, and never named as one; of an alert that names nothing that is not certain. */
function elsewhereOf(one: Case, { target }: Facts): Finding {
  const plain = findingOf(one);
  const [confidence, seen] = isUnnamed(target)
    ? (['unknown', 'Also seen, and the alert does not tell whether it is about this'] as const)
    : (['excluded', 'Also seen, not about this alert'] as const);
  return { ...plain, role: 'elsewhere', level: 'notice', confidence, conclusion: `${seen}: ${plain.conclusion}` };
}

function unknown(facts: Facts, undecided: readonly Judged[]): Finding {
  const { alert, namespace, objects, names } = facts.target;
  const subject: ObjectName = objects[0] ?? { kind: 'Alert', namespace, name: [...names][0] ?? alert };
  const unread = facts.unread.map(({ what, why }) => `not read: ${what}: ${why}`);
  const leads = leadsOf(facts);
  const [lead] = leads;
  return {
    code: 'undecided',
    level: 'notice',
    confidence: 'unknown',
    subject,
    count: 1,
    conclusion: unexplained(facts, lead),
    because: [
      ...undecided.flatMap(({ one }) => one.because.slice(0, 1)),
      ...unread,
      ...leads.map(({ words }) => words),
    ].slice(0, MOST_LINES),
    nextStep:
      unread.length > 0
        ? 'Ask again when it can be read, or ask the owner.'
        : `${lead ? `Ask whether that may be why, and ${lead.next}. ` : ''}The cluster does not show why: ${deciding(facts)}, and ask the owner.`,
  };
}

/** What was changed just before is said with it: a lead, and no cause. */
function unexplained({ target }: Facts, lead: Lead | undefined): string {
  const said = `Unknown: nothing that was read explains ${target.alert}`;
  return lead === undefined ? `${said}.` : `${said}; what came before it: ${lead.words}.`;
}

/** The missing evidence: the metric by its name, where requests are not counted or too few. */
function deciding(facts: Facts): string {
  const requests = requestsInWords(facts);
  if (requests !== null) return `${requests}, so look at what it calls outside and at what calls it`;
  const knative = [eraNames({ era: 'knative-1.18' }).requests, eraNames({ era: 'knative-1.20.1' }).requests];
  const isServed = facts.within('Revision', facts.target.namespace).length > 0;
  const names = isServed ? knative : [OPEN_TELEMETRY_HTTP.requests];
  const lack = facts.requests === null ? 'of which nothing was read' : 'which counted too few requests';
  return `errors and latency by ${isServed ? 'revision' : 'pod'} would decide it (${names.join(' or ')} in Prometheus, ${lack}), so look at those of what it calls`;
}

function summaryOf(
  causes: readonly Judged[],
  undecided: readonly Judged[],
  harmless: string | null,
  facts: Facts,
): string {
  const [first] = causes;
  const says = ({ one }: Judged) => sentence(one);
  if (!first) {
    const half = undecided[0];
    return half ? `Unknown: ${says(half)}` : unexplained(facts, leadsOf(facts)[0]);
  }
  if (harmless !== null) return `Probably no incident: ${harmless}.`;
  const sure = (held: Judged) => (held.one.confidence === 'confirmed' ? '' : 'probably: ');
  if (causes.length === 1) return `${first.one.confidence === 'confirmed' ? '' : 'Probably: '}${says(first)}`;
  const told = causes.slice(0, MOST.causes - 1).map((held) => `${sure(held)}${says(held).replace(/\.$/, '')}`);
  const more = causes.length - told.length;
  return `${causes.length} causes: ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}
