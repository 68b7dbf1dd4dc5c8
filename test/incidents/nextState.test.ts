import { expect, test } from '@jest/globals';
import { newIncident, nextState } from '../../src/incidents/nextState.ts';
import { incidentAt } from '../builders/incidents.ts';

const START = Date.parse('2026-11-24T03:00:00Z');
const before = incidentAt(START, { number: 4, startedAt: START - 60_000, version: 7 });
const entry = {
  kind: 'note',
  at: START,
  actor: { type: 'slack', id: 'U1', name: 'Ana' },
  text: 'a',
  detail: {},
} as const;

test('the version of an incident counts up by one with whatever happens, and not when nothing does', () => {
  const version = (happened: Parameters<typeof nextState>[1]) => nextState(before, happened).incident.version;
  expect(version({ entries: [] })).toBe(7);
  expect(version({ fields: { status: 'open' }, entries: [] })).toBe(7);
  expect(version({ fields: { status: 'mitigated', mitigatedAt: START }, entries: [] })).toBe(8);
  expect(version({ entries: [entry, entry] })).toBe(8);
  expect(version({ entries: [], activeAt: START + 1 })).toBe(8);
});

test('its last activity never goes back, and its number stays whoever changes it', () => {
  const late = nextState(before, {
    fields: { lastActivityAt: START - 1, number: 5 },
    entries: [],
    activeAt: START - 2,
  });
  expect([late.key, late.incident]).toEqual([4, before]);
  expect(nextState(before, { entries: [entry], activeAt: START + 9 }).incident.lastActivityAt).toBe(START + 9);
});

test('an incident that opens is open, untouched, and active since it was opened', () => {
  const { cluster, namespace, subject, correlationKey, title, severity, severityReason, severitySource } = before;
  const told = { cluster, namespace, subject, correlationKey, title, severity, severityReason, severitySource };
  expect(newIncident({ ...told, startedAt: START - 60_000, openedAt: START })).toMatchObject({
    ...told,
    number: 0,
    status: 'open',
    openedAt: START,
    lastActivityAt: START,
    acknowledgedBy: null,
  });
});
