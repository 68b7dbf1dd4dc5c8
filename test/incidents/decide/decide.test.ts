import { expect, test } from '@jest/globals';
import { assess } from '../../../src/incidents/decide/assess.ts';
import { decide } from '../../../src/incidents/decide/decide.ts';
import { DEFAULT_POLICY } from '../../../src/incidents/policy.ts';
import { firing, HOUR, MINUTE, resolved, T0 } from '../../builders/alerts.ts';
import { kinds, Ledger, news, reasons, timers } from '../fixtures.ts';

test('the first alert opens an incident with card and first look', () => {
  const ledger = new Ledger({
    matchPlaybook: () => ({ id: 'kubernetes/PodCrashing', severityHint: null, impact: null }),
    routeChannel: () => '#shop',
  });
  const decision = ledger.deliver([firing({ pod: 'checkout-7d9f8b6c5-x7k2p' })]);
  expect(reasons(decision)).toEqual(['opened']);
  expect(decision.outcomes[0]?.incident).toBe('new:0');
  expect(decision.incidents[0]?.incident).toMatchObject({
    number: 0,
    version: 0,
    cluster: 'prod',
    namespace: 'shop',
    subject: { kind: 'deployment', name: 'checkout' },
    title: 'PodCrashing checkout',
    severity: 'sev3',
    severityReason: 'label severity=warning',
    status: 'open',
    startedAt: T0 - MINUTE,
    openedAt: T0,
    quietSince: null,
    playbookId: 'kubernetes/PodCrashing',
    channel: '#shop',
  });
  expect(decision.incidents[0]?.entries.map((entry) => [entry.kind, entry.text])).toEqual([
    ['opened', 'Opened as SEV3 (label severity=warning)'],
    ['alert_firing', 'PodCrashing fires (shop/checkout-7d9f8b6c5-x7k2p)'],
  ]);
  expect(kinds(decision)).toEqual(['card', 'firstLook']);
});

test('a repeat refreshes lastSeen and changes nothing else', () => {
  const ledger = new Ledger();
  const alert = firing({ pod: 'a' });
  ledger.deliver([alert]);
  const before = ledger.find(1);
  const decision = ledger.deliver([{ ...alert, annotations: { value: '7' } }], T0 + HOUR);
  expect(reasons(decision)).toEqual(['refreshed']);
  expect(decision.followUps).toEqual([]);
  expect(ledger.find(1)).toEqual({
    incident: before.incident,
    alerts: [{ ...before.alerts[0], lastSeenAt: T0 + HOUR }],
  });
});

test('the same delivery twice writes nothing the second time', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ pod: 'a' })]);
  expect(ledger.deliver([firing({ pod: 'a' })])).toMatchObject({ incidents: [], followUps: [] });
});

test('the same labels in two clusters are two incidents', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ pod: 'a' }), { ...firing({ pod: 'a' }), cluster: 'edge' }]);
  expect(ledger.incidents.size).toBe(2);
});

test('one delivery feeds several incidents, one per subject and name', () => {
  const ledger = new Ledger();
  const decision = ledger.deliver([
    firing({ deployment: 'checkout' }),
    firing({ alertname: 'HighLatency', deployment: 'checkout' }),
    firing({ alertname: 'DiskFull', persistentvolumeclaim: 'data' }),
    firing({ namespace: 'other', deployment: 'checkout' }),
  ]);
  expect(ledger.incidents.size).toBe(3);
  expect([...reasons(decision)].sort()).toEqual(['joined_subject', 'opened', 'opened', 'opened']);
});

test('an alert joins the incident about the same subject within 30 min of its activity, not later', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ deployment: 'checkout' })]);
  const joined = ledger.deliver([firing({ alertname: 'HighLatency', deployment: 'checkout' })], T0 + 30 * MINUTE);
  expect(reasons(joined)).toEqual(['joined_subject']);
  // Before somebody took it up the card counts them.
  expect(news(joined)).toEqual([]);
  expect(joined.followUps).toContainEqual({ kind: 'firstLook', incident: 1, because: 'new alert HighLatency' });
  const later = ledger.deliver([firing({ alertname: 'Errors', deployment: 'checkout' })], T0 + 61 * MINUTE);
  expect(reasons(later)).toEqual(['opened']);
});

test('the same alert name in the namespace joins within 10 min, not later', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ deployment: 'a' })]);
  expect(reasons(ledger.deliver([firing({ deployment: 'b' })], T0 + 10 * MINUTE))).toEqual(['joined_name']);
  expect(reasons(ledger.deliver([firing({ deployment: 'c' })], T0 + 21 * MINUTE))).toEqual(['opened']);
});

