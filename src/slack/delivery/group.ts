import type { CardGroup } from '../../incidents/decide/storm.ts';
import type { SlackMessage } from '../../incidents/post.ts';
import type { Rendered } from '../render/blocks.ts';
import { renderGroup } from '../render/group.ts';
import { type Deliverer, defaultChannel, inWantedChannel } from './card.ts';
import { renderHash, viewLedger } from './ledger.ts';
import { edit, postOnce } from './post.ts';
import { isChannelClosed } from './slackErrors.ts';

export function groupView(id: number): string {
  return `group:${id}`;
}

/**
 * Brings a card that stands for several incidents up to what they are now. One that sev1 and sev2 share is in their
 * route's channel, and its first message mentions as a card of the worst of them would.
 */
export async function deliverGroup(deliverer: Deliverer, id: number, signal: AbortSignal): Promise<void> {
  const group = await deliverer.ports.groups.find(id);
  if (!group || group.total === 0) return;
  const view = groupView(id);
  const row = await deliverer.ports.messages.get(view);
  const shown = row?.state === 'sent' && row.ts !== null ? { channel: row.channel, ts: row.ts } : null;
  if (shown && (await editGroup(deliverer, group, shown, row?.renderedHash ?? null, signal))) return;
  const uncertain = row?.state === 'sending' ? row : null;
  const post = (channel: string, note: string | null) =>
    postGroupIn(deliverer, group, channel, uncertain, note, signal);
  // An incident's timeline says where the card of all is, when it cannot be where it belongs.
  const about = { incident: group.worst ?? group.top[0]?.last ?? 0, view };
  await inWantedChannel(deliverer, group.channel, about, post, signal);
}

/** False when the message is gone, or its channel closed, and the card has to be posted anew. */
async function editGroup(
  deliverer: Deliverer,
  group: CardGroup,
  at: { readonly channel: string; readonly ts: string },
  hash: string | null,
  signal: AbortSignal,
): Promise<boolean> {
  const view = groupView(group.id);
  const rendered = await render(deliverer, group, null, null);
  const next = renderHash(rendered);
  if (next === hash) return true;
  const mark = { view, instance: deliverer.settings.instance };
  const priority = group.kind === 'shared' ? 'urgent' : 'normal';
  try {
    if (!(await edit(deliverer, at, { rendered, mark, priority }, signal))) return false;
  } catch (error) {
    if (isChannelClosed(error) && (await defaultChannel(deliverer, signal)) !== at.channel) return false;
    throw error;
  }
  await deliverer.ports.messages.sent(view, at.channel, at.ts, next);
  return true;
}

async function postGroupIn(
  deliverer: Deliverer,
  group: CardGroup,
  channel: string,
  uncertain: SlackMessage | null,
  note: string | null,
  signal: AbortSignal,
): Promise<void> {
  const view = groupView(group.id);
  const mention = await mentionOf(deliverer, group, channel, signal);
  const rendered = await render(deliverer, group, mention, note);
  const hash = renderHash(await render(deliverer, group, null, null));
  const mark = { view, instance: deliverer.settings.instance };
  const message = { channel, threadTs: null, rendered, broadcast: false, mark, priority: 'urgent' } as const;
  const posted = await postOnce(
    deliverer,
    message,
    viewLedger(deliverer.ports.messages, uncertain, view, hash, deliverer.clock),
    signal,
  );
  // What was found shows the incidents as they were then.
  if (posted.found) await editGroup(deliverer, group, posted, null, signal);
}

async function mentionOf(
  deliverer: Deliverer,
  group: CardGroup,
  channel: string,
  signal: AbortSignal,
): Promise<string | null> {
  if (group.kind !== 'shared' || group.worst === null) return null;
  const known = await deliverer.ports.incidents.find(group.worst);
  if (!known) return null;
  const about = { view: groupView(group.id), incident: known.incident, channel, since: group.since };
  return deliverer.mentions.forView(about, signal);
}

async function render(
  deliverer: Deliverer,
  group: CardGroup,
  mention: string | null,
  note: string | null,
): Promise<Rendered> {
  const worst = group.worst === null ? null : await deliverer.ports.incidents.find(group.worst);
  return renderGroup({
    group,
    worst: worst?.incident ?? null,
    marks: deliverer.settings.simulated ? ['SIMULATED'] : [],
    mention,
    note,
  });
}
