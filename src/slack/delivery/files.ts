import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { FilesUploadV2Arguments, WebClient } from '@slack/web-api';
import type { ReplyFile } from '../../commands/reply.ts';
import { coerceError, ResponderError } from '../../errors.ts';
import type { Clock, Messages } from '../ports.ts';
import type { Rendered } from '../render/blocks.ts';
import { plain } from '../render/mrkdwn.ts';
import { isName } from './channels.ts';
import type { Lookup } from './lookup.ts';
import type { Slot } from './pacing.ts';
import type { SlackApi } from './slackApi.ts';
import { mayGoAgain } from './uncertain.ts';

/** Files that are shared as one message, once. */
export interface Upload {
  /** `file:post:34`: names the upload in our books. */
  readonly view: string;
  readonly channel: string;
  readonly threadTs: string | null;
  readonly files: readonly [ReplyFile, ...ReplyFile[]];
  readonly priority: Slot['priority'];
  /** What the message says beside its files; null: nothing. */
  readonly blocks: Rendered['blocks'] | null;
}

/**
 * Shares files in a thread as one message with its blocks. A share carries no metadata of ours, so the file's name ends in what is unique to the view
 * and an upload whose answer was lost is looked up by that: a command that runs again names its file by another second.
 * https://docs.slack.dev/messaging/working-with-files#uploading_files
 * https://docs.slack.dev/reference/methods/files.completeUploadExternal/ (`blocks`)
 */
export async function uploadOnce(
  deliverer: {
    readonly api: SlackApi;
    readonly lookup: Lookup;
    readonly clock: Clock;
    readonly ports: { readonly messages: Messages };
  },
  upload: Upload,
  signal: AbortSignal,
): Promise<void> {
  const { view, channel, threadTs } = upload;
  if (isName(channel))
    throw new ResponderError(
      'unavailable',
      `The id of ${channel} is still being looked for, and files are shared by id`,
    );
  const { messages } = deliverer.ports;
  const row = await messages.get(view);
  if (row?.state === 'sent') return;
  const { name, ending } = uniqueName(upload.files[0].name, view);
  let isHidden = false;
  if (row?.state === 'sending') {
    const seen = await deliverer.lookup.file({ channel, threadTs, since: row.sendingSince }, ending, signal);
    if (typeof seen === 'object') {
      await messages.sent(view, channel, seen.ts, null);
      return;
    }
    mayGoAgain(`the file ${name}`, seen, { channel, since: row.sendingSince, last: row.handedOverAt }, deliverer.clock);
    // A refusal says nothing of an earlier upload nobody could look for.
    if (seen === 'absent') await messages.unsent(view);
    else isHidden = true;
  }
  const [first, ...others] = upload.files.map((file) => entryOf(file, view));
  const where = {
    channel_id: channel,
    ...(threadTs === null ? {} : { thread_ts: threadTs }),
    ...(upload.blocks === null ? {} : { blocks: upload.blocks }),
  };
  // What follows a message has had its turn with it; what is a message itself waits for the channel as any other.
  const slot = {
    method: 'files.upload',
    channel: upload.blocks === null ? null : channel,
    priority: upload.priority,
  } as const;
  const send = (client: WebClient) =>
    client.filesUploadV2(
      (others.length === 0
        ? { ...first, ...where }
        : { ...where, file_uploads: [first, ...others] }) as FilesUploadV2Arguments,
    );
  await deliverer.api.call(slot, signal, send, {
    begin: () => messages.begin(view, channel, deliverer.clock.now()),
    unsent: async () => {
      if (!isHidden) await messages.unsent(view);
    },
  });
  await messages.sent(view, channel, '0', null);
}

/**
 * Says an answer and shares its files as one message. False when it has no file, when Slack does not take these blocks or
 * may not take files from us: then the message goes alone, and its files after it.
 */
export async function shareWithFiles(
  deliverer: Parameters<typeof uploadOnce>[0],
  {
    files,
    ...share
  }: Omit<Upload, 'files' | 'blocks'> & { readonly blocks: Rendered['blocks']; readonly files: readonly ReplyFile[] },
  signal: AbortSignal,
): Promise<boolean> {
  const [first, ...others] = files;
  if (!first || isName(share.channel)) return false;
  try {
    await uploadOnce(deliverer, { ...share, files: [first, ...others] }, signal);
    return true;
  } catch (thrown) {
    signal.throwIfAborted();
    const error = coerceError(thrown);
    // What passes is tried again as a whole; an upload whose answer was lost is looked up first.
    if (error.retryable && error.code !== 'forbidden') throw error;
    return false;
  }
}

function entryOf({ name, title, content, altText }: ReplyFile, view: string) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  return {
    file: bytes.length > 0 ? bytes : Buffer.from('(empty)\n'),
    filename: uniqueName(name, view).name,
    title: plain(title, 200),
    ...(altText ? { alt_text: plain(altText, 1_000) } : {}),
  };
}

/** `jobs.txt` of view `file:post:34` becomes `jobs-post-34.txt`; a long view stands in it as ten characters of its digest. */
function uniqueName(name: string, view: string): { readonly name: string; readonly ending: string } {
  const safe = name.replaceAll(/[^\w.-]+/g, '-').slice(-80) || 'file.txt';
  const dot = safe.lastIndexOf('.');
  const plainView = view.replace(/^file:/, '').replaceAll(/[^\w-]+/g, '-');
  const tail = plainView.length <= 16 ? plainView : createHash('sha256').update(view).digest('hex').slice(0, 10);
  const ending = dot <= 0 ? `-${tail}` : `-${tail}${safe.slice(dot)}`;
  return { name: `${dot <= 0 ? safe : safe.slice(0, dot)}${ending}`, ending };
}
