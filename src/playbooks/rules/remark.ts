/** What a check has to say about a rule. */
export interface Remark {
  readonly check: LintCheck;
  readonly level: 'error' | 'warning' | 'notice';
  readonly problem: string;
  readonly hint: string;
}

export const LINT_CHECKS = [
  'file',
  'no-expression',
  'syntax',
  'no-runbook',
  'runbook-link',
  'no-severity',
  'for-outlives-object',
  'percent-of-ratio',
  'ratio-without-minimum',
  'clamped-ratio',
  'quantile-without-traffic',
  'label-not-in-result',
  'value-in-label',
  'template',
  'fragile-matching',
  'never-true',
  'always-true',
  'absent',
  'topk',
  'other-era',
  'unknown-metric',
  'unknown-label-value',
  'cardinality',
  'ignore',
] as const;
export type LintCheck = (typeof LINT_CHECKS)[number];
