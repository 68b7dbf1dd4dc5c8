import type { AlertLinks, Fingerprint, Labels } from '../alerts/alert.ts';
import { conditionOf } from '../alerts/condition.ts';

/** `sev1` is the worst. Peers' P0..P3 map onto sev1..sev4. */
export const SEVERITIES = ['sev1', 'sev2', 'sev3', 'sev4'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Negative when `a` is worse than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}

/** sev1 and sev2: what people are told aloud, and what only a person resolves. */
export function isGrave(severity: Severity): boolean {
  return severity === 'sev1' || severity === 'sev2';
}

export const SEVERITY_SOURCES = ['alert', 'person'] as const;
export type SeveritySource = (typeof SEVERITY_SOURCES)[number];

export const STATUSES = ['open', 'acknowledged', 'mitigated', 'resolved'] as const;
export type Status = (typeof STATUSES)[number];

export const SUBJECT_KINDS = [
  'function',
  'deployment',
  'statefulset',
  'daemonset',
  'job',
  'pod',
  'node',
  'persistentvolumeclaim',
  'queue',
  'replicaset',
  'cronjob',
  'persistentvolume',
  'horizontalpodautoscaler',
  'poddisruptionbudget',
  'resourcequota',
  'ingress',
  'service',
  'broker',
  'trigger',
  // No object: the host or address it was measured at, the scrape job, the rule of Grafana, the alert itself.
  'instance',
  'scrape-job',
  'rule',
  'alert',
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** What an alert is about, found as docs/rules.md#subject says. `alert` means: nothing better than its name. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly name: string;
}

/** Who did something. Never guessed: an unknown Slack user is recorded by its id. */
export interface Actor {
  readonly type: 'slack' | 'terminal' | 'api' | 'alertmanager' | 'responder';
  /** Slack user id, `user` of the terminal, token name, sender name, or `responder` for ourselves. */
  readonly id: string;
  /** Display name when known. */
  readonly name: string | null;
}

export const RESPONDER: Actor = { type: 'responder', id: 'responder', name: 'lambda-responder' };

/** How an incident came to be resolved; null while it is not. */
export type Resolution = 'person' | 'quiet' | 'poll' | 'timeout' | 'dismissed' | 'merged';

/** One cause, as the diagnosis came to it. */
export interface Cause {
  /** Code of the rule that concluded it. */
  readonly code: string;
  /** A few words that name object and version: `Deployment builder OOMKilled (limit 1Gi) since v1.13.17`. */
  readonly brief: string;
  /** Decided by evidence; false: it points there, which is said. */
  readonly isSure: boolean;
}

/**
 * The parts of the one sentence that tells of an incident everywhere (docs/rules.md#sentence): what is broken and
 * for whom, since what cause, what to do. Put together by incidents/sentence.ts; only what was seen is in it.
 */
export interface Sentence {
  /** What is broken, in plain words: the alert's summary, or the title of what was declared. */
  readonly what: string;
  /** For whom, as far as `what` does not say it: `image-resizer in prod`. */
  readonly whom: string | null;
  /** Of the newest diagnosis that named one, the first explains most. */
  readonly causes: readonly Cause[];
  /** What it means to users: the alert's `impact`, else the runbook's. */
  readonly impact: string | null;
  /** The one thing to do: `Roll back to v1.9.4`; known with the cause. */
  readonly action: string | null;
  /** Why the diagnosis takes it for no incident; null while it may be one. */
  readonly noIncident: string | null;
  /** Identity of the alert that `what` is of; null when it was declared. */
  readonly alert: string | null;
}

/** How far an incident was escalated since it last began to wait for somebody. */
export interface Escalation {
  /** The policy it began with; null: the group, without a policy. */
  readonly policy: string | null;
  /** When it began to wait for somebody, epoch ms. */
  readonly since: number;
  /** Rungs that were called, over all rounds; one more once it was told that all were called in vain. */
  readonly done: number;
  /** When the last of them was, epoch ms. */
  readonly lastAt: number;
  /** When the next is due, epoch ms; null: none is. */
  readonly nextAt: number | null;
}

