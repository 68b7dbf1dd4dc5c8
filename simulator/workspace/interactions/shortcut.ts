import { findMessage } from '../api/channels.ts';
import { openDirect } from '../api/direct.ts';
import type { Ack } from '../delivery/ack.ts';
import { publicMessage } from '../publicMessage.ts';
import type { Channel, Json } from '../state.ts';
import { publicView } from '../views.ts';
import type { World } from '../world.ts';
import { channelName, interactionFrame, newResponseUrl, newTrigger } from './origin.ts';

/** A global shortcut: it carries no channel and no response URL. */
export function globalShortcut(world: World, user: string, callbackId: string): Promise<Ack> {
  return world.outbound.interactive('interactive', {
    ...interactionFrame(world, 'shortcut', user),
    callback_id: callbackId,
    trigger_id: newTrigger(world, user),
    action_ts: world.ids.ts(),
  });
}

/** A shortcut from a message's menu. */
export function messageShortcut(
  world: World,
  user: string,
  callbackId: string,
  channel: Channel,
  ts: string,
): Promise<Ack> {
  const message = findMessage(channel, ts);
  const thread = message.thread_ts ? { thread_ts: message.thread_ts } : {};
  const source = { ts, ephemeral: false, ...thread };
  return world.outbound.interactive('interactive', {
    ...interactionFrame(world, 'message_action', user),
    callback_id: callbackId,
    trigger_id: newTrigger(world, user),
    action_ts: world.ids.ts(),
    message_ts: ts,
    message: publicMessage(world, channel, message),
    channel: { id: channel.id, name: channelName(channel) },
    response_url: newResponseUrl(world, 'app', user, channel.id, source),
  });
}

/** A person opens the app's Home tab. */
export function openHome(world: World, user: string): void {
  const view = world.state.homes.get(user);
  const event: Json = {
    type: 'app_home_opened',
    user,
    channel: openDirect(world, user).id,
    tab: 'home',
    event_ts: world.ids.ts(),
    ...(view ? { view: publicView(view) } : {}),
  };
  world.outbound.event('app_home_opened', event);
}
