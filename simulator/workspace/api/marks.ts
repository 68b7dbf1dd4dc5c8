import { pin, publish } from '../messages.ts';
import { publicMessage } from '../publicMessage.ts';
import { BOT_USER } from '../seed.ts';
import type { Bookmark, Channel, Message } from '../state.ts';
import { seconds, type World } from '../world.ts';
import { ApiError } from './apiError.ts';
import { findMessage, joinedChannel } from './channels.ts';
import type { Handler } from './webMethod.ts';

const MOST_PINS = 100;
const MOST_BOOKMARKS = 100;
/** Different emoji on one message. */
const MOST_EMOJI = 23;

export const addReaction: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  const message = findMessage(channel, args.required('timestamp'));
  if (channel.is_archived) throw new ApiError('is_archived');
  const name = args.required('name').replaceAll(':', '');
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) throw new ApiError('invalid_name');
  if (!react(world, channel, message, BOT_USER, name)) throw new ApiError('already_reacted');
  return {};
};

export const removeReaction: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  const message = findMessage(channel, args.required('timestamp'));
  if (!unreact(world, channel, message, BOT_USER, args.required('name').replaceAll(':', ''))) {
    throw new ApiError('no_reaction');
  }
  return {};
};

export const getReactions: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  const message = findMessage(channel, args.required('timestamp'));
  return { type: 'message', channel: channel.id, message: publicMessage(world, channel, message) };
};

export const addPin: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  const message = findMessage(channel, args.required('timestamp'));
  if (message.pinned) throw new ApiError('already_pinned');
  if (pinnedIn(channel).length >= MOST_PINS) throw new ApiError('too_many_pins');
  pin(world, channel, message, BOT_USER);
  emitPin(world, channel, message, BOT_USER);
  return {};
};

export const removePin: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  const message = findMessage(channel, args.required('timestamp'));
  if (!message.pinned) throw new ApiError('no_pin');
  pin(world, channel, message, undefined);
  return {};
};

export const listPins: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  return {
    items: pinnedIn(channel).map((message) => ({
      type: 'message',
      channel: channel.id,
      created: message.pinned?.at,
      created_by: message.pinned?.by,
      message: publicMessage(world, channel, message),
    })),
  };
};

export const addBookmark: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel_id'));
  if (channel.bookmarks.length >= MOST_BOOKMARKS) throw new ApiError('too_many_bookmarks');
  const bookmark: Bookmark = {
    id: world.ids.next('Bk'),
    channel_id: channel.id,
    title: args.required('title'),
    link: checkLink(args.required('link')),
    emoji: args.text('emoji') ?? '',
    type: args.required('type'),
    date_created: seconds(world),
    date_updated: 0,
  };
  channel.bookmarks.push(bookmark);
  world.changes.publish({ kind: 'channels' });
  return { bookmark };
};

export const editBookmark: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel_id'));
  const bookmark = findBookmark(channel, args.required('bookmark_id'));
  if (args.has('title')) bookmark.title = args.required('title');
  if (args.has('link')) bookmark.link = checkLink(args.required('link'));
  if (args.has('emoji')) bookmark.emoji = args.required('emoji');
  bookmark.date_updated = seconds(world);
  world.changes.publish({ kind: 'channels' });
  return { bookmark };
};

export const removeBookmark: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel_id'));
  const bookmark = findBookmark(channel, args.required('bookmark_id'));
  channel.bookmarks.splice(channel.bookmarks.indexOf(bookmark), 1);
  world.changes.publish({ kind: 'channels' });
  return {};
};

export const listBookmarks: Handler = (args, world) => ({
  bookmarks: joinedChannel(world, args.required('channel_id')).bookmarks,
});

/** Adds somebody's reaction; false when it was there already. */
export function react(world: World, channel: Channel, message: Message, user: string, name: string): boolean {
  const reaction = message.reactions.find((one) => one.name === name);
  if (reaction?.users.includes(user)) return false;
  if (!reaction && message.reactions.length >= MOST_EMOJI) throw new ApiError('too_many_emoji');
  if (reaction) reaction.users.push(user);
  else message.reactions.push({ name, users: [user] });
  publish(world, channel, message);
  emitReaction(world, 'reaction_added', channel, message, user, name);
  return true;
}

/** Takes somebody's reaction away; false when there was none. */
export function unreact(world: World, channel: Channel, message: Message, user: string, name: string): boolean {
  const reaction = message.reactions.find((one) => one.name === name);
  if (!reaction?.users.includes(user)) return false;
  reaction.users.splice(reaction.users.indexOf(user), 1);
  if (reaction.users.length === 0) message.reactions.splice(message.reactions.indexOf(reaction), 1);
  publish(world, channel, message);
  emitReaction(world, 'reaction_removed', channel, message, user, name);
  return true;
}

/** Tells the app of a new pin, when it is in the channel. */
export function emitPin(world: World, channel: Channel, message: Message, user: string): void {
  if (!channel.members.has(BOT_USER)) return;
  world.outbound.event('pin_added', {
    type: 'pin_added',
    user,
    channel_id: channel.id,
    item: {
      type: 'message',
      channel: channel.id,
      created: message.pinned?.at,
      created_by: user,
      message: publicMessage(world, channel, message),
    },
    item_user: message.user,
    pin_count: pinnedIn(channel).length,
    event_ts: world.ids.ts(),
  });
}

function emitReaction(
  world: World,
  type: 'reaction_added' | 'reaction_removed',
  channel: Channel,
  message: Message,
  user: string,
  reaction: string,
): void {
  if (!channel.members.has(BOT_USER)) return;
  const item = { type: 'message', channel: channel.id, ts: message.ts };
  const event = { type, user, reaction, item, item_user: message.user, event_ts: world.ids.ts() };
  world.outbound.event(type, event);
}

function pinnedIn(channel: Channel): Message[] {
  return [...channel.messages.values()].filter((message) => message.pinned);
}

function findBookmark(channel: Channel, id: string): Bookmark {
  const bookmark = channel.bookmarks.find((one) => one.id === id);
  if (!bookmark) throw new ApiError('bookmark_not_found');
  return bookmark;
}

function checkLink(link: string): string {
  if (!/^https?:\/\//.test(link)) throw new ApiError('invalid_link');
  return link;
}
