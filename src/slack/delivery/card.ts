import { coerceError, type ResponderError } from '../../errors.ts';
import { nextRung } from '../../incidents/escalation.ts';
import { type IncidentWithAlerts, RESPONDER } from '../../incidents/incident.ts';
import type { SlackMessage } from '../../incidents/post.ts';
import { wantsCard } from '../../incidents/schedule.ts';
import type { SlackPorts } from '../ports.ts';
import type { Rendered } from '../render/blocks.ts';
import { renderCard } from '../render/card.ts';
import type { DeliverySettings } from './deliverySettings.ts';
import { renderHash, viewLedger } from './ledger.ts';
import type { Mentions } from './mentions.ts';
import type { Slot } from './pacing.ts';
import { edit, type Poster, postOnce } from './post.ts';
import { isChannelClosed, slackReason } from './slackErrors.ts';

/** Who delivers a view: the parts of a poster, and what a view is made of. */
export interface Deliverer extends Poster {
  readonly ports: SlackPorts;
  readonly settings: DeliverySettings;
  readonly mentions: Mentions;
  /** Who the bot is, as far as known. */
  readonly identity: () => { readonly botUserId: string | null };
  readonly onCard: (ms: number) => void;
}

export function channelView(incidentNumber: number): string {
  return `channel:${incidentNumber}`;
}

/** The card that stands in the incident's own channel. */
export function ownCardView(incidentNumber: number): string {
  return `intro:${incidentNumber}`;
}

export function cardView(incidentNumber: number): string {
  return `card:${incidentNumber}`;
}

/**
 * Brings the incident's card up to what the incident is now: posts it, edits it, or does nothing when it shows that
 * already. Fifty changes while Slack was down become one message.
 */
