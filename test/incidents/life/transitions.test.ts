import { expect, test } from '@jest/globals';
import { ResponderError } from '../../../src/errors.ts';
import type { Actor, IncidentWithAlerts } from '../../../src/incidents/incident.ts';
import type { IncidentChange } from '../../../src/incidents/life/change.ts';
import {
  act,
  declareIncident,
  incidentCan,
  mergeIncidents,
  splitIncidents,
  type Transition,
} from '../../../src/incidents/life/transitions.ts';
import { DEFAULT_POLICY } from '../../../src/incidents/policy.ts';
import { firing, MINUTE, resolved, T0 } from '../../builders/alerts.ts';
import { ANA, BEN, kinds, Ledger, news, timers } from '../fixtures.ts';

function opened(severity = 'warning'): Ledger {
  const ledger = new Ledger();
  ledger.deliver([firing({ deployment: 'checkout', severity })]);
  return ledger;
}

function apply(ledger: Ledger, change: IncidentChange, actor: Actor = ANA, at = T0 + MINUTE): Transition {
  const transition = act(ledger.find(1), change, actor, at, DEFAULT_POLICY);
  ledger.save(transition.draft);
  return transition;
}

function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ResponderError && error.code === 'conflict') return error.message;
    throw error;
  }
  return 'allowed';
}

const RESOLVE: IncidentChange = { kind: 'resolve', note: null, dismissed: false };

test('acknowledging records who and when, edits the card at once and posts nothing', () => {
  const ledger = opened();
  const done = apply(ledger, { kind: 'acknowledge' });
  expect(ledger.find(1).incident).toMatchObject({
    status: 'acknowledged',
    acknowledgedBy: ANA,
    acknowledgedAt: T0 + MINUTE,
    version: 1,
  });
  expect(done.draft.entries).toEqual([
    { kind: 'acknowledged', at: T0 + MINUTE, actor: ANA, text: 'Acknowledged by Ana', detail: {} },
  ]);
  expect(done.followUps).toEqual([{ kind: 'card', incident: 1, urgent: true }]);
});

test('acknowledging twice by the same person changes nothing and says so; another person takes over', () => {
  const ledger = opened();
  apply(ledger, { kind: 'acknowledge' });
  const before = ledger.find(1);
  const again = apply(ledger, { kind: 'acknowledge' }, ANA, T0 + 2 * MINUTE);
  expect(again.said).toBe('#1 is already acknowledged by Ana');
  expect(again).toMatchObject({ draft: { incident: before.incident, entries: [] }, followUps: [] });
  const other = apply(ledger, { kind: 'acknowledge' }, BEN, T0 + 3 * MINUTE);
  expect(other.draft.entries[0]?.text).toBe('Acknowledged by U456, before by Ana');
  expect(ledger.find(1).incident).toMatchObject({ acknowledgedBy: BEN, acknowledgedAt: T0 + MINUTE });
});

test('resolving, dismissing and reopening by a person are recorded as such', () => {
  const ledger = opened('critical');
  const done = apply(ledger, { kind: 'resolve', note: 'rolled back', dismissed: false });
  expect(ledger.find(1).incident).toMatchObject({ status: 'resolved', resolution: 'person', resolvedBy: ANA });
  expect(done.draft.entries[0]).toMatchObject({ kind: 'resolved', text: 'Resolved by Ana: rolled back' });
  const back = apply(ledger, { kind: 'reopen', note: null }, BEN, T0 + 2 * MINUTE);
  expect(news(back)).toEqual(['reopened']);
  expect(ledger.find(1).incident).toMatchObject({ status: 'open', resolvedAt: null, resolution: null, reopenCount: 1 });
  apply(ledger, RESOLVE, ANA, T0 + 3 * MINUTE);
  apply(ledger, { kind: 'resolve', note: 'load test', dismissed: true }, ANA, T0 + 4 * MINUTE);
  expect(ledger.find(1).incident).toMatchObject({ resolution: 'dismissed', resolvedAt: T0 + 3 * MINUTE });
});

test('what the state does not allow is refused with the reason', () => {
  const ledger = opened();
  expect(refusal(() => apply(ledger, { kind: 'reopen', note: null }))).toBe('#1 is not resolved, it is open');
  expect(refusal(() => apply(ledger, { kind: 'unacknowledge' }))).toBe('#1 is not acknowledged');
  apply(ledger, RESOLVE);
  const over = '#1 is already resolved by Ana';
  expect(refusal(() => apply(ledger, { kind: 'acknowledge' }))).toBe(over);
  expect(refusal(() => apply(ledger, { kind: 'mitigate', note: null }))).toBe(over);
  expect(refusal(() => apply(ledger, RESOLVE))).toBe(over);
  expect(refusal(() => apply(ledger, { kind: 'note', text: 'afterwards' }))).toBe('allowed');
  expect(incidentCan.reopen(ledger.find(1).incident)).toBe(true);
});

