import type { Severity } from './incident.ts';
import type { LabelMatchers, SeverityMatcher } from './matchers.ts';

const MINUTE = 60_000;

/**
 * The severity matrix of Knative Lambda. P0 (`sev1`): no function can be invoked or no event is accepted. P1 (`sev2`):
 * a capability of the platform is lost, running functions serve. P2 (`sev3`): one function, or degraded. P3 (`sev4`):
 * an early warning. The first that matches decides. Only names that belong to the platform are listed (those without
 * its prefix are from the documents of the builder generation): another team's `GatewayDown` keeps its own severity.
 */
export const KNATIVE_MATRIX: readonly SeverityMatcher[] = [
  ...rows('sev1', [
    ['control plane down', 'KnativeLambda(Operator|Builder)(Down|Absent)|BuilderServiceDown'],
    ['queue without consumers', 'KnativeLambdaQueueNoConsumers|RabbitMQNoConsumers'],
    ['queue broker down', 'KnativeLambdaRabbitMQDown'],
    ['broker ingress down', 'KnativeLambdaBrokerIngressDown|KnativeBrokerUnreachable'],
    ['events about to be lost', 'KnativeLambdaDLQNearCapacity'],
    ['activator down', 'KnativeServingActivatorDown'],
    ['gateway down', 'KnativeServingGatewayDown'],
    ['availability burns 14.4 times too fast', 'KnativeLambdaAvailabilityBurnFast'],
  ]),
  several('builds of three functions killed for memory', '(KnativeLambda)?BuildOOMKilled|KanikoOOMKilled'),
  several('images of three functions missing', 'KnativeLambdaFunctionImagePullBackOff'),
  several('three functions crash', 'KnativeLambdaFunctionCrashLooping'),
  several('build images missing for three functions', 'KnativeLambdaBuildImagePullBackOff'),
  ...rows('sev2', [
    ['builds fail', '(KnativeLambda)?BuildFailureRateHigh'],
    ['build Jobs refused', 'KnativeLambdaJobCreationErrors'],
    ['builds stalled', 'KnativeLambdaBuildQueueStalled'],
    ['control plane crashes', 'KnativeLambdaOperatorCrashLooping'],
    ['no leader', 'KnativeLambdaNoLeader'],
    ['availability burns 6 times too fast', 'KnativeLambdaAvailabilityBurnMedium'],
    ['dead letters grow', 'KnativeLambdaDLQGrowing|DLQGrowingRapidly'],
    ['dead letters pile up', 'KnativeLambdaDLQMessagesHigh'],
    ['queue broker blocks publishers', 'KnativeLambdaRabbitMQResourceAlarm'],
    ['storage down', 'KnativeLambdaStorageDown'],
    ['node under pressure', 'KnativeLambdaNodePressure'],
    ['API server slow', 'KnativeLambdaAPIServerSlow'],
    ['certificate not ready', 'KnativeLambdaCertificateNotReady'],
    ['serving component down', 'KnativeServing(Autoscaler|Controller|Webhook)Down'],
    ['activator errors', 'KnativeServingActivatorErrors'],
    ['serving component crashes', 'KnativeServingComponentCrashLooping'],
    ['eventing component down', 'KnativeEventingComponentDown'],
  ]),
  // One alert name, two thresholds: the critical one is a lost capability, the warning a degradation.
  ...critical([
    ['builds far too slow', '(KnativeLambda)?BuildSlow|KnativeLambdaBuildDurationHigh'],
    ['sources cannot be fetched', 'KnativeLambdaBuildContextErrors'],
    ['queue backlog', 'KnativeLambdaQueueBacklog'],
    ['dead letters pile up', 'KnativeLambdaDLQNotEmpty'],
    ['storage almost full', 'KnativeLambdaStorageAlmostFull'],
    ['quota exhausted', 'KnativeLambdaQuotaNearlyExhausted'],
    ['certificate about to expire', 'KnativeLambdaCertificateExpiring'],
    ['serving or eventing not ready', 'Knative(Serving|Eventing)CRNotReady'],
  ]),
  ...rows('sev4', [
    ['one build failed', '(KnativeLambda)?BuildJobFailed'],
    ['build concurrency near its limit', 'KnativeLambdaBuildConcurrencyNearLimit'],
    ['function at its maximum scale', 'KnativeLambdaFunctionAtMaxScale'],
    ['availability burns slowly', 'KnativeLambdaAvailabilityBurnSlow'],
    ['some dead letters', 'KnativeLambdaDLQNotEmpty'],
    ['panic mode sustained', 'KnativeServingPanicModeSustained'],
    ['serving metrics absent', 'KnativeServingMetricsAbsent'],
  ]),
  ...rows('sev3', [
    ['one build', '(KnativeLambda)?Build(OOMKilled|DeadlineExceeded|Stuck|PodPending|PodsMissing|ImagePullBackOff)'],
    ['one build killed for memory', 'KanikoOOMKilled'],
    ['one function', 'KnativeLambdaFunction(CrashLooping|ImagePullBackOff|OOMKilled)'],
  ]),
];

function critical(named: readonly (readonly [string, string])[]): SeverityMatcher[] {
  return named.map(([name, alerts]) => row('sev2', name, { alertname: `/${alerts}/`, severity: '/critical|page/' }));
}

function rows(severity: Severity, named: readonly (readonly [string, string])[]): SeverityMatcher[] {
  return named.map(([name, alerts]) => row(severity, name, { alertname: `/${alerts}/` }));
}

function row(severity: Severity, name: string, match: LabelMatchers): SeverityMatcher {
  return { name, match, severity, atLeast: null };
}

function several(name: string, alerts: string): SeverityMatcher {
  return { ...row('sev2', name, { alertname: `/${alerts}/` }), atLeast: { subjects: 3, withinMs: 30 * MINUTE } };
}
