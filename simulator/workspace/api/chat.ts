import { isObject } from '../blocks/blockIds.ts';
import { checkBlocks } from '../blocks/check.ts';
import { edit, type NewMessage, post, postEphemeral, remove } from '../messages.ts';
import { publicMessage } from '../publicMessage.ts';
import { BOT_USER } from '../seed.ts';
import type { Channel, Json } from '../state.ts';
import type { World } from '../world.ts';
import { ApiError, explained, rateLimited } from './apiError.ts';
import { type Args, objects } from './args.ts';
import { findMessage, visibleChannel } from './channels.ts';
import { openDirect } from './direct.ts';
import type { Handler } from './webMethod.ts';

/** Longer texts are cut and answered with a warning. */
const TEXT_CUT = 40_000;
/** What `chat.update` and `chat.postEphemeral` take, measured in UTF-8 bytes. */
const TEXT_BYTES = 4_000;
const MARKDOWN_CHARS = 12_000;
const ATTACHMENTS = 100;
/** Not documented; large enough for any sensible payload. */
const METADATA_BYTES = 16_000;

export const postMessage: Handler = (args, world) => {
  const channel = postTarget(args, world);
  const content = readContent(args, world);
  const thread_ts = readThread(args, channel);
  if (world.settings.strict) {
    const wait = world.rates.post(channel.id);
    if (wait !== undefined) throw rateLimited(wait);
  }
  const message = post(world, channel, {
    ...content.draft,
    user: BOT_USER,
    ...(thread_ts ? { thread_ts, broadcast: args.flag('reply_broadcast') } : {}),
  });
  return {
    channel: channel.id,
    ts: message.ts,
    message: publicMessage(world, channel, message, true),
    ...content.warnings,
  };
};

export const postEphemeralMessage: Handler = (args, world) => {
  const channel = visibleChannel(world, args.required('channel'), true);
  const user = args.required('user');
  if (!world.state.users.has(user)) throw new ApiError('user_not_found');
  if (channel.is_archived) throw new ApiError('is_archived');
  if (!channel.members.has(BOT_USER)) throw new ApiError('not_in_channel');
  if (!channel.members.has(user)) throw new ApiError('user_not_in_channel');
  const content = readContent(args, world);
  if (world.settings.strict && Buffer.byteLength(content.draft.text) > TEXT_BYTES) throw new ApiError('msg_too_long');
  const thread_ts = readThread(args, channel);
  const message = postEphemeral(world, channel, user, {
    ...content.draft,
    user: BOT_USER,
    ...(thread_ts ? { thread_ts } : {}),
  });
  return { message_ts: message.ts };
};

export const update: Handler = (args, world) => {
  const channel = visibleChannel(world, args.required('channel'));
  const message = findMessage(channel, args.required('ts'));
  if (message.user !== BOT_USER) throw new ApiError('cant_update_message');
  if (channel.is_archived) throw new ApiError('is_archived');
  const content = readContent(args, world);
  if (world.settings.strict && Buffer.byteLength(content.draft.text) > TEXT_BYTES) throw new ApiError('msg_too_long');
  const { blocks, attachments, metadata } = content.draft;
  edit(world, channel, message, {
    ...(args.has('text') ? { text: content.draft.text } : {}),
    ...(blocks ? { blocks } : {}),
    ...(attachments ? { attachments } : {}),
    ...(metadata ? { metadata } : {}),
  });
  return {
    channel: channel.id,
    ts: message.ts,
    text: message.text,
    message: publicMessage(world, channel, message, true),
  };
};

export const deleteMessage: Handler = (args, world) => {
  const channel = visibleChannel(world, args.required('channel'));
  const message = findMessage(channel, args.required('ts'));
  if (message.user !== BOT_USER) throw new ApiError('cant_delete_message');
  remove(world, channel, message);
  return { channel: channel.id, ts: message.ts };
};