test('a person may lower the severity, and then a quiet incident resolves by itself', () => {
  const ledger = opened('critical');
  ledger.deliver([resolved(firing({ deployment: 'checkout', severity: 'critical' }), T0)], T0 + MINUTE);
  const lowered = apply(ledger, { kind: 'setSeverity', severity: 'sev3' }, ANA, T0 + 2 * MINUTE);
  expect(ledger.find(1).incident).toMatchObject({ severity: 'sev3', severityReason: 'set by Ana' });
  expect(timers(lowered)).toEqual({ resolve_when_quiet: T0 + 11 * MINUTE });
  expect(apply(ledger, { kind: 'setSeverity', severity: 'sev3' }).said).toBe('#1 is already SEV3');
});

test('what refires does not overrule a severity a person set, what is new does', () => {
  const ledger = opened('critical');
  const alert = firing({ deployment: 'checkout', severity: 'critical' });
  apply(ledger, { kind: 'setSeverity', severity: 'sev3' });
  ledger.deliver([resolved(alert, T0)], T0 + 2 * MINUTE);
  ledger.deliver([{ ...alert, startsAt: T0 + 3 * MINUTE }], T0 + 3 * MINUTE);
  expect(ledger.find(1).incident.severity).toBe('sev3');
  ledger.deliver([firing({ alertname: 'Outage', deployment: 'checkout', severity: 'page' })], T0 + 4 * MINUTE);
  expect(ledger.find(1).incident.severity).toBe('sev2');
});

test('raising to sev1 is told aloud and gets a channel', () => {
  const raised = apply(opened(), { kind: 'setSeverity', severity: 'sev1' });
  expect(kinds(raised)).toEqual(['card', 'news', 'ownChannel']);
  expect(raised.followUps[1]).toMatchObject({ news: { kind: 'raised', broadcast: true, mention: true } });
});

test('merging closes the source and gives its alerts, start and severity to the target', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ deployment: 'a' })]);
  const grave = firing({ namespace: 'b', severity: 'critical' }, { startsAt: T0 - 5 * MINUTE });
  ledger.deliver([grave], T0 + MINUTE);
  const { drafts, followUps } = mergeIncidents(ledger.find(2), ledger.find(1), ANA, T0 + 2 * MINUTE);
  for (const draft of drafts) ledger.save(draft);
  expect(ledger.find(2).incident).toMatchObject({ status: 'resolved', resolution: 'merged', mergedInto: 1 });
  expect(ledger.find(1)).toMatchObject({
    incident: { severity: 'sev2', startedAt: T0 - 5 * MINUTE, status: 'open' },
    alerts: [{ incidentNumber: 1 }, { incidentNumber: 1 }],
  });
  expect(news({ followUps })).toEqual(['merged', 'merged']);
  // What fires of the source is now the target's: it is not reopened, and its subject leads to the target.
  expect(ledger.deliver([grave], T0 + 3 * MINUTE).outcomes[0]).toMatchObject({ reason: 'refreshed', incident: 1 });
  const next = ledger.deliver([firing({ alertname: 'PodCrashing', namespace: 'b', team: 'x' })], T0 + 4 * MINUTE);
  expect(next.outcomes[0]).toMatchObject({ reason: 'joined_subject', incident: 1 });
  expect(refusal(() => mergeIncidents(ledger.find(2), ledger.find(1), ANA, T0))).toBe('#2 was merged into #1');
  expect(refusal(() => mergeIncidents(ledger.find(1), ledger.find(1), ANA, T0))).toBe(
    '#1 cannot be merged into itself',
  );
});

test('a declared incident says who declared it and never resolves by itself', () => {
  const declaration = {
    title: ' Checkout\nis slow ',
    severity: 'sev2',
    namespace: 'shop',
    subject: 'deployment/checkout',
    channel: null,
  } as const;
  const { draft, followUps } = declareIncident(declaration, 'prod', ANA, T0, DEFAULT_POLICY);
  expect(draft.incident).toMatchObject({
    title: 'Checkout is slow',
    subject: { kind: 'deployment', name: 'checkout' },
    severityReason: 'set by Ana',
    declared: true,
    quietSince: null,
  });
  expect(kinds({ followUps })).toEqual(['card', 'firstLook', 'timer']);
  const ledger = new Ledger();
  ledger.save(draft);
  const alert = firing({ deployment: 'checkout' });
  expect(ledger.deliver([alert], T0 + MINUTE).outcomes[0]?.reason).toBe('joined_subject');
  expect(timers(ledger.deliver([resolved(alert, T0)], T0 + 2 * MINUTE))).not.toHaveProperty('resolve_when_quiet');
});

