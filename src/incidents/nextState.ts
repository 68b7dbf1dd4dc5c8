import type { IncidentDraft } from './decision.ts';
import { compareSeverity, type Incident, type IncidentAlert } from './incident.ts';
import type { TimelineDraft } from './timeline.ts';

/** What happens to an incident, whoever does it: a delivery, a poll, a timer, a person, a look. */
export interface Happening {
  readonly fields?: Partial<Incident>;
  readonly entries: readonly TimelineDraft[];
  /** Those of its alerts that are written. */
  readonly alerts?: readonly IncidentAlert[];
  /** When somebody acted or an alert changed, epoch ms; absent when that is no activity. */
  readonly activeAt?: number;
}

/**
 * The next state of an incident, and the only place that makes one: its last activity never goes back, and its version counts
 * up by one when a field differs or the timeline has something to say.
 */
export function nextState(before: Incident, { fields = {}, entries, alerts = [], activeAt }: Happening): IncidentDraft {
  const told = fields.lastActivityAt ?? before.lastActivityAt;
  const lastActivityAt = Math.max(before.lastActivityAt, told, activeAt ?? 0);
  const changed = { ...before, ...fields, number: before.number, version: before.version, lastActivityAt };
  const next = { ...changed, ...waitedAnew(before, changed) };
  const version = entries.length > 0 || differs(before, next) ? before.version + 1 : before.version;
  return { key: before.number, incident: { ...next, version }, alerts, entries };
}

/**
 * The fields of an incident that hold what is waited for, once its status or severity changed: it is waited anew whenever
 * somebody has to acknowledge again or it became worse, a confirmation holds no longer than the acknowledgement it confirms, and
 * who was asked before it went quiet is asked again. A resolution keeps them: it may be taken back.
 */
function waitedAnew(before: Incident, next: Incident): Partial<Incident> {
  const opens = before.status !== 'open' && next.status === 'open';
  const rises = compareSeverity(next.severity, before.severity) < 0;
  const isAnew = next.escalation !== undefined && (opens || rises);
  const isOver = next.status === 'open' || next.acknowledgedAt === null;
  const isBack =
    (before.quietSince !== null && next.quietSince === null) ||
    (before.flappingSince !== null && next.flappingSince === null);
  return {
    ...(isAnew ? { escalation: undefined } : {}),
    ...(isOver && next.confirmedAt !== undefined ? { confirmedAt: undefined } : {}),
    ...(isOver && next.snoozedUntil !== undefined ? { snoozedUntil: undefined } : {}),
    ...((isOver || isBack) && next.askedAt !== undefined ? { askedAt: undefined } : {}),
  };
}

/** Whether one of these fields differs from before. */
export function differs(before: Incident, fields: Partial<Incident>): boolean {
  return Object.entries(fields).some(([name, value]) => before[name as keyof Incident] !== value); // its own names
}

/** What has to be known of an incident that opens. */
type Opening = Pick<
  Incident,
  | 'cluster'
  | 'namespace'
  | 'subject'
  | 'correlationKey'
  | 'title'
  | 'severity'
  | 'severityReason'
  | 'severitySource'
  | 'startedAt'
>;

/** The fields that people change, of an incident that nobody took up: it has just opened, or opened again. */
export const UNTOUCHED = {
  status: 'open',
  quietSince: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  mitigatedAt: null,
  resolvedAt: null,
  resolvedBy: null,
  resolution: null,
} as const satisfies Partial<Incident>;

/** An incident that opens: nobody did anything about it yet. It has no number before it is saved. */
export function newIncident(about: Opening & Partial<Incident>): Incident {
  const openedAt = about.openedAt ?? about.startedAt;
  return {
    number: 0,
    ...UNTOUCHED,
    staleSince: null,
    flappingSince: null,
    flapCount: 0,
    truncatedAlerts: 0,
    declared: false,
    drill: false,
    openedAt,
    reopenCount: 0,
    lastActivityAt: openedAt,
    previousNumber: null,
    related: [],
    mergedInto: null,
    playbookId: null,
    channel: null,
    version: 0,
    ...about,
  };
}