test('the same fingerprint joins at any age', () => {
  const ledger = new Ledger();
  const alert = firing({ deployment: 'a', severity: 'critical' });
  ledger.deliver([alert]);
  ledger.deliver([resolved(alert, T0 + MINUTE)], T0 + MINUTE);
  const again = ledger.deliver([{ ...alert, startsAt: T0 + 20 * HOUR }], T0 + 20 * HOUR);
  expect(reasons(again)).toEqual(['joined_fingerprint']);
  expect(again.followUps).toContainEqual({
    kind: 'news',
    incident: 1,
    news: { kind: 'refired', text: 'Fires again: PodCrashing', broadcast: true, mention: false },
  });
});

test('an incident is quiet at once when its last alert resolves, and its timers depend on its severity', () => {
  const ledger = new Ledger();
  const [one, two] = [firing({ deployment: 'a' }), firing({ deployment: 'b' })];
  ledger.deliver([one, two]);
  expect(timers(ledger.deliver([resolved(one, T0)], T0 + MINUTE))).toEqual({});
  const quiet = ledger.deliver([resolved(two, T0)], T0 + 2 * MINUTE);
  expect(reasons(quiet)).toEqual(['resolved']);
  expect(news(quiet)).toEqual(['all_quiet']);
  expect(timers(quiet)).toEqual({ resolve_when_quiet: T0 + 12 * MINUTE });
  expect(ledger.find(1).incident).toMatchObject({ status: 'open', quietSince: T0 + 2 * MINUTE });

  const grave = new Ledger();
  const critical = firing({ severity: 'critical' });
  grave.deliver([critical]);
  expect(timers(grave.deliver([resolved(critical, T0)], T0 + MINUTE))).toEqual({
    remind: T0 + 31 * MINUTE,
    close_forgotten: T0 + MINUTE + 24 * HOUR,
  });
});

test('a resolved incident reopens within 30 min, and later there is a new one that links it', () => {
  const ledger = new Ledger();
  const alert = firing({ deployment: 'a', severity: 'critical' });
  const close = (number: number, at: number) => {
    const { incident, alerts } = ledger.find(number);
    const done = { ...incident, status: 'resolved', resolvedAt: at, resolution: 'person' } as const;
    ledger.incidents.set(number, { incident: done, alerts });
  };
  ledger.deliver([alert]);
  ledger.deliver([resolved(alert, T0)], T0 + MINUTE);
  close(1, T0 + 2 * MINUTE);
  const again = ledger.deliver([{ ...alert, startsAt: T0 + 31 * MINUTE }], T0 + 32 * MINUTE);
  expect(reasons(again)).toEqual(['reopened']);
  expect(news(again)).toEqual(['reopened']);
  expect(ledger.find(1).incident).toMatchObject({ status: 'open', reopenCount: 1, resolvedAt: null, quietSince: null });
  ledger.deliver([resolved(alert, T0 + 33 * MINUTE)], T0 + 33 * MINUTE);
  close(1, T0 + 34 * MINUTE);
  const later = ledger.deliver([{ ...alert, startsAt: T0 + 2 * HOUR }], T0 + 2 * HOUR);
  expect(reasons(later)).toEqual(['opened']);
  expect(ledger.find(2).incident.previousNumber).toBe(1);
});

test('another alert about the same subject reopens too', () => {
  const ledger = new Ledger();
  const alert = firing({ deployment: 'a' });
  ledger.deliver([alert]);
  ledger.deliver([resolved(alert, T0)], T0 + MINUTE);
  const { incident, alerts } = ledger.find(1);
  const done = { ...incident, status: 'resolved', resolvedAt: T0 + MINUTE, resolution: 'quiet' } as const;
  ledger.incidents.set(1, { incident: done, alerts });
  const other = ledger.deliver([firing({ alertname: 'Errors', deployment: 'a' })], T0 + 20 * MINUTE);
  expect(reasons(other)).toEqual(['reopened']);
});

test('a repeat of an alert that still fires does not reopen what a person resolved', () => {
  const ledger = new Ledger();
  const alert = firing({ deployment: 'a' });
  ledger.deliver([alert]);
  const { incident, alerts } = ledger.find(1);
  const done = { ...incident, status: 'resolved', resolvedAt: T0 + MINUTE, resolution: 'person' } as const;
  ledger.incidents.set(1, { incident: done, alerts });
  expect(reasons(ledger.deliver([alert], T0 + 2 * MINUTE))).toEqual(['refreshed']);
  expect(ledger.find(1).incident.status).toBe('resolved');
  const ended = ledger.deliver([resolved(alert, T0 + 3 * MINUTE)], T0 + 3 * MINUTE);
  expect(reasons(ended)).toEqual(['resolved']);
  expect(ledger.find(1).alerts[0]?.status).toBe('resolved');
});

