import type { Target } from '../escalationSettings.ts';
import type { Actor, Severity } from '../incident.ts';

/** What a person may do to an incident. Whether it is allowed is decided by `incidentCan`. */
export type IncidentChange =
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'unacknowledge' }
  | { readonly kind: 'mitigate'; readonly note: string | null }
  | { readonly kind: 'resolve'; readonly note: string | null; readonly dismissed: boolean }
  | { readonly kind: 'reopen'; readonly note: string | null }
  | { readonly kind: 'setSeverity'; readonly severity: Severity }
  | { readonly kind: 'note'; readonly text: string }
  /** Calls the next rung of its policy. */
  | { readonly kind: 'escalate' }
  /** Calls these people. */
  | { readonly kind: 'page'; readonly notify: readonly Target[] }
  /** Takes it, and holds it for so long without being asked; milliseconds. */
  | { readonly kind: 'snooze'; readonly ms: number }
  | { readonly kind: 'mergeInto'; readonly target: number }
  /** Takes a merge back. */
  | { readonly kind: 'split' };

/** Who wants a change, and when. */
export interface ChangeRequest {
  readonly actor: Actor;
  readonly at: number;
  /** Identity of the request, such as the invocation's: it is carried out once, however often and by however many its job is run. */
  readonly once: string;
}

/** An incident a person declares, without an alert. */
export interface Declaration {
  readonly title: string;
  readonly severity: Severity;
  readonly namespace: string | null;
  readonly subject: string | null;
  readonly channel: string | null;
}
