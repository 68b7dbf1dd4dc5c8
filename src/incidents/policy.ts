import type { NameProfile } from '../alerts/profile.ts';
import { PROFILES } from '../alerts/profile.ts';
import type { Severity } from './incident.ts';
import { KNATIVE_MATRIX } from './knativeMatrix.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Matches labels: every entry must match. A value in slashes (`/regex/`) is a regular expression, anchored; else equality. */
export type LabelMatchers = Readonly<Record<string, string>>;

export interface SeverityMatcher {
  readonly name: string;
  readonly match: LabelMatchers;
  readonly severity: Severity;
  /** Only when so many different subjects match within the window. */
  readonly atLeast: { readonly subjects: number; readonly withinMs: number } | null;
}

/** Every number of the default behaviour (RULES.md), all times in milliseconds; a key of `responder.yaml` each. */
export interface Policy {
  readonly profile: NameProfile;
  readonly severityMatchers: readonly SeverityMatcher[];
  readonly suppress: readonly LabelMatchers[];
  readonly watchdogNames: readonly string[];
  readonly correlation: {
    readonly subjectWindowMs: number;
    readonly nameWindowMs: number;
    readonly reopenWindowMs: number;
  };
  readonly quiet: {
    readonly autoResolveMs: number;
    readonly remindAtMs: readonly number[];
    readonly closeAfterMs: number;
  };
  readonly flapping: {
    readonly cycles: number;
    readonly windowMs: number;
    readonly editEveryMs: number;
    readonly calmMs: number;
  };
  readonly ownChannel: { readonly sev2AfterMs: number; readonly perHour: number };
  readonly mentions: {
    readonly perIncidentMs: number;
    readonly perChannelMs: number;
    readonly backlogMs: number;
  };
  readonly acknowledgement: { readonly expiresAfterMs: number | null };
}

export const DEFAULT_POLICY: Policy = {
  profile: PROFILES.builder,
  severityMatchers: KNATIVE_MATRIX,
  suppress: [],
  watchdogNames: ['Watchdog'],
  correlation: { subjectWindowMs: 30 * MINUTE, nameWindowMs: 10 * MINUTE, reopenWindowMs: 30 * MINUTE },
  quiet: { autoResolveMs: 10 * MINUTE, remindAtMs: [30 * MINUTE, 4 * HOUR], closeAfterMs: 24 * HOUR },
  flapping: { cycles: 3, windowMs: 60 * MINUTE, editEveryMs: 10 * MINUTE, calmMs: 30 * MINUTE },
  ownChannel: { sev2AfterMs: 15 * MINUTE, perHour: 3 },
  mentions: { perIncidentMs: 15 * MINUTE, perChannelMs: 5 * MINUTE, backlogMs: 15 * MINUTE },
  acknowledgement: { expiresAfterMs: null },
};
