import { CHANNEL_TYPE } from '../messageEvents.ts';
import { post } from '../messages.ts';
import { BOT_USER, makeChannel, TEAM_ID } from '../seed.ts';
import type { Channel } from '../state.ts';
import { seconds, type World } from '../world.ts';
import { ApiError } from './apiError.ts';
import { findChannel, joinedChannel, publicChannel, visibleChannel } from './channels.ts';
import type { Handler } from './webMethod.ts';

const NAME_LENGTH = 80;
const TOPIC_LENGTH = 250;
const INVITED_AT_ONCE = 100;

export const create: Handler = (args, world) => {
  const name = checkName(world, args.text('name') ?? '');
  const channel = makeChannel({
    id: world.ids.next('C'),
    name,
    kind: args.flag('is_private') ? 'private' : 'public',
    created: seconds(world),
    creator: BOT_USER,
    members: [BOT_USER],
  });
  world.state.channels.set(channel.id, channel);
  world.changes.publish({ kind: 'channels' });
  return { channel: publicChannel(channel) };
};

export const join: Handler = (args, world) => {
  const channel = visibleChannel(world, args.required('channel'));
  if (channel.kind !== 'public') throw new ApiError('method_not_supported_for_channel_type');
  if (channel.is_archived) throw new ApiError('is_archived');
  const already = channel.members.has(BOT_USER);
  if (!already) enter(world, channel, BOT_USER);
  return {
    channel: publicChannel(channel),
    ...(already ? { warning: 'already_in_channel', response_metadata: { warnings: ['already_in_channel'] } } : {}),
  };
};

export const leave: Handler = (args, world) => {
  const channel = visibleChannel(world, args.required('channel'));
  if (channel.is_general) throw new ApiError('cant_leave_general');
  if (!channel.members.delete(BOT_USER)) return { not_in_channel: true };
  world.changes.publish({ kind: 'channels' });
  return {};
};

export const invite: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  if (channel.is_archived) throw new ApiError('is_archived');
  const users = args.list('users');
  if (users.length === 0) throw new ApiError('no_user');
  if (users.length > INVITED_AT_ONCE) throw new ApiError('too_many_users');
  const errors = users.flatMap((user) => {
    const error = whyNotInvited(world, channel, user);
    return error ? [{ ok: false, error, user }] : [];
  });
  const bad = new Set(errors.map((error) => error.user));
  if (errors.length > 0 && !args.flag('force')) throw new ApiError(errors[0]?.error ?? 'user_not_found', { errors });
  for (const user of users) if (!bad.has(user)) enter(world, channel, user, BOT_USER);
  return { channel: publicChannel(channel), ...(errors.length > 0 ? { errors } : {}) };
};

export const kick: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  const user = args.required('user');
  if (user === BOT_USER) throw new ApiError('cant_kick_self');
  if (channel.is_general) throw new ApiError('cant_kick_from_general');
  if (!channel.members.delete(user)) throw new ApiError('not_in_channel');
  world.changes.publish({ kind: 'channels' });
  return { errors: {} };
};

export const rename: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  if (channel.is_archived) throw new ApiError('is_archived');
  const old = channel.name;
  channel.name = checkName(world, args.text('name') ?? '');
  channel.previous_names = [old, ...channel.previous_names];
  world.changes.publish({ kind: 'channels' });
  const renamed = { id: channel.id, name: channel.name, created: channel.created };
  world.outbound.event('channel_rename', { type: 'channel_rename', channel: renamed, event_ts: world.ids.ts() });
  return { channel: publicChannel(channel) };
};

export const archive: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  if (channel.is_general) throw new ApiError('cant_archive_general');
  if (channel.is_archived) throw new ApiError('already_archived');
  channel.is_archived = true;
  world.changes.publish({ kind: 'channels' });
  const event = { type: 'channel_archive', channel: channel.id, user: BOT_USER, event_ts: world.ids.ts() };
  world.outbound.event('channel_archive', event);
  return {};
};

export const unarchive: Handler = (args, world) => {
  const channel = visibleChannel(world, args.required('channel'));
  if (!channel.is_archived) throw new ApiError('not_archived');
  channel.is_archived = false;
  world.changes.publish({ kind: 'channels' });
  return {};
};

export const setTopic: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  const value = checkLength(args.text('topic') ?? '');
  if (channel.is_archived) throw new ApiError('is_archived');
  channel.topic = { value, creator: BOT_USER, last_set: seconds(world) };
  world.changes.publish({ kind: 'channels' });
  const text = `<@${BOT_USER}> set the channel topic: ${value}`;
  post(world, channel, { user: BOT_USER, text, subtype: 'channel_topic' });
  return { channel: publicChannel(channel), topic: value };
};

export const setPurpose: Handler = (args, world) => {
  const channel = joinedChannel(world, args.required('channel'));
  const value = checkLength(args.text('purpose') ?? '');
  if (channel.is_archived) throw new ApiError('is_archived');
  channel.purpose = { value, creator: BOT_USER, last_set: seconds(world) };
  world.changes.publish({ kind: 'channels' });
  return { channel: publicChannel(channel), purpose: value };
};

/** Makes somebody a member; the app hears `member_joined_channel` when it is a member too. */
export function enter(world: World, channel: Channel, user: string, inviter?: string): void {
  if (channel.members.has(user)) return;
  channel.members.add(user);
  world.changes.publish({ kind: 'channels' });
  post(world, channel, { user, text: `<@${user}> has joined the channel`, subtype: 'channel_join' });
  if (!channel.members.has(BOT_USER)) return;
  world.outbound.event('member_joined_channel', {
    type: 'member_joined_channel',
    user,
    channel: channel.id,
    channel_type: CHANNEL_TYPE[channel.kind] === 'channel' ? 'C' : 'G',
    team: TEAM_ID,
    ...(inviter ? { inviter } : {}),
    event_ts: world.ids.ts(),
  });
}

/** Slack checks a name, it does not rewrite it; an archived channel keeps its name taken. */
export function checkName(world: World, name: string): string {
  if (!name) throw new ApiError('invalid_name_required');
  if (name.length > NAME_LENGTH) throw new ApiError('invalid_name_maxlength');
  if (/^[-_]+$/.test(name)) throw new ApiError('invalid_name_punctuation');
  if (!/^[\p{Ll}\p{Lo}\p{N}_-]+$/u.test(name)) throw new ApiError('invalid_name_specials');
  if (findChannel(world, `#${name}`)) throw new ApiError('name_taken');
  return name;
}

function checkLength(value: string): string {
  if (value.length > TOPIC_LENGTH) throw new ApiError('too_long');
  return value;
}

function whyNotInvited(world: World, channel: Channel, user: string): string | undefined {
  const known = world.state.users.get(user);
  if (!known) return 'user_not_found';
  if (user === BOT_USER) return 'cant_invite_self';
  if (channel.members.has(user)) return 'already_in_channel';
  if (known.is_stranger && !channel.is_ext_shared) return 'org_user_not_in_team';
  return known.is_ultra_restricted ? 'ura_max_channels' : undefined;
}
