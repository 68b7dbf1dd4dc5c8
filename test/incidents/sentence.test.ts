import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { affected } from '../../src/incidents/affected.ts';
import type { Cause, Incident } from '../../src/incidents/incident.ts';
import { saidBy } from '../../src/incidents/said.ts';
import { diagnosed, headline, sentenceOf } from '../../src/incidents/sentence.ts';
import { firing, MINUTE, resolved, T0 } from '../builders/alerts.ts';
import { Ledger } from './fixtures.ts';

const SUMMARY = { summary: 'Control plane down' };
const IMPACT = { id: 'knative-lambda/Down', severityHint: null, impact: 'No new builds; functions serve' };

function opened(...labels: readonly Record<string, string>[]): ReturnType<Ledger['find']> {
  const ledger = new Ledger();
  ledger.deliver(labels.map((each) => firing({ alertname: 'BuildOOMKilled', incident_severity: 'sev2', ...each })));
  return ledger.find(1);
}

/** A sev1 about Deployment builder, whose alert has a summary and whose runbook says what it means. */
function down(labels: Record<string, string> = {}): Incident {
  const ledger = new Ledger({ matchPlaybook: () => IMPACT });
  const all = { alertname: 'BuilderDown', incident_severity: 'sev1', deployment: 'builder', ...labels };
  ledger.deliver([firing(all, { annotations: SUMMARY })]);
  return ledger.find(1).incident;
}

function because(incident: Incident, causes: readonly Partial<Cause>[], action: string | null = null): Incident {
  const all = causes.map((cause) => ({ code: 'oom-killed', brief: '', isSure: true, ...cause }));
  return { ...incident, sentence: diagnosed(sentenceOf(incident), { causes: all, action, noIncident: null }) };
}

test('before there is a cause the alert’s summary says what is broken, for whom, and what that means', () => {
  expect(headline(down())).toBe('SEV1 #1 Control plane down (builder in prod). No new builds; functions serve.');
});

test('the cause, the version it came with and the one thing to do follow it on a lock screen', () => {
  const known = because(down(), [{ brief: 'builder OOMKilled (1Gi) since v1.13.17' }], 'Roll back to v1.9.4');
  expect(headline(known)).toBe(
    'SEV1 #1 Control plane down: builder OOMKilled (1Gi) since v1.13.17. No new builds; functions serve. Roll back to v1.9.4.',
  );
});

test('what does not fit is left out whole, and the cause last', () => {
  const cause = 'Deployment builder: its configuration lacks DATABASE_URL since builder:v1.13.17';
  const known = because(down(), [{ brief: cause }], 'Set DATABASE_URL for Deployment builder');
  expect(headline(known)).toBe(`SEV1 #1 Control plane down: ${cause}`);
  expect(headline(because(known, [{ brief: `${cause} ${'and more '.repeat(20)}` }]))).toContain(
    'its configuration lacks',
  );
});

test('what is only likely is said to be probable', () => {
  const known = because(down(), [{ brief: 'quota compute is full', isSure: false }]);
  expect(headline(known)).toContain('(builder in prod): probably quota compute is full');
});

test('several causes are counted, and those that do not fit are counted too', () => {
  const three = ['builder OOMKilled', 'Secret registry missing', 'node a not ready'].map((brief) => ({ brief }));
  expect(headline(because(down(), three))).toContain('3 causes: builder OOMKilled; Secret registry missing');
  const long = three.map(({ brief }) => ({ brief: `${brief} ${'x'.repeat(40)}` }));
  expect(headline(because(down(), long))).toMatch(/3 causes: builder OOMKilled x+ and 2 more$/);
});

test('causes that say the same of several objects are told and counted once', () => {
  const same = [{ brief: 'no node has CPU free' }, { brief: 'no node has CPU free' }];
  expect(headline(because(down(), same))).toContain('(builder in prod): no node has CPU free.');
  expect(headline(because(down(), [...same, { brief: 'quota is full' }]))).toContain(
    '2 causes: no node has CPU free; quota is full',
  );
});

test('what a later look does not find is not taken back', () => {
  const known = because(down(), [{ brief: 'builder OOMKilled' }]);
  expect(because(known, []).sentence?.causes).toHaveLength(1);
});

test('an alert without a summary is told by its name in plain words', () => {
  expect(headline(opened({ alertname: 'KubePodOOMKilledOften', function: 'image-resizer' }).incident)).toBe(
    'SEV2 #1 Kube pod OOM killed often (image-resizer in prod)',
  );
});

test('a single cause does not name again what the sentence names already', () => {
  const named = opened({ alertname: 'Down', deployment: 'builder' }).incident;
  const incident = {
    ...named,
    sentence: { ...sentenceOf(named), what: 'The control plane builder is down', whom: null },
  };
  const told = (brief: string) => headline(because(incident, [{ brief }]));
  expect(told('Deployment builder OOMKilled (limit 1Gi) since v2')).toBe(
    'SEV2 #1 The control plane builder is down: OOMKilled (limit 1Gi) since v2',
  );
  expect(told('builder may not push')).toContain('down: builder may not push');
  expect(told('Deployment other OOMKilled')).toContain('down: Deployment other OOMKilled');
  // Part of a name is another name.
  expect(told('Deployment control OOMKilled')).toContain('down: OOMKilled');
  expect(told('Deployment build OOMKilled')).toContain('down: Deployment build OOMKilled');
});

