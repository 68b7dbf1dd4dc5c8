import { cleanText } from '../alerts/storableText.ts';
import type { Incident } from './incident.ts';
import { correlationKey } from './subject.ts';

const MAX_TITLE = 150;

/** What has to be known of an incident that opens. */
type Opening = Pick<
  Incident,
  'cluster' | 'namespace' | 'subject' | 'title' | 'severity' | 'severityReason' | 'severitySource' | 'startedAt'
>;

/** What people did to an incident, of one that nobody took up: it has just opened, or opened again. */
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
  const { cluster, namespace, subject } = about;
  const openedAt = about.openedAt ?? about.startedAt;
  return {
    number: 0,
    correlationKey: correlationKey(cluster, namespace, subject),
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

/** A title in one line, as long as people read. */
export function titleOf(text: string): string {
  return cleanText(text.replace(/\s+/g, ' ').trim(), MAX_TITLE);
}
