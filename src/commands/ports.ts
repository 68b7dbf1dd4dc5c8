import type { NameProfile } from '../alerts/profile.ts';
import type { EscalationSettings } from '../incidents/escalationSettings.ts';
import type { DiagnosticResult } from '../incidents/evidence.ts';
import type { Actor, Incident, IncidentWithAlerts, Status } from '../incidents/incident.ts';
import type { ChangeRequest, Declaration, IncidentChange } from '../incidents/life/change.ts';
import type { TimelineDraft, TimelineEntry } from '../incidents/timeline.ts';
import type { Place } from './invocation.ts';

/** What a person or a runbook asks of the cluster; every bound has a default in k8s. */
export interface DiagnosticRequest {
  /** Name in the diagnostics table: `jobs`, `logs`, `events`, `pods`, `top pods`, `top nodes`, `builds`, `function` ... */
  readonly diagnostic: string;
  readonly cluster: string | null;
  /** null with `allNamespaces`. */
  readonly namespace: string | null;
  readonly allNamespaces: boolean;
  /** `NAME`, `kind/NAME`, or `kind/` for all of a kind. */
  readonly name: string | null;
  readonly selector: string | null;
  readonly fieldSelector: string | null;
  readonly container: string | null;
  readonly tail: number | null;
  /** Epoch ms; only what is newer. */
  readonly since: number | null;
  /** Epoch ms when the incident began that this is asked for; null or absent outside of one. */
  readonly startedAt?: number | null;
  readonly previous: boolean;
  /** kubectl's spelling: `.lastTimestamp`, `.metadata.creationTimestamp`, `cpu`, `memory`. */
  readonly sortBy: string | null;
  /** Only lines or rows containing this text, case-insensitive. */
  readonly filter: string | null;
  /** What the file is to hold besides the table: all columns, or the objects. Absent: the table. */
  readonly output?: 'wide' | 'json' | 'yaml' | null;
  /** `person` reads have their own rate budget apart from `automatic` ones. */
  readonly priority: 'person' | 'automatic';
  readonly signal: AbortSignal;
}

