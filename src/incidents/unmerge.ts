import { alertIdentity } from '../alerts/identity.ts';
import { ResponderError } from '../errors.ts';
import type { Actor, Incident, IncidentAlert, IncidentWithAlerts } from './incident.ts';
import { incidentCan } from './incidentCan.ts';
import type { Merge } from './merge.ts';
import { nextState } from './nextState.ts';

/**
 * Takes a merge back: the source is open again, taken or mitigated as it was, with its alerts as they are now, and the
 * target goes on without them. The target keeps its severity, which falls only by a person.
 * @throws ResponderError conflict when the source is not merged, or has too many alerts to tell them apart
 */
export function splitIncidents(
  source: IncidentWithAlerts,
  target: IncidentWithAlerts,
  actor: Actor,
  at: number,
): Merge {
  const verdict = incidentCan.split(source.incident);
  if (verdict !== true) throw new ResponderError('conflict', verdict);
  const from = source.incident;
  const into = target.incident;
  if (source.unread || target.unread)
    throw new ResponderError('conflict', `#${from.number} has too many alerts to be split off again`);
  const who = actor.name ?? actor.id;
  const theirs = new Map(target.alerts.map((alert) => [alertIdentity(alert), alert]));
  const own = new Set(source.alerts.map(alertIdentity));
  const back = source.alerts.map((alert) => ({
    ...(theirs.get(alertIdentity(alert)) ?? alert),
    incidentNumber: from.number,
  }));
  const left = target.alerts.filter((alert) => !own.has(alertIdentity(alert)));
  const entry = (text: string, detail: Readonly<Record<string, unknown>>) =>
    ({ kind: 'split', at, actor, text, detail }) as const;
  return {
    drafts: [
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
        removed: source.alerts,
      },
    ],
    followUps: [from.number, into.number].map((incident) => ({ kind: 'card', incident, urgent: true }) as const),
  };
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
