import { coerceError, type ResponderError } from '../../errors.ts';
import { type IncidentWithAlerts, RESPONDER } from '../../incidents/incident.ts';
import type { SlackMessage } from '../../incidents/post.ts';
import { wantsCard } from '../../incidents/schedule.ts';
import type { SlackPorts } from '../ports.ts';
import type { Rendered } from '../render/blocks.ts';
import { renderCard } from '../render/card.ts';
import { isChannelClosed, slackReason } from './errors.ts';
import { renderHash, viewLedger } from './ledger.ts';
import type { Mentions } from './mentions.ts';
import type { Slot } from './pacing.ts';
import { edit, type Poster, postOnce } from './post.ts';
import type { DeliverySettings } from './settings.ts';

/** What delivering a view needs. */
export interface Kit extends Poster {
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
export async function deliverCard(kit: Kit, incidentNumber: number, signal: AbortSignal): Promise<void> {
  const known = await kit.ports.incidents.find(incidentNumber);
  if (!known) {
    kit.log.warn({ incident: incidentNumber }, 'no such incident: no card to deliver');
    return;
  }
  try {
    await reconcile(kit, known, signal);
    await reconcileOwn(kit, known, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    await recordFailure(kit, incidentNumber, cardView(incidentNumber), coerceError(thrown));
    throw thrown;
  }
}

async function reconcile(kit: Kit, known: IncidentWithAlerts, signal: AbortSignal): Promise<void> {
  const row = await kit.ports.messages.get(cardView(known.incident.number));
  // sev4 is recorded and listed; only a card it has from when it was worse is kept up (docs/rules.md#severity).
  if (row === null && (!wantsCard(known.incident) || (await isTooLate(kit, known)))) return;
  if (row === null && (await kit.ports.groups.of(known.incident.number)) !== null) return;
  const shown = row?.state === 'sent' && row.ts !== null ? { channel: row.channel, ts: row.ts } : null;
  if (shown && (await editCard(kit, known, shown, row?.renderedHash ?? null, signal))) return;
  await postCard(kit, known, row?.state === 'sending' ? row : null, signal);
  if (shown === null) kit.onCard(Math.max(0, kit.clock.now() - known.incident.openedAt));
}

/** Keeps the card in the incident's own channel up to date; one that was archived or deleted since is left as it is. */
async function reconcileOwn(kit: Kit, known: IncidentWithAlerts, signal: AbortSignal): Promise<void> {
  const view = ownCardView(known.incident.number);
  const row = await kit.ports.messages.get(view);
  if (row?.state !== 'sent' || row.ts === null) return;
  const at = { channel: row.channel, ts: row.ts };
  const rendered = await render(kit, known, null, null);
  const next = renderHash(rendered);
  if (next === row.renderedHash) return;
  const mark = { view, instance: kit.settings.instance };
  try {
    if (!(await edit(kit, at, { rendered, mark, priority: priorityOf(known) }, signal))) return;
  } catch (error) {
    if (isChannelClosed(error)) return;
    throw error;
  }
  await kit.ports.messages.sent(view, at.channel, at.ts, next);
}

/**
 * The channel gets the present state, not a replay: a small incident that came and went while Slack could not be reached
 * is on the timeline, the pages and in the lists.
 */
async function isTooLate(kit: Kit, { incident }: IncidentWithAlerts): Promise<boolean> {
  if (incident.status !== 'resolved' || incident.severity === 'sev1' || incident.severity === 'sev2') return false;
  if (kit.clock.now() - incident.openedAt <= kit.settings.mentionLimits.backlogMs) return false;
  const text = 'No card: it was resolved before Slack could be reached';
  const detail = { view: cardView(incident.number), reason: 'superseded' };
  const entry = { kind: 'delivery', at: kit.clock.now(), actor: RESPONDER, text, detail } as const;
  await kit.ports.timeline.append(incident.number, entry, 'delivery:superseded');
  return true;
}

/** False when the message is gone and the card has to be posted anew. */
async function editCard(
  kit: Kit,
  known: IncidentWithAlerts,
  at: { readonly channel: string; readonly ts: string },
  hash: string | null,
  signal: AbortSignal,
): Promise<boolean> {
  const view = cardView(known.incident.number);
  const rendered = await render(kit, known, null, null);
  const next = renderHash(rendered);
  if (next === hash) return true;
  try {
    const mark = { view, instance: kit.settings.instance };
    if (!(await edit(kit, at, { rendered, mark, priority: priorityOf(known) }, signal))) return false;
  } catch (error) {
    // An archived channel takes no edits: the card moves to where people can read it.
    if (isChannelClosed(error) && (await defaultChannel(kit, signal)) !== at.channel) return false;
    throw error;
  }
  await kit.ports.messages.sent(view, at.channel, at.ts, next);
  return true;
}

async function postCard(
  kit: Kit,
  known: IncidentWithAlerts,
  uncertain: SlackMessage | null,
  signal: AbortSignal,
): Promise<void> {
  const { number, channel } = known.incident;
  const post = (where: string, note: string | null) => postCardIn(kit, known, where, uncertain, note, signal);
  await inWantedChannel(kit, channel, { incident: number, view: cardView(number) }, post, signal);
}

/** Posts in the channel a route chose (null: the default one); in the default one with a note when that one is gone. */
export async function inWantedChannel(
  kit: Kit,
  channel: string | null,
  about: { readonly incident: number; readonly view: string },
  post: (channel: string, note: string | null) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const wanted = channel ?? kit.settings.channel;
  try {
    await post(await kit.channels.resolve(wanted, signal), null);
  } catch (error) {
    signal.throwIfAborted();
    const closed = isChannelClosed(error) || coerceError(error).code === 'not_found';
    if (!closed || wanted === kit.settings.channel) throw error;
    const fallback = await defaultChannel(kit, signal);
    kit.log.warn({ ...about, channel: wanted, err: error }, 'the card goes to the default channel');
    await recordFailure(kit, about.incident, about.view, coerceError(error));
    const note = `Meant for ${wanted.startsWith('#') ? wanted : `#${wanted}`}: ${coerceError(error).message}`;
    await post(fallback, note);
  }
}

async function postCardIn(
  kit: Kit,
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
  const mention = open ? await kit.mentions.forView(about, signal) : null;
  const rendered = await render(kit, known, mention, note);
  const hash = renderHash(mention === null && note === null ? rendered : await render(kit, known, null, null));
  const message = {
    channel,
    threadTs: null,
    rendered,
    broadcast: false,
    mark: { view, instance: kit.settings.instance },
    priority: priorityOf(known),
  } as const;
  const posted = await postOnce(kit, message, viewLedger(kit.ports.messages, uncertain, view, hash, kit.clock), signal);
  if (!posted.found) return;
  // What was found shows the incident as it was then.
  await editCard(kit, known, posted, null, signal);
}

/** The incident's own channel, once it is open. */
async function ownChannelOf(kit: Kit, number: number): Promise<string | null> {
  const row = await kit.ports.messages.get(channelView(number));
  return row?.state === 'sent' ? row.channel : null;
}

export async function render(
  kit: Kit,
  known: IncidentWithAlerts,
  mention: string | null,
  note: string | null,
): Promise<Rendered> {
  const { number } = known.incident;
  const playbook = kit.ports.playbooks.forIncident(known);
  return renderCard({
    known,
    playbook,
    progress: playbook && (await kit.ports.runbook.progress(playbook, number)),
    finding: await kit.ports.findings.top(number),
    mention,
    note,
    ownChannel: await ownChannelOf(kit, number),
    publicUrl: kit.settings.publicUrl,
    runbookHelpUrl: kit.settings.runbookHelpUrl,
    simulated: kit.settings.simulated,
  });
}

export function defaultChannel(kit: Kit, signal: AbortSignal): Promise<string> {
  return kit.channels.resolve(kit.settings.channel, signal);
}

/** Edits of what people are working on keep going when the budget is short: sev1, sev2, and what somebody just touched. */
function priorityOf(known: IncidentWithAlerts): Slot['priority'] {
  const { severity, status } = known.incident;
  return severity === 'sev1' || severity === 'sev2' || status === 'acknowledged' ? 'urgent' : 'incident';
}

/** What a person has to put right is written into the timeline, once for each reason; what passes by itself is not. */
export async function recordFailure(
  kit: Kit,
  incidentNumber: number,
  view: string,
  error: ResponderError,
): Promise<void> {
  const reason = slackReason(error) ?? error.code;
  if (error.code === 'rate_limited' || error.code === 'unavailable' || error.code === 'timeout') return;
  if (error.code === 'unreachable' || error.code === 'cancelled' || error.code === 'store_unavailable') return;
  const text = `Slack: ${error.message}${error.hint ? ` ${error.hint}` : ''}`;
  const entry = { kind: 'delivery', at: kit.clock.now(), actor: RESPONDER, text, detail: { view, reason } } as const;
  try {
    await kit.ports.timeline.append(incidentNumber, entry, `delivery:${view}:${reason}`);
  } catch (err) {
    kit.log.error({ err, incident: incidentNumber }, 'a failed delivery could not be recorded');
  }
}
