import { expect, test } from '@jest/globals';
import { aboutSubject } from '../../src/commands/aboutSubject.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import type { IncidentWithAlerts } from '../../src/incidents/incident.ts';
import { incident } from './fakes.ts';

const builder: IncidentWithAlerts = {
  incident: incident({ number: 1, subject: { kind: 'deployment', name: 'builder' } }),
  alerts: [],
};

function finding(kind: string, name: string, conclusion = `${name} crashes.`): Finding {
  return {
    code: 'crash-loop',
    level: 'critical',
    confidence: 'confirmed',
    subject: { kind, namespace: 'shop', name },
    count: 1,
    conclusion,
    because: [],
    nextStep: null,
  };
}

const other = finding('Pod', 'hello-7d9f');
const own = finding('Pod', 'builder-6c8b');

test('an incident’s answer is about its subject, and what is wrong with other workloads is one line', () => {
  const told = aboutSubject([other, own], builder);
  expect(told.findings).toEqual([own]);
  expect(told.note).toBe('Others: hello-7d9f.');
  expect(told.left).toEqual([other]);
});

test('a cause stays although it does not name the subject: a dependency of it has a name of its own', () => {
  const cause = { ...finding('Pod', 'postgres-0'), role: 'cause' } as const;
  expect(aboutSubject([cause, other, own], builder)).toMatchObject({ findings: [own, cause], left: [other] });
});

test('what may reach the subject stays, whatever its name', () => {
  const quota = finding('ResourceQuota', 'compute', 'Quota compute is full.');
  const path = finding('Pod', 'database-0', 'database-0 does not answer: builder waits for it.');
  expect(aboutSubject([quota, path, own], builder).findings).toEqual([path, own, quota]);
});

test('where nothing is about the subject, that is said and all of it shown', () => {
  expect(aboutSubject([other], builder)).toMatchObject({
    findings: [other],
    note: 'Nothing of this names builder.',
  });
});

test('an incident without an object leaves an answer as it is', () => {
  const bare = { incident: incident({ number: 1, subject: { kind: 'alert', name: 'Down' } }), alerts: [] };
  expect(aboutSubject([other, own], bare)).toEqual({ findings: [other, own], note: null, left: [] });
  expect(aboutSubject([other, own], null).findings).toHaveLength(2);
});
