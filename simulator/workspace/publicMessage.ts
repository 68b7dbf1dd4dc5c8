import { publicFile } from './files.ts';
import { APP_ID, BOT_ID, BOT_USER, TEAM_ID } from './seed.ts';
import type { Channel, Json, Message } from './state.ts';
import type { World } from './world.ts';

/** The message as `conversations.history` and events give it. */
export function publicMessage(world: World, channel: Channel, message: Message, withMetadata = false): Json {
  const replies = channel.threads.get(message.ts) ?? [];
  const authors = [
    ...new Set(replies.map((ts) => channel.messages.get(ts)?.user).filter((user) => user !== undefined)),
  ];
  return {
    type: 'message',
    ...(message.subtype ? { subtype: message.subtype } : {}),
    ...(message.broadcast && !message.subtype ? { subtype: 'thread_broadcast' } : {}),
    user: message.user,
    ts: message.ts,
    ...(message.client_msg_id ? { client_msg_id: message.client_msg_id } : {}),
    ...(message.bot_id ? { bot_id: message.bot_id, app_id: APP_ID, bot_profile: botProfile() } : {}),
    ...(message.username ? { username: message.username } : {}),
    text: message.text,
    team: TEAM_ID,
    ...(message.blocks ? { blocks: message.blocks } : {}),
    ...(message.attachments ? { attachments: message.attachments } : {}),
    ...(message.files ? { files: message.files.flatMap((id) => publicFile(world, id) ?? []), upload: false } : {}),
    ...(withMetadata && message.metadata ? { metadata: message.metadata } : {}),
    ...(message.edited ? { edited: message.edited } : {}),
    ...threadFields(channel, message, replies, authors),
    ...(message.reactions.length > 0
      ? { reactions: message.reactions.map((one) => ({ name: one.name, users: one.users, count: one.users.length })) }
      : {}),
    ...(message.pinned ? { pinned_to: [channel.id], pinned_info: pinnedInfo(channel, message.pinned) } : {}),
  };
}

/** The message as the page needs it: the public form and who may see it. */
export function pageMessage(world: World, channel: Channel, message: Message): Json {
  return {
    ...publicMessage(world, channel, message, true),
    channel: channel.id,
    ...(message.ephemeralTo ? { is_ephemeral: true, ephemeral_to: message.ephemeralTo } : {}),
    ...(message.broadcast ? { broadcast: true } : {}),
    ...(message.icon_emoji ? { icon_emoji: message.icon_emoji } : {}),
  };
}

function threadFields(channel: Channel, message: Message, replies: string[], authors: string[]): Json {
  if (message.thread_ts) {
    const parent = channel.messages.get(message.thread_ts);
    return { thread_ts: message.thread_ts, ...(parent ? { parent_user_id: parent.user } : {}) };
  }
  if (replies.length === 0) return {};
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: authors.length,
    reply_users: authors.slice(0, 5),
    latest_reply: replies.at(-1),
    is_locked: false,
    subscribed: authors.includes(BOT_USER) || message.user === BOT_USER,
  };
}

function pinnedInfo(channel: Channel, pinned: { by: string; at: number }): Json {
  return { channel: channel.id, pinned_by: pinned.by, pinned_ts: pinned.at };
}

function botProfile(): Json {
  return {
    id: BOT_ID,
    app_id: APP_ID,
    user_id: BOT_USER,
    name: 'Lambda Responder',
    icons: {},
    deleted: false,
    updated: 0,
    team_id: TEAM_ID,
  };
}
