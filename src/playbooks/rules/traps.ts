/** Facts about metrics that make a rule fire never or always, contrary to its intent. */
export const TRAPS: readonly {
  readonly metric: RegExp;
  readonly label?: string;
  readonly value?: RegExp;
  readonly problem: string;
  readonly hint: string;
}[] = [
  {
    metric: /^knative_lambda_operator_build_duration_seconds(_.+)?$/,
    label: 'result',
    value: /failure|error/,
    problem: 'never matches: the operator writes result="failed"',
    hint: 'Use result="failed".',
  },
  {
    metric: /^knative_lambda_operator_workqueue_(depth|latency_seconds.*)$/,
    problem: 'is registered and never written, so it is always 0',
    hint: 'Use workqueue_depth{name="lambdafunction"}.',
  },
  {
    metric: /^flagger_canary_status$/,
    label: 'status',
    value: /.+/,
    problem: 'never matches: flagger_canary_status has no label status; its value says it (0 running, 1 ok, 2 failed)',
    hint: 'Compare the value.',
  },
  {
    metric: /^cert_manager_.+$/,
    problem: 'does not exist: cert-manager writes certmanager_...',
    hint: 'Drop the underscore.',
  },
];
