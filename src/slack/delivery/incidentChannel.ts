import { coerceError, ResponderError } from '../../errors.ts';
import { headline } from '../../incidents/headline.ts';
import { type IncidentWithAlerts, RESPONDER } from '../../incidents/incident.ts';
import { severityName } from '../../wording/counts.ts';
import { cut } from '../../wording/cuts.ts';
import { context, type Rendered, section } from '../render/blocks.ts';
import { cutEscaped, escapeMrkdwn, oneLine, prose } from '../render/text.ts';
import { cardView, type Kit } from './card.ts';
import { isName } from './channels.ts';
import { slackReason } from './errors.ts';
import { viewLedger } from './ledger.ts';
import { postOnce } from './post.ts';

export function channelView(incidentNumber: number): string {
  return `channel:${incidentNumber}`;
}

/**
 * Opens the incident's own channel (`inc-12-buildoomkilled`): topic, the people already on it, a first message, and a
 * link in the card's thread. Each step may be repeated after a crash. When the workspace does not let the app open
 * channels the incident stays where it is and its timeline says why.
 */
export async function ownChannel(kit: Kit, incidentNumber: number, signal: AbortSignal): Promise<void> {
  const known = await kit.ports.incidents.find(incidentNumber);
  if (!known || known.incident.status === 'resolved' || known.incident.drill) return;
  const card = await kit.ports.messages.get(cardView(incidentNumber));
  if (card?.state !== 'sent' || card.ts === null)
    throw new ResponderError('unavailable', `The card of incident ${incidentNumber} is not posted yet`, {
      retryAfterMs: Math.min(90_000, Math.max(500, (kit.clock.now() - known.incident.openedAt) / 2)),
    });
  let channel: { readonly id: string; readonly name: string } | null;
  try {
    channel = await create(kit, known, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    const error = coerceError(thrown);
    const reason = slackReason(error);
    if (reason === null || error.code === 'rate_limited' || error.code === 'unavailable') throw error;
    await giveUp(kit, incidentNumber, error);
    return;
  }
  await furnish(kit, known, channel.id, signal);
  const at = { channel: card.channel, ts: card.ts };
  await say(kit, `intro:${incidentNumber}`, { channel: channel.id, threadTs: null }, intro(kit, known, at), signal);
  const link: Rendered = {
    text: `Incident #${incidentNumber} has its own channel`,
    blocks: [section([`This incident has its own channel: <#${channel.id}>`])],
  };
  await say(kit, `channelLink:${incidentNumber}`, { channel: at.channel, threadTs: at.ts }, link, signal);
}

async function create(
  kit: Kit,
  known: IncidentWithAlerts,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly name: string }> {
  const view = channelView(known.incident.number);
  const row = await kit.ports.messages.get(view);
  const base = channelName(known);
  if (row?.state === 'sent') return { id: row.channel, name: base };
  // Written before Slack is asked: a name that is taken on the next attempt is then ours.
  const begun = row?.state === 'sending';
  if (!begun) await kit.ports.messages.begin(view, base, kit.clock.now());
  for (let attempt = 1; attempt <= 9; attempt += 1) {
    const name = attempt === 1 ? base : `${base}-${attempt}`;
    const id = (await tryCreate(kit, name, signal)) ?? (begun ? await adopt(kit, name, signal) : null);
    if (id === null) continue;
    await kit.ports.messages.sent(view, id, '0', null);
    return { id, name };
  }
  throw new ResponderError('conflict', `Every channel name like ${base} is taken`);
}

/** Null when the name is taken, which archived channels do too. */
async function tryCreate(kit: Kit, name: string, signal: AbortSignal): Promise<string | null> {
  try {
    const slot = { method: 'conversations.create', channel: null, priority: 'urgent' } as const;
    const answer = await kit.api.call(slot, signal, (client) => client.conversations.create({ name }));
    return answer.channel?.id ?? null;
  } catch (error) {
    if (slackReason(error) === 'name_taken') return null;
    throw error;
  }
}

/** The channel of that name if this bot made it and it is not archived: an attempt whose answer was lost. */
async function adopt(kit: Kit, name: string, signal: AbortSignal): Promise<string | null> {
  try {
    const id = await kit.channels.resolve(name, signal);
    if (isName(id) && kit.channels.searching() !== null)
      throw new ResponderError('unavailable', `Whether the channel ${id} is ours is still being looked for`);
    const slot = { method: 'conversations.info', channel: null, priority: 'urgent' } as const;
    const answer = await kit.api.call(slot, signal, (client) => client.conversations.info({ channel: id }));
    const ours = answer.channel?.is_archived !== true && answer.channel?.creator === kit.identity().botUserId;
    return ours ? id : null;
  } catch (error) {
    signal.throwIfAborted();
    if (coerceError(error).code === 'not_found') return null;
    throw error;
  }
}

/** `inc-12-buildoomkilled`; Slack allows lower-case letters, digits, `-` and `_`, 80 at most. */
export function channelName(known: IncidentWithAlerts): string {
  const about = known.alerts[0]?.name ?? known.incident.title;
  const slug = about
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return `inc-${known.incident.number}${slug === '' ? '' : `-${slug}`}`.slice(0, 74).replace(/-+$/, '');
}

/** Topic and people: worth having, not worth failing for. */
async function furnish(kit: Kit, known: IncidentWithAlerts, channel: string, signal: AbortSignal): Promise<void> {
  const { incident } = known;
  const topic = cut(oneLine(`${severityName(incident.severity)} #${incident.number} ${incident.title}`), 240);
  const people = incident.acknowledgedBy?.type === 'slack' ? [incident.acknowledgedBy.id] : [];
  const steps = [
    () =>
      kit.api.call({ method: 'conversations.setTopic', channel: null, priority: 'normal' }, signal, (client) =>
        client.conversations.setTopic({ channel, topic }),
      ),
    ...people.map(
      (users) => () =>
        kit.api.call({ method: 'conversations.invite', channel: null, priority: 'urgent' }, signal, (client) =>
          client.conversations.invite({ channel, users }),
        ),
    ),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      signal.throwIfAborted();
      const reason = slackReason(error);
      if (reason !== 'already_in_channel' && reason !== 'cant_invite_self')
        kit.log.warn({ err: error, incident: incident.number }, 'the incident channel is not complete');
    }
  }
}

