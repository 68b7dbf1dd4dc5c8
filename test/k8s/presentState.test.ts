import { afterEach, describe, expect, test } from '@jest/globals';
import type { DiagnosticResult } from '../../src/incidents/evidence.ts';
import { asker } from './stage.ts';
import { type HandMade, type Holdings, startHandMade } from './tables.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
let made: HandMade | null = null;
afterEach(async () => {
  await made?.close();
  made = null;
});

async function ask(diagnostic: string, holdings: Holdings): Promise<DiagnosticResult> {
  await made?.close();
  made = await startHandMade(holdings);
  return asker(made.cluster, 'builder', () => NOW)(diagnostic, { namespace: 'shop' });
}

const meta = (name: string) => ({ metadata: { name, namespace: 'shop', creationTimestamp: at(-60) } });
const warning = (apiVersion: string, kind: string, name: string, reason: string, message: string) => ({
  ...meta(`${name}.1`),
  type: 'Warning',
  reason,
  message,
  count: 3,
  firstTimestamp: at(-10),
  lastTimestamp: at(-9),
  involvedObject: { apiVersion, kind, namespace: 'shop', name },
});
const refused = (kind: 'ReplicaSet' | 'StatefulSet', name: string, quota = 'team') =>
  warning(
    'apps/v1',
    kind,
    name,
    'FailedCreate',
    `Error creating: pods "${name}-0" is forbidden: exceeded quota: ${quota}, requested: requests.cpu=100m, used: requests.cpu=2, limited: requests.cpu=2`,
  );
const sure = ({ findings }: DiagnosticResult) =>
  findings.filter(({ confidence }) => confidence === 'confirmed').map(({ subject }) => subject.name);

const set = (name: string, replicas: number) => ({
  ...meta(name),
  spec: { replicas: 2 },
  status: { replicas, readyReplicas: replicas, availableReplicas: replicas },
});

describe('diag events', () => {
  const events = [refused('StatefulSet', 'db')];

  test('tells a warning that still holds, and not one that is over or whose object is gone', async () => {
    expect(sure(await ask('events', { events, 'apps/v1/statefulsets': [set('db', 0)] }))).toEqual(['db']);
    expect((await ask('events', { events, 'apps/v1/statefulsets': [set('db', 2)] })).findings).toEqual([]);
    expect((await ask('events', { events, 'apps/v1/statefulsets': [] })).findings).toEqual([]);
  });

  test.each([
    ['may not be read', 403],
    ['is of a kind that is not served', undefined],
  ])('does not confirm a warning whose object %s, and says so', async (_how, held) => {
    const told = await ask('events', { events, ...(held === undefined ? {} : { 'apps/v1/statefulsets': held }) });
    expect(told.findings).toMatchObject([{ subject: { name: 'db' }, confidence: 'likely' }]);
    expect(told.notes.join('\n')).toMatch(/statefulsets.*(?:forbidden|not installed)/);
    expect(told.notes).toContain('the present state of 1 more object was not read');
  });

  test('does not take an object for gone because its answer cannot be understood', async () => {
    // The server finds it by its name, and sends no object for its metadata.
    const odd = { metadata: Object.assign([], { name: 'db' }) };
    const told = await ask('events', { events, 'apps/v1/statefulsets': [odd] });
    expect(told.findings).toMatchObject([{ subject: { name: 'db' }, confidence: 'likely' }]);
  });

  test.each([
    ['of one cause', () => 'team'],
    ['each of its own', (name: string) => `team-${name}`],
  ])(
    'of more objects than are read, %s, says how many were not, and confirms only those that were',
    async (_how, quotaOf) => {
      const names = Array.from({ length: 30 }, (_unused, index) => `web-${index}`);
      const told = await ask('events', {
        events: names.map((name) => refused('ReplicaSet', name, quotaOf(name))),
        'apps/v1/replicasets': names.map((name) => set(name, 0)),
      });
      const asked = new Set(
        made?.server.asked.flatMap(({ url }) => /metadata\.name(?:=|%3D)(web-\d+)/.exec(url)?.[1] ?? []),
      );
      expect(told.notes).toContain(`the present state of ${30 - asked.size} more objects was not read`);
      expect(sure(told).filter((name) => !asked.has(name))).toEqual([]);
      // One finding may stand for many objects, of which some were not read.
      const counts = told.findings.filter(({ confidence }) => confidence === 'confirmed').map(({ count }) => count);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(asked.size);
    },
  );
});

test('diag quota tells whose pods are still refused, and not whose came', async () => {
  const quota = {
    ...meta('team'),
    spec: { hard: { 'requests.cpu': '2' } },
    status: { hard: { 'requests.cpu': '2' }, used: { 'requests.cpu': '2' } },
  };
  const told = await ask('quota', {
    events: [refused('ReplicaSet', 'cart'), refused('ReplicaSet', 'desk')],
    resourcequotas: [quota],
    'apps/v1/replicasets': [set('cart', 2), set('desk', 0)],
  });
  const words = told.findings.map(({ subject, conclusion }) => `${subject.name} ${conclusion}`).join('\n');
  expect(words).toContain('desk');
  expect(words).not.toContain('cart');
});
