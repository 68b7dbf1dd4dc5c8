import type { App } from '@slack/bolt';
import { markedName, refusePerson } from '../../commands/access.ts';
import type { Incident } from '../../incidents/incident.ts';
import type { Logger } from '../../logger.ts';
import { cut } from '../../wording/cuts.ts';
import { respond } from '../delivery/respond.ts';
import type { SlackApi } from '../delivery/slackApi.ts';
import type { Incidents, Timeline } from '../ports.ts';
import { oneLine } from '../render/mrkdwn.ts';
import type { People } from './people.ts';
import type { Guard } from './standing.ts';
import { whisper } from './whisper.ts';

/** 📌 in its two spellings. */
const PINS = new Set(['pushpin', 'round_pushpin']);

interface Kept {
  readonly channel: string;
  readonly ts: string;
  readonly by: string;
  /** The payload says that the channel is shared with another organisation. */
  readonly shared: boolean;
}

/** What became of it: kept for an incident, refused to who asked, or of no incident. */
type Outcome = { readonly number: number } | { readonly refusal: string } | null;

interface Parts {
  readonly api: SlackApi;
  readonly incidents: Incidents;
  readonly timeline: Timeline;
  readonly guard: Guard;
  readonly people: People;
  readonly log: Logger;
}

/** A message that is pinned, gets a 📌 or is sent here by the shortcut becomes part of its incident's timeline, once. */
export function listenForTimeline(app: App, parts: Parts): void {
  const hear = async (kept: Kept): Promise<void> => {
    const outcome = await keep(parts, kept);
    if (outcome !== null && 'refusal' in outcome)
      await whisper(parts.api, { channel: kept.channel, user: kept.by, threadTs: null }, outcome.refusal);
  };
  app.event('reaction_added', async ({ event, body }) => {
    const shared = body.is_ext_shared_channel === true;
    if (PINS.has(event.reaction) && event.item.type === 'message')
      await hear({ channel: event.item.channel, ts: event.item.ts, by: event.user, shared });
  });

  app.event('pin_added', async ({ event, body }) => {
    const { item } = event;
    // The type of the event knows pinned files too, which have no message.
    const ts = 'message' in item && typeof item.message === 'object' && item.message ? tsOf(item.message) : null;
    const shared = body.is_ext_shared_channel === true;
    if (ts !== null) await hear({ channel: event.channel_id, ts, by: event.user, shared });
  });

  app.shortcut({ type: 'message_action', callback_id: 'add_to_timeline' }, async ({ shortcut, ack }) => {
    await ack();
    if (shortcut.type !== 'message_action') return;
    const kept = { channel: shortcut.channel.id, ts: shortcut.message_ts, by: shortcut.user.id, shared: false };
    const outcome = await keep(parts, kept).catch((err: unknown) => {
      parts.log.warn({ err }, 'a message could not be kept');
      return undefined;
    });
    const text = outcome === undefined ? 'That did not work; please try again.' : wordsOf(outcome);
    await tell(shortcut.response_url, text);
  });
}

function tsOf(message: object): string | null {
  return 'ts' in message && typeof message.ts === 'string' ? message.ts : null;
}

function wordsOf(outcome: Outcome): string {
  if (outcome === null) return 'This message is in no incident’s thread or channel.';
  return 'refusal' in outcome ? outcome.refusal : `Kept in the timeline of #${outcome.number}.`;
}

/** Keeps the message when whoever asks may write to the timeline; null when it belongs to no incident. */
async function keep(parts: Parts, kept: Kept): Promise<Outcome> {
  const signal = AbortSignal.timeout(20_000);
  const message = await readMessage(parts.api, kept, signal);
  if (message === null) return null;
  const incident = await incidentOf(parts.incidents, kept.channel, message.threadTs ?? kept.ts);
  if (incident === null) return null;
  const asked = { user: kept.by, channel: kept.channel, threadTs: message.threadTs, shared: kept.shared };
  const [author, keeper] = await Promise.all([
    message.user === null ? null : parts.people.find(message.user, signal),
    parts.guard.look(asked, signal),
  ]);
  const refused = refusePerson(keeper);
  if (refused !== null)
    return { refusal: `Not kept in the timeline of #${incident.number}. ${refused.title} ${refused.summary}` };
  const said = cut(oneLine(unescaped(message.text)), 1_000) || '(no text)';
  const entry = {
    kind: 'message',
    at: Math.floor(Number(kept.ts) * 1_000),
    actor: { type: 'slack', id: kept.by, name: markedName(keeper.name, keeper) },
    text: `${authorOf(author, message.user)}: ${said}`,
    detail: { channel: kept.channel, ts: kept.ts, permalink: await permalink(parts.api, kept, signal) },
  } as const;
  await parts.timeline.append(incident.number, entry, `slack:${kept.channel}:${kept.ts}`);
  return { number: incident.number };
}

/** Who wrote it; of who is no full member, with what they are. */
function authorOf(author: Awaited<ReturnType<People['find']>> | null, id: string | null): string {
  const name = author?.name ?? id ?? 'somebody';
  return author?.kind === 'guest' || author?.kind === 'stranger' ? `${name} (${author.kind})` : name;
}

async function incidentOf(incidents: Incidents, channel: string, threadTs: string): Promise<Incident | null> {
  return (await incidents.at(channel, threadTs)) ?? (await incidents.at(channel, null));
}

async function readMessage(
  api: SlackApi,
  kept: Kept,
  signal: AbortSignal,
): Promise<{ text: string; user: string | null; threadTs: string | null } | null> {
  const slot = { method: 'conversations.replies', channel: null, priority: 'normal' } as const;
  const answer = await api.call(slot, signal, (client) =>
    client.conversations.replies({
      channel: kept.channel,
      ts: kept.ts,
      oldest: kept.ts,
      latest: kept.ts,
      inclusive: true,
      limit: 5,
    }),
  );
  const found = answer.messages?.find((message) => message.ts === kept.ts);
  if (!found) return null;
  return { text: found.text ?? '', user: found.user ?? null, threadTs: found.thread_ts ?? null };
}

async function permalink(api: SlackApi, kept: Kept, signal: AbortSignal): Promise<string | null> {
  try {
    const slot = { method: 'chat.getPermalink', channel: null, priority: 'normal' } as const;
    const answer = await api.call(slot, signal, (client) =>
      client.chat.getPermalink({ channel: kept.channel, message_ts: kept.ts }),
    );
    return answer.permalink ?? null;
  } catch {
    return null;
  }
}

/** What Slack escaped in a message people wrote. */
function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

async function tell(responseUrl: string, text: string): Promise<void> {
  await respond({ responseUrl }, { text }, AbortSignal.timeout(5_000)).catch(() => {});
}
