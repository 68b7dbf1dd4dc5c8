import { expect, test } from '@jest/globals';
import { PROFILES } from '../../src/alerts/profile.ts';
import { ResponderError } from '../../src/errors.ts';
import { FIXED_RULES } from '../../src/incidents/policy.ts';
import type { ClusterAccess, Read } from '../../src/k8s/client/cluster.ts';
import { replayed } from '../../src/k8s/facts/replayed.ts';
import { momentOf, snapshot } from '../../src/k8s/facts/snapshot.ts';
import { lookAt } from '../../src/k8s/look/look.ts';
import { targetOfSnapshot } from '../../src/k8s/look/replay.ts';
import { CASES } from './cases/index.ts';
import { answerOf, sentence, told } from './faults.ts';

/** How much a look asks of an API server: the pace (docs/rules.md#first-look-rate) decides how long a person waits. */

const profile = PROFILES.builder;
const { burst, perSecond } = FIXED_RULES.firstLook;
/** A look of more requests waits longer than two seconds for its turn. */
const IN_TWO_SECONDS = burst + 2 * perSecond;

async function look(of: (typeof CASES)[number], change: (cluster: ClusterAccess) => ClusterAccess = (same) => same) {
  const taken = snapshot.parse({ ...of.world(), unread: [] });
  const asked: Read[] = [];
  const cluster = change(replayed(taken));
  const counting: ClusterAccess = {
    ...cluster,
    json(read) {
      asked.push(read);
      return cluster.json(read);
    },
  };
  const target = targetOfSnapshot(taken, profile);
  const signal = AbortSignal.timeout(60_000);
  const made = await lookAt({
    cluster: counting,
    target,
    profile,
    now: momentOf(taken),
    priority: 'automatic',
    signal,
  });
  const { findings } = answerOf(made);
  return { made, asked, says: told(findings).map(sentence), events: asked.filter(isAboutOne) };
}

function isAboutOne({ query }: Read): boolean {
  return String(query?.fieldSelector ?? '').includes('involvedObject.name=');
}

function caseNamed(name: string) {
  const found = CASES.find((one) => one.name === name);
  if (!found) throw new Error(`no case ${name}`);
  return found;
}

test('no written case takes more requests than the pace grants within two seconds', async () => {
  const calls: (readonly [name: string, calls: number])[] = [];
  for (const one of CASES) calls.push([one.name, (await look(one)).made.calls]);
  expect(calls.filter(([, count]) => count > IN_TWO_SECONDS)).toEqual([]);
});

const KILLED = caseNamed('container-exceeds-its-memory-limit');

test('where all events of a namespace are known, none are asked for again by object', async () => {
  const { events, says } = await look(KILLED);
  expect(events).toEqual([]);
  expect(says).not.toEqual([]);
});

test('where the events beside the warnings do not come, those of each unhealthy object are asked for, and nothing is called unread', async () => {
  const whole = await look(KILLED);
  const withoutNormal = (cluster: ClusterAccess): ClusterAccess => ({
    ...cluster,
    json: async (read) => {
      if (read.query?.fieldSelector === 'type!=Warning') throw new ResponderError('timeout', 'no answer in 3 s');
      return cluster.json(read);
    },
  });
  const { events, made, says } = await look(KILLED, withoutNormal);
  expect(events.length).toBeGreaterThan(0);
  expect(made.facts.unread).toEqual([]);
  expect(says).toEqual(whole.says);
});
