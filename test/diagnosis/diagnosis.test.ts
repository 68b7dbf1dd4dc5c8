import { describe, expect, test } from '@jest/globals';
import { PROFILES } from '../../src/alerts/profile.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import { momentOf, snapshot } from '../../src/k8s/facts/snapshot.ts';
import { targetOfQuestion } from '../../src/k8s/facts/target.ts';
import { replay, targetOfSnapshot } from '../../src/k8s/look/replay.ts';
import { CASES } from './cases/index.ts';
import type { Cause, DiagnosisCase } from './snapshot.ts';

/** Every written case, asked at both doors: the alert's first look, and a person who asks about the same object. */

const profile = PROFILES.builder;

function recorded(of: DiagnosisCase) {
  const unread = (of.unread ?? []).map(({ resource }) => (resource === 'pods/log' ? 'logs' : resource));
  return snapshot.parse({ ...of.world(), unread });
}

async function answers(of: DiagnosisCase): Promise<readonly [alert: readonly Finding[], person: readonly Finding[]]> {
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
  return [alert.diagnosis.findings, person.diagnosis.findings];
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

function faults({ expect: wanted }: DiagnosisCase, findings: readonly Finding[]): readonly string[] {
  const decided = told(findings);
  const [first] = decided;
  const all = findings.map(sentence);
  const never = (wanted.never ?? [])
    .filter((pattern) => all.some((text) => pattern.test(text)))
    .map((pattern) => `must not say ${pattern}`);
  if (wanted.verdict === 'healthy') return [...never, ...decided.map((one) => `called sick: ${sentence(one)}`)];
  if (wanted.verdict === 'undecidable')
    return [...never, ...decided.map((one) => `guessed: ${one.confidence} ${sentence(one)}`)];
  const missing = lacks(first, { object: wanted.object ?? [], says: wanted.says ?? [] });
  const others = (wanted.alsoCauses ?? []).filter(
    (cause) => !decided.slice(0, 3).some((one) => lacks(one, cause).length === 0),
  );
  return [
    ...never,
    ...missing,
    ...(wanted.confirmed && first && first.confidence !== 'confirmed' ? [`is only ${first.confidence}`] : []),
    ...others.map(
      ({ object }) => `does not tell the cause at ${object.map(({ name }) => name).join(' or ')} among the first three`,
    ),
    ...(missing.length > 0 && first ? [`told: ${first.confidence} ${first.code} ${sentence(first)}`] : []),
  ];
}

describe.each(CASES.map((one) => [one.name, one] as const))('%s', (_, one) => {
  test(`is ${one.expect.verdict === 'cause' ? 'explained' : `told as ${one.expect.verdict}`}, at both doors alike`, async () => {
    const [alert, person] = await answers(one);
    expect(faults(one, alert)).toEqual([]);
    expect(told(person).map(sentence)).toEqual(told(alert).map(sentence));
  });
});
