import { exact } from '../../wording/lengths.ts';
import type { CollectedEvidence, Finding } from '../evidence.ts';
import type { Incident, Resolution } from '../incident.ts';
import { causesInWords, sentenceOf } from '../sentence.ts';
import type { TimelineEntry } from '../timeline.ts';

/** What happened, for somebody who was not there: what was broken and where, what it meant, why, what set it off, how it ended and by what. */
export function summaryOf(
  incident: Incident,
  record: {
    /** Their names. */
    readonly alerts: readonly string[];
    readonly timeline: readonly TimelineEntry[];
    readonly causes: readonly Finding[];
    readonly trigger: Finding | null;
    /** Numbers of the incidents that are part of it. */
    readonly merged: readonly number[];
    /** When its condition began, epoch ms. */
    readonly startedAt: number;
  },
): string {
  const { what, impact: means } = sentenceOf(incident);
  const where = incident.namespace === null ? '' : ` in namespace ${incident.namespace}`;
  return [
    `${what} (${incident.title} on cluster ${incident.cluster}${where}).`,
    means === null ? '' : `Impact: ${ended(means)}`,
    causeOf(incident, record.causes),
    record.trigger === null ? '' : `Trigger: ${ended(record.trigger.conclusion)}`,
    alertsIn(incident, record.alerts),
    mergedIn(record.merged),
    incident.status === 'resolved'
      ? `It was ${howResolved(incident)}${lasted(incident, record.startedAt)}.`
      : `It is ${incident.status} as this is written.`,
    fixedBy(incident, record.timeline),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** The cause with its way to the symptom, as sure as the diagnosis was. */
function causeOf(incident: Incident, [first]: readonly Finding[]): string {
  const sentence = sentenceOf(incident);
  const words = causesInWords(sentence) ?? first?.brief ?? first?.conclusion ?? null;
  if (words === null) return '';
  // Confirmed is what is said, all of it, and not only the first of it.
  const isSure =
    sentence.noIncident === null &&
    (sentence.causes.length > 0 ? sentence.causes.every((one) => one.isSure) : first?.confidence === 'confirmed');
  const head = isSure ? 'Cause, confirmed by the diagnosis' : 'Cause, as the diagnosis proposes it';
  const path = first?.path === undefined ? '' : ` How it came about: ${ended(arrows(first.path))}`;
  return `${head}: ${ended(words)}${path}`;
}

function alertsIn(incident: Incident, alerts: readonly string[]): string {
  const names = alerts.slice(0, 3);
  const more = alerts.length > 3 ? ` and ${alerts.length - 3} more` : '';
  if (names.length === 0) return incident.declared ? 'It was declared by a person.' : 'It has no alerts.';
  return `The alerts were ${names.join(', ')}${more}.`;
}

function ended(text: string): string {
  return /[.!?…]$/u.test(text) ? text : `${text}.`;
}

/** What a person wrote when it was mitigated or resolved, never a guess; what did not hold, for it was opened again, fixed nothing. */
function fixedBy({ resolution }: Incident, timeline: readonly TimelineEntry[]): string {
  if (resolution === 'dismissed') return '';
  const notes: Partial<Record<TimelineEntry['kind'], string>> = {};
  for (const { kind, detail } of timeline) {
    if (kind === 'reopened') {
      delete notes.resolved;
      // A slip that was taken back leaves what was mitigated before it.
      if (detail.undone !== true) delete notes.mitigated;
    }
    const note = typeof detail.note === 'string' ? detail.note.trim() : '';
    if ((kind === 'resolved' || kind === 'mitigated') && note !== '' && detail.dismissed !== true) notes[kind] = note;
  }
  const note = notes.resolved ?? notes.mitigated;
  return note === undefined ? '' : `What fixed it: ${ended(note)}`;
}

/** The causes of the last look that named any. */
export function causesOf(evidence: readonly CollectedEvidence[]): readonly Finding[] {
  const last = inOrder(evidence).findLast(({ findings }) => findings.some(({ role }) => role === 'cause'));
  // The store has the best one last.
  return (last?.findings.filter(({ role }) => role === 'cause') ?? []).toReversed();
}

/** Codes of changes that came right before an incident (k8s/ask/changeFindings.ts), new code before an edit. */
const CHANGES = ['rollout-before-start', 'change-before-start'];

/** The change that came right before it began, as the last look at the changes has it; null when none did. */
export function triggerOf(evidence: readonly CollectedEvidence[]): Finding | null {
  const all = inOrder(evidence).flatMap(({ findings }) => findings);
  for (const code of CHANGES) {
    const found = all.findLast((one) => one.code === code);
    if (found !== undefined) return found;
  }
  return null;
}

function inOrder(evidence: readonly CollectedEvidence[]): readonly CollectedEvidence[] {
  return evidence.toSorted((a, b) => a.capturedAt - b.capturedAt);
}

/** `a -> b` with the sign for it: the other would be escaped. */
export function arrows(path: string): string {
  return path.replaceAll(' -> ', ' → ');
}

function mergedIn(numbers: readonly number[]): string {
  if (numbers.length === 0) return '';
  const named = numbers.map(String);
  const list = named.length === 1 ? named[0] : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
  return named.length === 1 ? `Incident ${list} was merged into it.` : `Incidents ${list} were merged into it.`;
}

function lasted({ resolvedAt }: Incident, startedAt: number): string {
  return resolvedAt === null ? '' : `, ${exact(resolvedAt - startedAt)} after it started`;
}

/** How it ended, and by whom. */
export function howResolved({ resolution, resolvedBy }: Pick<Incident, 'resolution' | 'resolvedBy'>): string {
  const how = HOW_RESOLVED[resolution ?? 'person'];
  const person = resolvedBy?.type === 'responder' ? null : (resolvedBy?.name ?? resolvedBy?.id ?? null);
  return (resolution ?? 'person') === 'person' && person !== null ? `resolved by ${person}` : how;
}

const HOW_RESOLVED: Readonly<Record<Resolution, string>> = {
  person: 'resolved by a person',
  quiet: 'resolved by the bot when all its alerts had been quiet for a while',
  poll: 'resolved by the bot because Alertmanager no longer knew its alerts',
  timeout: 'closed by the bot after a day of quiet, without a person',
  dismissed: 'dismissed as not an incident',
  merged: 'merged into another incident',
};
