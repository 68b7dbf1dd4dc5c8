import { cleanText } from '../../alerts/storableText.ts';
import { ResponderError } from '../../errors.ts';
import { severityName } from '../../wording/counts.ts';
import type { FollowUp, IncidentDraft, News } from '../decision.ts';
import { heldSince, takenBy } from '../escalation.ts';
import { type Actor, compareSeverity, type Incident, type IncidentWithAlerts, isGrave } from '../incident.ts';
import { nextState, UNTOUCHED } from '../nextState.ts';
import { FIXED_RULES, type Policy } from '../policy.ts';
import { cardOf, quietTimers, timer } from '../schedule.ts';
import type { EntryKind, TimelineDraft } from '../timeline.ts';
import { escalate, page, snooze } from './callPeople.ts';
import type { IncidentChange } from './change.ts';
import { setBy } from './declare.ts';
import { incidentCan, type Verdict } from './incidentCan.ts';
import { statusBefore } from './unmerge.ts';

export { declareIncident } from './declare.ts';
export { incidentCan } from './incidentCan.ts';
export { mergeIncidents } from './merge.ts';
export { splitIncidents } from './unmerge.ts';

/** A note longer than this belongs into a file. */
const MAX_NOTE = 3000;

export interface Transition {
  readonly draft: IncidentDraft;
  readonly followUps: readonly FollowUp[];
  /** When there was nothing to do, why: `already acknowledged by Ana`; else null. */
  readonly said: string | null;
}

/** What a single change does to the fields, in which words, and what it brings beside the edit of the card. */
interface Effect {
  readonly fields: Partial<Incident>;
  readonly entry: Pick<TimelineDraft, 'kind' | 'text' | 'detail'>;
  readonly followUps?: readonly FollowUp[];
}

/**
 * Applies what a person does to an incident: its next state, one timeline entry with the person and the instant, the
 * edit of the card. A change that is already so (acknowledged by the same person, the same severity) is allowed,
 * changes nothing and says so. Throws ResponderError `conflict` with the reason when `incidentCan` does not allow it.
 * Merging needs two incidents: `mergeIncidents`.
 */
export function act(
  known: IncidentWithAlerts,
  change: IncidentChange,
  actor: Actor,
  at: number,
  policy: Policy,
): Transition {
  const { incident } = known;
  allow(verdictOn(incident, change));
  const said = alreadySo(incident, change, actor, at, policy);
  if (said !== null) return { draft: nextState(incident, { entries: [] }), followUps: [], said };
  const { fields, entry, followUps = [] } = effectOf(known, change, actor, at, policy);
  const draft = nextState(incident, { fields, entries: [{ ...entry, at, actor }], activeAt: at });
  return { draft, followUps: [cardOf(incident.number, draft.incident, true, policy), ...followUps], said: null };
}

/** Throws `conflict` with the reason of a verdict that is not `true`. */
export function allow(verdict: Verdict): void {
  if (verdict !== true) throw new ResponderError('conflict', verdict);
}

/** The name of a person in a line of text; of an unknown one the id. */
export function nameOf(actor: Actor): string {
  return actor.name ?? actor.id;
}

function verdictOn(incident: Incident, change: IncidentChange): Verdict {
  if (change.kind === 'mergeInto' || change.kind === 'split') return 'merging needs both incidents';
  if (change.kind === 'resolve' && change.dismissed) return incidentCan.dismiss(incident);
  return incidentCan[change.kind](incident);
}

function alreadySo(
  incident: Incident,
  change: IncidentChange,
  actor: Actor,
  at: number,
  policy: Policy,
): string | null {
  const { status } = incident;
  if (change.kind === 'acknowledge' && isHeldBy(incident, actor)) {
    const holds = policy.acknowledgement.expiresAfterMs[incident.severity];
    const isFresh = at - (heldSince(incident) ?? at) < UNDO_MS;
    return holds === null || isFresh ? `#${incident.number} is already acknowledged by ${nameOf(actor)}` : null;
  }
  if (change.kind === 'mitigate' && status === 'mitigated' && !change.note) {
    return `#${incident.number} is already mitigated`;
  }
  if (change.kind === 'setSeverity' && change.severity === incident.severity) {
    return `#${incident.number} is already ${severityName(incident.severity)}`;
  }
  return null;
}

function effectOf(known: IncidentWithAlerts, change: IncidentChange, actor: Actor, at: number, policy: Policy): Effect {
  const { incident } = known;
  switch (change.kind) {
    case 'acknowledge':
      return acknowledge(incident, actor, at);
    case 'unacknowledge':
      return {
        fields: {
          acknowledgedAt: null,
          acknowledgedBy: null,
          status: incident.status === 'acknowledged' ? 'open' : incident.status,
        },
        entry: entry('unacknowledged', `${nameOf(actor)} gave the acknowledgement back`),
      };
    case 'mitigate':
      return {
        fields: { status: 'mitigated', mitigatedAt: incident.mitigatedAt ?? at },
        entry: entry('mitigated', `Mitigated by ${nameOf(actor)}${noted(change.note)}`, { note: change.note }),
      };
    case 'resolve':
      return resolve(incident, change, actor, at);
    case 'reopen':
      return isUndo(incident, change.note, at)
        ? undone(known, actor, policy)
        : reopen(known, change.note, actor, policy);
    case 'setSeverity':
      return setSeverity(incident, change.severity, actor, at, policy);
    case 'note':
      return { fields: {}, entry: entry('note', cleanText(change.text.trim(), MAX_NOTE)) };
    case 'escalate':
      return escalate(known, actor, at, policy);
    case 'page':
      return page(known, change.notify, actor);
    case 'snooze':
      return snooze(incident, change.ms, actor, at);
    case 'mergeInto':
    case 'split':
      throw new ResponderError('internal', 'merging needs both incidents');
  }
}

