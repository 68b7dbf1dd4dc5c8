import { coerceError } from '../../errors.ts';
import { unlessAborted } from '../deadline.ts';
import { isName } from './channels.ts';
import type { SlackApi } from './slackApi.ts';
import { isMessageGone, slackReason } from './slackErrors.ts';
import type { Sighting } from './uncertain.ts';

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
/** All pages of one reading, in milliseconds. */
const READING_MS = 30_000;

interface Place {
  readonly channel: string;
  /** Search the thread instead of the channel. */
  readonly threadTs: string | null;
}

export interface Search extends Place {
  /** Nothing older, epoch ms. */
  readonly since: number;
}

export interface Lookup {
  /** The message that carries the mark. Rejects only when aborted. */
  marked(search: Search, mark: Mark, signal: AbortSignal): Promise<Sighting>;
  /** The message with a file whose name ends so. */
  file(search: Search, ending: string, signal: AbortSignal): Promise<Sighting>;
}

interface Wanted {
  readonly since: number;
  readonly matches: (message: Found) => boolean;
}

/** One reading of a place, for all who asked before it began. */
interface Round {
  readonly wanted: Wanted[];
  readonly reading: Promise<Reading>;
}

interface Reading {
  readonly messages: readonly Found[];
  /** What it means that a message is not among them. */
  readonly otherwise: Exclude<Sighting, object>;
}

/**
 * Looks for messages of ours in Slack. An outage leaves many of unknown fate in one channel, and Slack lets us read it 50
 * times a minute: who asks while a reading is under way shares the next one.
 */
export function createLookup(api: SlackApi): Lookup {
  const next = new Map<string, Round>();
  const last = new Map<string, Promise<unknown>>();
  const begin = (key: string, place: Place): Round => {
    const wanted: Wanted[] = [];
    const reading = (last.get(key) ?? Promise.resolve()).then(() => {
      next.delete(key);
      return readPlace(api, place, wanted);
    });
    const ended = reading
      .catch(() => {})
      .then(() => {
        if (last.get(key) === ended) last.delete(key);
      });
    last.set(key, ended);
    const round = { wanted, reading };
    next.set(key, round);
    return round;
  };
  const find = async (
    { since, ...place }: Search,
    matches: Wanted['matches'],
    signal: AbortSignal,
  ): Promise<Sighting> => {
    signal.throwIfAborted();
    if (isName(place.channel)) return 'unread';
    const key = `${place.channel} ${place.threadTs}`;
    const round = next.get(key) ?? begin(key, place);
    round.wanted.push({ since, matches });
    const { messages, otherwise } = await unlessAborted(round.reading, signal);
    const ts = messages.find(matches)?.ts;
    return ts === undefined ? otherwise : { ts };
  };
  return {
    marked: (search, mark, signal) => find(search, (message) => carries(message, mark), signal),
    file: (search, ending, signal) =>
      find(search, ({ files }) => files?.some((file) => file.name?.endsWith(ending)) === true, signal),
  };
}

/** What the place holds, until all that is wanted was seen. */
async function readPlace(api: SlackApi, place: Place, wanted: readonly Wanted[]): Promise<Reading> {
  const since = Math.min(...wanted.map((one) => one.since));
  // Not the signal of one of those who wait: the others go on waiting when it leaves.
  const signal = AbortSignal.timeout(READING_MS);
  const messages: Found[] = [];
  try {
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const answer = await readPage(api, { ...place, since }, cursor, signal);
      messages.push(...answer.messages);
      cursor = answer.cursor;
      if (!cursor || wanted.every(({ matches }) => messages.some(matches))) return { messages, otherwise: 'absent' };
    }
    return { messages, otherwise: 'hidden' };
  } catch (error) {
    return { messages, otherwise: notRead(error) };
  }
}

/** Slack's word decides: a thread that is gone holds nothing; another refusal hides what there is; no word passes. */
function notRead(error: unknown): Reading['otherwise'] {
  if (isMessageGone(error)) return 'absent';
  const { code } = coerceError(error);
  const passes = slackReason(error) === null || code === 'rate_limited' || code === 'unavailable';
  return passes || code === 'unauthorized' ? 'unread' : 'hidden';
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
