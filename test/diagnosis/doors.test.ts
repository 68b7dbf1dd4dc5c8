import { describe, expect, test } from '@jest/globals';
import { PROFILES } from '../../src/alerts/profile.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import { snapshot } from '../../src/k8s/facts/snapshot.ts';
import { replay, targetOfSnapshot } from '../../src/k8s/look/replay.ts';
import { CASES } from './cases/index.ts';
import { commandsOf, contradictions, placeOf } from './doors.ts';
import type { DiagnosisCase } from './snapshot.ts';

/** Where doors still disagree, and why: each is expected to, and one that does not has to leave the list. */
const KNOWN: Readonly<Record<string, string>> = {
  'termination-takes-longer-than-the-grace-period': 'diag pods reads no events of pods that are ready',
  'client-calls-a-service-that-does-not-exist': 'diag pods reads no logs, and a pod whose calls fail is ready',
  'client-calls-a-port-that-the-service-does-not-offer': 'diag pods reads no logs, and a pod whose calls fail is ready',
  'job-failed-once-and-completed': 'diag logs reads no Jobs, so it does not see that another pod completed',
  'job-pod-was-evicted-and-the-job-completed-with-another':
    'diag pods and diag nodes read no Jobs, so they do not see that another pod completed',
};

async function disagreements(of: DiagnosisCase): Promise<readonly string[]> {
  const unread = (of.unread ?? []).map(({ resource, how }) => ({
    what: resource === 'pods/log' ? 'logs' : resource,
    how,
  }));
  const taken = snapshot.parse({ ...of.world(), unread });
  const target = targetOfSnapshot(taken, PROFILES.builder);
  const { diagnosis } = await replay(taken, PROFILES.builder, target);
  const doors = [{ name: 'first look', ...diagnosis }, ...(await commandsOf(taken, target))];
  return contradictions(doors, placeOf(taken, target));
}

describe('of every case, asked by its alert and by each command of diag', () => {
  test.each(CASES.map((one) => [one.name, one] as const))(
    '%s: no door denies what another confirms',
    async (name, one) => {
      const found = await disagreements(one);
      if (name in KNOWN) expect(found).not.toEqual([]);
      else expect(found).toEqual([]);
    },
  );
});

test('every known disagreement is a case', () => {
  const names = new Set(CASES.map(({ name }) => name));
  expect(Object.keys(KNOWN).filter((name) => !names.has(name))).toEqual([]);
});

describe('two doors disagree', () => {
  const crash: Finding = {
    code: 'crash-loop',
    level: 'critical',
    confidence: 'confirmed',
    subject: { kind: 'Pod', namespace: 'shop', name: 'web-1' },
    count: 1,
    conclusion: 'Container web crashes again and again.',
    because: [],
    nextStep: null,
  };
  const look = { name: 'first look', summary: crash.conclusion, findings: [crash] };
  const command = (name: string, summary: string, findings: readonly Finding[] = []) => ({ name, summary, findings });

  test.each([
    ['one excludes what the other confirms', command('diag pods', '', [{ ...crash, confidence: 'excluded' }])],
    [
      'one calls an object well that the other confirms to be ill',
      command('diag pods', '', [{ ...crash, level: 'ok' }]),
    ],
    ['one calls all pods healthy', command('diag pods', '3 pods, all look healthy.')],
    ['one finds nothing wrong in the namespace', command('diag all', 'Nothing wrong was found in 18 lists.')],
  ])('where %s', (_how, other) => {
    expect(contradictions([look, other], 'shop')).toHaveLength(1);
  });

  test.each([
    ['both say the same', command('diag pods', '3 pods, 1 unhealthy.', [crash])],
    ['one was asked about another namespace', command('diag all', 'Nothing wrong was found in 18 lists.')],
    [
      'one tells it as seen elsewhere',
      command('diag all', '', [{ ...crash, confidence: 'excluded', role: 'elsewhere' }]),
    ],
  ])('and not where %s', (how, other) => {
    expect(contradictions([look, other], how.includes('another') ? 'billing' : 'shop')).toEqual([]);
  });
});
