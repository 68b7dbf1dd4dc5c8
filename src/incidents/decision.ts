import type { AlertGroup, Fingerprint } from '../alerts/alert.ts';
import type { Incident, IncidentAlert, IncidentWithAlerts } from './incident.ts';
import type { Policy } from './policy.ts';
import type { TimelineDraft } from './timeline.ts';

/** Why an alert ended where it did. A closed set: the name is stored, shown, and is the metric label. */
export const DECISION_REASONS = [
  'opened', // a new incident
  'joined_fingerprint', // the same alert of an unresolved incident
  'joined_subject', // same cluster, namespace and subject, active within 30 min
  'joined_name', // same alert name and namespace within 10 min
  'reopened', // same fingerprint or subject within 30 min after resolution
  'refreshed', // a repeat of what is known
  'resolved', // the alert resolved
  'resolved_unknown', // a resolve for an alert we never had on an incident
  'suppressed_watchdog',
  'suppressed_inhibitor',
  'suppressed_severity_none',
  'suppressed_matcher', // configuration says so
] as const;
export type DecisionReason = (typeof DECISION_REASONS)[number];

/** What became of one alert of the delivery. Accounting: every alert gets exactly one. */
export interface AlertOutcome {
  readonly fingerprint: Fingerprint;
  readonly cluster: string;
  readonly alertName: string;
  readonly reason: DecisionReason;
  /** Key of the incident it went to, null when suppressed. */
  readonly incident: IncidentKey | null;
}

/** An incident number, or `new:0`, `new:1` ... for one this decision opens (the store gives it its number). */
export type IncidentKey = number | `new:${number}`;

/** What follows from a decision, done later by a job. */
export type FollowUp =
  | {
      readonly kind: 'card';
      readonly incident: IncidentKey;
      /** A new card, or a change of sev1 and sev2 that must not wait behind ordinary edits. */
      readonly urgent: boolean;
      /** Epoch ms before which the edit is not sent (flapping: one edit per 10 min); at once when absent. */
      readonly notBefore?: number;
    }
  | { readonly kind: 'news'; readonly incident: IncidentKey; readonly news: News }
  /** A first look is due; how often an incident gets one (10 min apart, three times) is for the job to see. */
  | { readonly kind: 'firstLook'; readonly incident: IncidentKey; readonly because: string }
  /** The incident should have a channel of its own; how many the bot makes by itself per hour is for the job to see. */
  | {
      readonly kind: 'ownChannel';
      readonly incident: IncidentKey;
      readonly because: string;
      /** Nobody asked for it. */
      readonly automatic: boolean;
    }
  /** People are called: in the incident's thread, or in a channel of their own. */
  | {
      readonly kind: 'call';
      readonly incident: IncidentKey;
      readonly call: Call;
      readonly channel: string | null;
    }
  | { readonly kind: 'timer'; readonly incident: IncidentKey; readonly timer: TimerKind; readonly runAt: number };

/** Timers are jobs; when one runs it looks at the incident as it is then and may find nothing to do. */
export const TIMER_KINDS = [
  'resolve_when_quiet',
  'remind',
  'close_forgotten',
  'flapping_ends',
  'own_channel',
  'unacknowledge',
  'escalate',
] as const;
export type TimerKind = (typeof TIMER_KINDS)[number];

/** What comes of a timer that ran. */
export interface TimerOutcome {
  /** The next state; null when there is nothing to change. */
  readonly draft: IncidentDraft | null;
  readonly followUps: readonly FollowUp[];
  /** Why it did what it did, in a few words: for the log. */
  readonly reason: string;
  /** What it does only once, however often it runs: a job whose process ended before it was written off runs again. */
  readonly once?: string;
}

/** Who is called, and for what; what it says is written when it is delivered, from the incident as it is then. */
export interface Call {
  /** To take the incident up, or to say that one is still at it. */
  readonly ask: 'acknowledge' | 'confirm';
  /** Handles or ids of user groups, and ids of people, to mention. */
  readonly groups: readonly string[];
  readonly users: readonly string[];
  /** Since when it is waited for, or when it was last confirmed: when that has changed, nobody is called any more. Null: always. */
  readonly since: number | null;
  /** It comes with the incident's card, which may have mentioned the group already. */
  readonly withCard: boolean;
  /** Who asked for it, by name; null: the policy. */
  readonly by: string | null;
}

/** What is told in the incident's thread (edits of the card notify nobody). */
export interface News {
  readonly kind:
    | 'raised'
    | 'refired'
    | 'reopened'
    | 'alerts_added'
    | 'all_quiet'
    | 'resolved'
    | 'truncated'
    | 'rejected'
    | 'clock'
    | 'reminder'
    | 'unacknowledged'
    | 'merged';
  readonly text: string;
  /** Also shown in the channel (`reply_broadcast`): raise, refire and reopen of sev1 and sev2. */
  readonly broadcast: boolean;
  /** Mention the configured group, subject to the mention limits. */
  readonly mention: boolean;
}

/** Full next state of an incident, with what is written beside it in one transaction. */
export interface IncidentDraft {
  readonly key: IncidentKey;
  /** For a new incident `number` is 0 and `version` 0. */
  readonly incident: Incident;
  /** Alerts to insert or replace (`incidentNumber` 0 for a new incident). */
  readonly alerts: readonly IncidentAlert[];
  /** Alerts that are the incident's no longer. */
  readonly removed?: readonly Pick<IncidentAlert, 'cluster' | 'fingerprint' | 'labels'>[];
  readonly entries: readonly TimelineDraft[];
}

export interface Decision {
  readonly incidents: readonly IncidentDraft[];
  readonly outcomes: readonly AlertOutcome[];
  readonly followUps: readonly FollowUp[];
}

export interface DecideInput {
  readonly group: AlertGroup;
  /** Unresolved incidents that could be meant, and those resolved within the reopen window (plus `previous` candidates). */
  readonly known: readonly IncidentWithAlerts[];
  /** Firing alerts of the same names and cluster seen within the longest matcher window: for matchers that count subjects. */
  readonly recent: readonly Pick<IncidentAlert, 'name' | 'labels' | 'lastSeenAt'>[];
  readonly policy: Policy;
  /** Which playbook serves an alert, and what it says the alert means to users; pure. */
  readonly matchPlaybook: (
    alert: AlertGroup['alerts'][number],
  ) => { id: string; severityHint: string | null; impact: string | null } | null;
  /** Channel of the route for an alert; null means the default. */
  readonly routeChannel: (alert: AlertGroup['alerts'][number]) => string | null;
  readonly now: number;
}
