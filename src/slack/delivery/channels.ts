import { ResponderError } from '../../errors.ts';
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
  /** Shared with another company; false when it cannot be found out. */
  isExternal(channel: string, signal: AbortSignal): Promise<boolean>;
}

const PAGE = 200;
const PAGES = 50;
const FRESH_MS = 10 * 60_000;
const ID = /^[CGD][A-Z0-9]{5,}$/;

export function createChannels(api: SlackApi, clock: Clock, log: Logger): Channels {
  const ids = new Map<string, string>();
  const external = new Map<string, { readonly is: boolean; readonly at: number }>();

  const list = async (wanted: string, signal: AbortSignal): Promise<string | null> => {
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
      for (const channel of answer.channels ?? [])
        if (channel.name && channel.id && !(channel.is_archived && ids.has(channel.name)))
          ids.set(channel.name, channel.id);
      const found = ids.get(wanted);
      if (found) return found;
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (!cursor) return null;
    }
    return null;
  };

  return {
    async resolve(nameOrId, signal) {
      const name = nameOrId.replace(/^#/, '');
      if (ID.test(name)) return name;
      const known = ids.get(name);
      if (known) return known;
      try {
        const found = await list(name, signal);
        if (found) return found;
      } catch (error) {
        // Without channels:read the name itself still works for posting; only a lookup after a crash does not.
        if (slackReason(error) !== 'missing_scope') throw error;
        log.warn({ channel: name }, 'channels cannot be listed: the app lacks channels:read');
        return `#${name}`;
      }
      throw new ResponderError('not_found', `There is no channel #${name} that the bot can see`, {
        hint: `Create #${name}, invite the bot into it if it is private, or set SLACK_CHANNEL or the route to another one.`,
        retryable: true,
        retryAfterMs: 60_000,
      });
    },
    forget(channel) {
      for (const [name, id] of ids) if (id === channel) ids.delete(name);
      external.delete(channel);
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
    async isExternal(channel, signal) {
      const cached = external.get(channel);
      if (cached && clock.now() - cached.at < FRESH_MS) return cached.is;
      try {
        const slot = { method: 'conversations.info', channel: null, priority: 'urgent' } as const;
        const answer = await api.call(slot, signal, (client) => client.conversations.info({ channel }));
        const is = answer.channel?.is_ext_shared === true || answer.channel?.is_pending_ext_shared === true;
        if (external.size > 5_000) external.clear();
        external.set(channel, { is, at: clock.now() });
        return is;
      } catch {
        return cached?.is ?? false;
      }
    },
  };
}
