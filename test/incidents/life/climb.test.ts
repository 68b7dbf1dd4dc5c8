import { expect, test } from '@jest/globals';
import { nextRung, rungInWords } from '../../../src/incidents/escalation.ts';
import type { EscalationPolicy } from '../../../src/incidents/escalationSettings.ts';
import type { Incident } from '../../../src/incidents/incident.ts';
import { onTimer } from '../../../src/incidents/life/timers.ts';
import { act } from '../../../src/incidents/life/transitions.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/incidents/policy.ts';
import { peopleTimers } from '../../../src/incidents/schedule.ts';
import { firing, MINUTE, resolved, T0 } from '../../builders/alerts.ts';
import { ANA, BEN, kinds, Ledger, timers } from '../fixtures.ts';

const PLATFORM: EscalationPolicy = {
  name: 'platform',
  rounds: 2,
  pauseMs: 10 * MINUTE,
  rungs: [
    { afterMs: null, notify: [{ kind: 'group', name: 'platform-primary' }] },
    {
      afterMs: null,
      notify: [
        { kind: 'user', name: 'U0BOSS' },
        { kind: 'channel', name: '#leads' },
      ],
    },
  ],
};
const { escalation } = DEFAULT_POLICY;
const POLICY: Policy = {
  ...DEFAULT_POLICY,
  escalation: { ...escalation, policies: [PLATFORM], bySeverity: { sev1: 'platform', sev2: null } },
};
const ALERT = firing({ incident_severity: 'sev1', deployment: 'checkout' });

function opened(over: Partial<Incident> = {}): Ledger {
  const ledger = new Ledger();
  ledger.deliver([ALERT]);
  const known = ledger.find(1);
  ledger.incidents.set(1, { ...known, incident: { ...known.incident, ...over } });
  return ledger;
}

/** Runs the timer; answers what it wrote, or why it did nothing. */
function climb(ledger: Ledger, now: number, policy = POLICY): string {
  const outcome = onTimer(ledger.find(1), 'escalate', policy, now);
  if (outcome.draft) ledger.save(outcome.draft);
  return outcome.draft?.entries[0]?.text ?? outcome.reason;
}

