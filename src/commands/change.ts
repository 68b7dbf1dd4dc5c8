import type { IncidentChange } from '../incidents/change.ts';
import type { Incident, IncidentWithAlerts } from '../incidents/incident.ts';
import type { EntryKind } from '../incidents/timeline.ts';
import type { Run } from './command.ts';
import { meantIncident, noIncidentReply, pickerReply } from './context.ts';
import { type Reply, reply } from './reply.ts';

export interface Wish {
  readonly number: number | null;
  /** The command again for another number, for the picker. */
  readonly commandFor: (number: number) => string;
  readonly change: (known: IncidentWithAlerts) => IncidentChange;
  /** The kind of timeline entry the change leaves: how a second run of the same command is recognised. */
  readonly leaves: EntryKind;
  readonly resolved?: boolean;
  /** `meant` is the number of the incident the command was about, which a merge closes. */
  readonly done: (incident: Incident, meant: number) => { readonly title: string; readonly summary?: string };
}

/**
 * Changes the incident that is meant. Run again with the same invocation (a job is run again after a crash) it changes
 * nothing: the entry it left bears the same actor and instant.
 */
export async function changeIncident(run: Run, wish: Wish): Promise<Reply> {
  const { ports, invocation } = run;
  const meant = await meantIncident(run, { number: wish.number, writing: true, resolved: wish.resolved ?? false });
  if (meant.kind === 'none') return noIncidentReply(wish.number, wish.resolved ? 'resolved' : 'open');
  if (meant.kind === 'pick') return pickerReply(meant.candidates, wish.commandFor, false);
  const { number } = meant.known.incident;
  const incident = (await alreadyDone(run, number, wish.leaves))
    ? meant.known.incident
    : await ports.changes.apply(number, wish.change(meant.known), invocation.actor, invocation.at);
  return reply({ ...wish.done(incident, number), visibility: 'channel', incidentNumber: incident.number });
}

async function alreadyDone(run: Run, number: number, kind: EntryKind): Promise<boolean> {
  const { invocation, ports } = run;
  const timeline = await ports.incidents.timeline(number);
  return timeline.some(
    (entry) =>
      entry.kind === kind &&
      entry.at === invocation.at &&
      entry.actor.type === invocation.actor.type &&
      entry.actor.id === invocation.actor.id,
  );
}