test('the severity rises with a worse alert, aloud, and does not fall when that one resolves', () => {
  const ledger = new Ledger();
  const bad = firing({ alertname: 'Outage', deployment: 'a', severity: 'critical' });
  ledger.deliver([firing({ deployment: 'a' })]);
  const raised = ledger.deliver([bad], T0 + MINUTE);
  expect(raised.followUps).toContainEqual({
    kind: 'news',
    incident: 1,
    news: { kind: 'raised', text: 'Raised to SEV2: label severity=critical', broadcast: true, mention: true },
  });
  expect(timers(raised)).toEqual({ own_channel: T0 + 16 * MINUTE });
  ledger.deliver([resolved(bad, T0 + MINUTE)], T0 + 2 * MINUTE);
  expect(ledger.find(1).incident.severity).toBe('sev2');
});

test('sev4 is recorded without card or first look, and gets both when raised', () => {
  const ledger = new Ledger();
  expect(kinds(ledger.deliver([firing({ deployment: 'a', severity: 'info' })]))).toEqual([]);
  expect(ledger.find(1).incident.severity).toBe('sev4');
  const raised = ledger.deliver([firing({ alertname: 'Errors', deployment: 'a' })], T0 + MINUTE);
  expect(kinds(raised)).toEqual(expect.arrayContaining(['card', 'firstLook']));
});

test('sev1 gets a channel of its own at once', () => {
  const decision = new Ledger().deliver([firing({ incident_severity: 'P0' })]);
  expect(decision.followUps).toContainEqual({
    kind: 'ownChannel',
    incident: 'new:0',
    because: 'opened as SEV1',
    automatic: true,
  });
});

test('Watchdog, InfoInhibitor, severity none and configured matchers are suppressed with their reason', () => {
  const ledger = new Ledger({ policy: { ...DEFAULT_POLICY, suppress: [{ team: '/sandbox-.*/' }] } });
  const decision = ledger.deliver([
    firing({ alertname: 'Watchdog', severity: 'none' }),
    firing({ alertname: 'InfoInhibitor', severity: 'none' }),
    firing({ alertname: 'Nothing', severity: 'none' }),
    firing({ team: 'sandbox-7' }),
  ]);
  expect([...reasons(decision)].sort()).toEqual([
    'suppressed_inhibitor',
    'suppressed_matcher',
    'suppressed_severity_none',
    'suppressed_watchdog',
  ]);
  expect(decision.incidents).toEqual([]);
});

test('a resolution of something never seen is accounted for and opens nothing', () => {
  expect(reasons(new Ledger().deliver([resolved(firing({}), T0)]))).toEqual(['resolved_unknown']);
});

test('truncated alerts are told, and the incident is not resolved by itself', () => {
  const ledger = new Ledger();
  const alert = firing({});
  ledger.deliver([alert]);
  const cut = ledger.deliver([alert], T0 + MINUTE, { truncatedAlerts: 12 });
  expect(news(cut)).toEqual(['truncated']);
  expect(ledger.deliver([alert], T0 + 2 * MINUTE, { truncatedAlerts: 12 }).followUps).toEqual([]);
  const quiet = ledger.deliver([resolved(alert, T0)], T0 + 3 * MINUTE);
  expect(timers(quiet)).toEqual({ remind: T0 + 33 * MINUTE });
});

test('three fire and resolve cycles within an hour are flapping: no more news, and edits wait', () => {
  const ledger = new Ledger();
  const alert = firing({});
  for (let cycle = 0; cycle < 3; cycle += 1) {
    const at = T0 + cycle * 10 * MINUTE;
    ledger.deliver([{ ...alert, startsAt: at }], at + 1);
    ledger.deliver([resolved({ ...alert, startsAt: at }, at + MINUTE)], at + MINUTE);
  }
  const at = T0 + 21 * MINUTE;
  expect(ledger.find(1).incident).toMatchObject({ flappingSince: at, flapCount: 3 });
  const again = ledger.deliver([{ ...alert, startsAt: at + MINUTE }], at + MINUTE);
  expect(news(again)).toEqual([]);
  expect(again.followUps).toContainEqual({
    kind: 'card',
    incident: 1,
    urgent: false,
    notBefore: at + 11 * MINUTE,
  });
  ledger.deliver([resolved({ ...alert, startsAt: at + MINUTE }, at + 2 * MINUTE)], at + 2 * MINUTE);
  expect(ledger.find(1).incident.flapCount).toBe(4);
});

test('incidents of different namespaces on one node are related, never joined', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ pod: 'a', node: 'node-b' })]);
  const other = ledger.deliver([firing({ alertname: 'Evicted', namespace: 'minio', pod: 'minio-0', node: 'node-b' })]);
  expect(reasons(other)).toEqual(['opened']);
  expect(ledger.find(2).incident.related).toEqual([{ number: 1, why: 'same node node-b' }]);
});