test('the rungs are called in turn, in every round, and then it is told that nobody came', () => {
  const ledger = opened();
  const at = (minutes: number) => climb(ledger, T0 + minutes * MINUTE);
  expect(at(0)).toBe('Called @platform-primary (rung 1 of 2, round 1 of 2 of platform)');
  expect(at(4)).toBe('not yet');
  expect(at(5)).toBe('Called U0BOSS, #leads: nobody acknowledged for 5 min (rung 2 of 2, round 1 of 2 of platform)');
  expect(at(14)).toBe('not yet');
  expect(at(15)).toMatch(/^Called @platform-primary: nobody acknowledged for 15 min \(rung 1 of 2, round 2/);
  expect(at(20)).toMatch(/^Called U0BOSS, #leads: .*rung 2 of 2, round 2/);
  expect(at(29)).toBe('not yet');
  expect(at(30)).toMatch(/^Nobody acknowledged for 30 min: every rung of platform was called 2 times/);
  expect(at(300)).toBe('all were called');
});

test('a rung is one message for all who are mentioned, one in each channel, an edit of the card and the next timer', () => {
  const ledger = opened();
  climb(ledger, T0);
  const outcome = onTimer(ledger.find(1), 'escalate', POLICY, T0 + 5 * MINUTE);
  expect(kinds(outcome)).toEqual(['call', 'call', 'card', 'timer']);
  expect(outcome.followUps.slice(0, 2)).toMatchObject([
    { channel: null, call: { groups: [], users: ['U0BOSS'] } },
    { channel: '#leads', call: { groups: [], users: [] } },
  ]);
  expect(timers(outcome)).toEqual({ escalate: T0 + 15 * MINUTE });
});

test('a timer that runs again calls nobody again', () => {
  const ledger = opened();
  climb(ledger, T0);
  expect(climb(ledger, T0)).toBe('not yet');
  expect(climb(ledger, T0 + 5 * MINUTE)).toMatch(/^Called U0BOSS/);
  expect(climb(ledger, T0 + 5 * MINUTE)).toBe('not yet');
});

test('after an outage of ours the overdue rung comes at once, however late, and the one after it in its own time', () => {
  const ledger = opened();
  climb(ledger, T0);
  expect(climb(ledger, T0 + 600 * MINUTE)).toMatch(/^Called U0BOSS, #leads: nobody acknowledged for 10 h/);
  expect(climb(ledger, T0 + 601 * MINUTE)).toBe('not yet');
  expect(climb(ledger, T0 + 610 * MINUTE)).toMatch(/^Called @platform-primary/);
});

test('who acknowledges ends it, and giving it back begins it anew', () => {
  const ledger = opened();
  climb(ledger, T0);
  climb(ledger, T0 + 5 * MINUTE);
  ledger.save(act(ledger.find(1), { kind: 'acknowledge' }, ANA, T0 + 6 * MINUTE, POLICY).draft);
  expect(climb(ledger, T0 + 15 * MINUTE)).toBe('nobody is waited for');
  expect(nextRung(ledger.find(1), POLICY.escalation)).toBeNull();
  ledger.save(act(ledger.find(1), { kind: 'unacknowledge' }, ANA, T0 + 20 * MINUTE, POLICY).draft);
  expect(peopleTimers(1, ledger.find(1).incident, POLICY, T0 + 20 * MINUTE)).toMatchObject([{ timer: 'escalate' }]);
  expect(climb(ledger, T0 + 20 * MINUTE)).toBe('Called @platform-primary (rung 1 of 2, round 1 of 2 of platform)');
});

test('the resolution ends it', () => {
  const ledger = opened();
  climb(ledger, T0);
  ledger.save(act(ledger.find(1), { kind: 'resolve', note: null, dismissed: false }, ANA, T0 + MINUTE, POLICY).draft);
  expect(climb(ledger, T0 + 5 * MINUTE)).toBe('already resolved');
});

test.each<[string, Partial<Incident>]>([
  ['quiet', { quietSince: T0 }],
  ['flapping', { flappingSince: T0 }],
  ['a drill', { drill: true }],
  ['sev3', { severity: 'sev3' }],
])('nobody is called for an incident that is %s', (_what, over) => {
  expect(climb(opened(over), T0)).toBe('nobody is waited for');
});

test('what was quiet and fires again goes on where it was', () => {
  const ledger = opened();
  climb(ledger, T0);
  ledger.deliver([resolved(ALERT, T0 + MINUTE)], T0 + MINUTE);
  expect(climb(ledger, T0 + 5 * MINUTE)).toBe('nobody is waited for');
  ledger.deliver([{ ...ALERT, startsAt: T0 + 9 * MINUTE }], T0 + 9 * MINUTE);
  const due = peopleTimers(1, ledger.find(1).incident, POLICY, T0 + 9 * MINUTE);
  expect(due).toMatchObject([{ timer: 'escalate', runAt: T0 + 5 * MINUTE }]);
  expect(climb(ledger, T0 + 9 * MINUTE)).toMatch(/^Called U0BOSS/);
});

test('without a policy a sev1 mentions the group again at 5 and 15 min, once, and a sev2 nobody', () => {
  const policy = { ...DEFAULT_POLICY, escalation: { ...escalation, group: 'oncall' } };
  const ledger = opened();
  expect(climb(ledger, T0, policy)).toBe('begun');
  expect(climb(ledger, T0 + 5 * MINUTE, policy)).toBe('Called @oncall: nobody acknowledged for 5 min (rung 1 of 2)');
  expect(climb(ledger, T0 + 15 * MINUTE, policy)).toBe('Called @oncall: nobody acknowledged for 15 min (rung 2 of 2)');
  expect(climb(ledger, T0 + 90 * MINUTE, policy)).toBe('all were called');
  expect(climb(opened({ severity: 'sev2' }), T0, policy)).toBe('there is nobody to call');
});

test('the route of its alert chooses the policy, and a sev2 has times of its own', () => {
  const payments = { ...PLATFORM, name: 'payments' };
  const routes = [{ match: { namespace: 'payments' }, policy: 'payments' }];
  const policy = {
    ...POLICY,
    escalation: {
      ...POLICY.escalation,
      policies: [PLATFORM, payments],
      bySeverity: { sev1: null, sev2: null },
      routes,
    },
  };
  const ledger = new Ledger();
  ledger.deliver([firing({ severity: 'critical', namespace: 'payments', deployment: 'api' })]);
  expect(climb(ledger, T0, policy)).toContain('of payments)');
  const next = nextRung(ledger.find(1), policy.escalation);
  expect(next && rungInWords(next, T0 + MINUTE)).toBe('in 14 min U0BOSS, #leads');
});

test('the call beside the card of what opens leaves the group to the card; that of any later round does not', () => {
  const withCard = (ledger: Ledger, now: number) =>
    onTimer(ledger.find(1), 'escalate', POLICY, now).followUps.flatMap((one) =>
      one.kind === 'call' ? [one.call.withCard] : [],
    );
  const ledger = opened();
  expect(withCard(ledger, T0)).toEqual([true]);
  climb(ledger, T0);
  ledger.save(act(ledger.find(1), { kind: 'acknowledge' }, ANA, T0 + MINUTE, POLICY).draft);
  ledger.save(act(ledger.find(1), { kind: 'unacknowledge' }, ANA, T0 + 9 * MINUTE, POLICY).draft);
  expect(withCard(ledger, T0 + 9 * MINUTE)).toEqual([false]);
  const raised = opened({ severity: 'sev2' });
  raised.save(act(raised.find(1), { kind: 'setSeverity', severity: 'sev1' }, BEN, T0 + 9 * MINUTE, POLICY).draft);
  expect(withCard(raised, T0 + 9 * MINUTE)).toEqual([false]);
  expect(withCard(opened({ reopenCount: 1 }), T0)).toEqual([false]);
});

test('a severity that is lowered calls nobody anew', () => {
  const policy = {
    ...POLICY,
    escalation: { ...POLICY.escalation, bySeverity: { sev1: 'platform', sev2: 'platform' } },
  };
  const ledger = opened();
  climb(ledger, T0, policy);
  ledger.save(act(ledger.find(1), { kind: 'setSeverity', severity: 'sev2' }, BEN, T0 + MINUTE, policy).draft);
  expect(climb(ledger, T0 + MINUTE, policy)).toBe('not yet');
});

test('no timer calls people of an incident for whom nobody ever is', () => {
  const policy = { ...DEFAULT_POLICY, escalation: { ...escalation, group: 'oncall' } };
  const timersOf = (severity: Incident['severity']) =>
    peopleTimers(1, opened({ severity }).find(1).incident, policy, T0).length;
  expect([timersOf('sev1'), timersOf('sev2')]).toEqual([1, 0]);
});

test('a route without a policy that matches first leaves the choice to the severity', () => {
  const payments = { ...PLATFORM, name: 'payments' };
  const routes: Policy['escalation']['routes'] = [
    { match: { deployment: 'checkout' }, policy: null },
    { match: { namespace: 'shop' }, policy: 'payments' },
  ];
  const policy = { ...POLICY, escalation: { ...POLICY.escalation, policies: [PLATFORM, payments], routes } };
  const ledger = new Ledger();
  ledger.deliver([firing({ incident_severity: 'sev1', deployment: 'checkout', namespace: 'shop' })]);
  expect(climb(ledger, T0, policy)).toMatch(/of platform\)$/);
});

test('a raise by a person who does not take it begins the policy of the new severity', () => {
  const ledger = opened({
    severity: 'sev2',
    escalation: { policy: null, since: T0, done: 2, lastAt: T0, nextAt: null },
  });
  ledger.save(act(ledger.find(1), { kind: 'setSeverity', severity: 'sev1' }, BEN, T0 + MINUTE, POLICY).draft);
  expect(climb(ledger, T0 + MINUTE)).toMatch(/^Called @platform-primary \(rung 1/);
});

test('who escalates calls the next rung at once, also of what somebody holds, and after the last the first again', () => {
  const ledger = opened();
  climb(ledger, T0);
  const escalate = (at: number) => {
    const { draft, followUps } = act(ledger.find(1), { kind: 'escalate' }, ANA, at, POLICY);
    ledger.save(draft);
    return [draft.entries[0]?.text, followUps.filter(({ kind }) => kind === 'call').length];
  };
  expect(escalate(T0 + MINUTE)).toEqual(['Ana escalated: called U0BOSS, #leads (rung 2 of 2 of platform)', 2]);
  expect(climb(ledger, T0 + 5 * MINUTE)).toBe('not yet');
  ledger.save(act(ledger.find(1), { kind: 'acknowledge' }, ANA, T0 + 6 * MINUTE, POLICY).draft);
  expect(escalate(T0 + 7 * MINUTE)).toEqual(['Ana escalated: called @platform-primary (rung 1 of 2 of platform)', 1]);
});

test('nobody is called by their own page, and nobody to escalate to is a conflict that says what to do', () => {
  const known = opened().find(1);
  const self = [{ kind: 'user', name: ANA.id }] as const;
  const change = (policy: Policy, kind: 'page' | 'escalate') => () =>
    act(known, kind === 'page' ? { kind, notify: self } : { kind }, ANA, T0, policy);
  expect(change(POLICY, 'page')).toThrow('that is you: acknowledge #1 to take it');
  expect(change(DEFAULT_POLICY, 'escalate')).toThrow('#1 has nobody to escalate to: no policy serves it');
});

test('who escalates goes past a rung that calls only them', () => {
  const rungs = [
    { afterMs: 0, notify: [{ kind: 'user', name: ANA.id }] },
    { afterMs: MINUTE, notify: [{ kind: 'user', name: 'U0BOSS' }] },
  ] as const;
  const policy = { ...POLICY, escalation: { ...POLICY.escalation, policies: [{ ...PLATFORM, rungs }] } };
  const { draft, followUps } = act(opened().find(1), { kind: 'escalate' }, ANA, T0, policy);
  expect(draft.entries[0]?.text).toBe('Ana escalated: called U0BOSS (rung 2 of 2 of platform)');
  expect(followUps).toMatchObject([{}, { kind: 'call', call: { users: ['U0BOSS'] } }]);
  const alone = { ...POLICY, escalation: { ...policy.escalation, policies: [{ ...PLATFORM, rungs: [rungs[0]] }] } };
  expect(() => act(opened().find(1), { kind: 'escalate' }, ANA, T0, alone)).toThrow('nobody but you is called for #1');
});

test('nobody is called to what has no card: it has to be raised first', () => {
  const known = opened({ severity: 'sev4' }).find(1);
  const page = () => act(known, { kind: 'page', notify: [{ kind: 'user', name: 'U0BOSS' }] }, ANA, T0, POLICY);
  expect(page).toThrow('#1 is SEV4, for which nobody is called: raise it first');
  expect(() => act(known, { kind: 'escalate' }, ANA, T0, POLICY)).toThrow('raise it first');
});

test('who snoozes it has it, and is asked again only when that is over', () => {
  const ledger = opened();
  ledger.save(act(ledger.find(1), { kind: 'snooze', ms: 120 * MINUTE }, ANA, T0, POLICY).draft);
  expect(ledger.find(1).incident).toMatchObject({ status: 'acknowledged', acknowledgedBy: ANA });
  expect(peopleTimers(1, ledger.find(1).incident, POLICY, T0)).toMatchObject([
    { timer: 'unacknowledge', runAt: T0 + 115 * MINUTE },
  ]);
});
