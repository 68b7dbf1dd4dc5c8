import { coerceError, ResponderError } from '../../errors.ts';
import { type IncidentWithAlerts, RESPONDER } from '../../incidents/incident.ts';
import { headline } from '../../incidents/sentence.ts';
import { cut } from '../../wording/cuts.ts';
import { oneLine } from '../render/mrkdwn.ts';
import { cardView, channelView, type Deliverer, ownCardView, render } from './card.ts';
import { isName } from './channels.ts';
import { renderHash, viewLedger } from './ledger.ts';
import { postOnce } from './post.ts';
import { slackReason } from './slackErrors.ts';

/**
 * Opens the incident's own channel (`inc-12-buildoomkilled`): topic, the people already on it, and the live card with the
 * diagnosis and the buttons. The card elsewhere links to it at its next edit. Each step may be repeated after a crash. When the workspace does not let the app open
 * channels the incident stays where it is and its timeline says why.
 */
export async function ownChannel(deliverer: Deliverer, incidentNumber: number, signal: AbortSignal): Promise<void> {
  const known = await deliverer.ports.incidents.find(incidentNumber);
  if (!known || known.incident.status === 'resolved' || known.incident.drill) return;
  const card = await deliverer.ports.messages.get(cardView(incidentNumber));
  if (card?.state !== 'sent' || card.ts === null)
    throw new ResponderError('unavailable', `The card of incident ${incidentNumber} is not posted yet`, {
      retryAfterMs: Math.min(90_000, Math.max(500, (deliverer.clock.now() - known.incident.openedAt) / 2)),
    });
  let channel: { readonly id: string; readonly name: string } | null;
  try {
    channel = await create(deliverer, known, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    const error = coerceError(thrown);
    const reason = slackReason(error);
    if (reason === null || error.code === 'rate_limited' || error.code === 'unavailable') throw error;
    await giveUp(deliverer, incidentNumber, error);
    return;
  }
  await furnish(deliverer, known, channel.id, signal);
  const row = await deliverer.ports.messages.get(ownCardView(incidentNumber));
  if (row?.state === 'sent') return;
  const rendered = await render(deliverer, known, null, null);
  const mark = { view: ownCardView(incidentNumber), instance: deliverer.settings.instance };
  const message = {
    channel: channel.id,
    threadTs: null,
    rendered,
    broadcast: false,
    mark,
    priority: 'normal',
  } as const;
  const ledger = viewLedger(deliverer.ports.messages, row, mark.view, renderHash(rendered), deliverer.clock);
  await postOnce(deliverer, message, ledger, signal);
}

async function create(
  deliverer: Deliverer,
  known: IncidentWithAlerts,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly name: string }> {
  const view = channelView(known.incident.number);
  const row = await deliverer.ports.messages.get(view);
  const base = channelName(known);
  if (row?.state === 'sent') return { id: row.channel, name: base };
  // Written before Slack is asked: a name that is taken on the next attempt is then ours.
  const begun = row?.state === 'sending';
  if (!begun) await deliverer.ports.messages.begin(view, base, deliverer.clock.now());
  for (let attempt = 1; attempt <= 9; attempt += 1) {
    const name = attempt === 1 ? base : `${base}-${attempt}`;
    const id = (await tryCreate(deliverer, name, signal)) ?? (begun ? await adopt(deliverer, name, signal) : null);
    if (id === null) continue;
    await deliverer.ports.messages.sent(view, id, '0', null);
    return { id, name };
  }
  throw new ResponderError('conflict', `Every channel name like ${base} is taken`);
}

/** Null when the name is taken, which archived channels do too. */
async function tryCreate(deliverer: Deliverer, name: string, signal: AbortSignal): Promise<string | null> {
  try {
    const slot = { method: 'conversations.create', channel: null, priority: 'urgent' } as const;
    const answer = await deliverer.api.call(slot, signal, (client) => client.conversations.create({ name }));
    return answer.channel?.id ?? null;
  } catch (error) {
    if (slackReason(error) === 'name_taken') return null;
    throw error;
  }
}

/** The channel of that name if this bot made it and it is not archived: an attempt whose answer was lost. */
async function adopt(deliverer: Deliverer, name: string, signal: AbortSignal): Promise<string | null> {
  try {
    const id = await deliverer.channels.resolve(name, signal);
    if (isName(id) && deliverer.channels.searching() !== null)
      throw new ResponderError('unavailable', `Whether the channel ${id} is ours is still being looked for`);
    const slot = { method: 'conversations.info', channel: null, priority: 'urgent' } as const;
    const answer = await deliverer.api.call(slot, signal, (client) => client.conversations.info({ channel: id }));
    const ours = answer.channel?.is_archived !== true && answer.channel?.creator === deliverer.identity().botUserId;
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
async function furnish(
  deliverer: Deliverer,
  known: IncidentWithAlerts,
  channel: string,
  signal: AbortSignal,
): Promise<void> {
  const { incident } = known;
  const topic = cut(oneLine(headline(incident, 240)), 240);
  const people = incident.acknowledgedBy?.type === 'slack' ? [incident.acknowledgedBy.id] : [];
  const steps = [
    () =>
      deliverer.api.call({ method: 'conversations.setTopic', channel: null, priority: 'normal' }, signal, (client) =>
        client.conversations.setTopic({ channel, topic }),
      ),
    ...people.map(
      (users) => () =>
        deliverer.api.call({ method: 'conversations.invite', channel: null, priority: 'urgent' }, signal, (client) =>
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
        deliverer.log.warn({ err: error, incident: incident.number }, 'the incident channel is not complete');
    }
  }
}

async function giveUp(deliverer: Deliverer, incidentNumber: number, error: ResponderError): Promise<void> {
  deliverer.log.warn({ err: error, incident: incidentNumber }, 'the incident gets no channel of its own');
  await deliverer.ports.messages.dead(channelView(incidentNumber), slackReason(error) ?? error.code);
  const text = `No channel of its own: ${error.message}${error.hint ? ` ${error.hint}` : ''}`;
  const detail = { view: channelView(incidentNumber), reason: slackReason(error) ?? error.code };
  const entry = { kind: 'delivery', at: deliverer.clock.now(), actor: RESPONDER, text, detail } as const;
  await deliverer.ports.timeline.append(
    incidentNumber,
    entry,
    `delivery:${channelView(incidentNumber)}:${detail.reason}`,
  );
}
