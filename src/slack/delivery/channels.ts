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
  const lists = new ChannelLists(api, clock, log);
  return {
    async resolve(nameOrId, signal) {
      const name = nameOrId.replace(/^#/, '');
      if (isChannelId(name)) return name;
      const known = lists.ids.get(name);
      if (known) return known;
      if (lists.wasMissing(name)) throw notFound(name);
      const failed = await lists.lookFor(name);
      signal.throwIfAborted();
      const found = lists.ids.get(name);
      if (found) return found;
      if (failed !== null && failed !== 'late') throw failed;
      if (lists.isMissing(name)) throw notFound(name);
      return `#${name}`;
    },
    learn: (name, id) => void lists.ids.set(name.replace(/^#/, ''), id),
    searching: () => lists.read,
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

/** Slack's lists of channels, read page by page as long as a name is wanted. */
class ChannelLists {
  /** By name, without `#`. */
  readonly ids = new Map<string, string>();
  readonly #api: SlackApi;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #wanted = new Set<string>();
  /** When each name was in neither list. */
  readonly #missing = new Map<string, number>();
  #at: Position | null = null;
  #begunAt = 0;
  #reading: Promise<ResponderError | null> | null = null;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(api: SlackApi, clock: Clock, log: Logger) {
    this.#api = api;
    this.#clock = clock;
    this.#log = log;
  }

  /** How many channels were read so far; null while none is looked for. */
  get read(): number | null {
    return this.#at?.read ?? null;
  }

  /** It was not there a short while ago. */
  wasMissing(name: string): boolean {
    return this.#clock.now() - (this.#missing.get(name) ?? Number.NEGATIVE_INFINITY) <= MISSING_MS;
  }

  /** The lists were read to their end without it. */
  isMissing(name: string): boolean {
    return this.#missing.has(name) && this.#at === null;
  }

  /** Reads for at most PATIENCE_MS. Null when the reading ended or rests, `late` while it goes on, else why it failed. */
  async lookFor(name: string): Promise<ResponderError | 'late' | null> {
    if (this.#clock.now() >= this.#notBefore) {
      this.#wanted.add(name);
      this.#reading ??= this.#begin();
    }
    const left = Math.max(0, this.#begunAt + PATIENCE_MS - this.#clock.now());
    return this.#reading && (await within(this.#reading, left, this.#clock));
  }

  /** One reading at a time, shared by everybody who waits for it: so no caller's stop may end it. */
  #begin(): Promise<ResponderError | null> {
    if (this.#at === null) this.#begunAt = this.#clock.now();
    this.#at ??= FIRST;
    const read = () =>
      this.#readOn(AbortSignal.timeout(READING_MS)).then(
        () => null,
        (thrown: unknown) => this.#stopped(thrown),
      );
    const isSecondOpen = () => this.#at?.method === 'conversations.list' && this.#clock.now() >= this.#notBefore;
    // The first method may be refused alone.
    return read()
      .then((error) => (error === null && isSecondOpen() ? read() : error))
      .finally(() => {
        this.#reading = null;
      });
  }

  /** Reads on from where it stopped, until every wanted name is known or all was read. Slack's limits stop it for a while. */
  async #readOn(signal: AbortSignal): Promise<void> {
    while (this.#at !== null) {
      const { channels, cursor } = await readPage(this.#api, this.#at, signal);
      // An archived channel may share its name with a living one made later.
      for (const { name, id, is_archived: archived } of channels)
        if (name && id && !(archived && this.ids.has(name))) this.ids.set(name, id);
      const read: number = this.#at.read + channels.length;
      const isComplete = !cursor && this.#at.method === 'conversations.list';
      this.#at = cursor ? { ...this.#at, cursor, read } : { method: 'conversations.list', cursor: undefined, read };
      for (const name of this.#wanted) if (this.ids.has(name)) this.#wanted.delete(name);
      if (this.#wanted.size > 0 && !isComplete) continue;
      // Not even one is shown: the list does not tell what exists, and Slack judges the name itself.
      if (this.ids.size > 0) for (const name of this.#wanted) this.#missing.set(name, this.#clock.now());
      this.#wanted.clear();
      this.#at = null;
    }
  }

  /** What to do about a page that did not come; the error when those who wait should wait for Slack. */
  #stopped(thrown: unknown): ResponderError | null {
    const error = coerceError(thrown);
    const reason = slackReason(error);
    const now = this.#clock.now();
    if (error.code === 'rate_limited') {
      this.#notBefore = now + (error.retryAfterMs ?? 1_000);
      return null;
    }
    if (reason === null || error.code === 'unauthorized' || error.code === 'unavailable') return error;
    if (reason === 'invalid_cursor') {
      this.#at = FIRST;
      this.#notBefore = now + MISSING_MS;
    } else if (this.#at?.method === 'users.conversations') {
      this.#at = { ...FIRST, method: 'conversations.list' };
    } else {
      // Where channels cannot be listed the name itself still works for posting; only a lookup after a crash does not.
      const channels = [...this.#wanted];
      this.#log.warn({ reason, channels }, 'channels cannot be listed: has the app the scope channels:read?');
      this.#at = null;
      this.#wanted.clear();
      this.#notBefore = now + MISSING_MS;
    }
    return null;
  }
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