function isHeldBy({ acknowledgedBy }: Incident, actor: Actor): boolean {
  return acknowledgedBy?.type === actor.type && acknowledgedBy.id === actor.id;
}

/** The first acknowledgement stays the time to acknowledge; who says it again confirms that it holds. */
function acknowledge(incident: Incident, actor: Actor, at: number): Effect {
  const { acknowledgedBy } = incident;
  const from = acknowledgedBy && acknowledgedBy.id !== actor.id ? `, before by ${nameOf(acknowledgedBy)}` : '';
  const isConfirmed = isHeldBy(incident, actor);
  return {
    fields: takenBy(incident, actor, at),
    entry: entry(
      'acknowledged',
      isConfirmed ? `${nameOf(actor)} is still on it` : `Acknowledged by ${nameOf(actor)}${from}`,
    ),
  };
}

function resolve(
  incident: Incident,
  change: Extract<IncidentChange, { kind: 'resolve' }>,
  actor: Actor,
  at: number,
): Effect {
  const how = change.dismissed ? 'Dismissed (not an incident)' : 'Resolved';
  const text = `${how} by ${nameOf(actor)}${noted(change.note)}`;
  return {
    fields: {
      status: 'resolved',
      resolution: change.dismissed ? 'dismissed' : 'person',
      resolvedAt: incident.resolvedAt ?? at,
      resolvedBy: actor,
      flappingSince: null,
      staleSince: null,
    },
    entry: entry('resolved', text, { note: change.note, dismissed: change.dismissed }),
    followUps: [news(incident, { kind: 'resolved', text, broadcast: false, mention: false })],
  };
}

/** What a person did by a slip can be taken back for so long, as if it had not been (docs/rules.md#undo). */
const UNDO_MS = FIXED_RULES.messages.undoMs;

/** Whether a reopening takes a slip back: soon after, and without a reason, which would make it a reopening. */
function isUndo({ resolution, resolvedAt, resolvedBy }: Incident, note: string | null, at: number): boolean {
  if (note?.trim()) return false;
  const isByHand = (resolution === 'person' || resolution === 'dismissed') && resolvedBy?.type !== 'responder';
  return isByHand && resolvedAt !== null && at - resolvedAt < UNDO_MS;
}

/** The incident as it was before somebody resolved it a moment ago: who took it and what was mitigated hold on. */
function undone({ incident }: IncidentWithAlerts, actor: Actor, policy: Policy): Effect {
  const text = `${nameOf(actor)} took the resolution back`;
  const fields = { status: statusBefore(incident), resolvedAt: null, resolvedBy: null, resolution: null } as const;
  return {
    fields,
    entry: entry('reopened', text, { undone: true }),
    followUps: [
      news(incident, { kind: 'reopened', text, broadcast: false, mention: false }),
      ...quietTimers(incident.number, { ...incident, ...fields }, policy),
    ],
  };
}

/** What a person reopens stays open until something changes: it is not quiet, or the bot would close it again. */
function reopen(known: IncidentWithAlerts, note: string | null, actor: Actor, policy: Policy): Effect {
  const { incident } = known;
  const text = `Reopened by ${nameOf(actor)}${noted(note)}`;
  const fields = { ...UNTOUCHED, reopenCount: incident.reopenCount + 1 };
  return {
    fields,
    entry: entry('reopened', text, { note }),
    followUps: [
      news(incident, { kind: 'reopened', text, broadcast: isGrave(incident.severity), mention: false }),
      ...quietTimers(incident.number, { ...incident, ...fields }, policy),
    ],
  };
}

function setSeverity(
  incident: Incident,
  severity: Incident['severity'],
  actor: Actor,
  at: number,
  policy: Policy,
): Effect {
  const raised = compareSeverity(severity, incident.severity) < 0;
  const text = `${raised ? 'Raised' : 'Lowered'} from ${severityName(incident.severity)} to ${severityName(severity)} by ${nameOf(actor)}`;
  const followUps: FollowUp[] = [];
  const fields = { severity, ...setBy(actor) };
  if (incident.status !== 'resolved') {
    if (raised && isGrave(severity)) {
      followUps.push(news(incident, { kind: 'raised', text, broadcast: true, mention: !incident.drill }));
    }
    if (severity === 'sev1')
      followUps.push({ kind: 'ownChannel', incident: incident.number, because: text, automatic: false });
    if (severity === 'sev2') followUps.push(timer(incident.number, 'own_channel', at + policy.ownChannel.sev2AfterMs));
    followUps.push(...quietTimers(incident.number, { ...incident, ...fields }, policy));
  }
  return { fields, entry: entry('severity', text, { from: incident.severity, to: severity }), followUps };
}

function entry(
  kind: EntryKind,
  text: string,
  detail: TimelineDraft['detail'] = {},
): Pick<TimelineDraft, 'kind' | 'text' | 'detail'> {
  return { kind, text, detail };
}

function news(incident: Incident, line: News): FollowUp {
  return { kind: 'news', incident: incident.number, news: line };
}

function noted(note: string | null): string {
  return note?.trim() ? `: ${cleanText(note.trim(), MAX_NOTE)}` : '';
}