test('a late delivery of an earlier episode changes nothing', () => {
  const ledger = new Ledger();
  const first = firing({}, { startsAt: T0 });
  const second = { ...first, startsAt: T0 + 10 * MINUTE };
  ledger.deliver([first], T0);
  ledger.deliver([resolved(first, T0 + 5 * MINUTE)], T0 + 5 * MINUTE);
  ledger.deliver([second], T0 + 10 * MINUTE);
  const state = ledger.find(1);
  expect(reasons(ledger.deliver([resolved(first, T0 + 5 * MINUTE)], T0 + 11 * MINUTE))).toEqual(['refreshed']);
  expect(reasons(ledger.deliver([first], T0 + 6 * MINUTE))).toEqual(['refreshed']);
  expect(ledger.find(1).incident).toEqual(state.incident);
});

test('says so when an alert comes from a clock that runs ahead, and not for the ordinary drift', () => {
  const ledger = new Ledger();
  const ahead = ledger.deliver([firing({}, { startsAt: T0, clockSkewMs: HOUR })]);
  const told = ahead.followUps.flatMap((one) => (one.kind === 'news' ? [one.news] : []));
  expect(told).toMatchObject([
    { kind: 'clock', broadcast: false, text: expect.stringContaining('60 min in the future') },
  ]);
  expect(news(ledger.deliver([firing({ namespace: 'other' }, { clockSkewMs: 5_000 })]))).toEqual([]);
});

test('an alert that could not be read is told once, with the incident that has news', () => {
  const rejected = [{ index: 1, problem: 'alerts[1].labels.alertname: missing', raw: '{}' }];
  const ledger = new Ledger();
  const decision = ledger.deliver([firing({})], T0, { rejected });
  expect(news(decision)).toEqual(['rejected']);
  expect(decision.incidents[0]?.entries.map((entry) => entry.kind)).toContain('alert_rejected');
  expect(ledger.deliver([firing({})], T0 + MINUTE, { rejected }).followUps).toEqual([]);
});

test('three functions whose builds are killed for memory are worse than one', () => {
  const ledger = new Ledger();
  const killed = (name: string) =>
    firing({ alertname: 'BuildOOMKilled', severity: 'critical', pod: `${name}-build-1761132332-x7k2p` });
  ledger.deliver([killed('image-resizer')]);
  expect(ledger.find(1).incident).toMatchObject({
    severity: 'sev3',
    severityReason: 'matcher "one build"',
    subject: { kind: 'function', name: 'image-resizer' },
  });
  ledger.deliver([killed('hello-python')], T0 + MINUTE);
  ledger.deliver([killed('invoice-parser')], T0 + 2 * MINUTE);
  expect(ledger.find(1).incident).toMatchObject({
    severity: 'sev2',
    severityReason: 'matcher "builds of three functions killed for memory" (3 subjects)',
  });
});

test('deciding about 10,000 alerts opens one incident with a bounded timeline', () => {
  const ledger = new Ledger();
  const alerts = Array.from({ length: 10_000 }, (_, index) => firing({ pod: `p-${index}` }));
  const decision = decide(assess(ledger.input(alerts)));
  expect(decision.outcomes).toHaveLength(10_000);
  expect(decision.incidents).toHaveLength(1);
  expect(decision.incidents[0]?.alerts).toHaveLength(10_000);
  expect(decision.incidents[0]?.entries.at(-1)?.text).toBe('9980 more alerts: fires');
});

test('what a sender brings one by one is told by its object, never by the exporter that saw it', () => {
  const ledger = new Ledger();
  ledger.deliver([firing({ pod: 'checkout-7d9f8b6c5-x7k2p' })]);
  const known = ledger.find(1);
  ledger.incidents.set(1, { ...known, incident: { ...known.incident, status: 'acknowledged' } });
  const seenBy = { namespace: 'monitoring', pod: 'kube-state-metrics-0', exported_namespace: 'shop' };
  const decision = ledger.deliver([firing({ ...seenBy, exported_pod: 'checkout-7d9f8b6c5-q9m4z' })]);
  const texts = [
    ...(decision.incidents[0]?.entries.map(({ text }) => text) ?? []),
    ...decision.followUps.flatMap((each) => (each.kind === 'news' ? [each.news.text] : [])),
  ];
  expect(texts).toContain('PodCrashing fires (shop/checkout-7d9f8b6c5-q9m4z)');
  expect(texts).toContain('One more alert: PodCrashing (shop/checkout-7d9f8b6c5-q9m4z)');
});
