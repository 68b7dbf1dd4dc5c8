import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Alert } from '../../../src/alerts/alert.ts';
import { alertIdentity } from '../../../src/alerts/identity.ts';
import { assess } from '../../../src/incidents/decide/assess.ts';
import { decide } from '../../../src/incidents/decide/decide.ts';
import type { DecideInput, Decision } from '../../../src/incidents/decision.ts';
import { type IncidentWithAlerts, SEVERITIES } from '../../../src/incidents/incident.ts';
import type { IncidentChange } from '../../../src/incidents/life/change.ts';
import { incidentCan } from '../../../src/incidents/life/incidentCan.ts';
import { onTimer } from '../../../src/incidents/life/timers.ts';
import { act } from '../../../src/incidents/life/transitions.ts';
import { DEFAULT_POLICY } from '../../../src/incidents/policy.ts';
import { firing, MINUTE, resolved, T0 } from '../../builders/alerts.ts';
import { ANA, Ledger } from '../fixtures.ts';

const labels = fc.record(
  {
    alertname: fc.constantFrom('A', 'B', 'BuildOOMKilled', 'Watchdog'),
    namespace: fc.constantFrom('shop', 'minio', ''),
    severity: fc.constantFrom('critical', 'warning', 'info', 'none', 'odd'),
    deployment: fc.constantFrom('checkout', 'cart'),
    pod: fc.constantFrom('p-1', 'checkout-7d9f8b6c5-x7k2p', 'image-resizer-build-1761132332-x7k2p'),
    node: fc.constantFrom('node-a', 'node-b'),
  },
  { requiredKeys: ['alertname', 'namespace', 'severity'] },
);
const delivery = fc.record({
  minutes: fc.integer({ min: 0, max: 45 }),
  alerts: fc.uniqueArray(fc.record({ labels, over: fc.boolean(), ago: fc.integer({ min: 0, max: 30 }) }), {
    maxLength: 6,
    selector: (each) => JSON.stringify(each.labels),
  }),
  truncated: fc.constantFrom(0, 0, 0, 2),
});
const changes = fc.constantFrom<IncidentChange>(
  { kind: 'acknowledge' },
  { kind: 'resolve', note: null, dismissed: false },
  { kind: 'resolve', note: null, dismissed: true },
  { kind: 'mitigate', note: null },
);
const step = fc.oneof(
  { weight: 4, arbitrary: delivery },
  { weight: 1, arbitrary: fc.record({ change: changes, which: fc.nat(5) }) },
);
const life = fc.array(step, { maxLength: 20 });

type Visit = (ledger: Ledger, input: DecideInput, before: ReadonlyMap<number, IncidentWithAlerts>) => Decision;

/** Plays a life: deliveries, people who click what is allowed, and every timer that comes due in between. */
function play(steps: readonly (typeof life extends fc.Arbitrary<infer T> ? T : never)[number][], visit: Visit): Ledger {
  const ledger = new Ledger();
  const timers: { readonly incident: number; readonly kind: Parameters<typeof onTimer>[1]; readonly at: number }[] = [];
  let now = T0;
  const schedule = (followUps: Decision['followUps'], opened: (key: unknown) => number) => {
    for (const each of followUps) {
      if (each.kind === 'timer') timers.push({ incident: opened(each.incident), kind: each.timer, at: each.runAt });
    }
  };
  for (const each of steps) {
    if ('change' in each) {
      const known = ledger.incidents.get(each.which + 1);
      const allowed =
        known &&
        each.change.kind !== 'mergeInto' &&
        each.change.kind !== 'split' &&
        incidentCan[each.change.kind](known.incident) === true;
      if (!known || !allowed) continue;
      const { draft, followUps } = act(known, each.change, ANA, now, DEFAULT_POLICY);
      ledger.save(draft);
      schedule(followUps, (key) => Number(key));
      continue;
    }
    now += each.minutes * MINUTE;
    for (let due = take(timers, now); due; due = take(timers, now)) {
      const outcome = onTimer(ledger.find(due.incident), due.kind, DEFAULT_POLICY, due.at);
      if (outcome.draft) ledger.save(outcome.draft);
      const { incident } = due;
      schedule(outcome.followUps, () => incident);
    }
    const alerts = each.alerts.map(({ labels: given, over, ago }): Alert => {
      const alert = firing(given, { startsAt: now - ago * MINUTE });
      return over ? resolved(alert, now) : alert;
    });
    const before = new Map(ledger.incidents);
    const decision = visit(ledger, ledger.input(alerts, now, { truncatedAlerts: each.truncated }), before);
    const first = before.size;
    for (const draft of decision.incidents) ledger.save(draft);
    schedule(decision.followUps, (key) => (typeof key === 'number' ? key : first + 1 + Number(String(key).slice(4))));
  }
  return ledger;
}

function take<T extends { readonly at: number }>(waiting: T[], now: number): T | null {
  const index = waiting.findIndex((each) => each.at <= now);
  return index < 0 ? null : (waiting.splice(index, 1)[0] ?? null);
}

