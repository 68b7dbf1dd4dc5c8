/** A remark of a check about a rule. */
export interface Remark {
  readonly check: LintCheck;
  readonly level: 'error' | 'warning' | 'notice';
  readonly problem: string;
  readonly hint: string;
}

/** A remark with its place. */
export interface LintFinding extends Remark {
  readonly file: string;
  /** 1-based; 0 for the whole file. */
  readonly line: number;
  /** Name of the alert or recording; null for a finding about the file. */
  readonly rule: string | null;
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
