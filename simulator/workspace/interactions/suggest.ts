import { isObject } from '../blocks/blockIds.ts';
import { publicMessage } from '../publicMessage.ts';
import type { Channel, Json } from '../state.ts';
import { findView, publicView } from '../views.ts';
import type { World } from '../world.ts';
import { interactionFrame } from './origin.ts';

/** The options last offered to external selects, by action id, so that a choice is found by its value. */
const offered = new WeakMap<World, Map<string, Json[]>>();

/** The options the app last offered for this action id. */
export function offeredOptions(world: World, actionId: string): readonly Json[] {
  return offered.get(world)?.get(actionId) ?? [];
}

/** Asks the app for the options of an external select. Resolves to options, or to an empty list when it did not answer. */
export async function suggest(
  world: World,
  asked: {
    readonly user: string;
    readonly actionId: string;
    readonly blockId: string;
    readonly value: string;
    readonly view?: string;
    readonly message?: { readonly channel: Channel; readonly ts: string };
  },
): Promise<readonly Json[]> {
  const ack = await world.outbound.interactive('interactive', {
    ...interactionFrame(world, 'block_suggestion', asked.user),
    action_id: asked.actionId,
    block_id: asked.blockId,
    value: asked.value,
    ...container(world, asked),
  });
  if (ack.outcome !== 'acked' || !isObject(ack.body)) return [];
  const groups = Array.isArray(ack.body.option_groups) ? ack.body.option_groups.filter(isObject) : [];
  const lists = [ack.body.options, ...groups.map((group) => group.options)];
  const options = lists.flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : [])).slice(0, 100);
  const known = offered.get(world) ?? new Map<string, Json[]>();
  known.set(asked.actionId, [...options, ...(known.get(asked.actionId) ?? [])].slice(0, 500));
  offered.set(world, known);
  return options;
}

function container(world: World, asked: Parameters<typeof suggest>[1]): Json {
  const view = asked.view ? findView(world, asked.view) : undefined;
  if (view) return { container: { type: 'view', view_id: view.id }, view: publicView(view) };
  if (!asked.message) return {};
  const { channel, ts } = asked.message;
  const message = channel.messages.get(ts);
  return {
    container: { type: 'message', message_ts: ts, channel_id: channel.id, is_ephemeral: !message },
    channel: { id: channel.id, name: channel.name },
    ...(message ? { message: publicMessage(world, channel, message) } : {}),
  };
}
