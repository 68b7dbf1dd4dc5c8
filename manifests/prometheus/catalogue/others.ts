import type { AlertRule } from './alert.ts';

/**
 * Names under which others alert of what the catalogue alerts of: the rules that the platform ships itself, and the
 * documents of its builder generation. Ours are rows of the catalogue.
 */
export interface OthersAlert {
  readonly name: string;
  /** The alert of the catalogue whose runbook helps. */
  readonly runbook: string;
  /**
   * `same`: it is that alert, as grave and counted like it. null: how grave it is its rule says. Otherwise the name
   * says something else, in which case it has a priority and a condition like a row of the catalogue.
   */
  readonly gravity:
    | 'same'
    | null
    | (Required<Pick<AlertRule, 'priority' | 'condition'>> & { readonly onlyCritical?: true });
}

const same = (runbook: string, ...names: readonly string[]): OthersAlert[] =>
  names.map((name) => ({ name, runbook, gravity: 'same' }));

const helped = (runbook: string, ...names: readonly string[]): OthersAlert[] =>
  names.map((name) => ({ name, runbook, gravity: null }));

export const OTHERS_ALERTS: readonly OthersAlert[] = [
  ...same('KnativeLambdaBuildFailureRateHigh', 'BuildFailureRateHigh'),
  ...helped('KnativeLambdaBuildFailureRateHigh', 'KnativeLambdaBuildFailed', 'KnativeLambdaBuildSuccessRateLow'),
  ...same('KnativeLambdaBuildJobFailed', 'BuildJobFailed'),
  ...helped('KnativeLambdaBuildJobFailed', 'FailedJobsAccumulating'),
  ...same('KnativeLambdaBuildOOMKilled', 'BuildOOMKilled', 'KanikoOOMKilled'),
  ...same('KnativeLambdaBuildDeadlineExceeded', 'BuildDeadlineExceeded'),
  ...same('KnativeLambdaBuildStuck', 'BuildStuck'),
  {
    name: 'KnativeLambdaBuildDurationHigh',
    runbook: 'KnativeLambdaBuildStuck',
    gravity: { priority: 'P1', condition: 'builds far too slow', onlyCritical: true },
  },
  ...same('KnativeLambdaBuildPodPending', 'BuildPodPending'),
  ...same('KnativeLambdaBuildPodsMissing', 'BuildPodsMissing'),
  ...same('KnativeLambdaBuildImagePullBackOff', 'BuildImagePullBackOff'),
  ...same('KnativeLambdaBuildSlow', 'BuildSlow'),
  ...same('KnativeLambdaOperatorDown', 'BuilderServiceDown', 'KnativeLambdaBuilderDown'),
  ...same('KnativeLambdaOperatorAbsent', 'KnativeLambdaBuilderAbsent'),
  ...helped('KnativeLambdaReconcileErrorRatio', 'KnativeLambdaHighErrorRate', 'KnativeLambdaReconcileSuccessRateLow'),
  ...helped('KnativeLambdaReconcileSlow', 'KnativeLambdaHighLatency', 'KnativeLambdaReconcileDurationHigh'),
  ...helped('KnativeLambdaWorkqueueBacklog', 'KnativeLambdaWorkqueueDepthHigh'),
  ...helped('KnativeLambdaFunctionStuckDeploying', 'KnativeLambdaFunctionNotReady'),
  ...helped('KnativeLambdaFunctionErrorRate', 'KnativeLambdaFunctionHighErrorRate', 'HighEventFailureRate'),
  ...helped('KnativeLambdaFunctionLatencyHigh', 'KnativeLambdaFunctionHighLatency'),
  ...helped('KnativeLambdaColdStartSlow', 'KnativeLambdaHighColdStartRate'),
  ...helped('KnativeLambdaFunctionOOMKilled', 'ConsumerPodOOMKilled'),
  ...helped('KnativeLambdaQueueBacklog', 'RabbitMQQueueBacklog'),
  ...same('KnativeLambdaQueueNoConsumers', 'RabbitMQNoConsumers'),
  ...helped('KnativeLambdaQueueNoConsumers', 'ConsumerServiceUnavailable'),
  ...helped('KnativeLambdaDLQNotEmpty', 'DeadLetterQueueNotEmpty', 'DLQAboveThreshold'),
  {
    name: 'KnativeLambdaDLQMessagesHigh',
    runbook: 'KnativeLambdaDLQNotEmpty',
    gravity: { priority: 'P1', condition: 'dead letters pile up' },
  },
  ...helped('KnativeLambdaDLQNotEmpty', 'PoisonMessageDetected'),
  ...same('KnativeLambdaDLQGrowing', 'DLQGrowingRapidly'),
  ...helped('KnativeLambdaDLQGrowing', 'KnativeLambdaDLQIngestRateHigh'),
  ...helped('KnativeLambdaDLQStale', 'DLQNotProcessed'),
  ...same('KnativeLambdaBrokerIngressDown', 'KnativeBrokerUnreachable'),
  ...helped(
    'KnativeLambdaCertificateExpiring',
    'CertificateExpiringSoon',
    'CertificateExpiringCritical',
    'CertificateExpired',
  ),
  ...helped('KnativeLambdaCertificateNotReady', 'CertificateNotReady'),
  // What the responder notices itself: src/jobs/ownAlerts.ts.
  ...helped('LambdaResponderSlackDisconnected', 'ResponderSlackDisconnected'),
  ...helped('LambdaResponderAlertmanagerSilent', 'AlertmanagerSilent'),
  ...helped('LambdaResponderRejectedAlerts', 'ResponderDeliveryRefused', 'ResponderAlertRejected'),
];
