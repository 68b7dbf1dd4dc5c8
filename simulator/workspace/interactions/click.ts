import { ApiError } from '../api/apiError.ts';
import { isObject } from '../blocks/blockIds.ts';
import { type Chosen, enteredValue, findOption, isStateful, type Placed, placedElements } from '../blocks/elements.ts';
import type { Ack } from '../delivery/ack.ts';
import { postEphemeral } from '../messages.ts';
import { publicMessage } from '../publicMessage.ts';
import { SLACKBOT } from '../seed.ts';
import type { Channel, Json, Message, Values, View } from '../state.ts';
import { findView, publicView } from '../views.ts';
import type { World } from '../world.ts';
import { channelName, interactionFrame, newResponseUrl, newTrigger } from './origin.ts';
import { offeredOptions } from './suggest.ts';

export interface Click {
  readonly user: string;
  readonly actionId: string;
  /** When several elements share the action id. */
  readonly blockId?: string;
  /** For selects the value of the option, for a button the value that tells it from others with its action id. */
  readonly value?: Chosen;
}

/** A press or a choice in a message. Throws `message_not_found` or `action_not_found`. */
export async function clickMessage(world: World, channel: Channel, ts: string, click: Click): Promise<Ack> {
  const message = channel.messages.get(ts) ?? channel.ephemerals.find((one) => one.ts === ts);
  if (!message || (message.ephemeralTo && message.ephemeralTo !== click.user)) throw new ApiError('message_not_found');
  const placed = findElement(blocksOf(message), click);
  const key = `${channel.id}:${ts}:${click.user}`;
  const values = world.state.messageValues.get(key) ?? {};
  const action = act(world, placed, click, values);
  world.state.messageValues.set(key, values);
  if (!dispatches(blocksOf(message), placed)) return { outcome: 'acked', body: null };
  const ephemeral = message.ephemeralTo !== undefined;
  const thread_ts = message.thread_ts;
  const thread = thread_ts ? { thread_ts } : {};
  const payload: Json = {
    ...interactionFrame(world, 'block_actions', click.user),
    container: { type: 'message', message_ts: ts, channel_id: channel.id, is_ephemeral: ephemeral, ...thread },
    trigger_id: newTrigger(world, click.user),
    channel: { id: channel.id, name: channelName(channel) },
    ...(ephemeral ? {} : { message: publicMessage(world, channel, message, true) }),
    state: { values },
    response_url: newResponseUrl(world, 'actions', click.user, channel.id, { ts, ephemeral, ...thread }),
    actions: [action],
  };
  const ack = await world.outbound.interactive('interactive', payload);
  if (ack.outcome !== 'acked') {
    const text = `:warning: This app did not respond to your click ("${ack.outcome}").`;
    postEphemeral(world, channel, click.user, { user: SLACKBOT, text, ...thread });
  }
  return ack;
}

/** A press or a choice in a modal or a Home tab, of which the app hears when the element dispatches actions. */
export async function clickView(world: World, viewId: string, click: Click): Promise<Ack> {
  const view = findView(world, viewId);
  if (!view || view.user !== click.user) throw new ApiError('not_found');
  const blocks = view.body.blocks as Json[]; // makeView stores a list of objects
  const placed = findElement(blocks, click);
  const action = act(world, placed, click, view.values);
  if (!dispatches(blocks, placed)) return { outcome: 'acked', body: null };
  return world.outbound.interactive('interactive', {
    ...interactionFrame(world, 'block_actions', click.user),
    container: { type: 'view', view_id: view.id },
    trigger_id: newTrigger(world, click.user, view.id),
    view: publicView(view),
    state: { values: view.values },
    hash: view.hash,
    actions: [action],
  });
}

/** Blocks of a message, those of its attachments included. */
export function blocksOf(message: Message): Json[] {
  const attached = (message.attachments ?? []).flatMap((one) => (Array.isArray(one.blocks) ? one.blocks : []));
  return [...(message.blocks ?? []), ...attached.filter(isObject)];
}

/** Sets what a person entered, without telling the app. */
export function setValue(world: World, view: View, click: Click): void {
  const placed = findElement(view.body.blocks as Json[], click); // makeView stores a list of objects
  act(world, placed, click, view.values);
}

function findElement(blocks: readonly Json[], click: Click): Placed {
  const all = placedElements(blocks).filter(
    ({ blockId, element }) => element.action_id === click.actionId && (!click.blockId || click.blockId === blockId),
  );
  const found =
    all.find(({ element }) => element.type === 'button' && element.value === click.value) ??
    all.find(({ element }) => typeof click.value === 'string' && findOption(element, click.value)) ??
    all[0];
  if (!found) throw new ApiError('action_not_found', { action_id: click.actionId });
  return found;
}

/** The entry of `actions` for what was done; stateful elements are remembered in `values`. */
function act(world: World, placed: Placed, click: Click, values: Values): Json {
  const { blockId, element } = placed;
  const actionId = String(element.action_id);
  const frame = { action_id: actionId, block_id: blockId, action_ts: world.ids.ts() };
  if (element.type === 'button') {
    const { text, value, style } = element;
    return { type: 'button', ...frame, text, ...(value ? { value } : {}), ...(style ? { style } : {}) };
  }
  const chosen = enteredValue(element, click.value ?? '', offeredOptions(world, actionId));
  if ('selected_option' in chosen && chosen.selected_option === null && click.value) {
    throw new ApiError('option_not_found', { action_id: actionId, value: click.value });
  }
  if (isStateful(element)) values[blockId] = { ...values[blockId], [actionId]: chosen };
  return { ...chosen, ...frame };
}

function dispatches(blocks: readonly Json[], placed: Placed): boolean {
  const block = blocks.find((one) => one.block_id === placed.blockId);
  return block?.type !== 'input' || block.dispatch_action === true;
}
