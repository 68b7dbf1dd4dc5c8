import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { AlertRule } from '../../manifests/prometheus/catalogue/alert.ts';
import { OTHERS_ALERTS } from '../../manifests/prometheus/catalogue/others.ts';
import { ALERTS } from '../../manifests/prometheus/catalogue.ts';
import { SEVERITY_FILE, severityFile } from '../../manifests/prometheus/severityMatrix.ts';
import { RUNBOOK_OF, withFrontMatter } from '../../manifests/runbooks/frontMatter.ts';
import { ROOT, sources, textOf } from '../../scripts/house/sources.ts';
import { matches } from '../../src/incidents/matchers.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { readSeverity, severityOf } from '../../src/incidents/severity.ts';

/** Labels of the alert where its rule states no priority: as a team's copy of it sends them. */
const labelsOf = ({ name, severity }: Pick<AlertRule, 'name' | 'severity'>) => ({ alertname: name, severity });

/** The severity that the matrix gives an alert of one subject, or of so many; null where the label `severity` decides. */
function decidedBy(labels: Readonly<Record<string, string>>, subjects = 1): string | null {
  const { severity, reason } = severityOf(
    { labels },
    { policy: DEFAULT_POLICY, subjectsMatching: () => subjects, runbookHint: () => null },
  );
  return reason.startsWith('matcher ') ? severity : null;
}

test('an alert is as grave as its row says: the severity matrix and the runbooks are what `npm run manifests` writes', () => {
  const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
  expect(read(SEVERITY_FILE)).toBe(severityFile());
  const stale = [...RUNBOOK_OF].filter(([alert, file]) => read(file) !== withFrontMatter(alert, read(file)));
  expect(stale.map(([, file]) => file)).toEqual([]);
});

test('the severity matrix decides about the alerts whose row has a condition, and says what the row says', () => {
  expect(ALERTS.filter(({ condition }) => condition).length).toBeGreaterThan(50);
  expect(ALERTS.map((rule) => [rule.name, decidedBy(labelsOf(rule))])).toEqual(
    ALERTS.map((rule) => [rule.name, rule.condition ? readSeverity(rule.priority) : null]),
  );
});

test('an alert counts up where its row says so, and nowhere else', () => {
  const counting = DEFAULT_POLICY.severityMatchers.filter(({ atLeast }) => atLeast !== null);
  const counted = ALERTS.filter((rule) => counting.some(({ match }) => matches(labelsOf(rule), match)));
  expect(counted.length).toBeGreaterThan(2);
  expect(counted).toEqual(ALERTS.filter((rule) => rule.countsUp));
  // Alone it has a severity of its own: its rule states none.
  expect(counted.filter(({ condition }) => !condition)).toEqual([]);
  expect(counted.map((rule) => decidedBy(labelsOf(rule), 3))).toEqual(counted.map(() => 'sev2'));
});

test('an alert of others that is the same as one of ours is as grave, in both its stages, and has its runbook', () => {
  const same = OTHERS_ALERTS.filter(({ gravity }) => gravity === 'same');
  expect(same.length).toBeGreaterThan(10);
  for (const { name, runbook } of same)
    for (const severity of ['critical', 'warning'] as const)
      expect([name, decidedBy({ alertname: name, severity })]).toEqual([
        name,
        decidedBy({ alertname: runbook, severity }),
      ]);
  expect(OTHERS_ALERTS.filter(({ runbook }) => !RUNBOOK_OF.has(runbook))).toEqual([]);
});

/** Names of alerts in code that are no copy of a row. */
const NAMED_IN_CODE: Readonly<Record<string, string>> = {
  [SEVERITY_FILE]: 'generated from the rows',
  'src/jobs/ownAlerts.ts': 'what the responder notices itself is called here',
  'src/incidents/policy.ts': 'the heartbeat by its usual name, until configured',
};

test('what is known of an alert stands in its row: no other file of the product names it', () => {
  const names = [...new Set([...ALERTS, ...OTHERS_ALERTS].map(({ name }) => name))];
  const named = new RegExp(`\\b(?:${names.join('|')})\\b`);
  const places = sources('src').filter((file) => named.test(textOf(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')));
  expect(places.toSorted()).toEqual(Object.keys(NAMED_IN_CODE).toSorted());
});

test('the page of the rules says how many there are', () => {
  const page = readFileSync(join(ROOT, 'manifests/prometheus/README.md'), 'utf8');
  expect(page).toContain(`${ALERTS.length} alerts of ${RUNBOOK_OF.size} names`);
});
