import { expect, test } from '@jest/globals';
import type { TimerKind, TimerOutcome } from '../../../src/incidents/decision.ts';
import type { Incident } from '../../../src/incidents/incident.ts';
import type { IncidentChange } from '../../../src/incidents/life/change.ts';
import { onTimer } from '../../../src/incidents/life/timers.ts';
import { act } from '../../../src/incidents/life/transitions.ts';
import { nextState } from '../../../src/incidents/nextState.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/incidents/policy.ts';
import { firing, HOUR, MINUTE, resolved, T0 } from '../../builders/alerts.ts';
import { ANA, kinds, Ledger, news, timers } from '../fixtures.ts';

/** An incident that is quiet since T0. */
function quiet(severity: string, over: Partial<Incident> = {}): Ledger {
  const ledger = new Ledger();
  const alert = firing({ severity });
  ledger.deliver([alert], T0 - MINUTE);
  ledger.deliver([resolved(alert, T0)], T0);
  const known = ledger.find(1);
  ledger.incidents.set(1, { incident: { ...known.incident, ...over }, alerts: known.alerts });
  return ledger;
}

function run(ledger: Ledger, kind: TimerKind, now: number, policy: Policy = DEFAULT_POLICY): TimerOutcome {
  const outcome = onTimer(ledger.find(1), kind, policy, now);
  if (outcome.draft) ledger.save(outcome.draft);
  return outcome;
}

test('sev3 resolves after ten minutes of quiet, and sets itself again when it runs too early', () => {
  const ledger = quiet('warning');
  const early = run(ledger, 'resolve_when_quiet', T0 + 9 * MINUTE);
  expect(early).toMatchObject({ draft: null, reason: 'not yet' });
  expect(timers(early)).toEqual({ resolve_when_quiet: T0 + 10 * MINUTE });
  const done = run(ledger, 'resolve_when_quiet', T0 + 10 * MINUTE);
  expect(ledger.find(1).incident).toMatchObject({
    status: 'resolved',
    resolution: 'quiet',
    resolvedAt: T0 + 10 * MINUTE,
    resolvedBy: { type: 'responder' },
  });
  expect(news(done)).toEqual(['resolved']);
  expect(run(ledger, 'resolve_when_quiet', T0 + 11 * MINUTE)).toMatchObject({
    draft: null,
    reason: 'already resolved',
  });
});

test.each([
  ['truncated', { truncatedAlerts: 3 }, 'a person has to resolve it'],
  ['declared by a person', { declared: true }, 'a person has to resolve it'],
  ['stale', { staleSince: T0 }, 'it is stale'],
  ['flapping', { flappingSince: T0 }, 'it flaps'],
  ['firing', { quietSince: null }, 'it fires'],
])('sev3 that is %s is never resolved by the bot', (_what, over, reason) => {
  expect(run(quiet('warning', over), 'resolve_when_quiet', T0 + 30 * HOUR)).toMatchObject({ draft: null, reason });
});

test('sev2 is reminded of at 30 min and at 4 h of quiet, and closed by the bot after a day', () => {
  const ledger = quiet('critical');
  expect(run(ledger, 'resolve_when_quiet', T0 + HOUR).draft).toBeNull();
  const first = run(ledger, 'remind', T0 + 30 * MINUTE);
  expect(first.draft?.entries[0]).toMatchObject({ kind: 'reminder' });
  expect(timers(first)).toEqual({ remind: T0 + 4 * HOUR });
  const second = run(ledger, 'remind', T0 + 4 * HOUR);
  expect([news(second), timers(second)]).toEqual([['reminder'], {}]);
  expect(run(ledger, 'close_forgotten', T0 + 23 * HOUR).draft).toBeNull();
  run(ledger, 'close_forgotten', T0 + 24 * HOUR);
  expect(ledger.find(1).incident).toMatchObject({ status: 'resolved', resolution: 'timeout' });
});

test('reminders missed during an outage are one reminder', () => {
  const late = run(quiet('critical'), 'remind', T0 + 6 * HOUR);
  expect([news(late), timers(late)]).toEqual([['reminder'], {}]);
});

test('flapping ends after half an hour without a change, and then a quiet sev3 may resolve', () => {
  const ledger = quiet('warning', { flappingSince: T0 - MINUTE, flapCount: 3 });
  expect(timers(run(ledger, 'flapping_ends', T0 + MINUTE))).toEqual({ flapping_ends: T0 + 30 * MINUTE });
  const ended = run(ledger, 'flapping_ends', T0 + 30 * MINUTE);
  expect(ledger.find(1)).toMatchObject({ incident: { flappingSince: null, flapCount: 0 }, alerts: [{ cycles: [] }] });
  expect(timers(ended)).toEqual({ resolve_when_quiet: T0 + 10 * MINUTE });
  expect(run(ledger, 'resolve_when_quiet', T0 + 31 * MINUTE).draft).not.toBeNull();
});