/** Our durable record of one problem. Times are epoch milliseconds, UTC; null means not recorded, never 0. */
export interface Incident {
  /** 1, 2, 3 ... without gaps; the identity people use, and ours. */
  readonly number: number;
  readonly cluster: string;
  readonly namespace: string | null;
  readonly subject: Subject;
  /** cluster + namespace + subject, see `correlationKey`. */
  readonly correlationKey: string;
  readonly title: string;
  readonly severity: Severity;
  /** Why it has this severity, as the card says it: `label severity=critical`, `matcher build-failures`, `set by @ana`. */
  readonly severityReason: string;
  /** Who gave it this severity: what a person set is raised only by an alert that is new. */
  readonly severitySource: SeveritySource;
  readonly status: Status;
  /** All alerts resolved since; null when something fires or nothing ever did. */
  readonly quietSince: number | null;
  /** Nothing heard for twice the repeat interval, or the sender is unreachable; since when. */
  readonly staleSince: number | null;
  /** Three fire/resolve cycles within the window; since when, and how many cycles so far. */
  readonly flappingSince: number | null;
  readonly flapCount: number;
  /** The largest `truncatedAlerts` seen: such an incident never resolves by itself. */
  readonly truncatedAlerts: number;
  /** Declared by a person rather than by an alert. */
  readonly declared: boolean;
  /** An exercise: marked DRILL everywhere and excluded from statistics. */
  readonly drill: boolean;
  /** Earliest `startsAt` of its alerts: a proxy for when it started that includes the rule's `for`. */
  readonly startedAt: number;
  /** When we knew. */
  readonly openedAt: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: Actor | null;
  /** When it was last said that the acknowledgement still holds. */
  readonly confirmedAt?: number | undefined;
  /** When its holder was last asked whether it still holds. */
  readonly askedAt?: number | undefined;
  /** Until when nobody is asked whether it still holds. */
  readonly snoozedUntil?: number | undefined;
  /** How far people were called; absent before anybody was waited for. */
  readonly escalation?: Escalation | undefined;
  readonly mitigatedAt: number | null;
  readonly resolvedAt: number | null;
  readonly resolvedBy: Actor | null;
  readonly resolution: Resolution | null;
  readonly reopenCount: number;
  /** Last firing or resolving of one of its alerts, or an act of a person. */
  readonly lastActivityAt: number;
  /** An earlier incident about the same thing. */
  readonly previousNumber: number | null;
  /** Incidents in other namespaces that look related, with why (`same node node-b`). */
  readonly related: readonly { readonly number: number; readonly why: string }[];
  readonly mergedInto: number | null;
  /** The playbook matched when it opened: its id (`knative-lambda/BuildOOMKilled`); null when there is none. */
  readonly playbookId: string | null;
  /** What is told of it everywhere; absent in incidents of 0.1.0. */
  readonly sentence?: Sentence | undefined;
  /** Slack channel id or name the route chose; null means the default channel. */
  readonly channel: string | null;
  /** Counts up with every change, for optimistic writes and for stale views. */
  readonly version: number;
}

/** An alert as an incident remembers it. */
export interface IncidentAlert {
  readonly incidentNumber: number;
  readonly cluster: string;
  readonly fingerprint: Fingerprint;
  readonly name: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number;
  readonly endsAt: number | null;
  readonly generatorUrl: string | null;
  /** As in `Alert`. */
  readonly links?: AlertLinks;
  readonly values?: string;
  readonly externalUrl: string | null;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** Fire/resolve cycle starts within the flapping window, epoch ms, oldest first. */
  readonly cycles: readonly number[];
  readonly silencedUntil: number | null;
}

/** An incident with what is needed to decide about it. */
export interface IncidentWithAlerts {
  readonly incident: Incident;
  readonly alerts: readonly IncidentAlert[];
  /** How many more it has than were read, for there are too many to read; absent when these are all. Those read fire, if any does. */
  readonly unread?: Unread;
}

export interface Unread {
  readonly firing: number;
  readonly resolved: number;
}

/** How many alerts an incident has, and how many of them fire, whether they were read or not; what two replicas told, once. */
export function countAlerts({ alerts, unread }: Pick<IncidentWithAlerts, 'alerts' | 'unread'>): {
  readonly all: number;
  readonly firing: number;
} {
  const count = (some: readonly IncidentAlert[]) => new Set(some.map(conditionOf)).size;
  const firing = count(alerts.filter((alert) => alert.status === 'firing')) + (unread?.firing ?? 0);
  return { all: count(alerts) + (unread?.firing ?? 0) + (unread?.resolved ?? 0), firing };
}

/** When the alert last fired anew or resolved, as far as it is recorded. */
export function activityOf(alert: IncidentAlert): number {
  if (alert.status === 'resolved') return alert.lastSeenAt;
  return Math.max(alert.firstSeenAt, alert.cycles.at(-1) ?? 0);
}
