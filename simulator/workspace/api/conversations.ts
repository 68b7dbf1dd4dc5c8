import { publicMessage } from '../publicMessage.ts';
import { BOT_USER } from '../seed.ts';
import type { Channel, Message } from '../state.ts';
import type { World } from '../world.ts';
import { ApiError } from './apiError.ts';
import type { Args } from './args.ts';
import { findMessage, joinedChannel, page, publicChannel, visibleChannel } from './channels.ts';
import { openDirect } from './direct.ts';
import type { Handler } from './webMethod.ts';

const PAGE = 100;
const MOST = 999;

const KINDS = { public: 'public_channel', private: 'private_channel', im: 'im' } as const;

export const list: Handler = (args, world) => {
  const channels = wanted(args, world);
  const { items, next } = page(channels, limitOf(args), args.text('cursor'));
  return {
    channels: items.map((channel) => publicChannel(channel, true)),
    response_metadata: { next_cursor: next },
  };
};

/** `users.conversations`: the channels the bot, or the user named, is in. */
export const joined: Handler = (args, world) => {
  const user = args.text('user') ?? BOT_USER;
  const channels = wanted(args, world).filter((channel) => channel.members.has(user));
  const { items, next } = page(channels, limitOf(args), args.text('cursor'));
  return { channels: items.map((channel) => publicChannel(channel)), response_metadata: { next_cursor: next } };
};

/** What the bot may see of the kinds that are asked for; of public ones alone by default. */
function wanted(args: Args, world: World): Channel[] {
  const types = args.list('types');
  const kinds = new Set(types.length > 0 ? types : ['public_channel']);
  return [...world.state.channels.values()].filter(
    (channel) =>
      kinds.has(KINDS[channel.kind]) &&
      (channel.kind === 'public' || channel.members.has(BOT_USER)) &&
      !(args.flag('exclude_archived') && channel.is_archived),
  );
}

export const describe: Handler = (args, world) => {
  const channel = visibleChannel(world, args.required('channel'));
  return { channel: publicChannel(channel, args.flag('include_num_members')) };
};

export const members: Handler = (args, world) => {
  const channel = visibleChannel(world, args.required('channel'));
  const { items, next } = page([...channel.members], limitOf(args), args.text('cursor'));
  return { members: items, response_metadata: { next_cursor: next } };
};

export const history: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  const top = [...channel.messages.values()].filter((message) => !message.thread_ts || message.broadcast).reverse();
  const inside = within(top, args);
  const { items, next } = page(inside, limitOf(args), args.text('cursor'));
  const withMetadata = args.flag('include_all_metadata');
  return {
    messages: items.map((message) => publicMessage(world, channel, message, withMetadata)),
    has_more: next !== '',
    pin_count: [...channel.messages.values()].filter((message) => message.pinned).length,
    ...(next ? { response_metadata: { next_cursor: next } } : {}),
  };
};

export const replies: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  const asked = channel.messages.get(args.required('ts'));
  if (!asked) throw new ApiError('thread_not_found');
  const parent = channel.messages.get(asked.thread_ts ?? asked.ts);
  const under = (channel.threads.get(asked.thread_ts ?? asked.ts) ?? []).flatMap(
    (ts) => channel.messages.get(ts) ?? [],
  );
  const inside = within(under, args);
  const { items, next } = page(inside, limitOf(args), args.text('cursor'));
  const withMetadata = args.flag('include_all_metadata');
  return {
    messages: [...(parent ? [parent] : []), ...items].map((one) => publicMessage(world, channel, one, withMetadata)),
    has_more: next !== '',
    ...(next ? { response_metadata: { next_cursor: next } } : {}),
  };
};

export const open: Handler = (args, world) => {
  const users = args.list('users');
  if (args.has('channel')) return { channel: { id: visibleChannel(world, args.required('channel')).id } };
  const user = users[0];
  if (!user) throw new ApiError('users_list_not_supplied');
  if (!world.state.users.has(user)) throw new ApiError('user_not_found');
  if (users.length > 1) throw new ApiError('method_not_supported_for_channel_type');
  const channel = openDirect(world, user);
  return { channel: args.flag('return_im') ? publicChannel(channel) : { id: channel.id } };
};

export const mark: Handler = (args, world) => {
  const channel: Channel = joinedChannel(world, args.required('channel'));
  findMessage(channel, args.required('ts'));
  return {};
};

function limitOf(args: Args): number {
  const limit = args.number('limit') ?? PAGE;
  if (limit < 1) throw new ApiError('invalid_limit');
  return Math.min(MOST, Math.floor(limit));
}

/** The messages between `oldest` and `latest`, the bounds themselves only with `inclusive`. */
function within(messages: readonly Message[], args: Args): Message[] {
  const oldest = bound(args, 'oldest', 'invalid_ts_oldest') ?? 0n;
  const latest = bound(args, 'latest', 'invalid_ts_latest');
  const inclusive = args.flag('inclusive');
  return messages.filter((message) => {
    const at = micros(message.ts);
    if (inclusive) return at >= oldest && (latest === undefined || at <= latest);
    return at > oldest && (latest === undefined || at < latest);
  });
}

function bound(args: Args, name: string, code: string): bigint | undefined {
  const given = args.text(name);
  if (!given || given === '0') return undefined;
  if (given === 'now') return undefined;
  if (!/^\d+(\.\d{1,6})?$/.test(given)) throw new ApiError(code);
  return micros(given);
}

function micros(ts: string): bigint {
  const [whole = '0', fraction = ''] = ts.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}
