import type { SlackApi } from './api.ts';
import { isChannelClosed, isMessageGone, slackReason } from './errors.ts';

/** Marks every message of ours with the view it shows, so that it can be found again. */
const EVENT_TYPE = 'lambda_responder_view';

/** Which message is meant: the view, of this store (another one may have an incident with the same number). */
export interface Mark {
  readonly view: string;
  readonly instance: string;
}

/** https://docs.slack.dev/messaging/message-metadata */
export function metadata(mark: Mark): { event_type: string; event_payload: { view: string; instance: string } } {
  return { event_type: EVENT_TYPE, event_payload: { view: mark.view, instance: mark.instance } };
}

interface Found {
  readonly ts?: string;
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: unknown };
  readonly files?: readonly { readonly name?: string | null }[];
}

/** Slack's clock may differ from ours by this much. */
const CLOCK_MARGIN_MS = 5 * 60_000;
const PAGE = 200;
const PAGES = 10;

export interface Search {
  readonly channel: string;
  /** Search the thread instead of the channel. */
  readonly threadTs: string | null;
  /** Nothing older, epoch ms. */
  readonly since: number;
}

/** The `ts` of the message that carries the mark, or null when Slack does not have it (or does not let us look). */
export function findMarked(api: SlackApi, search: Search, mark: Mark, signal: AbortSignal): Promise<string | null> {
  return findMessage(api, search, (message) => carries(message, mark), signal);
}

/** The `ts` of the message with a file whose name ends so. */
export function findFile(api: SlackApi, search: Search, ending: string, signal: AbortSignal): Promise<string | null> {
  return findMessage(api, search, ({ files }) => files?.some((file) => file.name?.endsWith(ending)) === true, signal);
}

async function findMessage(
  api: SlackApi,
  search: Search,
  matches: (message: Found) => boolean,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const answer = await readPage(api, search, cursor, signal);
      const found = answer.messages.find(matches);
      if (found?.ts) return found.ts;
      cursor = answer.cursor;
      if (!cursor) return null;
    }
    return null;
  } catch (error) {
    signal.throwIfAborted();
    // Where we may not read we cannot have posted, or nobody lets us find out: a double is better than a loss.
    if (isChannelClosed(error) || isMessageGone(error) || slackReason(error) === 'missing_scope') return null;
    throw error;
  }
}

async function readPage(
  api: SlackApi,
  search: Search,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<{ messages: readonly Found[]; cursor: string | undefined }> {
  const { channel, threadTs } = search;
  const bounds = {
    channel,
    oldest: ((search.since - CLOCK_MARGIN_MS) / 1_000).toFixed(6),
    inclusive: true,
    include_all_metadata: true,
    limit: PAGE,
    ...(cursor ? { cursor } : {}),
  };
  const method = threadTs === null ? 'conversations.history' : 'conversations.replies';
  const answer = await api.call({ method, channel: null, priority: 'urgent' }, signal, (client) =>
    threadTs === null
      ? client.conversations.history(bounds)
      : client.conversations.replies({ ...bounds, ts: threadTs }),
  );
  return { messages: answer.messages ?? [], cursor: answer.response_metadata?.next_cursor || undefined };
}

function carries(message: Found, mark: Mark): boolean {
  if (message.metadata?.event_type !== EVENT_TYPE) return false;
  const payload = message.metadata.event_payload;
  if (typeof payload !== 'object' || payload === null) return false;
  return 'view' in payload && payload.view === mark.view && 'instance' in payload && payload.instance === mark.instance;
}
