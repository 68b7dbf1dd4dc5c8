import { z } from 'zod';
import { ApiError } from '../api/apiError.ts';
import { enter } from '../api/channelChanges.ts';
import { findChannel, findMessage, publicChannel } from '../api/channels.ts';
import { openDirect } from '../api/direct.ts';
import { emitPin, react, unreact } from '../api/marks.ts';
import type { HttpDelivery } from '../delivery/http.ts';
import { FAULT_KINDS } from '../faults.ts';
import { clickMessage, clickView, setValue } from '../interactions/click.ts';
import { runCommand } from '../interactions/command.ts';
import { closeView, submitView } from '../interactions/modal.ts';
import { globalShortcut, messageShortcut, openHome } from '../interactions/shortcut.ts';
import { suggest } from '../interactions/suggest.ts';
import { pin, post, remove } from '../messages.ts';
import { pageMessage } from '../publicMessage.ts';
import { BOT_USER } from '../seed.ts';
import type { Channel, Json, User } from '../state.ts';
import { encodeTyped } from '../typed.ts';
import { findView, publicView } from '../views.ts';
import type { World } from '../world.ts';

/** What some actions need besides the world. */
export interface ControlParts {
  readonly http: HttpDelivery;
}

type Action = (world: World, given: Json, parts: ControlParts) => unknown;

const chosen = z.union([z.string(), z.array(z.string())]);
const inChannel = z.object({ channel: z.string() });
const byUser = z.object({ user: z.string() });
const said = z.object({ user: z.string(), channel: z.string(), text: z.string(), thread: z.string().optional() });
const onMessage = z.object({ user: z.string(), channel: z.string(), ts: z.string() });
const clicked = z.object({
  user: z.string(),
  channel: z.string().optional(),
  ts: z.string().optional(),
  view: z.string().optional(),
  actionId: z.string(),
  blockId: z.string().optional(),
  value: chosen.optional(),
});
const submitted = z.object({
  user: z.string(),
  view: z.string().optional(),
  /** By action id. */
  values: z.record(z.string(), chosen).default({}),
  /** By block id, then action id, for views in which action ids repeat. */
  blocks: z.record(z.string(), z.record(z.string(), chosen)).default({}),
});
const fault = z.object({
  kind: z.enum(FAULT_KINDS),
  method: z.string().optional(),
  seconds: z.number().positive().optional(),
  count: z.number().int().positive().optional(),
  status: z.number().int().min(400).max(599).optional(),
  error: z.string().optional(),
});

