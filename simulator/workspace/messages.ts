import { withIds } from './blocks/blockIds.ts';
import { emitMessage } from './messageEvents.ts';
import { pageMessage, publicMessage } from './publicMessage.ts';
import { BOT_ID, BOT_USER } from './seed.ts';
import type { Channel, Json, Message } from './state.ts';
import { seconds, type World } from './world.ts';

export interface NewMessage {
  readonly user: string;
  readonly text: string;
  readonly blocks?: Json[];
  readonly attachments?: Json[];
  readonly metadata?: Json;
  readonly thread_ts?: string;
  readonly broadcast?: boolean;
  readonly files?: string[];
  readonly subtype?: string;
  readonly username?: string;
  readonly icon_emoji?: string;
}

/** Posts a message: it is stored, the page shows it, and the app hears the events of it. */
export function post(world: World, channel: Channel, draft: NewMessage): Message {
  const message = make(world, channel, draft);
  channel.messages.set(message.ts, message);
  if (message.thread_ts) {
    const replies = channel.threads.get(message.thread_ts) ?? [];
    replies.push(message.ts);
    channel.threads.set(message.thread_ts, replies);
  }
  publish(world, channel, message);
  const parent = message.thread_ts ? channel.messages.get(message.thread_ts) : undefined;
  if (parent) publish(world, channel, parent);
  emitMessage(world, channel, message);
  return message;
}

/** Shows a message to one person only; it is kept apart and never part of the history. */
export function postEphemeral(world: World, channel: Channel, to: string, draft: NewMessage): Message {
  const message: Message = { ...make(world, channel, draft), ephemeralTo: to };
  channel.ephemerals.push(message);
  if (channel.ephemerals.length > 500) channel.ephemerals.shift();
  publish(world, channel, message);
  return message;
}

/** Changes text, blocks or attachments in place. A text without blocks removes the blocks, as in Slack. */
export function edit(
  world: World,
  channel: Channel,
  message: Message,
  change: { text?: string; blocks?: Json[]; attachments?: Json[]; metadata?: Json },
): void {
  const previous = publicMessage(world, channel, message);
  if (change.text !== undefined) message.text = change.text;
  if (change.blocks !== undefined) message.blocks = withIds(change.blocks, world.ids);
  else if (change.text !== undefined) delete message.blocks;
  if (change.attachments !== undefined) message.attachments = change.attachments;
  if (change.metadata !== undefined) message.metadata = change.metadata;
  if (!message.ephemeralTo) message.edited = { user: message.user, ts: world.ids.ts() };
  publish(world, channel, message);
  if (!message.ephemeralTo) emitMessage(world, channel, message, { subtype: 'message_changed', previous });
}

/** Takes a message away. A parent with replies stays as a tombstone, so that its thread can still be read. */
export function remove(world: World, channel: Channel, message: Message): void {
  const previous = publicMessage(world, channel, message);
  if (message.ephemeralTo) {
    channel.ephemerals.splice(channel.ephemerals.indexOf(message), 1);
  } else if ((channel.threads.get(message.ts)?.length ?? 0) > 0) {
    const tombstone: Message = {
      type: 'message',
      channel: channel.id,
      ts: message.ts,
      user: 'USLACKBOT',
      subtype: 'tombstone',
      text: 'This message was deleted.',
      reactions: [],
    };
    channel.messages.set(message.ts, tombstone);
    publish(world, channel, tombstone);
    emitMessage(world, channel, message, { subtype: 'message_deleted', previous });
    return;
  } else {
    channel.messages.delete(message.ts);
    if (message.thread_ts) {
      const replies = channel.threads.get(message.thread_ts) ?? [];
      replies.splice(replies.indexOf(message.ts), 1);
    }
  }
  world.changes.publish({ kind: 'removed', channel: channel.id, ts: message.ts });
  const parent = message.thread_ts ? channel.messages.get(message.thread_ts) : undefined;
  if (parent) publish(world, channel, parent);
  if (!message.ephemeralTo) emitMessage(world, channel, message, { subtype: 'message_deleted', previous });
}

/** Tells the page how a message looks now. */
export function publish(world: World, channel: Channel, message: Message): void {
  world.changes.publish({ kind: 'message', channel: channel.id, message: pageMessage(world, channel, message) });
}

function make(world: World, channel: Channel, draft: NewMessage): Message {
  const bot = draft.user === BOT_USER;
  return {
    type: 'message',
    channel: channel.id,
    ts: world.ids.ts(),
    user: draft.user,
    ...(bot ? { bot_id: BOT_ID } : { client_msg_id: crypto.randomUUID() }),
    ...(draft.subtype ? { subtype: draft.subtype } : {}),
    text: draft.text,
    ...(draft.blocks ? { blocks: withIds(draft.blocks, world.ids) } : {}),
    ...(draft.attachments ? { attachments: draft.attachments } : {}),
    ...(draft.metadata ? { metadata: draft.metadata } : {}),
    ...(draft.files ? { files: draft.files } : {}),
    ...(draft.thread_ts ? { thread_ts: draft.thread_ts } : {}),
    ...(draft.broadcast ? { broadcast: true } : {}),
    ...(draft.username ? { username: draft.username } : {}),
    ...(draft.icon_emoji ? { icon_emoji: draft.icon_emoji } : {}),
    reactions: [],
  };
}

/** Pins a message, or takes the pin away when `by` is undefined. */
export function pin(world: World, channel: Channel, message: Message, by: string | undefined): void {
  if (by === undefined) delete message.pinned;
  else message.pinned = { by, at: seconds(world) };
  publish(world, channel, message);
}
