import type { WebClient } from '@slack/web-api';
import type { Logger } from '../../logger.ts';
import type { Clock } from '../ports.ts';
import type { Rendered } from '../render/blocks.ts';
import { type Channels, isName } from './channels.ts';
import { type Lookup, type Mark, metadata } from './lookup.ts';
import type { Slot } from './pacing.ts';
import type { SlackApi } from './slackApi.ts';
import { isMalformed, isMessageGone, slackReason } from './slackErrors.ts';
import { mayGoAgain, type Uncertain } from './uncertain.ts';

/** A message to be posted exactly once. */
export interface Message {
  readonly channel: string;
  readonly threadTs: string | null;
  readonly rendered: Rendered;
  /** Also shown in the channel although it stands in a thread. */
  readonly broadcast: boolean;
  readonly mark: Mark;
  readonly priority: Slot['priority'];
}

/** What is durably known of the message, and how to write down what happens to it. */
export interface Ledger {
  /** Handed to Slack before, outcome unknown; null when it never was. */
  readonly uncertain: Uncertain | null;
  /** Committed before the message is handed to Slack; not while it only waits for its turn. */
  begin(channel: string): Promise<void>;
  /** Slack is known not to have it: the next attempt need not look. */
  unsent(): Promise<void>;
  sent(channel: string, ts: string): Promise<void>;
}

export interface Posted {
  readonly channel: string;
  readonly ts: string;
  /** It had reached Slack in an earlier attempt and was found again: what it shows may be older than `rendered`. */
  readonly found: boolean;
}

export interface Poster {
  api: SlackApi;
  lookup: Lookup;
  channels: Channels;
  clock: Clock;
  log: Logger;
}

/**
 * Posts a message that may have been posted before: written down first, and looked up by its metadata when an earlier
 * attempt ended without an answer. Slack has no idempotency key, so this is what keeps a crash or a lost answer from
 * posting twice.
 */
export async function postOnce(poster: Poster, message: Message, ledger: Ledger, signal: AbortSignal): Promise<Posted> {
  const { uncertain } = ledger;
  let known = ledger;
  if (uncertain !== null) {
    const channel = await poster.channels.resolve(uncertain.channel, signal);
    const search = { channel, threadTs: message.threadTs, since: uncertain.since };
    const seen = await poster.lookup.marked(search, message.mark, signal);
    if (typeof seen === 'object') {
      poster.log.info(
        { view: message.mark.view, channel, ts: seen.ts },
        'found a message whose delivery was uncertain',
      );
      await ledger.sent(channel, seen.ts);
      return { channel, ts: seen.ts, found: true };
    }
    mayGoAgain(`the message ${message.mark.view}`, seen, uncertain, poster.clock);
    // What waits for its turn now would otherwise be looked up again each time it comes back.
    if (seen === 'absent') await ledger.unsent();
    // A refusal of this attempt says nothing of the earlier one, which nobody could look for.
    else known = { ...ledger, unsent: async () => {} };
  }
  const posted = await postWithin(poster, message, known, signal);
  await ledger.sent(posted.channel, posted.ts);
  return { ...posted, found: false };
}

/** Posts, and deals with what can be dealt with here: joining a public channel, a thread whose parent is gone, blocks Slack refuses. */
async function postWithin(
  poster: Poster,
  message: Message,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<{ channel: string; ts: string }> {
  try {
    return await post(poster, message, ledger, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (slackReason(error) === 'not_in_channel' && (await poster.channels.join(message.channel, signal)))
      return await post(poster, message, ledger, signal);
    if (message.threadTs !== null && isMessageGone(error))
      return await post(poster, { ...message, threadTs: null, broadcast: false }, ledger, signal);
    if (!isMalformed(error)) throw error;
    poster.log.error({ view: message.mark.view, err: error }, 'Slack refused our blocks; posting the text alone');
    return await post(poster, { ...message, rendered: { text: message.rendered.text, blocks: [] } }, ledger, signal);
  }
}

async function post(
  poster: Poster,
  message: Message,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<{ channel: string; ts: string }> {
  const { text, blocks } = message.rendered;
  const slot = { method: 'chat.postMessage', channel: message.channel, priority: message.priority } as const;
  const thread = message.threadTs === null ? {} : { thread_ts: message.threadTs, reply_broadcast: message.broadcast };
  const send = (client: WebClient) =>
    client.chat.postMessage({
      channel: message.channel,
      text,
      ...(blocks.length > 0 ? { blocks } : {}),
      ...thread,
      unfurl_links: false,
      unfurl_media: false,
      metadata: metadata(message.mark),
    });
  const { unsent } = ledger;
  const answer = await poster.api.call(slot, signal, send, { begin: () => ledger.begin(message.channel), unsent });
  if (isName(message.channel) && answer.channel) poster.channels.learn(message.channel, answer.channel);
  return { channel: answer.channel ?? message.channel, ts: answer.ts ?? '' };
}

/** Edits a message; false when it is gone (deleted, or too old for the workspace's rules) and has to be posted anew. */
export async function edit(
  poster: Poster,
  at: { readonly channel: string; readonly ts: string },
  message: Pick<Message, 'rendered' | 'mark' | 'priority'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { text, blocks } = message.rendered;
  const slot = { method: 'chat.update', channel: null, priority: message.priority } as const;
  try {
    await poster.api.call(slot, signal, (client) =>
      client.chat.update({ channel: at.channel, ts: at.ts, text, blocks, metadata: metadata(message.mark) }),
    );
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (isMessageGone(error)) return false;
    if (!isMalformed(error)) throw error;
    poster.log.error({ view: message.mark.view, err: error }, 'Slack refused our blocks; showing the text alone');
    await poster.api.call(slot, signal, (client) =>
      client.chat.update({ channel: at.channel, ts: at.ts, text, blocks: [], metadata: metadata(message.mark) }),
    );
    return true;
  }
}