test('sev2 that still fires after a while gets a channel of its own, a quiet one does not', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ severity: 'critical' })]);
  expect(run(ledger, 'own_channel', T0 + 15 * MINUTE).followUps).toEqual([
    { kind: 'ownChannel', incident: 1, because: 'still fires after 15 min', automatic: true },
  ]);
  expect(run(quiet('critical'), 'own_channel', T0 + 15 * MINUTE).followUps).toEqual([]);
});

test('an acknowledgement that is not confirmed expires aloud, after its holder was asked', () => {
  const acknowledged = { status: 'acknowledged', acknowledgedBy: ANA, acknowledgedAt: T0, quietSince: null } as const;
  const ledger = quiet('critical', acknowledged);
  const { acknowledgement } = DEFAULT_POLICY;
  const never = { ...acknowledgement, expiresAfterMs: { ...acknowledgement.expiresAfterMs, sev2: null } };
  const policy = { ...DEFAULT_POLICY, acknowledgement: never };
  expect(run(ledger, 'unacknowledge', T0 + 120 * MINUTE, policy).reason).toBe('acknowledgements do not expire');
  expect(timers(run(ledger, 'unacknowledge', T0 + MINUTE))).toEqual({ unacknowledge: T0 + 115 * MINUTE });
  const asked = run(ledger, 'unacknowledge', T0 + 115 * MINUTE);
  expect(kinds(asked)).toEqual(['call', 'timer']);
  expect(asked.draft?.entries[0]?.text).toBe('Asked Ana to confirm: the acknowledgement expires in 5 min');
  const expired = run(ledger, 'unacknowledge', T0 + 120 * MINUTE);
  expect(kinds(expired)).toEqual(['card', 'news']);
  expect(ledger.find(1).incident).toMatchObject({ status: 'open', acknowledgedBy: null, acknowledgedAt: null });
});

/** Held by Ana since the incident opened. */
const HELD = { status: 'acknowledged', acknowledgedBy: ANA, acknowledgedAt: T0, quietSince: null } as const;

test('whoever holds an incident is asked before it expires, also when the time was over before anybody could ask', () => {
  // An outage over the whole span, or an acknowledgement that an older version stored.
  const ledger = quiet('critical', HELD);
  const late = T0 + 600 * MINUTE;
  const asked = run(ledger, 'unacknowledge', late);
  expect(asked.draft?.entries[0]?.text).toBe('Asked Ana to confirm: the acknowledgement expires in 5 min');
  expect(run(ledger, 'unacknowledge', late + 4 * MINUTE).reason).toBe('not yet');
  expect(run(ledger, 'unacknowledge', late + 5 * MINUTE).reason).toBe('expired');
});

test('a severity that rises while it is held longer than the new one allows asks first', () => {
  const ledger = quiet('critical', HELD);
  const at = T0 + 45 * MINUTE;
  ledger.save(act(ledger.find(1), { kind: 'setSeverity', severity: 'sev1' }, ANA, at, DEFAULT_POLICY).draft);
  expect(run(ledger, 'unacknowledge', at).reason).toBe('asked');
});

test('a resolution by a slip that is taken back leaves what was confirmed and snoozed', () => {
  const ledger = quiet('critical', HELD);
  const does = (change: IncidentChange, at: number) =>
    ledger.save(act(ledger.find(1), change, ANA, at, DEFAULT_POLICY).draft);
  does({ kind: 'snooze', ms: 400 * MINUTE }, T0 + 100 * MINUTE);
  does({ kind: 'resolve', note: null, dismissed: false }, T0 + 130 * MINUTE);
  does({ kind: 'reopen', note: null }, T0 + 130 * MINUTE + 5_000);
  expect(timers(run(ledger, 'unacknowledge', T0 + 131 * MINUTE))).toEqual({ unacknowledge: T0 + 495 * MINUTE });
});

test('who was asked before it went quiet is asked again once it fires', () => {
  const ledger = quiet('critical', HELD);
  run(ledger, 'unacknowledge', T0 + 115 * MINUTE);
  const { incident } = ledger.find(1);
  ledger.save(nextState(incident, { fields: { quietSince: T0 + 116 * MINUTE }, entries: [] }));
  ledger.save(nextState(ledger.find(1).incident, { fields: { quietSince: null }, entries: [] }));
  expect(run(ledger, 'unacknowledge', T0 + 300 * MINUTE).reason).toBe('asked');
});

test('nobody is asked for a drill or while it flaps', () => {
  expect(run(quiet('critical', { ...HELD, drill: true }), 'unacknowledge', T0 + 300 * MINUTE).reason).toBe(
    'it is a drill',
  );
  const flaps = run(quiet('critical', { ...HELD, flappingSince: T0 }), 'unacknowledge', T0 + 300 * MINUTE);
  expect(kinds(flaps)).toEqual(['timer']);
});
