import type { Severity } from './incident.ts';
import type { LabelMatchers } from './matchers.ts';

/** Whom a rung calls. */
export type Target =
  /** A user group of Slack: its handle or its id. */
  | { readonly kind: 'group'; readonly name: string }
  /** A person, by Slack's id. */
  | { readonly kind: 'user'; readonly name: string }
  /** A channel, by name or id: it is told, nobody in it is mentioned. */
  | { readonly kind: 'channel'; readonly name: string };

export interface Rung {
  /** Since the round began, milliseconds; null: as the severity has it. */
  readonly afterMs: number | null;
  readonly notify: readonly Target[];
}

/** An escalation policy: who is called, one rung after the other, until somebody acknowledges. */
export interface EscalationPolicy {
  readonly name: string;
  readonly rungs: readonly Rung[];
  readonly rounds: number;
  /** Between the last rung of a round and the first of the next, milliseconds. */
  readonly pauseMs: number;
}

/** Which policy serves which incident. */
export interface EscalationSettings {
  readonly policies: readonly EscalationPolicy[];
  /** Name of the policy of a severity; null: none. */
  readonly bySeverity: Readonly<Record<'sev1' | 'sev2', string | null>>;
  /** Routes in their order; the policy of the first that matches counts before the severity's, where it names one. */
  readonly routes: readonly { readonly match: LabelMatchers; readonly policy: string | null }[];
  /** The group that is mentioned where there is no policy; null: nobody. */
  readonly group: string | null;
  /** When the rungs of a policy are due that says no times of its own, and those of the group without a policy. */
  readonly times: {
    readonly sev1: readonly number[];
    readonly sev2: readonly number[];
    readonly group: readonly number[];
  };
}

/** How long an acknowledgement holds; null: until it is given back. */
export type HoldsFor = Readonly<Record<Severity, number | null>>;
