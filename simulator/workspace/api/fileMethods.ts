import { isObject } from '../blocks/blockIds.ts';
import { guessType, publicFile } from '../files.ts';
import { post } from '../messages.ts';
import { BOT_USER } from '../seed.ts';
import type { Json, StoredFile } from '../state.ts';
import { seconds, type World } from '../world.ts';
import { ApiError, explained } from './apiError.ts';
import { type Args, objects } from './args.ts';
import { readContent } from './chat.ts';
import type { Handler } from './webMethod.ts';

/** A gibibyte is what Slack takes; a laptop is happier with less. */
const MOST_BYTES = 256 * 1024 * 1024;

export const getUploadUrl: Handler = (args, world) => {
  const length = args.number('length');
  if (length === undefined || length <= 0)
    throw explained('invalid_arguments', ['must be more than 0 [json-pointer:/length]']);
  if (length > MOST_BYTES) throw new ApiError('file_upload_size_restricted');
  const name = args.required('filename');
  const { mimetype, filetype } = guessType(name);
  const file: StoredFile = {
    id: world.ids.next('F'),
    name,
    title: name,
    mimetype,
    filetype: args.text('snippet_type') ?? filetype,
    user: BOT_USER,
    created: seconds(world),
    content: Buffer.alloc(0),
    announcedLength: length,
    uploaded: false,
    completed: false,
    channels: [],
    altText: args.text('alt_txt') ?? args.text('alt_text') ?? '',
  };
  world.state.files.set(file.id, file);
  return { upload_url: `${world.url()}/upload/v1/${file.id}`, file_id: file.id };
};

export const completeUpload: Handler = (args, world) => {
  const wanted = objects(args.json('files', 'invalid_arguments'), 'invalid_arguments');
  if (wanted.length === 0) throw explained('invalid_arguments', ['missing required field: files']);
  const files = wanted.map((one) => pendingFile(world, one));
  const channels = args.has('channel_id') ? [args.required('channel_id')] : args.list('channels');
  const targets = channels.map((given) => {
    const channel = world.state.channels.get(given);
    if (!channel?.members.has(BOT_USER)) throw new ApiError(channel ? 'not_in_channel' : 'channel_not_found');
    if (channel.is_archived) throw new ApiError('is_archived');
    return channel;
  });
  for (const [index, file] of files.entries()) {
    file.completed = true;
    file.title = titleOf(wanted[index]) ?? file.name;
    file.channels.push(...targets.map((channel) => channel.id));
  }
  const thread_ts = args.text('thread_ts');
  const said = comment(args, world);
  for (const channel of targets) {
    post(world, channel, {
      ...said,
      user: BOT_USER,
      files: files.map((file) => file.id),
      subtype: 'file_share',
      ...(thread_ts ? { thread_ts } : {}),
    });
    for (const file of files) announce(world, file, channel.id);
  }
  return { files: files.map((file) => ({ ...publicFile(world, file.id), id: file.id, title: file.title })) };
};

export const fileInfo: Handler = (args, world) => {
  const file = publicFile(world, args.required('file'));
  if (!file) throw new ApiError('file_not_found');
  return { file, comments: [], response_metadata: { next_cursor: '' } };
};

export const deleteFile: Handler = (args, world) => {
  if (!world.state.files.delete(args.required('file'))) throw new ApiError('file_not_found');
  return {};
};

/** Takes the bytes of an upload. Returns what the upload address answers, or undefined for an unknown file. */
export function receiveUpload(world: World, id: string, content: Buffer): string | undefined {
  const file = world.state.files.get(id);
  if (!file || file.completed) return undefined;
  file.content = content;
  file.uploaded = true;
  return `OK - ${content.length}`;
}

function pendingFile(world: World, wanted: Json): StoredFile {
  const file = world.state.files.get(String(wanted.id));
  if (!file?.uploaded || file.completed) throw new ApiError('file_not_found');
  if (file.content.length !== file.announcedLength) throw new ApiError('file_update_failed');
  return file;
}

function titleOf(wanted: Json | undefined): string | undefined {
  return isObject(wanted) && typeof wanted.title === 'string' && wanted.title !== '' ? wanted.title : undefined;
}

function comment(args: Args, world: World): { text: string; blocks?: Json[] } {
  if (args.has('blocks')) return { ...readContent(args, world).draft, text: args.text('initial_comment') ?? '' };
  return { text: args.text('initial_comment') ?? '' };
}

function announce(world: World, file: StoredFile, channel_id: string): void {
  const event = { type: 'file_shared', file_id: file.id, user_id: file.user, file: { id: file.id }, channel_id };
  world.outbound.event('file_shared', { ...event, event_ts: world.ids.ts() });
}
