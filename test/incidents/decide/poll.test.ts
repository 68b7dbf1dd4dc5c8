import { expect, test } from '@jest/globals';
import {
  DEFAULT_POLL,
  decidePoll,
  type PollDecision,
  type PolledAlert,
  type PollMemory,
} from '../../../src/incidents/decide/poll.ts';
import { DEFAULT_POLICY } from '../../../src/incidents/policy.ts';
import { firing, HOUR, MINUTE, T0 } from '../../builders/alerts.ts';
import { Ledger, timers } from '../fixtures.ts';

const ALERT = firing({});

class Polling {
  readonly ledger: Ledger;
  shared = false;
  memory: PollMemory = { absentSince: new Map(), lastGoodAt: null, startedAt: T0, urls: new Set() };

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  poll(answer: readonly PolledAlert[] | 'unreachable' | 'not_polled', now: number): PollDecision {
    const known = [...this.ledger.incidents.values()];
    const decision = decidePoll({
      known,
      polled: typeof answer === 'string' ? answer : new Map(answer.map((alert) => [alert.fingerprint, alert])),
      memory: this.memory,
      shared: this.shared,
      policy: DEFAULT_POLICY,
      times: DEFAULT_POLL,
      now,
    });
    for (const draft of decision.drafts) this.ledger.save(draft);
    this.memory = decision.memory;
    return decision;
  }
}

function polling(severity = 'warning'): Polling {
  const ledger = new Ledger();
  ledger.deliver([severity === 'warning' ? ALERT : firing({ severity })]);
  return new Polling(ledger);
}

const there = (polling: Polling) =>
  polling.ledger
    .find(1)
    .alerts.map(({ fingerprint, startsAt }) => ({ fingerprint, startsAt, suppressed: false, silencedUntil: null }));

test('what is absent from every good poll for five minutes is resolved, source poll', () => {
  const it = polling();
  expect(it.poll([], T0 + MINUTE).drafts).toEqual([]);
  expect(it.poll('unreachable', T0 + 2 * MINUTE).drafts).toEqual([]);
  expect(it.poll([], T0 + 5 * MINUTE).drafts).toEqual([]);
  const done = it.poll([], T0 + 6 * MINUTE);
  expect(it.ledger.find(1)).toMatchObject({
    incident: { status: 'resolved', resolution: 'poll', resolvedAt: T0 + 6 * MINUTE },
    alerts: [{ status: 'resolved', endsAt: T0 + MINUTE }],
  });
  expect(done.drafts[0]?.entries.map((entry) => entry.kind)).toEqual(['alert_resolved', 'quiet', 'resolved']);
});

test('an alert that is back in between was not absent', () => {
  const it = polling();
  it.poll([], T0 + MINUTE);
  it.poll(there(it), T0 + 4 * MINUTE);
  it.poll([], T0 + 5 * MINUTE);
  expect(it.poll([], T0 + 9 * MINUTE).drafts).toEqual([]);
  // A delivery counts as well: the alert fires, whatever the polls before it said.
  it.ledger.deliver([ALERT], T0 + 8 * MINUTE);
  expect(it.poll([], T0 + 10 * MINUTE).drafts).toEqual([]);
});

test('sev2 that is gone is quiet and waits for a person', () => {
  const it = polling('critical');
  it.poll([], T0 + MINUTE);
  const gone = it.poll([], T0 + 6 * MINUTE);
  expect(it.ledger.find(1).incident).toMatchObject({ status: 'open', quietSince: T0 + 6 * MINUTE });
  expect(Object.keys(timers(gone))).toEqual(['remind', 'close_forgotten']);
});

test('a silenced alert says until when, and no longer when the silence ends', () => {
  const it = polling();
  const silenced = there(it).map((alert) => ({ ...alert, suppressed: true, silencedUntil: T0 + 2 * HOUR }));
  expect(it.poll(silenced, T0 + MINUTE).followUps).toEqual([{ kind: 'card', incident: 1, urgent: false }]);
  expect(it.ledger.find(1).alerts[0]?.silencedUntil).toBe(T0 + 2 * HOUR);
  expect(it.poll(silenced, T0 + 2 * MINUTE).drafts).toEqual([]);
  it.poll(there(it), T0 + 3 * MINUTE);
  expect(it.ledger.find(1).alerts[0]?.silencedUntil).toBeNull();
});

test('an Alertmanager that cannot be reached makes incidents stale, never resolved, until it answers', () => {
  const it = polling();
  expect(it.poll('unreachable', T0 + 5 * MINUTE).drafts).toEqual([]);
  it.poll('unreachable', T0 + 6 * MINUTE);
  expect(it.ledger.find(1).incident).toMatchObject({ status: 'open', staleSince: T0 + 6 * MINUTE });
  expect(it.poll('unreachable', T0 + 20 * HOUR).drafts).toEqual([]);
  it.poll(there(it), T0 + 21 * HOUR);
  expect(it.ledger.find(1).incident).toMatchObject({ status: 'open', staleSince: null });
});

test('without polling, what was not heard of for twice the repeat interval is stale', () => {
  const it = polling();
  expect(it.poll('not_polled', T0 + 8 * HOUR).drafts).toEqual([]);
  it.poll('not_polled', T0 + 8 * HOUR + 1);
  expect(it.ledger.find(1).incident.staleSince).toBe(T0 + 8 * HOUR + 1);
  it.ledger.deliver([ALERT], T0 + 9 * HOUR);
  expect(it.ledger.find(1).incident.staleSince).toBeNull();
});

test('alerts of our own are not Alertmanager’s to know', () => {
  const ledger = new Ledger();
  ledger.deliver([ALERT], T0, { externalUrl: null });
  const it = new Polling(ledger);
  it.poll([], T0 + MINUTE);
  expect(it.poll([], T0 + HOUR).drafts).toEqual([]);
  expect(it.poll('unreachable', T0 + 20 * HOUR).drafts).toEqual([]);
});

test('where several Alertmanagers deliver, the polled one decides only about senders whose alerts it was seen to hold', () => {
  const it = polling();
  it.shared = true;
  it.poll([], T0 + MINUTE);
  expect(it.poll([], T0 + 10 * MINUTE).drafts).toEqual([]);
  it.poll(there(it), T0 + 11 * MINUTE);
  it.poll([], T0 + 12 * MINUTE);
  it.poll([], T0 + 17 * MINUTE);
  expect(it.ledger.find(1).incident).toMatchObject({ status: 'resolved', resolution: 'poll' });
});

test('a poll answers for the tenant whose alerts it was seen to hold, and for no other of the same address', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ tenant: 'blue', namespace: 'blue' }), firing({ tenant: 'green', namespace: 'green' })]);
  const it = new Polling(ledger);
  const [blue] = there(it);
  if (!blue) throw new Error('its alert was delivered');
  it.poll([blue], T0 + MINUTE);
  it.poll([], T0 + 2 * MINUTE);
  it.poll([], T0 + 8 * MINUTE);
  const states = [...it.ledger.incidents.values()].map(({ incident, alerts }) => [
    alerts[0]?.labels.tenant,
    incident.status,
  ]);
  expect(states).toEqual([
    ['blue', 'resolved'],
    ['green', 'open'],
  ]);
});
