import { describe, expect, test } from '@jest/globals';
import { PROFILES } from '../../src/alerts/profile.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import { momentOf, snapshot } from '../../src/k8s/facts/snapshot.ts';
import { targetOfQuestion } from '../../src/k8s/facts/target.ts';
import type { Look } from '../../src/k8s/look/look.ts';
import { replay, targetOfSnapshot } from '../../src/k8s/look/replay.ts';
import { DEPTHS } from '../../src/k8s/rules/code.ts';
import { CODES } from '../../src/k8s/rules/codes.ts';
import { CASES } from './cases/index.ts';
import { KNOWN } from './known.ts';
import type { Cause, DiagnosisCase } from './snapshot.ts';

/** Every written case, asked at both doors: the alert's first look, and a person who asks about the same object. */

const profile = PROFILES.builder;

function recorded(of: DiagnosisCase) {
  const unread = (of.unread ?? []).map(({ resource, how }) => ({
    what: resource === 'pods/log' ? 'logs' : resource,
    how,
  }));
  return snapshot.parse({ ...of.world(), unread });
}

/** What a reader is told: the findings, and every sentence of the whole answer, what could not be read included. */
interface Answer {
  readonly findings: readonly Finding[];
  readonly sentences: readonly string[];
}

function answerOf({ diagnosis, failures }: Look): Answer {
  const sentences = [
    diagnosis.summary,
    ...diagnosis.findings.flatMap((one) => [sentence(one), ...one.because, one.nextStep ?? '']),
    ...failures.map(({ diagnostic, message }) => `${diagnostic}: ${message}`),
  ];
  return { findings: diagnosis.findings, sentences };
}

async function answers(of: DiagnosisCase): Promise<readonly [alert: Answer, person: Answer]> {
  const taken = recorded(of);
  const target = targetOfSnapshot(taken, profile);
  const question = targetOfQuestion({
    namespace: target.namespace,
    objects: target.objects,
    name: null,
    now: momentOf(taken),
    startedAt: target.startsAt,
  });
  const [alert, person] = await Promise.all([replay(taken, profile), replay(taken, profile, question)]);
  return [answerOf(alert), answerOf(person)];
}

/** What a reader takes for the answer: findings that are decided and no `ok`. */
function told(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(
    ({ level, confidence }) => level !== 'ok' && (confidence === 'confirmed' || confidence === 'likely'),
  );
}

function sentence({ conclusion, subject }: Finding): string {
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

function faults({ expect: wanted }: DiagnosisCase, { findings, sentences }: Answer): readonly string[] {
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

async function check(one: DiagnosisCase): Promise<readonly string[]> {
  const [alert, person] = await answers(one);
  const [atAlert, atPerson] = [alert, person].map(({ findings }) => told(findings).map(sentence).join('\n'));
  return [
    ...faults(one, alert),
    ...(atAlert === atPerson ? [] : [`a person is told otherwise: ${atPerson}\n  than the alert: ${atAlert}`]),
  ];
}

describe.each(CASES.map((one) => [one.name, one] as const))('%s', (name, one) => {
  const known = KNOWN[name];
  test(`is ${known ? 'a known gap' : one.expect.verdict === 'cause' ? 'explained' : `told as ${one.expect.verdict}`}, at both doors alike`, async () => {
    const found = await check(one);
    if (known) expect(found).not.toEqual([]);
    else expect(found).toEqual([]);
  });
});

test('every known gap is a case', () => {
  const names = new Set(CASES.map(({ name }) => name));
  expect(Object.keys(KNOWN).filter((name) => !names.has(name))).toEqual([]);
});
