import { alertIdentity } from '../../alerts/identity.ts';
import { ResponderError } from '../../errors.ts';
import type { FollowUp, IncidentDraft } from '../decision.ts';
import {
  type Actor,
  compareSeverity,
  countAlerts,
  type Incident,
  type IncidentAlert,
  type IncidentWithAlerts,
  isGrave,
} from '../incident.ts';
import { nextState } from '../nextState.ts';
import { incidentCan } from './incidentCan.ts';

export interface Merge {
  /** The source, closed, and the target with the source's alerts. */
  readonly drafts: readonly [IncidentDraft, IncidentDraft];
  readonly followUps: readonly FollowUp[];
}

/**
 * Makes one incident part of another: the source is closed as merged, its alerts go to the target, which takes the worse
 * severity and the earlier start. Those of its alerts that were not read are for the store to copy. Throws ResponderError `conflict` with the reason when one of them is over or both are
 * the same.
 */
export function mergeIncidents(
  source: IncidentWithAlerts,
  target: IncidentWithAlerts,
  actor: Actor,
  at: number,
): Merge {
  const verdict = incidentCan.merge(source.incident, target.incident);
  if (verdict !== true) throw new ResponderError('conflict', verdict);
  const from = source.incident;
  const into = target.incident;
  const who = actor.name ?? actor.id;
  const theirs = new Map(target.alerts.map((alert) => [alertIdentity(alert), alert]));
  const moved = source.alerts.map((alert) => joinRecords(alert, theirs.get(alertIdentity(alert)), into.number));
  const fires = (source.unread?.firing ?? 0) > 0 || firesAfter(target, moved);
  const next = merged(from, into, fires);
  const raised = compareSeverity(next.severity, into.severity) < 0;
  const text = `#${from.number} (${from.title}) was merged into this by ${who}`;
  const drafts: Merge['drafts'] = [
    nextState(from, {
      fields: closed(into.number, actor, at),
      entries: [
        { kind: 'merged', at, actor, text: `Merged into #${into.number} by ${who}`, detail: { into: into.number } },
      ],
      activeAt: at,
    }),
    nextState(into, {
      fields: next,
      alerts: moved,
      entries: [{ kind: 'merged', at, actor, text, detail: { from: from.number, alerts: countAlerts(source).all } }],
      activeAt: at,
    }),
  ];
  const followUps: FollowUp[] = [
    { kind: 'card', incident: from.number, urgent: true },
    { kind: 'card', incident: into.number, urgent: true },
    {
      kind: 'news',
      incident: from.number,
      news: { kind: 'merged', text: `Merged into #${into.number} by ${who}`, broadcast: false, mention: false },
    },
    {
      kind: 'news',
      incident: into.number,
      news: { kind: 'merged', text, broadcast: raised && isGrave(next.severity), mention: false },
    },
  ];
  if (raised && next.severity === 'sev1')
    followUps.push({ kind: 'ownChannel', incident: into.number, because: text, automatic: false });
  return { drafts, followUps };
}

function closed(target: number, actor: Actor, at: number): Partial<Incident> {
  return {
    status: 'resolved',
    resolution: 'merged',
    mergedInto: target,
    resolvedAt: at,
    resolvedBy: actor,
    flappingSince: null,
    staleSince: null,
  };
}

function merged(from: Incident, into: Incident, fires: boolean) {
  const worse = compareSeverity(from.severity, into.severity) < 0;
  const related = [...into.related, ...from.related].filter(
    (each, index, all) =>
      each.number !== from.number &&
      each.number !== into.number &&
      all.findIndex((other) => other.number === each.number) === index,
  );
  return {
    severity: worse ? from.severity : into.severity,
    severityReason: worse ? `merged from #${from.number}: ${from.severityReason}` : into.severityReason,
    severitySource: worse ? from.severitySource : into.severitySource,
    startedAt: Math.min(from.startedAt, into.startedAt),
    truncatedAlerts: Math.max(from.truncatedAlerts, into.truncatedAlerts),
    declared: from.declared || into.declared,
    quietSince: fires ? null : (into.quietSince ?? from.quietSince),
    related,
  } satisfies Partial<Incident>;
}

function firesAfter(target: IncidentWithAlerts, moved: readonly IncidentAlert[]): boolean {
  return (target.unread?.firing ?? 0) > 0 || [...target.alerts, ...moved].some((alert) => alert.status === 'firing');
}

/** Both incidents may have held the same alert: what fires, and what was heard last, is true. */
function joinRecords(alert: IncidentAlert, theirs: IncidentAlert | undefined, incidentNumber: number): IncidentAlert {
  if (!theirs) return { ...alert, incidentNumber };
  const latest = theirs.lastSeenAt > alert.lastSeenAt ? theirs : alert;
  return {
    ...latest,
    incidentNumber,
    firstSeenAt: Math.min(alert.firstSeenAt, theirs.firstSeenAt),
    cycles: [...new Set([...alert.cycles, ...theirs.cycles])].sort((a, b) => a - b),
  };
}