test.each([
  ['None for users by itself', 'No direct impact on users'],
  ['None yet.', 'No impact yet'],
  ['None.', 'No impact'],
  ['None for callers while an older revision serves.', 'No impact on callers while an older revision serves'],
  ['Usually none: one replica leads and does the work', 'Usually no impact: one replica leads and does the work'],
  ['Depends on the unit: a timer takes nothing down', 'The impact depends on the unit: a timer takes nothing down'],
  ['Nothing is built or deployed', 'Nothing is built or deployed'],
  ['Nonetheless it serves', 'Nonetheless it serves'],
  ['None of the checkouts succeed', 'None of the checkouts succeed'],
  ['None is served', 'None is served'],
  ['None now; the quota counts', 'No impact now; the quota counts'],
  ['None while another takes them', 'No impact while another takes them'],
])('an impact “%s” reads as a sentence of its own: %s', (impact, told) => {
  const ledger = new Ledger();
  ledger.deliver([firing({ pod: 'a' }, { annotations: { summary: 'Down', impact } })]);
  expect(ledger.find(1).incident.sentence?.impact).toBe(told);
});

test('the sentence goes on about what still fires, and about the alert that raised it', () => {
  const ledger = new Ledger();
  const one = firing({ pod: 'a' }, { annotations: { summary: 'Pod a crashes' } });
  const two = firing({ pod: 'a', alertname: 'Slow' }, { annotations: { summary: 'Pod a is slow' } });
  ledger.deliver([one]);
  ledger.deliver([two], T0 + MINUTE);
  expect(headline(ledger.find(1).incident)).toContain('Pod a crashes');
  ledger.deliver([resolved(one, T0 + 2 * MINUTE)], T0 + 2 * MINUTE);
  expect(headline(ledger.find(1).incident)).toContain('Pod a is slow');
  const worse = firing(
    { pod: 'a', alertname: 'Down', incident_severity: 'sev1' },
    { annotations: { summary: 'All of a is down' } },
  );
  ledger.deliver([worse], T0 + 3 * MINUTE);
  expect(headline(ledger.find(1).incident)).toBe('SEV1 #1 All of a is down (in prod)');
});

test('an incident kept by 0.1.0 has no sentence and is told by its title', () => {
  const { sentence: _, ...old } = down();
  expect(headline(old)).toBe('SEV1 #1 BuilderDown builder');
});

test('objects are listed once, by kind, and only what fires while something does', () => {
  const ledger = new Ledger();
  const one = firing({ pod: 'a', node: 'n1' });
  ledger.deliver([one, firing({ pod: 'b', node: 'n1' }), firing({ pod: 'b', node: 'n1', container: 'x' })]);
  expect(affected(ledger.find(1).alerts).map((each) => each.text)).toEqual(['2 pods', '1 node']);
  ledger.deliver([resolved(one, T0)], T0 + MINUTE);
  expect(affected(ledger.find(1).alerts)).toMatchObject([
    { label: 'pod', count: 1, names: ['b'] },
    { label: 'node', count: 1, names: ['n1'] },
  ]);
});

test('a resolved incident says how it ended, and nothing is left to do', () => {
  const known = because(down(), [{ brief: 'builder OOMKilled' }], 'Roll back');
  const over = { ...known, status: 'resolved', resolution: 'person', resolvedAt: T0 } as const;
  expect(headline(over)).toBe('SEV1 #1 Resolved: Control plane down: builder OOMKilled');
  expect(headline({ ...over, resolution: 'merged', mergedInto: 7 })).toContain('SEV1 #1 Merged into #7: ');
});

test('whatever the alert holds, it is one line of at most 120 characters', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 400 });
  fc.assert(
    fc.property(text, text, text, text, (cluster, name, summary, brief) => {
      const ledger = new Ledger();
      const labels = { function: `x${name}`, cluster: `c${cluster}`, incident_severity: 'sev2' };
      ledger.deliver([firing(labels, { annotations: { summary, impact: name } })]);
      const { incident } = ledger.find(1);
      for (const each of [
        incident,
        because(incident, [{ brief }], name),
        because(incident, [{ brief }, { brief: name }]),
      ]) {
        const line = headline(each);
        expect(line.length).toBeLessThanOrEqual(120);
        expect(line).not.toMatch(/[\n\r\u2028]/);
        expect(line.isWellFormed()).toBe(true);
      }
    }),
  );
});

test('an alert that has a title instead of a summary is told by it everywhere', () => {
  const ledger = new Ledger();
  const annotations = { title: 'Checkout answers with 500', description: 'More than 5 % fail. Look at the log.' };
  ledger.deliver([firing({ alertname: 'HttpErrors' }, { annotations })]);
  const { incident, alerts } = ledger.find(1);
  expect(sentenceOf(incident).what).toBe('Checkout answers with 500');
  expect(alerts.map((alert) => saidBy(alert).summary)).toEqual(['Checkout answers with 500']);
});

test('an address at a placeholder host is none', () => {
  const ledger = new Ledger();
  const annotations = { runbook_url: 'https://runbooks.invalid/x', dashboard_url: 'https://grafana.example.com/d/1' };
  ledger.deliver([firing({}, { annotations })]);
  expect(ledger.find(1).alerts.map(saidBy)).toMatchObject([{ runbookUrl: null, dashboardUrl: null }]);
});
