import type { Actor } from './incident.ts';

/** The kinds of timeline entry; append-only, the post-mortem is written from them. */
export const ENTRY_KINDS = [
  'opened',
  'alert_firing',
  'alert_resolved',
  'alert_rejected',
  'truncated',
  'severity',
  'acknowledged',
  'unacknowledged',
  'mitigated',
  'quiet',
  'refired',
  'resolved',
  'reopened',
  'stale',
  'flapping',
  'related',
  'merged',
  'split', // a merge taken back
  'note',
  'message', // a Slack message pinned or reacted into the timeline
  'command', // a diagnostic or other command with its result
  'first_look', // what the automatic first look found or why it failed
  'step', // a runbook step done, skipped or failed
  'fix', // a change to the cluster: requested, approved, run, verified
  'reminder',
  'escalated',
  'delivery', // a delivery that failed or recovered
  'exported',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface TimelineDraft {
  readonly kind: EntryKind;
  /** When it happened, epoch milliseconds (not when we wrote it down). */
  readonly at: number;
  readonly actor: Actor;
  /** One line for people, plain text, already redacted. */
  readonly text: string;
  /** Structured detail by kind, JSON-serialisable, already redacted; {} when none. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface TimelineEntry extends TimelineDraft {
  readonly id: number;
  readonly incidentNumber: number;
  readonly recordedAt: number;
  readonly permalink: string | null;
}