function intro(kit: Kit, known: IncidentWithAlerts, card: { readonly channel: string; readonly ts: string }): Rendered {
  const line = oneLine(headline(known, kit.clock.now()));
  const lines = [
    `*${prose(line, 200)}*`,
    'Commands here are about this incident: `/lambda diag pods`, `/lambda note ...`, `/lambda resolve`.',
  ];
  return {
    text: escapeMrkdwn(cutEscaped(line, 120)) || `Incident ${known.incident.number}`,
    blocks: [section(lines), context([`The card stands in <#${card.channel}>.`])],
  };
}

async function say(
  kit: Kit,
  view: string,
  where: { readonly channel: string; readonly threadTs: string | null },
  rendered: Rendered,
  signal: AbortSignal,
): Promise<void> {
  const row = await kit.ports.messages.get(view);
  if (row?.state === 'sent') return;
  const mark = { view, instance: kit.settings.instance };
  const message = { ...where, rendered, broadcast: false, mark, priority: 'normal' } as const;
  await postOnce(kit, message, viewLedger(kit.ports.messages, row, view, null, kit.clock), signal);
}

async function giveUp(kit: Kit, incidentNumber: number, error: ResponderError): Promise<void> {
  kit.log.warn({ err: error, incident: incidentNumber }, 'the incident gets no channel of its own');
  await kit.ports.messages.dead(channelView(incidentNumber), slackReason(error) ?? error.code);
  const text = `No channel of its own: ${error.message}${error.hint ? ` ${error.hint}` : ''}`;
  const detail = { view: channelView(incidentNumber), reason: slackReason(error) ?? error.code };
  const entry = { kind: 'delivery', at: kit.clock.now(), actor: RESPONDER, text, detail } as const;
  await kit.ports.timeline.append(incidentNumber, entry, `delivery:${channelView(incidentNumber)}:${detail.reason}`);
}
