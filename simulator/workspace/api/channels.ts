import { BOT_USER, TEAM_ID } from '../seed.ts';
import type { Channel, Json, Message } from '../state.ts';
import type { World } from '../world.ts';
import { ApiError } from './apiError.ts';

/** A channel by id, by `#name` or by name. */
export function findChannel(world: World, given: string): Channel | undefined {
  const byId = world.state.channels.get(given);
  if (byId) return byId;
  const name = given.startsWith('#') ? given.slice(1) : given;
  return [...world.state.channels.values()].find((channel) => channel.name === name && channel.kind !== 'im');
}

/**
 * The channel an app gives the id of, as far as it may know of it: a private one it is not in does not exist for it. Only
 * messages are posted by name too (https://docs.slack.dev/reference/methods/chat.postMessage#arg_channel).
 */
export function visibleChannel(world: World, given: string, byName = false): Channel {
  const channel = byName ? findChannel(world, given) : world.state.channels.get(given);
  if (!channel || (channel.kind !== 'public' && !channel.members.has(BOT_USER)))
    throw new ApiError('channel_not_found');
  return channel;
}

/** The same, and the bot is a member of it. */
export function joinedChannel(world: World, given: string): Channel {
  const channel = visibleChannel(world, given);
  if (!channel.members.has(BOT_USER)) throw new ApiError('not_in_channel');
  return channel;
}

/** A message of a channel, parent or reply; throws `message_not_found`. */
export function findMessage(channel: Channel, ts: string): Message {
  const message = channel.messages.get(ts);
  if (!message || message.subtype === 'tombstone') throw new ApiError('message_not_found');
  return message;
}

/** The channel object of `conversations.info` and `conversations.list`. */
export function publicChannel(channel: Channel, withCount = false): Json {
  const direct = channel.kind === 'im';
  const frame = {
    id: channel.id,
    created: channel.created,
    is_archived: channel.is_archived,
    is_im: direct,
    is_org_shared: false,
    context_team_id: TEAM_ID,
    updated: channel.created * 1000,
  };
  if (direct) {
    return { ...frame, is_user_deleted: false, priority: 0, user: [...channel.members].find((id) => id !== BOT_USER) };
  }
  return {
    ...frame,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_mpim: false,
    is_private: channel.kind === 'private',
    is_general: channel.is_general,
    is_shared: channel.is_ext_shared,
    is_ext_shared: channel.is_ext_shared,
    is_pending_ext_shared: false,
    pending_shared: [],
    unlinked: 0,
    creator: channel.creator,
    is_member: channel.members.has(BOT_USER),
    topic: { ...channel.topic },
    purpose: { ...channel.purpose },
    previous_names: channel.previous_names,
    ...(withCount ? { num_members: channel.members.size } : {}),
  };
}

/** One page of a list; cursors are opaque to the caller. Throws `invalid_cursor`. */
export function page<Item>(
  items: readonly Item[],
  limit: number,
  cursor: string | undefined,
): { readonly items: readonly Item[]; readonly next: string } {
  const offset = cursor ? Number(Buffer.from(cursor, 'base64').toString('utf8').replace('next:', '')) : 0;
  if (!Number.isInteger(offset) || offset < 0) throw new ApiError('invalid_cursor');
  const end = offset + limit;
  return {
    items: items.slice(offset, end),
    next: end < items.length ? Buffer.from(`next:${end}`).toString('base64') : '',
  };
}

/** A direct-message channel with the bot, made on first use. */
export function directChannel(world: World, user: string, make: () => Channel): Channel {
  for (const channel of world.state.channels.values()) {
    if (channel.kind === 'im' && channel.members.has(user)) return channel;
  }
  const made = make();
  world.state.channels.set(made.id, made);
  return made;
}