export async function deliverCard(deliverer: Deliverer, incidentNumber: number, signal: AbortSignal): Promise<void> {
  const known = await deliverer.ports.incidents.find(incidentNumber);
  if (!known) {
    deliverer.log.warn({ incident: incidentNumber }, 'no such incident: no card to deliver');
    return;
  }
  try {
    await reconcile(deliverer, known, signal);
    await reconcileOwn(deliverer, known, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    await recordFailure(deliverer, incidentNumber, cardView(incidentNumber), coerceError(thrown));
    throw thrown;
  }
}

async function reconcile(deliverer: Deliverer, known: IncidentWithAlerts, signal: AbortSignal): Promise<void> {
  const row = await deliverer.ports.messages.get(cardView(known.incident.number));
  // sev4 is recorded and listed; only a card it has from when it was worse is kept up (docs/rules.md#severity).
  if (row === null && (!wantsCard(known.incident) || (await isTooLate(deliverer, known)))) return;
  if (row === null && (await deliverer.ports.groups.of(known.incident.number)) !== null) return;
  const shown = row?.state === 'sent' && row.ts !== null ? { channel: row.channel, ts: row.ts } : null;
  if (shown && (await editCard(deliverer, known, shown, row?.renderedHash ?? null, signal))) return;
  await postCard(deliverer, known, row?.state === 'sending' ? row : null, signal);
  if (shown === null) deliverer.onCard(Math.max(0, deliverer.clock.now() - known.incident.openedAt));
}

/** Keeps the card in the incident's own channel up to date; one that was archived or deleted since is left as it is. */
async function reconcileOwn(deliverer: Deliverer, known: IncidentWithAlerts, signal: AbortSignal): Promise<void> {
  const view = ownCardView(known.incident.number);
  const row = await deliverer.ports.messages.get(view);
  if (row?.state !== 'sent' || row.ts === null) return;
  const at = { channel: row.channel, ts: row.ts };
  const rendered = await render(deliverer, known, null, null);
  const next = renderHash(rendered);
  if (next === row.renderedHash) return;
  const mark = { view, instance: deliverer.settings.instance };
  try {
    if (!(await edit(deliverer, at, { rendered, mark, priority: priorityOf(known) }, signal))) return;
  } catch (error) {
    if (isChannelClosed(error)) return;
    throw error;
  }
  await deliverer.ports.messages.sent(view, at.channel, at.ts, next);
}

/**
 * The channel gets the present state, not a replay: a small incident that came and went while Slack could not be reached
 * is on the timeline, the pages and in the lists.
 */
async function isTooLate(deliverer: Deliverer, { incident }: IncidentWithAlerts): Promise<boolean> {
  if (incident.status !== 'resolved' || incident.severity === 'sev1' || incident.severity === 'sev2') return false;
  if (deliverer.clock.now() - incident.openedAt <= deliverer.settings.mentionLimits.backlogMs) return false;
  const text = 'No card: it was resolved before Slack could be reached';
  const detail = { view: cardView(incident.number), reason: 'superseded' };
  const entry = { kind: 'delivery', at: deliverer.clock.now(), actor: RESPONDER, text, detail } as const;
  await deliverer.ports.timeline.append(incident.number, entry, 'delivery:superseded');
  return true;
}

/** False when the message is gone and the card has to be posted anew. */
async function editCard(
  deliverer: Deliverer,
  known: IncidentWithAlerts,
  at: { readonly channel: string; readonly ts: string },
  hash: string | null,
  signal: AbortSignal,
): Promise<boolean> {
  const view = cardView(known.incident.number);
  const rendered = await render(deliverer, known, null, null);
  const next = renderHash(rendered);
  if (next === hash) return true;
  try {
    const mark = { view, instance: deliverer.settings.instance };
    if (!(await edit(deliverer, at, { rendered, mark, priority: priorityOf(known) }, signal))) return false;
  } catch (error) {
    // An archived channel takes no edits: the card moves to where people can read it.
    if (isChannelClosed(error) && (await defaultChannel(deliverer, signal)) !== at.channel) return false;
    throw error;
  }
  await deliverer.ports.messages.sent(view, at.channel, at.ts, next);
  return true;
}

async function postCard(
  deliverer: Deliverer,
  known: IncidentWithAlerts,
  uncertain: SlackMessage | null,
  signal: AbortSignal,
): Promise<void> {
  const { number, channel } = known.incident;
  const post = (where: string, note: string | null) => postCardIn(deliverer, known, where, uncertain, note, signal);
  await inWantedChannel(deliverer, channel, { incident: number, view: cardView(number) }, post, signal);
}

/** Posts in the channel a route chose (null: the default one); in the default one with a note when that one is gone. */
export async function inWantedChannel(
  deliverer: Deliverer,
  channel: string | null,
  about: { readonly incident: number; readonly view: string },
  post: (channel: string, note: string | null) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const wanted = channel ?? deliverer.settings.channel;
  try {
    await post(await deliverer.channels.resolve(wanted, signal), null);
  } catch (error) {
    signal.throwIfAborted();
    const closed = isChannelClosed(error) || coerceError(error).code === 'not_found';
    if (!closed || wanted === deliverer.settings.channel) throw error;
    const fallback = await defaultChannel(deliverer, signal);
    deliverer.log.warn({ ...about, channel: wanted, err: error }, 'the card goes to the default channel');
    await recordFailure(deliverer, about.incident, about.view, coerceError(error));
    const note = `Meant for ${wanted.startsWith('#') ? wanted : `#${wanted}`}: ${coerceError(error).message}`;
    await post(fallback, note);
  }
}

async function postCardIn(
  deliverer: Deliverer,
  known: IncidentWithAlerts,
  channel: string,
  uncertain: SlackMessage | null,
  note: string | null,
  signal: AbortSignal,
): Promise<void> {
  const { incident } = known;
  const view = cardView(incident.number);
  const open = incident.status !== 'resolved' && incident.reopenCount === 0;
  const about = { view, incident, channel, since: incident.openedAt };
  const mention = open ? await deliverer.mentions.forView(about, signal) : null;
  // What is posted anew rings at who is named in it: who is called next is for the edits that follow.
  const shown = { ...known, incident: { ...incident, escalation: undefined } };
  const rendered = await render(deliverer, shown, mention, note);
  const hash = renderHash(mention === null && note === null ? rendered : await render(deliverer, shown, null, null));
  const message = {
    channel,
    threadTs: null,
    rendered,
    broadcast: false,
    mark: { view, instance: deliverer.settings.instance },
    priority: priorityOf(known),
  } as const;
  const posted = await postOnce(
    deliverer,
    message,
    viewLedger(deliverer.ports.messages, uncertain, view, hash, deliverer.clock),
    signal,
  );
  if (!posted.found) return;
  // What was found shows the incident as it was then.
  await editCard(deliverer, known, posted, null, signal);
}

/** The incident's own channel, once it is open. */
async function ownChannelOf(deliverer: Deliverer, number: number): Promise<string | null> {
  const row = await deliverer.ports.messages.get(channelView(number));
  return row?.state === 'sent' ? row.channel : null;
}

export async function render(
  deliverer: Deliverer,
  known: IncidentWithAlerts,
  mention: string | null,
  note: string | null,
): Promise<Rendered> {
  const { number } = known.incident;
  const playbook = deliverer.ports.playbooks.forIncident(known);
  return renderCard({
    known,
    playbook,
    progress: playbook && (await deliverer.ports.runbook.progress(playbook, known.incident)),
    finding: await deliverer.ports.findings.top(number),
    mention,
    next: nextRung(known, deliverer.settings.escalation),
    note,
    ownChannel: await ownChannelOf(deliverer, number),
    publicUrl: deliverer.settings.publicUrl,
    runbookHelpUrl: deliverer.settings.runbookHelpUrl,
    simulated: deliverer.settings.simulated,
  });
}

export function defaultChannel(deliverer: Deliverer, signal: AbortSignal): Promise<string> {
  return deliverer.channels.resolve(deliverer.settings.channel, signal);
}

/** Edits of what people are working on keep going when the budget is short: sev1, sev2, and what somebody just touched. */
function priorityOf(known: IncidentWithAlerts): Slot['priority'] {
  const { severity, status } = known.incident;
  return severity === 'sev1' || severity === 'sev2' || status === 'acknowledged' ? 'urgent' : 'incident';
}

/** What a person has to put right is written into the timeline, once for each reason; what passes by itself is not. */
export async function recordFailure(
  deliverer: Deliverer,
  incidentNumber: number,
  view: string,
  error: ResponderError,
): Promise<void> {
  const reason = slackReason(error) ?? error.code;
  if (error.code === 'rate_limited' || error.code === 'unavailable' || error.code === 'timeout') return;
  if (error.code === 'unreachable' || error.code === 'cancelled' || error.code === 'store_unavailable') return;
  const text = `Slack: ${error.message}${error.hint ? ` ${error.hint}` : ''}`;
  const entry = {
    kind: 'delivery',
    at: deliverer.clock.now(),
    actor: RESPONDER,
    text,
    detail: { view, reason },
  } as const;
  try {
    await deliverer.ports.timeline.append(incidentNumber, entry, `delivery:${view}:${reason}`);
  } catch (err) {
    deliverer.log.error({ err, incident: incidentNumber }, 'a failed delivery could not be recorded');
  }
}
