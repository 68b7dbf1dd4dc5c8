import { expect, test } from '@jest/globals';
import { DEFAULT_POLICY, type Policy } from '../../src/incidents/policy.ts';
import { severityOf, suppressionOf } from '../../src/incidents/severity.ts';

function severity(
  labels: Record<string, string>,
  over: { readonly policy?: Partial<Policy>; readonly subjects?: number; readonly hint?: string } = {},
): readonly [string, string] {
  const found = severityOf(
    { labels },
    {
      policy: { ...DEFAULT_POLICY, ...over.policy },
      subjectsMatching: () => over.subjects ?? 1,
      runbookHint: () => over.hint ?? null,
    },
  );
  return [found.severity, found.reason];
}

test('label incident_severity decides before everything else', () => {
  const labels = { alertname: 'KnativeLambdaOperatorDown', severity: 'info' };
  expect(severity({ ...labels, incident_severity: 'P3' })).toEqual(['sev4', 'label incident_severity=P3']);
  expect(severity({ ...labels, incident_severity: 'sev2' })).toEqual(['sev2', 'label incident_severity=sev2']);
  expect(severity({ ...labels, incident_severity: 'high' })[0]).toBe('sev1');
});

test('then matchers, the first whose labels and count fit', () => {
  expect(severity({ alertname: 'KnativeLambdaOperatorDown', severity: 'warning' })).toEqual([
    'sev1',
    'matcher "control plane down"',
  ]);
  const killed = { alertname: 'KnativeLambdaBuildOOMKilled', severity: 'critical' };
  expect(severity(killed)).toEqual(['sev3', 'matcher "one build"']);
  expect(severity(killed, { subjects: 3 })).toEqual([
    'sev2',
    'matcher "builds of three functions killed for memory" (3 subjects)',
  ]);
});

test('a matcher sees the truth of the labels', () => {
  const severityMatchers = [
    { name: 'shop', match: { namespace: 'shop', job: 'ksm' }, severity: 'sev1', atLeast: null },
  ] as const;
  const labels = { alertname: 'X', namespace: 'monitoring', exported_namespace: 'shop', job: 'ksm' };
  expect(severity(labels, { policy: { severityMatchers } })[0]).toBe('sev1');
});

test.each([
  ['critical', 'sev2'],
  ['page', 'sev2'],
  ['Warning', 'sev3'],
  ['info', 'sev4'],
  ['P0', 'sev1'],
  ['SEV1', 'sev1'],
  ...['fatal', 'emergency', 'disaster', 'P1', 'sev2'].map((word) => [word, 'sev2']),
  ...['error', 'high', 'major', 'minor', 'p2', 'sev3'].map((word) => [word, 'sev3']),
  ...['low', 'notice', 'P3', 'P4', 'sev4'].map((word) => [word, 'sev4']),
])('then label severity: %s is %s', (label, expected) => {
  expect(severity({ alertname: 'Any', severity: label })).toEqual([expected, `label severity=${label}`]);
});

test('configuration says what a word of the team means', () => {
  const severityWords = { ...DEFAULT_POLICY.severityWords, blocker: 'sev2' } as const;
  expect(severity({ alertname: 'Any', severity: 'Blocker' }, { policy: { severityWords } })[0]).toBe('sev2');
});

test('absent or unknown is sev3, and the reason says so', () => {
  expect(severity({ alertname: 'Any' })).toEqual(['sev3', 'default, no severity label']);
  expect(severity({ alertname: 'Any', severity: 'ticket' })).toEqual(['sev3', 'default, unknown severity "ticket"']);
  expect(severity({ alertname: 'Any', severity: 'constructor' })[0]).toBe('sev3');
});

test('a label priority is no severity: nothing becomes sev1 by it', () => {
  for (const priority of ['P0', 'sev1', 'P3'])
    expect(severity({ alertname: 'Any', priority })).toEqual(['sev3', 'default, no severity label']);
});

test('a runbook’s hint counts only when the alert says nothing, and never for sev1', () => {
  expect(severity({ alertname: 'Any', severity: 'info' }, { hint: 'P1' })[0]).toBe('sev4');
  expect(severity({ alertname: 'Any' }, { hint: 'P3' })).toEqual(['sev4', 'runbook’s hint, no severity label']);
  expect(severity({ alertname: 'Any' }, { hint: 'P0' })[0]).toBe('sev2');
});

test('severity none is suppressed unless the alert says otherwise', () => {
  const suppression = (labels: Record<string, string>) => suppressionOf({ name: 'Any', labels }, DEFAULT_POLICY);
  expect(suppression({ severity: 'none' })).toBe('suppressed_severity_none');
  expect(suppression({ severity: 'none', incident_severity: 'P2' })).toBeNull();
  expect(suppression({})).toBeNull();
});

test.each([
  ['KnativeServingActivatorDown', 'critical', 'sev1'],
  ['KnativeServingGatewayDown', 'critical', 'sev1'],
  ['KnativeLambdaRabbitMQDown', 'critical', 'sev1'],
  ['KnativeLambdaBuildFailureRateHigh', 'critical', 'sev2'],
  ['KnativeLambdaStorageDown', 'critical', 'sev2'],
  ['KnativeServingWebhookDown', 'critical', 'sev2'],
  ['KnativeLambdaBuildSlow', 'critical', 'sev2'],
  ['KnativeLambdaBuildSlow', 'warning', 'sev3'],
  ['KnativeLambdaDLQNotEmpty', 'critical', 'sev2'],
  ['KnativeLambdaDLQNotEmpty', 'warning', 'sev4'],
  ['KnativeLambdaFunctionErrorRate', 'warning', 'sev3'],
  ['KnativeLambdaBuildJobFailed', 'warning', 'sev4'],
  ['GatewayDown', 'warning', 'sev3'],
])('the Knative Lambda matrix: %s with severity %s is %s', (alertname, label, expected) => {
  expect(severity({ alertname, severity: label })[0]).toBe(expected);
});
