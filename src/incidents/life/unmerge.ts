import { alertIdentity } from '../../alerts/identity.ts';
import { ResponderError } from '../../errors.ts';
import type { Actor, Incident, IncidentAlert, IncidentWithAlerts } from '../incident.ts';
import { nextState } from '../nextState.ts';
import type { Policy } from '../policy.ts';
import { quietTimers } from '../schedule.ts';
import { incidentCan } from './incidentCan.ts';
import type { Merge } from './merge.ts';

/**
 * Takes a merge back: the source is open again, taken or mitigated as it was, with its alerts as they are now, and the
 * target goes on without what the merge brought. The target keeps its severity, which falls only by a person.
 * @throws ResponderError conflict when the source is not merged, when the target itself went into a third one, or when one
 * has too many alerts to tell them apart
 */
export function splitIncidents(
  source: IncidentWithAlerts,
  target: IncidentWithAlerts,
  actor: Actor,
  at: number,
  policy: Policy,
): Merge {
  const verdict = incidentCan.split(source.incident, target.incident);
  if (verdict !== true) throw new ResponderError('conflict', verdict);
  const from = source.incident;
  const into = target.incident;
  if (source.unread || target.unread)
    throw new ResponderError('conflict', `#${from.number} has too many alerts to be split off again`);
  const who = actor.name ?? actor.id;
  const theirs = new Map(target.alerts.map((alert) => [alertIdentity(alert), alert]));
  const back = source.alerts.map((alert) => ({
    ...(theirs.get(alertIdentity(alert)) ?? alert),
    firstSeenAt: alert.firstSeenAt,
    incidentNumber: from.number,
  }));
  const brought = source.alerts.filter((alert) => {
    const now = theirs.get(alertIdentity(alert));
    return now !== undefined && !heldBefore(now, alert, from.resolvedAt ?? at);
  });
  const gone = new Set(brought.map(alertIdentity));
  const left = target.alerts.filter((alert) => !gone.has(alertIdentity(alert)));
  const entry = (text: string, detail: Readonly<Record<string, unknown>>) =>
    ({ kind: 'split', at, actor, text, detail }) as const;
  const drafts: Merge['drafts'] = [
    nextState(from, {
      fields: reopened(from, back, at),
      alerts: back,
      entries: [entry(`Split off from #${into.number} by ${who}`, { from: into.number })],
      activeAt: at,
    }),
    {
      ...nextState(into, {
        fields: without(into, left, at),
        entries: [entry(`#${from.number} (${from.title}) was split off again by ${who}`, { off: from.number })],
        activeAt: at,
      }),
      removed: brought,
    },
  ];
  return {
    drafts,
    followUps: drafts.flatMap(({ incident }) => [
      { kind: 'card', incident: incident.number, urgent: true } as const,
      ...quietTimers(incident.number, incident, policy),
    ]),
  };
}

/**
 * Whether the target held an alert before the merge joined the records of both (merge.ts): then it was first seen before the
 * source saw it, or fired for the target alone.
 */
function heldBefore(now: IncidentAlert, before: IncidentAlert, mergedAt: number): boolean {
  if (now.firstSeenAt < before.firstSeenAt) return true;
  const known = new Set(before.cycles);
  return now.cycles.some((cycle) => cycle <= mergedAt && !known.has(cycle));
}

function reopened(from: Incident, alerts: readonly IncidentAlert[], at: number): Partial<Incident> {
  const isFiring = alerts.some((alert) => alert.status === 'firing');
  return {
    status: statusBefore(from),
    resolution: null,
    mergedInto: null,
    resolvedAt: null,
    resolvedBy: null,
    quietSince: isFiring || alerts.length === 0 ? null : (from.quietSince ?? at),
  };
}

/** Where an incident stood before it was closed: who took it and what was mitigated is kept. */
export function statusBefore({ mitigatedAt, acknowledgedBy }: Incident): Incident['status'] {
  return mitigatedAt !== null ? 'mitigated' : acknowledgedBy !== null ? 'acknowledged' : 'open';
}

function without(into: Incident, left: readonly IncidentAlert[], at: number): Partial<Incident> {
  const isQuiet = left.length > 0 && left.every((alert) => alert.status === 'resolved');
  return {
    startedAt: left.length === 0 ? into.startedAt : Math.min(...left.map(({ startsAt }) => startsAt)),
    quietSince: isQuiet ? (into.quietSince ?? at) : into.quietSince,
  };
}