export const getPermalink: Handler = (args, world) => {
  const channel = visibleChannel(world, args.required('channel'));
  const message = findMessage(channel, args.required('message_ts'));
  return { channel: channel.id, permalink: permalink(world, channel, message.ts, message.thread_ts) };
};

/** The address of a message; the page opens it. */
export function permalink(world: World, channel: Channel, ts: string, threadTs?: string): string {
  const thread = threadTs ? `?thread_ts=${threadTs}&cid=${channel.id}` : '';
  return `${world.url()}/archives/${channel.id}/p${ts.replace('.', '')}${thread}`;
}

function postTarget(args: Args, world: World): Channel {
  const given = args.required('channel');
  const user = world.state.users.get(given);
  const channel = user ? openDirect(world, user.id) : visibleChannel(world, given, true);
  if (channel.is_archived) throw new ApiError('is_archived');
  const anywhere = channel.kind === 'public' && world.manifest.scopes?.has('chat:write.public');
  if (!channel.members.has(BOT_USER) && !anywhere) throw new ApiError('not_in_channel');
  return channel;
}

/** Text, blocks and what else makes a message, read and checked; shared by everything an app can say. */
export function readContent(
  args: Args,
  world: World,
): { readonly draft: Omit<NewMessage, 'user'>; readonly warnings: Json } {
  const markdown = args.text('markdown_text');
  if (markdown && (args.has('text') || args.has('blocks'))) throw new ApiError('markdown_text_conflict');
  if (markdown && markdown.length > MARKDOWN_CHARS) throw new ApiError('msg_too_long');
  const blocks = markdown
    ? [{ type: 'markdown', text: markdown }]
    : checkBlocks(world, args.json('blocks', 'invalid_blocks_format'), 'message');
  const attachments = readAttachments(args, world);
  const given = args.text('text') ?? '';
  if (!given.trim() && !blocks?.length && !attachments?.length) throw new ApiError('no_text');
  const text = given.length > TEXT_CUT ? given.slice(0, TEXT_CUT) : given;
  const metadata = readMetadata(args);
  const draft: Omit<NewMessage, 'user'> = {
    text,
    ...(blocks ? { blocks } : {}),
    ...(attachments ? { attachments } : {}),
    ...(metadata ? { metadata } : {}),
    ...(args.text('username') ? { username: args.text('username') } : {}),
    ...(args.text('icon_emoji') ? { icon_emoji: args.text('icon_emoji') } : {}),
  };
  const cut = text.length < given.length;
  return {
    draft,
    warnings: cut ? { warning: 'message_truncated', response_metadata: { warnings: ['message_truncated'] } } : {},
  };
}

function readAttachments(args: Args, world: World): Json[] | undefined {
  const given = args.json('attachments', 'invalid_attachments');
  if (given === undefined) return undefined;
  const attachments = objects(given, 'invalid_attachments');
  if (attachments.length > ATTACHMENTS) throw new ApiError('too_many_attachments');
  for (const attachment of attachments) checkBlocks(world, attachment.blocks, 'message');
  return attachments;
}

function readMetadata(args: Args): Json | undefined {
  const given = args.json('metadata', 'invalid_metadata_format');
  if (given === undefined) return undefined;
  if (!isObject(given) || typeof given.event_type !== 'string' || !isObject(given.event_payload)) {
    throw explained('invalid_metadata_format', ['must have event_type and event_payload [json-pointer:/metadata]']);
  }
  if (Buffer.byteLength(JSON.stringify(given)) > METADATA_BYTES) throw new ApiError('metadata_too_large');
  return given;
}

function readThread(args: Args, channel: Channel): string | undefined {
  const ts = args.text('thread_ts');
  if (!ts) return undefined;
  if (!/^\d{10}\.\d{6}$/.test(ts)) throw new ApiError('invalid_thread_ts');
  if (channel.messages.get(ts)?.thread_ts) throw new ApiError('cannot_reply_to_message');
  return ts;
}
