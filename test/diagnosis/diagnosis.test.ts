import { describe, expect, test } from '@jest/globals';
import { PROFILES } from '../../src/alerts/profile.ts';
import { momentOf, snapshot } from '../../src/k8s/facts/snapshot.ts';
import { targetOfQuestion } from '../../src/k8s/facts/target.ts';
import { replay, targetOfSnapshot } from '../../src/k8s/look/replay.ts';
import { CASES } from './cases/index.ts';
import { type Answer, answerOf, faults, sentence, told } from './faults.ts';
import { KNOWN } from './known.ts';
import type { DiagnosisCase } from './snapshot.ts';

/** Every written case, asked at both doors: the alert's first look, and a person who asks about the same object. */

const profile = PROFILES.builder;

function recorded(of: DiagnosisCase) {
  const unread = (of.unread ?? []).map(({ resource, how }) => ({
    what: resource === 'pods/log' ? 'logs' : resource,
    how,
  }));
  return snapshot.parse({ ...of.world(), unread });
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

async function check(one: DiagnosisCase): Promise<readonly string[]> {
  const [alert, person] = await answers(one);
  const [atAlert, atPerson] = [alert, person].map(({ findings }) => told(findings).map(sentence).join('\n'));
  return [
    ...faults(one.expect, alert),
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
