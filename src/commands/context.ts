import type { Incident, IncidentWithAlerts } from '../incidents/incident.ts';
import { FIXED_RULES } from '../incidents/policy.ts';
import { byUrgency } from '../incidents/urgency.ts';
import { short } from '../wording/cuts.ts';
import { UNRESOLVED } from './access.ts';
import type { Run } from './command.ts';
import { COLUMNS, itemOf, rowOf } from './incidentList.ts';
import { leadingNumber } from './names.ts';
import { type Reply, reply } from './reply.ts';
import { quote } from './tokens.ts';

/** How it is known which incident a command means: said by number or button, by where it was typed, by the object it names, the only open one, the last one this person touched. */
export type How = 'number' | 'place' | 'object' | 'only' | 'touched';

export type Meant =
  | { readonly kind: 'found'; readonly known: IncidentWithAlerts; readonly how: How }
  | { readonly kind: 'none' }
  /** The worst first; `total` could be meant. */
  | { readonly kind: 'pick'; readonly candidates: readonly Incident[]; readonly total: number };

const { touchedMs: TOUCH_MS, picker: PICKER } = FIXED_RULES.commands;
/** The most unresolved incidents that are read to find the worst among them. */
const MOST = 500;

/** The incident of the channel, thread or button a command came from; null when the place belongs to none. */
export async function incidentHere(run: Run): Promise<IncidentWithAlerts | null> {
  const { invocation, ports } = run;
  if (invocation.incidentNumber !== null) return ports.incidents.find(invocation.incidentNumber);
  if (!invocation.place) return null;
  const here = await ports.incidents.at(invocation.place.channel, invocation.place.threadTs);
  return here ? ports.incidents.find(here.number) : null;
}

/**
 * Which incident a command means (docs/rules.md#which-incident). `number` wins when given; then the place. Else, for reading: the only open one
 * here, or the one this person touched within 30 min. For writing, with two or more open, nobody guesses.
 * `resolved` looks among resolved incidents instead, for reopening.
 */
export async function meantIncident(
  run: Run,
  wanted: { readonly number: number | null; readonly writing: boolean; readonly resolved?: boolean },
): Promise<Meant> {
  const { ports, invocation } = run;
  if (wanted.number !== null) {
    const known = await ports.incidents.find(wanted.number);
    return known ? { kind: 'found', known, how: 'number' } : { kind: 'none' };
  }
  const here = await incidentHere(run);
  if (here) return { kind: 'found', known: here, how: invocation.incidentNumber === null ? 'place' : 'number' };
  const status = wanted.resolved ? (['resolved'] as const) : UNRESOLVED;
  const channel = invocation.place?.channel;
  const nearby =
    channel === undefined || wanted.writing ? [] : await ports.incidents.list({ status, channel, limit: MOST });
  const open = nearby.length > 0 ? nearby : await ports.incidents.list({ status, limit: MOST });
  if (open.length === 0) return { kind: 'none' };
  if (open.length === 1 && open[0]) return found(run, open[0], 'only');
  if (!wanted.writing) {
    const touchedSince = ports.now() - TOUCH_MS;
    const touched = await ports.incidents.list({ status, touchedBy: invocation.actor.id, touchedSince, limit: 1 });
    if (touched[0]) return found(run, touched[0], 'touched');
  }
  const sorted = wanted.resolved ? open : open.toSorted(byUrgency);
  return { kind: 'pick', candidates: sorted.slice(0, PICKER), total: open.length };
}

async function found(run: Run, incident: Incident, how: How): Promise<Meant> {
  const known = await run.ports.incidents.find(incident.number);
  return known ? { kind: 'found', known, how } : { kind: 'none' };
}

/** How the header names the incident, and why this one. */
export function howInWords(how: How): string {
  if (how === 'place') return 'this place';
  if (how === 'object') return 'it is about that object';
  if (how === 'only') return 'the only open one';
  if (how === 'touched') return 'the one you touched last';
  return 'as you said';
}

/** The answer when several incidents could be meant: the command again with each number, the worst first. */
export function pickerReply(
  { candidates, total }: Extract<Meant, { kind: 'pick' }>,
  commandFor: (number: number) => string,
  { readOnly, now }: { readonly readOnly: boolean; readonly now: number },
): Reply {
  const left = total - candidates.length;
  return reply({
    tone: 'notice',
    title: 'Which incident?',
    summary: `${total} could be meant: press one, say its number, or type in its thread.`,
    table: { columns: COLUMNS, rows: candidates.map((one) => rowOf(one, now)), total },
    list: candidates.map((one) =>
      itemOf(one, now, {
        label: `${firstWord(commandFor(one.number))} #${one.number}`,
        command: commandFor(one.number),
        readOnly,
      }),
    ),
    next: left > 0 ? [{ label: `${left} more`, command: 'incidents', readOnly: true }] : [],
  });
}

function firstWord(command: string): string {
  return command.split(' ')[0] ?? command;
}

/** The answer when no incident could be meant. */
export function noIncidentReply(number: number | null, what: 'open' | 'resolved'): Reply {
  return number === null
    ? reply({
        tone: 'notice',
        title: `There is no ${what} incident.`,
        summary: 'List them with: incidents --all',
        next: [{ label: 'incidents --all', command: 'incidents --all', readOnly: true }],
      })
    : reply({
        tone: 'warning',
        title: `There is no incident #${number}.`,
        summary: 'See which there are: incidents',
        next: [{ label: 'incidents', command: 'incidents', readOnly: true }],
      });
}

/** A free text that begins with an incident's number: `#12 text` always; `12 text` only where the place does not say which is meant. */
export function splitNumber(text: string, placed: boolean): { readonly number: number | null; readonly text: string } {
  const leading = leadingNumber(text);
  if (!leading || (!leading.marked && placed && leading.rest !== '')) return { number: null, text };
  return { number: leading.number, text: leading.rest };
}

/** A free text as it can stand at the end of a command offered to copy. */
export function copyable(text: string): string {
  const line = short(text, 200);
  return line === '' ? '' : ` ${/^-/.test(line) ? (quote(line) ?? '') : line}`;
}
