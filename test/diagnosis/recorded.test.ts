import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PROFILES } from '../../src/alerts/profile.ts';
import { momentOf, type Snapshot, snapshot } from '../../src/k8s/facts/snapshot.ts';
import { targetOfQuestion } from '../../src/k8s/facts/target.ts';
import { replay, targetOfSnapshot } from '../../src/k8s/look/replay.ts';
import { RECORDED } from '../cluster/recordings/index.ts';
import type { Recorded } from '../cluster/recordings/recorded.ts';
import { answerOf, faults, sentence, told } from './faults.ts';
import { KNOWN_RECORDED } from './known.ts';
import type { KubeObject } from './snapshot.ts';
import { withOwned } from './story.ts';

/**
 * Cases recorded on a real control plane by `test/cluster/record.ts`, each as `snapshot save` wrote it, against the cause that
 * its story made: at the door it was asked at, and at the other.
 */
const FOLDER = join(import.meta.dirname, 'recorded');
const profile = PROFILES.builder;

function read(name: string): Snapshot {
  return snapshot.parse(JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')));
}

async function check({ name, truth }: Recorded, over: Partial<Snapshot> = {}): Promise<readonly string[]> {
  const taken = { ...read(name), ...over };
  const target = targetOfSnapshot(taken, profile);
  const { namespace, objects, startsAt: startedAt } = target;
  const question = targetOfQuestion({ namespace, objects, name: null, now: momentOf(taken), startedAt });
  const [alert, person] = await Promise.all([replay(taken, profile), replay(taken, profile, question)]);
  // As wide as the API's own shape.
  const all = taken.objects as unknown as KubeObject[];
  const wanted = {
    verdict: truth.verdict,
    ...(truth.about ? { object: withOwned(truth.about, all) } : {}),
    ...(truth.says ? { says: truth.says } : {}),
  };
  const [atAlert, atPerson] = [alert, person].map((one) => told(answerOf(one).findings).map(sentence).join('\n'));
  return [
    ...faults(wanted, answerOf(alert)),
    ...(atAlert === atPerson ? [] : [`a person is told otherwise: ${atPerson}\n  than the alert: ${atAlert}`]),
  ];
}

describe.each(RECORDED.map((one) => [one.name, one] as const))('recorded: %s', (name, one) => {
  const known = KNOWN_RECORDED[name];
  test(`is ${known ? 'a known gap' : one.truth.verdict === 'cause' ? 'explained' : 'told as healthy'}, at both doors alike`, async () => {
    const found = await check(one);
    if (known) expect(found).not.toEqual([]);
    else expect(found).toEqual([]);
  });
});

test('half the calls, as of an API server that is slow, are enough for each of them', async () => {
  const asked = RECORDED.filter(({ name }) => KNOWN_RECORDED[name] === undefined);
  const found = await Promise.all(asked.map(async (one) => [one.name, await check(one, { paceMs: 1_500 })] as const));
  expect(found.filter(([, faulty]) => faulty.length > 0)).toEqual([]);
});

test('every file is of a case, and every known gap too', () => {
  const names = RECORDED.map(({ name }) => name);
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  expect(files.map((file) => file.replace(/\.json$/, '')).toSorted()).toEqual(names.toSorted());
  expect(Object.keys(KNOWN_RECORDED).filter((name) => !names.includes(name))).toEqual([]);
});
