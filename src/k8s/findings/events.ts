import type { Finding } from '../../incidents/evidence.ts';
import type { Event } from '../objects.ts';
import { finding } from './finding.ts';

interface Rule {
  readonly code: string;
  readonly reason: RegExp;
  readonly message?: RegExp;
  readonly level: Finding['level'];
  readonly words: string;
  readonly next: string | null;
}

/** Warning events that name a cause by themselves; others are shown in the table and conclude nothing. */
const RULES: readonly Rule[] = [
  {
    code: 'quota-exceeded',
    reason: /^FailedCreate$/,
    message: /exceeded quota/i,
    level: 'critical',
    words: 'cannot create pods: the namespace’s quota is used up',
    next: '/lambda diag quota',
  },
  {
    code: 'webhook-denied',
    reason: /./,
    message: /admission webhook .* denied|failed calling webhook/i,
    level: 'critical',
    words: 'is refused by an admission webhook',
    next: 'Is the webhook’s Service up, with endpoints? /lambda diag serving',
  },
  {
    code: 'mount-failed',
    reason: /^(FailedMount|FailedAttachVolume|FailedMapVolume)$/,
    level: 'critical',
    words: 'cannot mount a volume',
    next: 'Does what it mounts exist, and is it free? /lambda diag storage',
  },
  {
    code: 'sandbox-failed',
    reason: /^FailedCreatePodSandBox$/,
    level: 'critical',
    words: 'gets no sandbox on its node (network plugin or runtime)',
    next: 'Look at the node and its CNI pods.',
  },
  {
    code: 'liveness-failed',
    reason: /^Unhealthy$/,
    message: /liveness/i,
    level: 'warning',
    words: 'fails its liveness probe and is restarted for it',
    next: null,
  },
  {
    code: 'readiness-failed',
    reason: /^Unhealthy$/,
    message: /readiness|startup/i,
    level: 'warning',
    words: 'fails its readiness probe and gets no traffic',
    next: null,
  },
  {
    code: 'job-deadline',
    reason: /^DeadlineExceeded$/,
    level: 'critical',
    words: 'ran longer than its deadline',
    next: null,
  },
  {
    code: 'job-backoff',
    reason: /^BackoffLimitExceeded$/,
    level: 'critical',
    words: 'failed as often as it may',
    next: null,
  },
  {
    code: 'evicted',
    reason: /^Evicted$/,
    level: 'warning',
    words: 'was evicted from its node',
    next: '/lambda diag nodes',
  },
  {
    code: 'node-pressure',
    reason: /^(NodeHasInsufficientMemory|NodeHasDiskPressure|NodeNotReady|SystemOOM)$/,
    level: 'critical',
    words: 'is in trouble',
    next: '/lambda diag nodes',
  },
];

export function eventFindings(events: readonly Event[]): readonly Finding[] {
  return events.flatMap((one) => {
    const rule = RULES.find(
      ({ reason, message }) =>
        one.type === 'Warning' && reason.test(one.reason ?? '') && (!message || message.test(one.message ?? '')),
    );
    if (!rule) return [];
    const { kind = 'Object', name = '', namespace = null } = one.involvedObject;
    return [
      finding({
        code: rule.code,
        level: rule.level,
        subject: { kind, namespace, name },
        conclusion: `${kind} ${name} ${rule.words}.`,
        because: [`${one.reason}: ${one.message ?? ''}`],
        nextStep: rule.next,
      }),
    ];
  });
}
