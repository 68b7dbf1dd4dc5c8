import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lintRules } from '../../src/playbooks/ruleLint.ts';

const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name);

async function said(name: string, options: Parameters<typeof lintRules>[1] = {}) {
  const report = await lintRules([fixture(name)], options);
  const byRule: Record<string, string[]> = {};
  for (const { rule, check, level } of report.findings) {
    const list = byRule[rule ?? 'file'] ?? [];
    list.push(level === 'notice' ? `(${check})` : check);
    byRule[rule ?? 'file'] = list;
  }
  return { alerts: report.alerts, byRule };
}

describe('rules of other teams', () => {
  it('raises no false alarm over sound rules', async () => {
    const { alerts, byRule } = await said('sound.yaml', { knative: { minor: 21, patch: 0 } });
    expect({ alerts, byRule }).toEqual({ alerts: 18, byRule: {} });
  });

  it('says of each alert Knative Lambda came with what is wrong, and only that', async () => {
    const dead = async () => ({ level: 'warning', problem: 'is dead' }) as const;
    const { alerts, byRule } = await said('knative-lambda-alerts.yaml', { linkProblem: dead });
    expect(alerts).toBe(19);
    expect(byRule).toEqual({
      KnativeLambdaCanaryFailed: ['runbook-link', 'never-true'],
      KnativeLambdaCanaryStuck: ['no-runbook', 'never-true'],
      KnativeLambdaOperatorNotReady: ['no-runbook'],
      KnativeLambdaOperatorDown: ['no-runbook'],
      KnativeLambdaHighErrorRate: ['runbook-link', 'percent-of-ratio', 'clamped-ratio'],
      KnativeLambdaHighLatency: ['no-runbook', '(quantile-without-traffic)'],
      KnativeLambdaReconcileSuccessRateLow: ['no-runbook', 'percent-of-ratio', 'clamped-ratio'],
      KnativeLambdaReconcileDurationHigh: ['no-runbook', '(quantile-without-traffic)'],
      KnativeLambdaOperatorErrorsHigh: ['no-runbook'],
      KnativeLambdaWorkqueueDepthHigh: ['runbook-link', 'never-true'],
      KnativeLambdaBuildFailed: ['no-runbook', 'never-true'],
      KnativeLambdaBuildSuccessRateLow: ['no-runbook', 'percent-of-ratio', 'clamped-ratio'],
      KnativeLambdaBuildDurationHigh: ['runbook-link', '(quantile-without-traffic)'],
      KnativeLambdaFunctionNotReady: ['no-runbook', 'percent-of-ratio'],
      KnativeLambdaFunctionHighErrorRate: ['no-runbook', 'clamped-ratio', 'label-not-in-result'],
      KnativeLambdaHighColdStartRate: ['no-runbook', 'clamped-ratio'],
      KnativeLambdaFunctionHighLatency: ['no-runbook', '(quantile-without-traffic)'],
      KnativeLambdaDLQMessagesHigh: ['no-runbook'],
      KnativeLambdaDLQIngestRateHigh: ['no-runbook'],
    });
  });

  it('tells a certain fault from a possible one', async () => {
    const { byRule } = await said('weak.json', { knative: { minor: 21, patch: 0 } });
    expect(byRule).toEqual({
      KubeClientErrors: ['ratio-without-minimum'],
      KubeJobFailed: ['(for-outlives-object)'],
      LambdaBuildFailed: ['for-outlives-object'],
      RevisionErrors: ['no-severity', 'runbook-link', 'other-era'],
      Unguarded: ['no-severity', 'label-not-in-result'],
      Twice: ['percent-of-ratio'],
    });
  });
});
