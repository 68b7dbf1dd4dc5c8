import type { Finding } from '../../src/incidents/evidence.ts';
import type { Look } from '../../src/k8s/look/look.ts';
import { DEPTHS } from '../../src/k8s/rules/code.ts';
import { CODES } from '../../src/k8s/rules/codes.ts';
import type { Cause, Expectation } from './snapshot.ts';

/** What a reader is told: the findings, and every sentence of the whole answer, what could not be read included. */
export interface Answer {
  readonly findings: readonly Finding[];
  readonly sentences: readonly string[];
}

export function answerOf({ diagnosis, failures }: Look): Answer {
  const sentences = [
    diagnosis.summary,
    ...diagnosis.findings.flatMap((one) => [sentence(one), ...one.because, one.nextStep ?? '']),
    ...failures.map(({ diagnostic, message }) => `${diagnostic}: ${message}`),
  ];
  return { findings: diagnosis.findings, sentences };
}

/** What a reader takes for the answer: findings that are decided and no `ok`. */
export function told(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(
    ({ level, confidence }) => level !== 'ok' && (confidence === 'confirmed' || confidence === 'likely'),
  );
}

export function sentence({ conclusion, subject }: Finding): string {
  return `${subject.kind}/${subject.name}: ${conclusion}`;
}

/** What the finding lacks of a cause, in words; empty when it is right. */
function lacks(finding: Finding | undefined, cause: Cause): readonly string[] {
  if (!finding) return ['no cause is told'];
  const names = cause.object.map(({ kind, name }) => `${kind}/${name}`);
  const isAbout = cause.object.some(
    ({ kind, name }) =>
      (finding.subject.kind === kind && finding.subject.name === name) ||
      new RegExp(`(?<![\\w-])${name.replaceAll('.', '\\.')}(?![\\w-])`).test(finding.conclusion) ||
      (finding.subject.kind === 'Pod' && finding.subject.name.startsWith(`${name}-`)),
  );
  return [
    ...(isAbout ? [] : [`is not about ${names.join(' or ')}`]),
    ...cause.says.filter((pattern) => !pattern.test(finding.conclusion)).map((pattern) => `does not say ${pattern}`),
  ];
}

/** A plain sign of the object that is asked about (it crashes, waits, is not ready) names no cause. */
function isSymptom(finding: Finding, object: Cause['object']): boolean {
  const { depth } = CODES[finding.code as keyof typeof CODES];
  return DEPTHS[depth] <= DEPTHS.failure && lacks(finding, { object, says: [] }).length === 0;
}

/** What an answer lacks of the expected one, in words; empty when it is right. */
export function faults(wanted: Expectation, { findings, sentences }: Answer): readonly string[] {
  const decided = told(findings);
  const [first] = decided;
  const claims = findings.map(sentence);
  const spoken = [
    ...(wanted.never ?? [])
      .filter((pattern) => claims.some((text) => pattern.test(text)))
      .map((pattern) => `must not say ${pattern}`),
    ...(wanted.tells ?? [])
      .filter((pattern) => !sentences.some((text) => pattern.test(text)))
      .map((pattern) => `does not tell ${pattern}`),
  ];
  const object = wanted.object ?? [];
  if (wanted.verdict === 'healthy') return [...spoken, ...decided.map((one) => `called sick: ${sentence(one)}`)];
  if (wanted.verdict === 'undecidable')
    return [
      ...spoken,
      ...decided.filter((one) => !isSymptom(one, object)).map((one) => `guessed: ${one.confidence} ${sentence(one)}`),
    ];
  const own: Cause = { object, says: wanted.says ?? [] };
  const others = wanted.alsoCauses ?? [];
  const isOther = others.some((cause) => lacks(first, cause).length === 0);
  const missing = isOther ? [] : lacks(first, own);
  const among = decided.slice(0, 3);
  return [
    ...spoken,
    ...missing,
    ...(wanted.confirmed && first && first.confidence !== 'confirmed' ? [`is only ${first.confidence}`] : []),
    ...[...(others.length > 0 ? [own] : []), ...others]
      .filter((cause) => !among.some((one) => lacks(one, cause).length === 0))
      .map((cause) => `does not tell ${cause.says.join(' and ')} of ${cause.object[0]?.name} among the first three`),
    ...(missing.length > 0 && first ? [`told: ${first.confidence} ${first.code} ${sentence(first)}`] : []),
  ];
}
