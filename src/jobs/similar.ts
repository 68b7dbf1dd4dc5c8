import type { Incident, IncidentWithAlerts } from '../incidents/incident.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';
import { spoken } from '../wording/lengths.ts';

/** Earlier incidents, as a first look asks for them. */
export interface History {
  /** Resolved ones of the same cluster, namespace and subject, newest first. */
  earlier(incident: Incident, limit: number): Promise<readonly IncidentWithAlerts[]>;
  timeline(number: number): Promise<readonly TimelineEntry[]>;
}

const LOOKED_AT = 10;
const MOST_COMMANDS = 3;

/**
 * What was done the last time the same alert fired for the same subject, in one line; else the last time anything was
 * wrong with that subject. Null when nothing was. What fixed it is what a person wrote, never our guess.
 */
export async function similarLine(known: IncidentWithAlerts, history: History, now: number): Promise<string | null> {
  if (known.incident.subject.kind === 'alert' && known.incident.namespace === null && known.alerts.length === 0)
    return null;
  const names = new Set(known.alerts.map(({ name }) => name));
  const earlier = (await history.earlier(known.incident, LOOKED_AT)).filter(({ incident }) => !incident.drill);
  const same = earlier.find(({ alerts }) => alerts.some(({ name }) => names.has(name)));
  const chosen = same ?? earlier[0];
  if (!chosen) return null;
  const count = earlier.filter(({ alerts }) => alerts.some(({ name }) => names.has(name))).length;
  const entries = await history.timeline(chosen.incident.number);
  const ran = ranIn(entries);
  const fixed = fixedBy(chosen.incident, entries);
  return [
    `${same ? 'Seen before' : 'The same subject before'}: #${chosen.incident.number}, ${spoken(now - (chosen.incident.resolvedAt ?? chosen.incident.openedAt))} ago${count > 1 ? ` (${count} times)` : ''}`,
    fixed,
    ran.length > 0 ? `ran: ${ran.join(', ')}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** Fixes, steps and commands people ran, the last ones, each once; what the responder ran by itself is not among them. */
function ranIn(entries: readonly TimelineEntry[]): readonly string[] {
  const lines = entries.flatMap(({ kind, actor, text, detail }) => {
    if (actor.type === 'responder') return [];
    if (kind === 'fix' || kind === 'step') return [text.slice(0, 80)];
    return kind === 'command' && typeof detail.command === 'string' ? [detail.command.slice(0, 60)] : [];
  });
  return [...new Set(lines)].slice(-MOST_COMMANDS);
}

function fixedBy(incident: Incident, entries: readonly TimelineEntry[]): string {
  const note = entries.findLast(
    ({ kind, detail }) =>
      (kind === 'resolved' || kind === 'mitigated') && typeof detail.note === 'string' && detail.note !== '',
  )?.detail.note;
  const how = incident.resolution === 'dismissed' ? 'dismissed' : 'resolved';
  if (typeof note === 'string') return `${how}: “${note.slice(0, 120)}”`;
  const last = entries.findLast(({ kind }) => kind === 'note')?.text;
  if (last) return `${how}, last note: “${last.slice(0, 120)}”`;
  return incident.resolution === 'quiet' || incident.resolution === 'poll' ? 'it resolved by itself' : how;
}
