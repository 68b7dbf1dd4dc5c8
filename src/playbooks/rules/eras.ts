/** How Knative Serving names its metrics, by version. */
export const KNATIVE_ERAS = ['knative-1.18', 'knative-1.19', 'knative-1.21'] as const;
export type KnativeEra = (typeof KNATIVE_ERAS)[number];

const OPENCENSUS =
  /^(revision_(app_)?request_(count|latencies)(_bucket|_sum|_count)?|revision_queue_depth|activator_request_(count|concurrency|latencies)(_bucket|_sum|_count)?|autoscaler_(desired|actual|requested|not_ready|pending|terminating)_pods|autoscaler_(stable|panic)_request_concurrency|autoscaler_target_concurrency_per_pod|autoscaler_excess_burst_capacity|autoscaler_panic_mode|controller_work_?queue_depth|controller_reconcile_(count|latency)(_bucket|_sum|_count)?|webhook_request_(count|latencies)(_bucket|_sum|_count)?|mt_broker_(ingress|filter)_event_.+)$/;
const QUEUE_PROXY_119 = /^kn_queueproxy_/;
const QUEUE_PROXY_121 = /^kn_serving_(invocation|queue)_/;
const OPENTELEMETRY = /^kn_(revision|autoscaler|workqueue|webhook|activator|eventing)_/;

/** The eras that have a metric; all three for one that is not Knative's, or has the same name in all. */
export function erasOf(metric: string): readonly KnativeEra[] {
  if (OPENCENSUS.test(metric)) return ['knative-1.18'];
  if (QUEUE_PROXY_119.test(metric)) return ['knative-1.19'];
  if (QUEUE_PROXY_121.test(metric)) return ['knative-1.21'];
  if (OPENTELEMETRY.test(metric)) return ['knative-1.19', 'knative-1.21'];
  return KNATIVE_ERAS;
}

/** Facts about metrics that make a rule never fire or always fire, whatever it is meant to say. */
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