/** The cluster, read-only. Throws ResponderError with what was tried and what to do. */
export interface Diagnostics {
  run(request: DiagnosticRequest): Promise<DiagnosticResult>;
  /** Names of existing objects of a kind, for "did you mean"; [] when they cannot be read. */
  names(
    kind: 'pod' | 'job' | 'function' | 'namespace',
    namespace: string | null,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
}

/** Reading incidents. */
export interface IncidentRepository {
  find(number: number): Promise<IncidentWithAlerts | null>;
  /** The incident whose own channel or card thread this is. */
  at(channel: string, threadTs: string | null): Promise<Incident | null>;
  /** Newest first. `touchedBy`: incidents this actor id acted on since `touchedSince`. */
  list(filter: {
    readonly status?: readonly Status[];
    readonly channel?: string;
    /** Incidents shown on this shared card. */
    readonly group?: number;
    readonly touchedBy?: string;
    readonly touchedSince?: number;
    readonly limit: number;
  }): Promise<readonly Incident[]>;
  timeline(number: number): Promise<readonly TimelineEntry[]>;
}

/** Changing incidents, one transaction each with timeline and follow-up jobs. Throws ResponderError `conflict` with the reason, `not_found`. */
export interface IncidentChanges {
  /** Of a request that was carried out already, the incident it was about as it is now; nothing is changed again. */
  apply(number: number, change: IncidentChange, by: ChangeRequest): Promise<Incident>;
  declare(draft: Declaration, by: ChangeRequest): Promise<Incident>;
  /** The incident that the request with this key was about, when it was carried out already; else null. */
  made(once: string): Promise<Incident | null>;
  /** Appends what ran to the timeline. */
  record(number: number, entry: TimelineDraft): Promise<void>;
}

export interface PlaybookStepView {
  readonly index: number;
  readonly text: string;
  /** `/lambda` command lines of the step, rendered for the incident's labels, without the leading `/lambda`. */
  readonly commands: readonly string[];
  readonly automatic: boolean;
  /** Heading of the runbook's section it stands in: `First five minutes`, `Diagnosis` ... */
  readonly section?: string;
  /** What the step has people type into a terminal, rendered; shown, never run. */
  readonly snippets?: readonly string[];
  /** Identity within the runbook, which holds when other steps are added or moved; its number unless given. */
  readonly key?: string;
}

export interface PlaybookView {
  readonly id: string;
  readonly title: string;
  readonly url: string | null;
  readonly owner: string | null;
  readonly steps: readonly PlaybookStepView[];
  /** Label names the steps want and the alert lacks. */
  readonly missing: readonly string[];
}

/** The runbook of an incident, rendered with its labels. */
export interface Runbooks {
  forIncident(incident: IncidentWithAlerts): PlaybookView | null;
  list(): readonly { id: string; title: string; alerts: readonly string[] }[];
}

/** What people did with the steps of runbooks. */
export interface RunbookSteps {
  /** Writes an act on a step; false, and nothing is written, when somebody else was first under this key. Throws ResponderError `not_found`. */
  markStep(number: number, entry: TimelineDraft, once: string): Promise<boolean>;
}

/** A look that goes on: one message that is shown again every few seconds. JSON-serialisable. */
export interface LiveLook {
  /** The invocation whose answer it keeps up to date. */
  readonly id: string;
  /** What was asked for, and the command line that is run again. */
  readonly asked: string;
  readonly line: string;
  readonly incidentNumber: number | null;
  readonly place: Place | null;
  readonly actor: Actor;
  readonly startedAt: number;
}

/** Looks that go on: one at a time in a workspace, and none in a storm. */
export interface LiveLooks {
  /** `begun` also when this very look was begun before. */
  begin(
    look: LiveLook,
  ): Promise<
    { readonly kind: 'begun' } | { readonly kind: 'storm' } | { readonly kind: 'busy'; readonly other: LiveLook }
  >;
  /** The look that was told to end; null when none goes on. */
  stop(actor: Actor): Promise<LiveLook | null>;
}

/** The post-mortem of an incident, written from its timeline. Throws ResponderError `not_found`. */
export interface Postmortems {
  of(number: number): Promise<{ readonly markdown: string; readonly json: string }>;
}

/** The responder's own work. */
export interface OwnQueue {
  /** How much was given up and waits for a person. */
  deadCount(): Promise<number>;
  /** What was given up, the newest first; errors are redacted. */
  deadLetters(
    limit: number,
  ): Promise<
    readonly { readonly id: number; readonly kind: string; readonly deadAt: number; readonly error: string }[]
  >;
  /** Per lane what is due at an instant, epoch ms, and since when the oldest of it is. */
  depth(
    now: number,
  ): Promise<readonly { readonly lane: string; readonly due: number; readonly oldestDueAt: number | null }[]>;
}

/** What a command file gets: ports and settings, no context bag beyond these. */
export interface CommandPorts {
  readonly diagnostics: Diagnostics;
  readonly incidents: IncidentRepository;
  readonly changes: IncidentChanges;
  readonly runbooks: Runbooks;
  /** Absent where there is no store, such as diagnostics straight from a terminal. */
  readonly postmortems?: Postmortems;
  /** Absent where there is no store. */
  readonly steps?: RunbookSteps;
  /** Absent where there is no store. */
  readonly queue?: OwnQueue;
  /** Absent where no message can be shown again. */
  readonly live?: LiveLooks;
  readonly settings: CommandSettings;
  readonly now: () => number;
}

export interface CommandSettings {
  readonly profile: NameProfile;
  /** Namespaces people may read; the incident's own is always added. */
  readonly namespaces: readonly string[];
  readonly allowAllNamespaces: boolean;
  readonly clusters: readonly string[];
  readonly publicUrl: string | null;
  /** Who is called for what. */
  readonly escalation: EscalationSettings;
  /** How long a repeat of what a person resolved is no news. */
  readonly reopenWindowMs: number;
}
