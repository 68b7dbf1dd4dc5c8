import { coerceError, ResponderError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import { isChannelId } from '../channelId.ts';
import { within } from '../deadline.ts';
import type { Clock } from '../ports.ts';
import type { SlackApi } from './slackApi.ts';
import { slackReason } from './slackErrors.ts';

/** Channels by name. */
export interface Channels {
  /**
   * The id of `#name`, `name` or an id. `#name` itself while its id is not known yet, or where channels cannot be listed:
   * messages are posted by name too, and nothing else is. Rejects with `not_found` when no channel the bot can see has it.
   */
  resolve(nameOrId: string, signal: AbortSignal): Promise<string>;
  /** Slack said which id a name stands for. */
  learn(name: string, id: string): void;
  /** How many channels were read so far while names are looked for; null when nothing is. */
  searching(): number | null;
  /** Joins a public channel; false when that is not possible. */
  join(channel: string, signal: AbortSignal): Promise<boolean>;
}

/** What Slack recommends at most. https://docs.slack.dev/reference/methods/conversations.list#arg_limit */
const PAGE = 200;
const READING_MS = 60_000;
/** A name that was not found is not looked for again before: the list is long, and Slack gives it twenty times a minute. */
const MISSING_MS = 30_000;
/** So long a message waits for the id of its channel; then it is posted by name. */
const PATIENCE_MS = 2_000;

/** Stands for a channel whose id is not known. */
export function isName(channel: string): boolean {
  return channel.startsWith('#');
}

/** Where the reading of the lists stands: first the channels the bot is in, then all it can see. */
interface Position {
  readonly method: 'users.conversations' | 'conversations.list';
  readonly cursor: string | undefined;
  readonly read: number;
}

const FIRST: Position = { method: 'users.conversations', cursor: undefined, read: 0 };

export function createChannels(api: SlackApi, clock: Clock, log: Logger): Channels {
  const ids = new Map<string, string>();
  const wanted = new Set<string>();
  const missing = new Map<string, number>();
  let at: Position | null = null;
  let begunAt = 0;
  let reading: Promise<ResponderError | null> | null = null;
  let notBefore = Number.NEGATIVE_INFINITY;

  /** Reads on from where it stands, until every wanted name is known or all was read. Slack's limits stop it for a while. */
  const readOn = async (signal: AbortSignal): Promise<void> => {
    while (at !== null) {
      const { channels, cursor } = await readPage(api, at, signal);
      // An archived channel may share its name with a living one made later.
      for (const { name, id, is_archived: archived } of channels)
        if (name && id && !(archived && ids.has(name))) ids.set(name, id);
      const read: number = at.read + channels.length;
      const isComplete = !cursor && at.method === 'conversations.list';
      at = cursor ? { ...at, cursor, read } : { method: 'conversations.list', cursor: undefined, read };
      for (const name of wanted) if (ids.has(name)) wanted.delete(name);
      if (wanted.size > 0 && !isComplete) continue;
      // Not even one is shown: the list does not tell what exists, and Slack judges the name itself.
      if (ids.size > 0) for (const name of wanted) missing.set(name, clock.now());
      wanted.clear();
      at = null;
    }
  };
  /** What to do about a page that did not come; the error when those who wait should wait for Slack. */
  const stopped = (thrown: unknown): ResponderError | null => {
    const error = coerceError(thrown);
    const reason = slackReason(error);
    if (error.code === 'rate_limited') {
      notBefore = clock.now() + (error.retryAfterMs ?? 1_000);
      return null;
    }
    if (reason === null || error.code === 'unauthorized' || error.code === 'unavailable') return error;
    if (reason === 'invalid_cursor') {
      at = FIRST;
      notBefore = clock.now() + MISSING_MS;
    } else if (at?.method === 'users.conversations') {
      at = { ...FIRST, method: 'conversations.list' };
    } else {
      // Where channels cannot be listed the name itself still works for posting; only a lookup after a crash does not.
      log.warn({ reason, channels: [...wanted] }, 'channels cannot be listed: has the app the scope channels:read?');
      at = null;
      wanted.clear();
      notBefore = clock.now() + MISSING_MS;
    }
    return null;
  };
  /** One reading at a time, shared by everybody who waits for it: so no caller's stop may end it. */
  const begin = (): Promise<ResponderError | null> => {
    if (at === null) begunAt = clock.now();
    at ??= FIRST;
    const read = () => readOn(AbortSignal.timeout(READING_MS)).then(() => null, stopped);
    // The first method may be refused alone.
    return read()
      .then((error) =>
        error === null && at?.method === 'conversations.list' && clock.now() >= notBefore ? read() : error,
      )
      .finally(() => {
        reading = null;
      });
  };

  return {
    async resolve(nameOrId, signal) {
      const name = nameOrId.replace(/^#/, '');
      if (isChannelId(name)) return name;
      const known = ids.get(name);
      if (known) return known;
      if (clock.now() - (missing.get(name) ?? Number.NEGATIVE_INFINITY) <= MISSING_MS) throw notFound(name);
      if (clock.now() >= notBefore) {
        wanted.add(name);
        reading ??= begin();
      }
      const failed = reading && (await within(reading, Math.max(0, begunAt + PATIENCE_MS - clock.now()), clock));
      signal.throwIfAborted();
      const found = ids.get(name);
      if (found) return found;
      if (failed !== null && failed !== 'late') throw failed;
      if (missing.has(name) && at === null) throw notFound(name);
      return `#${name}`;
    },
    learn: (name, id) => void ids.set(name.replace(/^#/, ''), id),
    searching: () => at?.read ?? null,
    async join(channel, signal) {
      if (isName(channel)) return false;
      try {
        const slot = { method: 'conversations.join', channel: null, priority: 'urgent' } as const;
        await api.call(slot, signal, (client) => client.conversations.join({ channel }));
        return true;
      } catch (error) {
        signal.throwIfAborted();
        log.info({ channel, reason: slackReason(error) }, 'the bot cannot join the channel by itself');
        return false;
      }
    },
  };
}

interface Page {
  readonly channels: readonly { readonly name?: string; readonly id?: string; readonly is_archived?: boolean }[];
  readonly cursor: string | undefined;
}

async function readPage(api: SlackApi, { method, cursor }: Position, signal: AbortSignal): Promise<Page> {
  const asked = {
    types: 'public_channel,private_channel',
    // What is archived is asked for only where all else was looked through, so that it is told from what is not there.
    exclude_archived: method === 'users.conversations',
    limit: PAGE,
    ...(cursor ? { cursor } : {}),
  };
  const answer = await api.call({ method, channel: null, priority: 'urgent' }, signal, (client) =>
    method === 'users.conversations' ? client.users.conversations(asked) : client.conversations.list(asked),
  );
  return { channels: answer.channels ?? [], cursor: answer.response_metadata?.next_cursor || undefined };
}

function notFound(name: string): ResponderError {
  return new ResponderError('not_found', `There is no channel #${name} that the bot can see`, {
    hint: `Create #${name}, invite the bot into it if it is private, or set SLACK_CHANNEL or the route to another one.`,
    retryable: true,
    retryAfterMs: MISSING_MS + 1_000,
  });
}
