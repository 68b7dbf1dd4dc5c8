import { expect, test } from '@jest/globals';
import type { AlertRule } from '../../manifests/prometheus/catalogue/alert.ts';
import { ALERTS } from '../../manifests/prometheus/catalogue.ts';
import { matches } from '../../src/incidents/matchers.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { readSeverity, severityOf } from '../../src/incidents/severity.ts';

/** Labels of the alert where its rule states no priority: as a team's copy of it sends them. */
const labelsOf = ({ name, severity }: AlertRule) => ({ alertname: name, severity });

/** The matcher of the severity matrix that decides about one subject alone; null where the label `severity` does. */
function decidedBy(rule: AlertRule): string | null {
  const { severity, reason } = severityOf(
    { labels: labelsOf(rule) },
    { policy: DEFAULT_POLICY, subjectsMatching: () => 1, runbookHint: () => null },
  );
  return reason.startsWith('matcher ') ? severity : null;
}

test('the severity matrix says of every alert of the catalogue what its row says, or nothing', () => {
  const decided = ALERTS.filter((rule) => rule.priority !== undefined && decidedBy(rule) !== null);
  expect(decided.length).toBeGreaterThan(50);
  expect(decided.map((rule) => [rule.name, decidedBy(rule)])).toEqual(
    decided.map((rule) => [rule.name, readSeverity(rule.priority)]),
  );
});

test('an alert counts up where the severity matrix counts its subjects, and nowhere else', () => {
  const counting = DEFAULT_POLICY.severityMatchers.filter(({ atLeast }) => atLeast !== null);
  const counted = ALERTS.filter((rule) => counting.some(({ match }) => matches(labelsOf(rule), match)));
  expect(counted.length).toBeGreaterThan(2);
  expect(counted.map(({ name }) => name)).toEqual(ALERTS.filter((rule) => rule.countsUp).map(({ name }) => name));
});
