import { severityName } from '../../wording/counts.ts';
import type { Incident } from '../incident.ts';
import { wantsCard } from '../schedule.ts';

/** Allowed, or the reason why not, as a sentence for the person who asked. */
export type Verdict = true | string;

/** What may be done to an incident in its state: one table for commands, buttons and jobs alike. */
export const incidentCan = {
  acknowledge: (incident: Incident): Verdict => !isOver(incident) || alreadyOver(incident),
  unacknowledge: (incident: Incident): Verdict => {
    if (isOver(incident)) return alreadyOver(incident);
    return incident.acknowledgedBy !== null || `#${incident.number} is not acknowledged`;
  },
  escalate: (incident: Incident): Verdict => canCall(incident),
  page: (incident: Incident): Verdict => canCall(incident),
  snooze: (incident: Incident): Verdict => !isOver(incident) || alreadyOver(incident),
  mitigate: (incident: Incident): Verdict => !isOver(incident) || alreadyOver(incident),
  resolve: (incident: Incident): Verdict => !isOver(incident) || alreadyOver(incident),
  /** Also after it was resolved: that it was no incident is often found out later. */
  dismiss: (incident: Incident): Verdict => {
    if (incident.resolution === 'merged') return alreadyOver(incident);
    return incident.resolution !== 'dismissed' || alreadyOver(incident);
  },
  reopen: (incident: Incident): Verdict => {
    if (!isOver(incident)) return `#${incident.number} is not resolved, it is ${incident.status}`;
    return incident.resolution !== 'merged' || alreadyOver(incident);
  },
  /** Also after it was resolved, so that the statistics are right. */
  setSeverity: (incident: Incident): Verdict => incident.resolution !== 'merged' || alreadyOver(incident),
  note: (_incident: Incident): Verdict => true,
  merge: (source: Incident, target: Incident): Verdict => {
    if (source.number === target.number) return `#${source.number} cannot be merged into itself`;
    if (isOver(source)) return alreadyOver(source);
    return !isOver(target) || alreadyOver(target);
  },
  split: (source: Incident, target: Incident): Verdict => {
    if (source.resolution !== 'merged' || source.mergedInto !== target.number)
      return `#${source.number} is not merged into another incident`;
    return target.resolution !== 'merged' || `#${target.number} went into #${target.mergedInto}: split that first`;
  },
} satisfies Record<string, (incident: Incident, target: Incident) => Verdict>;

/** People are called in the thread of a card, which a sev4 does not get. */
function canCall(incident: Incident): Verdict {
  if (isOver(incident)) return alreadyOver(incident);
  if (wantsCard(incident)) return true;
  return `#${incident.number} is ${severityName(incident.severity)}, for which nobody is called: raise it first`;
}

function isOver(incident: Incident): boolean {
  return incident.status === 'resolved';
}

function alreadyOver(incident: Incident): string {
  if (incident.resolution === 'merged') return `#${incident.number} was merged into #${incident.mergedInto}`;
  const how = incident.resolution === 'dismissed' ? 'dismissed' : 'resolved';
  const who = incident.resolvedBy === null ? '' : ` by ${incident.resolvedBy.name ?? incident.resolvedBy.id}`;
  return `#${incident.number} is already ${how}${who}`;
}