test('who acknowledges again confirms it, and the first time stays the time to acknowledge', () => {
  const policy = DEFAULT_POLICY;
  const known: IncidentWithAlerts = opened('critical').find(1);
  const first = act(known, { kind: 'acknowledge' }, ANA, T0 + MINUTE, policy);
  const held = { incident: first.draft.incident, alerts: known.alerts };
  const second = act(held, { kind: 'acknowledge' }, ANA, T0 + 5 * MINUTE, policy);
  expect(second.draft.incident).toMatchObject({ acknowledgedAt: T0 + MINUTE, confirmedAt: T0 + 5 * MINUTE });
  expect(second.draft.entries[0]?.text).toBe('Ana is still on it');
});

test('reopening with a reason is a reopening, however soon after the resolution', () => {
  const ledger = opened();
  apply(ledger, RESOLVE);
  const back = apply(ledger, { kind: 'reopen', note: 'it is back' }, BEN, T0 + MINUTE + 1_000);
  expect(back.draft.entries[0]).toMatchObject({ text: 'Reopened by U456: it is back', detail: { note: 'it is back' } });
  expect(ledger.find(1).incident.reopenCount).toBe(1);
});

function merge(ledger: Ledger, source: number, target: number, at: number): void {
  for (const draft of mergeIncidents(ledger.find(source), ledger.find(target), ANA, at).drafts) ledger.save(draft);
}

test('what was split off and is quiet resolves by itself, and so does what it was split from', () => {
  const ledger = new Ledger();
  const [a, b] = [firing({ deployment: 'a' }), firing({ deployment: 'b', namespace: 'b' })];
  ledger.deliver([a]);
  ledger.deliver([b], T0 + MINUTE);
  merge(ledger, 2, 1, T0 + 2 * MINUTE);
  ledger.deliver([resolved(a, T0), resolved(b, T0)], T0 + 3 * MINUTE);
  const { followUps } = splitIncidents(ledger.find(2), ledger.find(1), ANA, T0 + 4 * MINUTE, DEFAULT_POLICY);
  const quiet = followUps.flatMap((each) =>
    each.kind === 'timer' && each.timer === 'resolve_when_quiet' ? [each.incident] : [],
  );
  expect(quiet).toEqual([2, 1]);
});

test('nothing is split off an incident that itself went into a third', () => {
  const ledger = new Ledger();
  for (const [at, name] of ['a', 'b', 'c'].entries())
    ledger.deliver([firing({ deployment: name, namespace: name })], T0 + at);
  merge(ledger, 3, 2, T0 + MINUTE);
  merge(ledger, 2, 1, T0 + 2 * MINUTE);
  const split = () => splitIncidents(ledger.find(3), ledger.find(2), ANA, T0 + 3 * MINUTE, DEFAULT_POLICY);
  expect(refusal(split)).toBe('#2 went into #1: split that first');
});

test.each([
  ['saw it before', -5 * MINUTE],
  ['saw it after', 5 * MINUTE],
])('a split leaves the target an alert that it held before the merge and %s the source', (_, later) => {
  const ledger = new Ledger();
  ledger.deliver([firing({ deployment: 'a' })]);
  const both = firing({ deployment: 'b', namespace: 'b' });
  ledger.deliver([both], T0 + 10 * MINUTE);
  const [own] = ledger.find(2).alerts;
  if (!own) throw new Error('the source has no alert');
  const seen = own.firstSeenAt + later;
  const target = ledger.find(1);
  const held = { ...own, incidentNumber: 1, firstSeenAt: seen, cycles: [seen] };
  ledger.incidents.set(1, { ...target, alerts: [...target.alerts, held] });
  merge(ledger, 2, 1, T0 + 20 * MINUTE);
  const { drafts } = splitIncidents(ledger.find(2), ledger.find(1), ANA, T0 + 30 * MINUTE, DEFAULT_POLICY);
  expect(drafts[1].removed).toEqual([]);
  expect(drafts[0].alerts).toMatchObject([{ fingerprint: own.fingerprint, firstSeenAt: own.firstSeenAt }]);
});
