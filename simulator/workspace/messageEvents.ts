import { publicMessage } from './publicMessage.ts';
import { BOT_USER, TEAM_ID } from './seed.ts';
import type { Channel, Json, Message } from './state.ts';
import type { World } from './world.ts';

const KIND_EVENT = { public: 'message.channels', private: 'message.groups', im: 'message.im' } as const;
export const CHANNEL_TYPE = { public: 'channel', private: 'group', im: 'im' } as const;

/**
 * Sends the `message` event of a post, edit or deletion to the app, and `app_mention` when a post names the bot. Only for
 * channels the bot is in, as in Slack; its own posts are echoed to it too.
 */
export function emitMessage(
  world: World,
  channel: Channel,
  message: Message,
  change?: { subtype: 'message_changed' | 'message_deleted'; previous: Json },
): void {
  if (!channel.members.has(BOT_USER)) return;
  const now = publicMessage(world, channel, message);
  const frame = { channel: channel.id, channel_type: CHANNEL_TYPE[channel.kind] };
  if (change) {
    const event_ts = world.ids.ts();
    const body =
      change.subtype === 'message_changed'
        ? { message: now, previous_message: change.previous }
        : { deleted_ts: message.ts, previous_message: change.previous };
    const event = { type: 'message', subtype: change.subtype, hidden: true, ts: event_ts, event_ts, ...frame, ...body };
    world.outbound.event(KIND_EVENT[channel.kind], event);
    return;
  }
  world.outbound.event(KIND_EVENT[channel.kind], { ...now, ...frame, event_ts: message.ts });
  if (channel.kind !== 'im' && message.user !== BOT_USER && message.text.includes(`<@${BOT_USER}>`)) {
    world.outbound.event('app_mention', {
      type: 'app_mention',
      user: message.user,
      text: message.text,
      ts: message.ts,
      client_msg_id: message.client_msg_id,
      team: TEAM_ID,
      ...(message.blocks ? { blocks: message.blocks } : {}),
      ...(message.thread_ts ? { thread_ts: message.thread_ts } : {}),
      channel: channel.id,
      event_ts: message.ts,
    });
  }
}
