import type { NameProfile } from '../alerts/profile.ts';
import { PROFILES } from '../alerts/profile.ts';
import { SEVERITY_WORDS } from '../alerts/severityWords.ts';
import type { EscalationSettings, HoldsFor } from './escalationSettings.ts';
import type { Severity } from './incident.ts';
import { KNATIVE_MATRIX } from './knativeMatrix.ts';
import type { LabelMatchers, SeverityMatcher } from './matchers.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MIB = 1024 * 1024;

/** Every number of the default behaviour that a key of `responder.yaml` changes (docs/rules.md); times in milliseconds. */
export interface Policy {
  readonly profile: NameProfile;
  readonly severityMatchers: readonly SeverityMatcher[];
  /** What the words of label `severity` mean, in small letters; what is not here is unknown. */
  readonly severityWords: Readonly<Record<string, Severity>>;
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
  readonly acknowledgement: {
    readonly expiresAfterMs: HoldsFor;
    /** How long before that its holder is reminded. */
    readonly remindBeforeMs: number;
  };
  readonly escalation: EscalationSettings;
}

/** When rungs are due, milliseconds since a round began (docs/rules.md#escalation). */
const ESCALATION_TIMES = {
  sev1: [0, 5 * MINUTE, 15 * MINUTE],
  sev2: [0, 15 * MINUTE, 45 * MINUTE],
  group: [5 * MINUTE, 15 * MINUTE],
};

export const DEFAULT_POLICY: Policy = {
  profile: PROFILES.builder,
  severityMatchers: KNATIVE_MATRIX,
  severityWords: SEVERITY_WORDS,
  suppress: [],
  watchdogNames: ['Watchdog'],
  correlation: { subjectWindowMs: 30 * MINUTE, nameWindowMs: 10 * MINUTE, reopenWindowMs: 30 * MINUTE },
  quiet: { autoResolveMs: 10 * MINUTE, remindAtMs: [30 * MINUTE, 4 * HOUR], closeAfterMs: 24 * HOUR },
  flapping: { cycles: 3, windowMs: 60 * MINUTE, editEveryMs: 10 * MINUTE, calmMs: 30 * MINUTE },
  ownChannel: { sev2AfterMs: 15 * MINUTE, perHour: 3 },
  mentions: { perIncidentMs: 15 * MINUTE, perChannelMs: 5 * MINUTE, backlogMs: 15 * MINUTE },
  acknowledgement: {
    expiresAfterMs: { sev1: 30 * MINUTE, sev2: 2 * HOUR, sev3: null, sev4: null },
    remindBeforeMs: 5 * MINUTE,
  },
  escalation: {
    policies: [],
    bySeverity: { sev1: null, sev2: null },
    routes: [],
    group: null,
    times: ESCALATION_TIMES,
  },
};

/**
 * The numbers of the default behaviour that no key changes (docs/rules.md names each, and a test compares them). Times in
 * milliseconds.
 */
export const FIXED_RULES = {
  /** Bytes of bodies in memory over all requests; some are kept for small ones, large ones are parsed one at a time. */
  intake: { bytesInFlight: 64 * MIB, bytesKept: 8 * MIB, smallBytes: MIB, largeBytes: 4 * MIB },
  commands: {
    /** Whose incident a person means without naming it: the one touched within this. */
    touchedMs: 30 * MINUTE,
    /** Incidents to choose from. */
    picker: 5,
    /** The longest that somebody may hold an incident without being asked. */
    snoozeMs: 8 * HOUR,
  },
  /** What fits a message, a card and a lock screen. */
  messages: { rows: 12, columns: 44, cardLines: 12, lockScreen: 120, undoMs: 60_000, firstLookCharacters: 2_500 },
  firstLook: {
    /** Requests to the API server; a page is one. */
    calls: 60,
    slowCalls: 30,
    /** Above this p95 half of the requests are made; above the second one none. */
    slowMs: 1_000,
    tooSlowMs: 2_000,
    deadlineMs: 10_000,
    /** Requests a second, apart for people and for automatic work, and automatic ones at once after a pause. */
    perSecond: 10,
    burst: 20,
    /** Looks at once in a cluster, and for how long they share a list. */
    atOnce: 2,
    sharedMs: 10_000,
    pods: 5,
    logLines: 100,
    logBytes: 256 * 1024,
    /** The window before an alert: its rule's `for` when that is unknown, and a margin; changes from earlier on. */
    forMs: 15 * MINUTE,
    marginMs: 5 * MINUTE,
    changesMs: 60 * MINUTE,
    /** Looks at one incident, and how far apart. */
    times: 3,
    apartMs: 10 * MINUTE,
  },
  storms: {
    /** Edits of a card that stands for several incidents. */
    editEveryMs: 10_000,
    /** `chat.update` a minute, and how many of those are for people's clicks and sev1/sev2. */
    updatesPerMinute: 50,
    updatesReserved: 20,
  },
  escalation: ESCALATION_TIMES,
  live: { everyMs: 5_000, longestMs: 2 * MINUTE },
  health: { stuckMs: 5 * MINUTE },
  slack: { disconnectedMs: 2 * MINUTE, seenMs: 24 * HOUR },
};
