import { expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../../src/incidents/policy.ts';
import { firing, HOUR, MINUTE, resolved, T0 } from '../../builders/alerts.ts';
import { Ledger, reasons } from '../fixtures.ts';

const DRILL = { drill: 'true' };

test('an exercise about what is really broken is an incident of its own, in either order', () => {
  for (const order of [
    [{}, DRILL],
    [DRILL, {}],
  ]) {
    const ledger = new Ledger();
    for (const labels of order) ledger.deliver([firing({ pod: 'checkout-7d9f8b6c5-x7k2p', ...labels })]);
    expect([...ledger.incidents.values()].map(({ incident }) => incident.drill)).toEqual(
      order.map((labels) => labels === DRILL),
    );
  }
});

test('an exercise joins an exercise by subject and by name, and nothing real', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ pod: 'a' }), firing({ pod: 'a', ...DRILL })]);
  const decision = ledger.deliver(
    [firing({ pod: 'b', ...DRILL }), firing({ alertname: 'PodSlow', pod: 'a', ...DRILL })],
    T0 + MINUTE,
  );
  expect(reasons(decision)).toEqual(['joined_name', 'joined_subject']);
  const drill = [...ledger.incidents.values()].find(({ incident }) => incident.drill);
  expect(drill?.alerts).toHaveLength(3);
});

test('an exercise reopens no real incident, and is not called related to one', () => {
  const ledger = new Ledger();
  const real = firing({ pod: 'a', node: 'worker-1' });
  ledger.deliver([real]);
  ledger.deliver([resolved(real, T0 + MINUTE)], T0 + MINUTE);
  const closed = ledger.find(1).incident;
  ledger.incidents.set(1, { ...ledger.find(1), incident: { ...closed, status: 'resolved', resolvedAt: T0 + MINUTE } });
  ledger.deliver([firing({ pod: 'c', namespace: 'other', node: 'worker-1' })], T0 + MINUTE);
  const decision = ledger.deliver([firing({ pod: 'a', node: 'worker-1', ...DRILL })], T0 + 2 * MINUTE);
  expect(reasons(decision)).toEqual(['opened']);
  expect(decision.incidents[0]?.incident).toMatchObject({ drill: true, related: [], previousNumber: null });
});

test('the subjects of an exercise do not raise the severity of what is real', () => {
  const policy = {
    ...DEFAULT_POLICY,
    severityMatchers: [
      {
        name: 'three',
        match: { alertname: 'PodCrashing' },
        severity: 'sev1' as const,
        atLeast: { subjects: 3, withinMs: HOUR },
      },
    ],
  };
  const ledger = new Ledger({ policy });
  ledger.deliver(['a', 'b', 'c'].map((pod) => firing({ pod, ...DRILL })));
  ledger.deliver([firing({ pod: 'd' })], T0 + MINUTE);
  expect(ledger.find(1).incident).toMatchObject({ drill: true, severity: 'sev1' });
  expect(ledger.find(2).incident).toMatchObject({ drill: false, severity: 'sev3' });
});
