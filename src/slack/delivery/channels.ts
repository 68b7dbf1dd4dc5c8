import { coerceError, ResponderError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { Clock } from '../ports.ts';
import type { SlackApi } from './api.ts';
import { slackReason } from './errors.ts';

/** Channels by name and what they are. */
export interface Channels {
  /** The id of `#name`, `name` or an id. Rejects with `not_found` when no channel the bot can see has the name. */
  resolve(nameOrId: string, signal: AbortSignal): Promise<string>;
  /** Forgets what a name stood for: the channel may have been archived and made anew. */
  forget(channel: string): void;
  /** Joins a public channel; false when that is not possible. */
  join(channel: string, signal: AbortSignal): Promise<boolean>;
}

const PAGE = 200;
const PAGES = 50;
const LIST_MS = 60_000;
/** A name that was not found is not looked for again before: the list is long, and Slack gives it twenty times a minute. */
const MISSING_MS = 30_000;
const ID = /^[CGD][A-Z0-9]{5,}$/;

export function createChannels(api: SlackApi, clock: Clock, log: Logger): Channels {
  const ids = new Map<string, string>();
  const missing = new Map<string, number>();
  let listing: Promise<void> | null = null;

  const list = async (signal: AbortSignal): Promise<void> => {
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const at = cursor;
      const slot = { method: 'conversations.list', channel: null, priority: 'urgent' } as const;
      const answer = await api.call(slot, signal, (client) =>
        client.conversations.list({
          types: 'public_channel,private_channel',
          exclude_archived: false,
          limit: PAGE,
          ...(at ? { cursor: at } : {}),
        }),
      );
      // An archived channel may share its name with a living one made later.
      for (const { name, id, is_archived: archived } of answer.channels ?? [])
        if (name && id && !(archived && ids.has(name))) ids.set(name, id);
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (!cursor) return;
    }
  };
  /** One list at a time, shared by everybody who waits for it: so no caller's stop may end it. */
  const listed = (): Promise<void> => {
    listing ??= list(AbortSignal.timeout(LIST_MS)).finally(() => {
      listing = null;
    });
    return listing;
  };

  return {
    async resolve(nameOrId, signal) {
      const name = nameOrId.replace(/^#/, '');
      if (ID.test(name)) return name;
      const known = ids.get(name);
      if (known) return known;
      try {
        if (clock.now() - (missing.get(name) ?? Number.NEGATIVE_INFINITY) > MISSING_MS) await listed();
        signal.throwIfAborted();
        const found = ids.get(name);
        if (found) return found;
        // Not even one is shown: the list does not tell what exists, and Slack judges the name itself.
        if (ids.size === 0) return `#${name}`;
        if (!missing.has(name) || clock.now() - (missing.get(name) ?? 0) > MISSING_MS) missing.set(name, clock.now());
      } catch (error) {
        // Where channels cannot be listed the name itself still works for posting; only a lookup after a crash does not.
        const reason = slackReason(error);
        const passes = coerceError(error).code;
        if (reason === null || passes === 'rate_limited' || passes === 'unauthorized' || passes === 'unavailable')
          throw error;
        log.warn({ channel: name, reason }, 'channels cannot be listed: has the app the scope channels:read?');
        return `#${name}`;
      }
      throw new ResponderError('not_found', `There is no channel #${name} that the bot can see`, {
        hint: `Create #${name}, invite the bot into it if it is private, or set SLACK_CHANNEL or the route to another one.`,
        retryable: true,
        retryAfterMs: MISSING_MS + 1_000,
      });
    },
    forget(channel) {
      for (const [name, id] of ids) if (id === channel) ids.delete(name);
    },
    async join(channel, signal) {
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
