import type { AlertIdentity } from '../alerts/identity.ts';
import type { Invocation } from '../commands/invocation.ts';
import type { Reply } from '../commands/reply.ts';
import type { Incident, IncidentAlert, IncidentWithAlerts } from '../incidents/incident.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';

/** Where deliveries go. Both resolve once committed, and throw ResponderError store_unavailable when they cannot be. */
export interface Intake {
  accept(delivery: {
    readonly body: string;
    readonly sender: string;
    readonly senderCluster: string | null;
    readonly groupKey: string;
    readonly alertCount: number;
    readonly receivedAt: number;
    /** Its alerts, where they are too many for one transaction; the body is without them then. Gone through once a try. */
    readonly slices?: Iterable<string>;
  }): Promise<{ readonly id: number }>;
  /** The durable record of a delivery refused for good, and the incident it opens. `head`: its first 64 KiB. */
  refuse(refused: {
    readonly sender: string;
    readonly size: number;
    readonly reason: string;
    readonly head: string;
    readonly at: number;
  }): Promise<void>;
}

/** A delivery that was refused for good, as it was recorded. */
export interface Refused {
  readonly id: number;
  readonly sender: string;
  /** Bytes of the whole body. */
  readonly size: number;
  readonly reason: string;
  /** Its first 64 KiB, redacted. */
  readonly head: string;
  readonly at: number;
}

export interface RefusedDeliveries {
  /** Newest first. */
  list(limit: number): Promise<readonly Refused[]>;
}

export interface IncidentReader {
  find(number: number): Promise<IncidentWithAlerts | null>;
  list(filter: { readonly limit: number }): Promise<readonly Incident[]>;
  timeline(number: number): Promise<readonly TimelineEntry[]>;
  /** The alerts behind one of them, in the order of their identities: of an incident that has too many to be read at once. */
  alertsOf(number: number, after: AlertIdentity | null, limit: number): Promise<readonly IncidentAlert[]>;
}

/** What a page shows beside an incident's record. */
export interface IncidentExtras {
  /** The latest chart that was made for it, as PNG; null when there is none. */
  chartOf(number: number): Promise<Buffer | null>;
  /** Where its card or channel is in Slack; null when that is not known. */
  slackUrl(number: number): Promise<string | null>;
}

/** Work that was given up. */
export interface DeadLetters {
  list(limit: number): Promise<readonly DeadLetter[]>;
  find(id: number): Promise<DeadLetter | null>;
  /** Runs it again as if new; false when there is none. */
  retry(id: number): Promise<boolean>;
}

export interface DeadLetter {
  readonly id: number;
  readonly kind: string;
  readonly payload: unknown;
  readonly attempts: number;
  readonly createdAt: number;
  readonly deadAt: number;
  readonly error: string;
}

export interface PostMortems {
  /** @throws ResponderError not_found. `json` is JSON text. */
  of(number: number): Promise<{ readonly markdown: string; readonly json: string }>;
}

export interface Commands {
  run(invocation: Invocation, signal: AbortSignal): Promise<Reply>;
}

/** What every answer passes on its way out, whatever it was made of. */
export interface AnswerRedaction {
  redact(text: string): string;
  redactTree<T>(value: T): T;
}

export interface RunbookReader {
  list(): readonly { readonly id: string; readonly title: string }[];
  /** The Markdown without its front matter; null for an id that is not a runbook's. */
  read(id: string): Promise<{ readonly title: string; readonly markdown: string } | null>;
}

export interface Health {
  /** Throws when the store cannot be written. */
  probe(): Promise<void>;
  /** What else there is to know, never part of readiness. */
  detail(): Promise<Readonly<Record<string, unknown>>>;
}
