import type { Finding, ObjectName } from '../../incidents/evidence.ts';
import { look } from './finding.ts';

export interface EventRule {
  readonly code: string;
  readonly reason: RegExp;
  readonly message?: RegExp;
  /** Kubernetes calls this one `Normal`, which it is not. */
  readonly normal?: boolean;
  readonly level: Finding['level'];
  readonly words: string;
  readonly next: (subject: ObjectName) => string;
}

const place = (subject: ObjectName) => ({ namespace: subject.namespace });
const logs = (subject: ObjectName) => look('logs', subject, '--previous');
const serving = () => `Is the webhook’s Deployment up, with endpoints? ${look('serving', {})}`;
const nodes = (subject: ObjectName) =>
  subject.kind === 'Node' ? look('nodes', { name: subject.name }) : look('nodes', {});

/** The first that matches concludes. */
export const EVENT_RULES: readonly EventRule[] = [
  {
    code: 'webhook-no-endpoints',
    reason: /./,
    message: /failed calling webhook.{0,600}(?:no endpoints available|service "[^"]*" not found)/is,
    level: 'critical',
    words: 'is held up: an admission webhook has no endpoints',
    next: serving,
  },
  {
    code: 'webhook-certificate',
    reason: /./,
    message: /failed calling webhook.{0,600}(?:x509|certificate)/is,
    level: 'critical',
    words: 'is held up: the certificate of an admission webhook is not trusted or has expired',
    next: serving,
  },
  {
    code: 'webhook-unreachable',
    reason: /./,
    message: /failed calling webhook/i,
    level: 'critical',
    words: 'is held up: an admission webhook does not answer',
    next: serving,
  },
  {
    code: 'webhook-denied',
    reason: /./,
    message: /admission webhook .{1,200} denied/is,
    level: 'critical',
    words: 'is refused by an admission webhook',
    next: (subject) => `Its message says which rule: ${look('events', subject)}`,
  },
  {
    code: 'quota-exceeded',
    reason: /^(FailedCreate|FailedUpdate|InternalError|CreationFailed)$/,
    message: /exceeded quota/i,
    level: 'critical',
    words: 'cannot create pods: the namespace’s quota is used up',
    next: (subject) => look('quota', place(subject)),
  },
  {
    code: 'limit-range',
    reason: /^FailedCreate$/,
    message:
      /(?:maximum|minimum) (?:cpu|memory|ephemeral-storage) (?:usage|limit)|must specify (?:limits|requests|cpu|memory)/i,
    level: 'critical',
    words: 'cannot create pods: their requests or limits are not what the namespace allows',
    next: (subject) => look('quota', place(subject)),
  },
  {
    code: 'pod-security',
    reason: /^FailedCreate$/,
    message: /violates PodSecurity|unable to validate against any (?:pod )?security/i,
    level: 'critical',
    words: 'cannot create pods: pod security forbids them',
    next: (subject) => `Was the namespace or the workload changed? ${look('changes', place(subject))}`,
  },
  {
    code: 'service-account-missing',
    reason: /^FailedCreate$/,
    message: /serviceaccount "[^"]*" not found|error looking up service account/i,
    level: 'critical',
    words: 'cannot create pods: their ServiceAccount does not exist',
    next: (subject) => look('changes', place(subject)),
  },
  {
    code: 'create-failed',
    reason: /^(FailedCreate|FailedDaemonPod)$/,
    level: 'critical',
    words: 'cannot create pods',
    next: (subject) => look('events', subject),
  },
  {
    code: 'volume-attach-failed',
    reason: /^FailedAttachVolume$/,
    level: 'critical',
    words: 'waits for a volume that cannot be attached to its node',
    next: (subject) => `Is it still attached elsewhere? ${look('storage', place(subject))}`,
  },
  {
    code: 'mount-failed',
    reason: /^(FailedMount|FailedMapVolume)$/,
    level: 'critical',
    words: 'cannot mount a volume',
    next: (subject) => `Does what it mounts exist, and is it free? ${look('storage', place(subject))}`,
  },
  {
    code: 'volume-provisioning-failed',
    reason: /^(ProvisioningFailed|FailedBinding|VolumeResizeFailed)$/,
    level: 'critical',
    words: 'gets no volume',
    next: (subject) => look('storage', place(subject)),
  },
  {
    code: 'sandbox-failed',
    reason: /^(FailedCreatePodSandBox|NetworkNotReady|CNIError)$/,
    level: 'critical',
    words: 'gets no sandbox on its node (network plugin or runtime)',
    next: nodes,
  },
  ...(['startup', 'liveness', 'readiness'] as const).map(
    (probe): EventRule => ({
      code: `${probe}-failed`,
      reason: /^(Unhealthy|ProbeError|ProbeWarning)$/,
      message: new RegExp(probe, 'i'),
      level: 'warning',
      words: {
        startup: 'fails its startup probe and never gets so far as to serve',
        liveness: 'fails its liveness probe and is restarted for it',
        readiness: 'fails its readiness probe and gets no traffic',
      }[probe],
      next: probe === 'readiness' ? (subject) => look('logs', subject) : logs,
    }),
  ),
  {
    code: 'job-deadline',
    reason: /^DeadlineExceeded$/,
    level: 'critical',
    words: 'ran longer than its deadline',
    next: (subject) => look('events', subject),
  },
  {
    code: 'job-backoff',
    reason: /^BackoffLimitExceeded$/,
    level: 'critical',
    words: 'failed as often as it may',
    next: (subject) => look('logs', { ...subject, name: `job/${subject.name}` }),
  },
  {
    code: 'evicted',
    reason: /^Evicted$/,
    level: 'warning',
    words: 'was evicted from its node',
    next: nodes,
  },
  {
    code: 'pod-preempted',
    reason: /^Preempted$/,
    level: 'warning',
    words: 'was preempted by a pod of higher priority',
    next: nodes,
  },
  {
    code: 'node-oom',
    reason: /^(SystemOOM|OOMKilling)$/,
    level: 'critical',
    words: 'ran out of memory as a whole and killed processes',
    next: nodes,
  },
  {
    code: 'node-pressure',
    reason:
      /^(NodeHasInsufficientMemory|NodeHasDiskPressure|NodeHasInsufficientPID|EvictionThresholdMet|FreeDiskSpaceFailed)$/,
    normal: true,
    level: 'critical',
    words: 'is under pressure',
    next: nodes,
  },
  {
    code: 'node-not-ready',
    reason: /^NodeNotReady$/,
    normal: true,
    level: 'critical',
    words: 'is or was not ready',
    next: nodes,
  },
  {
    code: 'hpa-no-metrics',
    reason:
      /^(FailedGetResourceMetric|FailedComputeMetricsReplicas|FailedGetObjectMetric|FailedGetExternalMetric|FailedGetPodsMetric|FailedGetContainerResourceMetric)$/,
    level: 'warning',
    words: 'cannot scale: its metrics cannot be read',
    next: (subject) => look('hpa', place(subject)),
  },
  {
    code: 'revision-failed',
    reason: /^(LatestCreatedFailed|LatestReadyFailed|RevisionFailed)$/,
    level: 'critical',
    words: 'has a latest revision that failed; an older one serves if there is one',
    next: (subject) => look('function', subject),
  },
];
