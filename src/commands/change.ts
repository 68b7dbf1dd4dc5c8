import type { Incident, IncidentWithAlerts } from '../incidents/incident.ts';
import type { IncidentChange } from '../incidents/life/change.ts';
import type { Run } from './command.ts';
import { meantIncident, noIncidentReply, pickerReply } from './context.ts';
import { type Reply, reply } from './reply.ts';

export interface RequestedChange {
  readonly number: number | null;
  /** The command again for another number, for the picker. */
  readonly commandFor: (number: number) => string;
  readonly change: (known: IncidentWithAlerts) => IncidentChange;
  readonly resolved?: boolean;
  /** `meant` is the number of the incident the command was about, which a merge closes. */
  readonly done: (
    incident: Incident,
    meant: number,
  ) => { readonly title: string; readonly summary?: string; readonly undo?: string; readonly next?: Reply['next'] };
}

/**
 * Changes the incident that is meant. Run again with the same invocation (a job is run again after a crash, and by another
 * replica while the first is stopped) it changes nothing, and answers for the incident it was about the first time: which one
 * is meant may look different by then.
 */
export async function changeIncident(run: Run, requested: RequestedChange): Promise<Reply> {
  const { ports, invocation } = run;
  const { id: once, actor, at } = invocation;
  const made = await ports.changes.made(once);
  if (made) return answer(requested, made, made.number);
  const meant = await meantIncident(run, {
    number: requested.number,
    writing: true,
    resolved: requested.resolved ?? false,
  });
  if (meant.kind === 'none') return noIncidentReply(requested.number, requested.resolved ? 'resolved' : 'open');
  if (meant.kind === 'pick') return pickerReply(meant, requested.commandFor, { readOnly: false, now: ports.now() });
  const { number } = meant.known.incident;
  return answer(
    requested,
    await ports.changes.apply(number, requested.change(meant.known), { actor, at, once }),
    number,
  );
}

function answer(requested: RequestedChange, incident: Incident, meant: number): Reply {
  const { undo, next = [], ...said } = requested.done(incident, meant);
  const back = undo === undefined ? [] : [{ label: 'Undo', command: undo, readOnly: false }];
  return reply({ ...said, next: [...back, ...next], visibility: 'channel', incidentNumber: incident.number });
}