/** Every control action, in one table. */
export const CONTROL: Readonly<Record<string, Action>> = {
  messages(world, given) {
    const asked = inChannel.extend({ thread: z.string().optional() }).parse(given);
    const channel = channelOf(world, asked.channel);
    const list = [...channel.messages.values()].filter((message) =>
      asked.thread
        ? message.ts === asked.thread || message.thread_ts === asked.thread
        : !message.thread_ts || message.broadcast,
    );
    return { messages: list.map((message) => pageMessage(world, channel, message)) };
  },
  ephemerals(world, given) {
    const user = userOf(world, byUser.parse(given).user).id;
    const messages = [...world.state.channels.values()].flatMap((channel) =>
      channel.ephemerals
        .filter((message) => message.ephemeralTo === user)
        .map((message) => pageMessage(world, channel, message)),
    );
    return { messages: messages.sort((a, b) => String(a.ts).localeCompare(String(b.ts))) };
  },
  calls: (world, given) => ({
    calls: world.calls.list().filter((call) => typeof given.method !== 'string' || call.method === given.method),
  }),
  channels: (world) => ({
    channels: [...world.state.channels.values()].map((channel) => ({
      ...publicChannel(channel, true),
      members: [...channel.members],
      bookmarks: channel.bookmarks,
    })),
  }),
  status: (world, _given, parts) => ({
    sockets: world.sockets.count(),
    requestUrl: parts.http.url() ?? null,
    lostEvents: world.outbound.lost(),
    faults: world.faults.list(),
    met: world.faults.met(),
  }),
  command(world, given) {
    const typed = said.parse(given);
    const user = userOf(world, typed.user).id;
    return runCommand(world, { ...typed, user, channel: channelFor(world, user, typed.channel) });
  },
  message(world, given) {
    const typed = said.extend({ files: z.array(z.string()).optional() }).parse(given);
    const user = userOf(world, typed.user).id;
    const channel = channelFor(world, user, typed.channel);
    const text = encodeTyped(world, typed.text);
    const message = post(world, channel, { user, text, ...(typed.thread ? { thread_ts: typed.thread } : {}) });
    return { channel: channel.id, ts: message.ts };
  },
  mention: (world, given, parts) =>
    CONTROL.message?.(world, { ...given, text: `<@${BOT_USER}> ${String(given.text)}` }, parts),
  click(world, given) {
    const { channel, ts, view, ...rest } = clicked.parse(given);
    const { blockId, value } = rest;
    const click = {
      user: userOf(world, rest.user).id,
      actionId: rest.actionId,
      ...(blockId === undefined ? {} : { blockId }),
      ...(value === undefined ? {} : { value }),
    };
    if (view) return clickView(world, view, click);
    return clickMessage(world, channelOf(world, channel ?? ''), ts ?? '', click);
  },
  async viewSubmit(world, given) {
    const { user: name, view: viewId, values, blocks } = submitted.parse(given);
    const user = userOf(world, name).id;
    const view = viewId ? findView(world, viewId) : world.state.modals.get(user)?.at(-1);
    if (!view) throw new ApiError('not_found');
    for (const [actionId, value] of Object.entries(values)) setValue(world, view, { user, actionId, value });
    for (const [blockId, actions] of Object.entries(blocks)) {
      for (const [actionId, value] of Object.entries(actions))
        setValue(world, view, { user, actionId, blockId, value });
    }
    return submitView(world, user, view.id);
  },
  async viewClose(world, given) {
    await closeView(world, userOf(world, byUser.parse(given).user).id);
  },
  modals: (world, given) => ({
    modals: (world.state.modals.get(userOf(world, byUser.parse(given).user).id) ?? []).map((view) => ({
      ...publicView(view),
      errors: view.errors,
    })),
  }),
  home(world, given) {
    const view = world.state.homes.get(userOf(world, byUser.parse(given).user).id);
    return { view: view ? publicView(view) : null };
  },
  direct: (world, given) => ({ channel: openDirect(world, userOf(world, byUser.parse(given).user).id).id }),
  openHome: (world, given) => openHome(world, userOf(world, byUser.parse(given).user).id),
  async suggest(world, given) {
    const asked = clicked.extend({ value: z.string().default('') }).parse(given);
    const channel = asked.channel ? channelOf(world, asked.channel) : undefined;
    const options = await suggest(world, {
      user: userOf(world, asked.user).id,
      actionId: asked.actionId,
      blockId: asked.blockId ?? '',
      value: asked.value,
      ...(asked.view ? { view: asked.view } : {}),
      ...(channel && asked.ts ? { message: { channel, ts: asked.ts } } : {}),
    });
    return { options };
  },
  shortcut(world, given) {
    const asked = byUser
      .extend({ callbackId: z.string(), channel: z.string().optional(), ts: z.string().optional() })
      .parse(given);
    const user = userOf(world, asked.user).id;
    if (!asked.channel || !asked.ts) return globalShortcut(world, user, asked.callbackId);
    return messageShortcut(world, user, asked.callbackId, channelOf(world, asked.channel), asked.ts);
  },
  react(world, given) {
    const asked = onMessage.extend({ name: z.string(), remove: z.boolean().optional() }).parse(given);
    const channel = channelOf(world, asked.channel);
    const message = findMessage(channel, asked.ts);
    const user = userOf(world, asked.user).id;
    return { changed: (asked.remove ? unreact : react)(world, channel, message, user, asked.name) };
  },
  pin(world, given) {
    const asked = onMessage.extend({ remove: z.boolean().optional() }).parse(given);
    const channel = channelOf(world, asked.channel);
    const message = findMessage(channel, asked.ts);
    const user = userOf(world, asked.user).id;
    pin(world, channel, message, asked.remove ? undefined : user);
    if (!asked.remove) emitPin(world, channel, message, user);
  },
  deleteMessage(world, given) {
    const asked = onMessage.parse(given);
    const channel = channelOf(world, asked.channel);
    const message = findMessage(channel, asked.ts);
    if (message.user !== userOf(world, asked.user).id) throw new ApiError('cant_delete_message');
    remove(world, channel, message);
  },
  join(world, given) {
    const asked = byUser.extend({ channel: z.string() }).parse(given);
    enter(world, channelOf(world, asked.channel), userOf(world, asked.user).id);
  },
  kick(world, given) {
    const asked = byUser.extend({ channel: z.string() }).parse(given);
    channelOf(world, asked.channel).members.delete(userOf(world, asked.user).id);
    world.changes.publish({ kind: 'channels' });
  },
  archive(world, given) {
    channelOf(world, inChannel.parse(given).channel).is_archived = given.archived !== false;
    world.changes.publish({ kind: 'channels' });
  },
  fault(world, given) {
    const asked = fault.parse(given);
    if (asked.kind === 'drop_socket' || (asked.kind === 'down' && !asked.method)) world.sockets.drop();
    if (asked.kind !== 'drop_socket' || asked.seconds) world.faults.add(definedOnly(asked));
  },
  clearFaults: (world) => world.faults.clear(),
  refresh(world, given) {
    const asked = z
      .object({
        reason: z.enum(['warning', 'refresh_requested', 'link_disabled']).default('refresh_requested'),
        graceMs: z.number().nonnegative().default(1_000),
      })
      .parse(given);
    world.sockets.refresh(asked.reason, asked.graceMs);
  },
  async requestUrl(_world, given, parts) {
    const asked = z.object({ url: z.string().nullable() }).parse(given);
    const wrong = await parts.http.setUrl(asked.url ?? undefined);
    if (wrong) throw new ApiError(wrong);
  },
  reset: (world) => world.reset(),
};

/** A person by id, by name, or by the first name shown; throws `user_not_found`. */
export function userOf(world: World, given: string): User {
  const wanted = given.replace(/^@/, '').toLowerCase();
  const user =
    world.state.users.get(given) ?? [...world.state.users.values()].find((one) => one.name.toLowerCase() === wanted);
  if (!user) throw new ApiError('user_not_found', { user: given });
  return user;
}

function channelOf(world: World, given: string): Channel {
  const channel = findChannel(world, given);
  if (!channel) throw new ApiError('channel_not_found', { channel: given });
  return channel;
}

/** A channel a person speaks in; `@bot` or `dm` is their direct message with the app. */
function channelFor(world: World, user: string, given: string): Channel {
  return given === 'dm' || given === '@bot' ? openDirect(world, user) : channelOf(world, given);
}

function definedOnly<Given extends object>(given: Given): Given {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given; // same keys, fewer undefined
}