function forEveryLife(visit: Visit, after: (ledger: Ledger) => void = () => {}): void {
  fc.assert(
    fc.property(life, (steps) => {
      after(play(steps, visit));
    }),
    { numRuns: 120 },
  );
}

test('every alert gets exactly one outcome, on an incident that exists or is opened', () => {
  forEveryLife((_ledger, input, before) => {
    const decision = decide(assess(input));
    const identities = (list: readonly Pick<Alert, 'cluster' | 'fingerprint'>[]) =>
      list.map((one) => `${one.cluster}/${one.fingerprint}`).sort();
    expect(identities(decision.outcomes)).toEqual(identities(input.group.alerts));
    const keys = new Set<unknown>([...before.keys(), ...decision.incidents.map((draft) => draft.key)]);
    for (const outcome of decision.outcomes) {
      expect(outcome.incident === null || keys.has(outcome.incident)).toBe(true);
      expect(outcome.incident === null).toBe(/^suppressed|^resolved_unknown/.test(outcome.reason));
    }
    return decision;
  });
});

test('the same input gives the same decision, whatever the order of the alerts, and is left as it was', () => {
  forEveryLife((_ledger, input) => {
    const copy = structuredClone({ group: input.group, known: input.known });
    const decision = decide(assess(input));
    const reversed = { ...input.group, alerts: input.group.alerts.toReversed() };
    expect(decide(assess({ ...input, group: reversed, known: input.known.toReversed() }))).toEqual(decision);
    expect({ group: input.group, known: input.known }).toEqual(copy);
    return decision;
  });
});

test('the same delivery again changes nothing, and later only lastSeen', () => {
  forEveryLife((_ledger, input, before) => {
    const decision = decide(assess(input));
    const scratch = new Ledger();
    for (const [number, known] of before) scratch.incidents.set(number, known);
    for (const draft of decision.incidents) scratch.save(draft);
    const saved = new Map(scratch.incidents);
    for (const later of [0, MINUTE]) {
      const again = scratch.deliver(input.group.alerts, input.group.receivedAt + later, {
        truncatedAlerts: input.group.truncatedAlerts,
      });
      expect(again.followUps).toEqual([]);
      expect(again.incidents.flatMap((draft) => draft.entries)).toEqual([]);
      for (const [number, { incident, alerts }] of scratch.incidents) {
        expect(incident).toEqual(saved.get(number)?.incident);
        const heard = (list: IncidentWithAlerts['alerts']) => list.map((alert) => ({ ...alert, lastSeenAt: 0 }));
        expect(heard(alerts)).toEqual(heard(saved.get(number)?.alerts ?? []));
      }
    }
    return decision;
  });
});

test('an alert never fires in two unresolved incidents', () => {
  forEveryLife(
    (_ledger, input) => decide(assess(input)),
    (ledger) => {
      const firingIn: string[] = [];
      for (const { incident, alerts } of ledger.incidents.values()) {
        if (incident.status === 'resolved') continue;
        firingIn.push(...alerts.filter((alert) => alert.status === 'firing').map(alertIdentity));
      }
      expect(firingIn).toEqual([...new Set(firingIn)]);
    },
  );
});

test('the severity never falls by itself, and the version counts up with every change', () => {
  forEveryLife((_ledger, input, before) => {
    const decision = decide(assess(input));
    for (const { incident } of decision.incidents) {
      const was = before.get(incident.number)?.incident;
      if (!was) continue;
      expect(SEVERITIES.indexOf(incident.severity)).toBeLessThanOrEqual(SEVERITIES.indexOf(was.severity));
      const { version, ...fields } = incident;
      const { version: old, ...wasFields } = was;
      expect(version - old).toBe(JSON.stringify(fields) === JSON.stringify(wasFields) ? version - old : 1);
      expect([0, 1]).toContain(version - old);
    }
    return decision;
  });
});

test('an unresolved incident is quiet exactly when it has alerts and none of them fires', () => {
  forEveryLife((_ledger, input) => {
    const decision = decide(assess(input));
    const scratch = new Ledger();
    for (const known of input.known) scratch.incidents.set(known.incident.number, known);
    for (const draft of decision.incidents) scratch.save(draft);
    for (const { incident, alerts } of scratch.incidents.values()) {
      if (incident.status === 'resolved') continue;
      const fires = alerts.some((alert) => alert.status === 'firing');
      expect(incident.quietSince === null).toBe(fires);
    }
    return decision;
  });
});

test('no alert that fires is left without an unresolved incident, unless it was suppressed or a person closed it', () => {
  forEveryLife((_ledger, input, before) => {
    const decision = decide(assess(input));
    for (const outcome of decision.outcomes) {
      if (!['opened', 'reopened', 'joined_fingerprint', 'joined_subject', 'joined_name'].includes(outcome.reason))
        continue;
      const draft = decision.incidents.find((each) => each.key === outcome.incident);
      const status = draft?.incident.status ?? before.get(Number(outcome.incident))?.incident.status;
      expect(status).not.toBe('resolved');
    }
    return decision;
  });
});
