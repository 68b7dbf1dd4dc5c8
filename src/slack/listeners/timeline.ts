import type { App } from '@slack/bolt';
import type { Incident } from '../../incidents/incident.ts';
import type { Logger } from '../../logger.ts';
import type { SlackApi } from '../delivery/api.ts';
import { respond } from '../delivery/respond.ts';
import type { Clock, Incidents, Timeline } from '../ports.ts';
import { cut, oneLine } from '../render/text.ts';
import type { People } from './people.ts';

/** 📌 in its two spellings. */
const PINS = new Set(['pushpin', 'round_pushpin']);

interface Kept {
  readonly channel: string;
  readonly ts: string;
  readonly by: string;
}

interface Parts {
  readonly api: SlackApi;
  readonly incidents: Incidents;
  readonly timeline: Timeline;
  readonly people: People;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A message that is pinned, gets a 📌 or is sent here by the shortcut becomes part of its incident's timeline, once. */
export function listenForTimeline(app: App, parts: Parts): void {
  app.event('reaction_added', async ({ event }) => {
    if (PINS.has(event.reaction) && event.item.type === 'message')
      await keep(parts, { channel: event.item.channel, ts: event.item.ts, by: event.user });
  });

  app.event('pin_added', async ({ event }) => {
    const { item } = event;
    // The type of the event knows pinned files too, which have no message.
    const ts = 'message' in item && typeof item.message === 'object' && item.message ? tsOf(item.message) : null;
    if (ts !== null) await keep(parts, { channel: event.channel_id, ts, by: event.user });
  });

  app.shortcut({ type: 'message_action', callback_id: 'add_to_timeline' }, async ({ shortcut, ack }) => {
    await ack();
    if (shortcut.type !== 'message_action') return;
    const kept = { channel: shortcut.channel.id, ts: shortcut.message_ts, by: shortcut.user.id };
    const number = await keep(parts, kept).catch((err: unknown) => {
      parts.log.warn({ err }, 'a message could not be kept');
      return undefined;
    });
    const text =
      number === undefined
        ? 'That did not work; please try again.'
        : number === null
          ? 'This message is in no incident’s thread or channel.'
          : `Kept in the timeline of #${number}.`;
    await tell(shortcut.response_url, text);
  });
}

function tsOf(message: object): string | null {
  return 'ts' in message && typeof message.ts === 'string' ? message.ts : null;
}

/** The number of the incident it was kept for; null when the message belongs to none. */
async function keep(parts: Parts, kept: Kept): Promise<number | null> {
  const signal = AbortSignal.timeout(20_000);
  const message = await readMessage(parts.api, kept, signal);
  if (message === null) return null;
  const incident = await incidentOf(parts.incidents, kept.channel, message.threadTs ?? kept.ts);
  if (incident === null) return null;
  const [author, keeper] = await Promise.all([
    message.user === null ? null : parts.people.find(message.user, signal),
    parts.people.find(kept.by, signal),
  ]);
  const said = cut(oneLine(unescaped(message.text)), 1_000) || '(no text)';
  const entry = {
    kind: 'message',
    at: Math.floor(Number(kept.ts) * 1_000),
    actor: { type: 'slack', id: kept.by, name: keeper.name },
    text: `${author?.name ?? message.user ?? 'somebody'}: ${said}`,
    detail: { channel: kept.channel, ts: kept.ts, permalink: await permalink(parts.api, kept, signal) },
  } as const;
  await parts.timeline.append(incident.number, entry, `slack:${kept.channel}:${kept.ts}`);
  return incident.number;
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
