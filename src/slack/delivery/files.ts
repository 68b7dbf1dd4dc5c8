import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { ReplyFile } from '../../commands/reply.ts';
import { ResponderError } from '../../errors.ts';
import type { Clock, Messages } from '../ports.ts';
import { plain } from '../render/text.ts';
import type { SlackApi } from './api.ts';
import { isName } from './channels.ts';
import type { Lookup } from './lookup.ts';
import { mayGoAgain } from './uncertain.ts';

/** A file that belongs under a message of ours, uploaded once. */
export interface Upload {
  /** `file:post:34`: names the upload in our books. */
  readonly view: string;
  readonly channel: string;
  readonly threadTs: string | null;
  readonly file: ReplyFile;
  readonly comment: string | null;
}

/**
 * Uploads a file into a thread. A share carries no metadata of ours, so the file's name ends in what is unique to the view
 * and an upload whose answer was lost is looked up by that: a command that runs again names its file by another second.
 * https://docs.slack.dev/messaging/working-with-files#uploading_files
 */
export async function uploadOnce(
  kit: {
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
  const { messages } = kit.ports;
  const row = await messages.get(view);
  if (row?.state === 'sent') return;
  const { name, ending } = uniqueName(upload.file.name, view);
  let isHidden = false;
  if (row?.state === 'sending') {
    const seen = await kit.lookup.file({ channel, threadTs, since: row.sendingSince }, ending, signal);
    if (typeof seen === 'object') {
      await messages.sent(view, channel, seen.ts, null);
      return;
    }
    mayGoAgain(`the file ${name}`, seen, { channel, since: row.sendingSince, last: row.handedOverAt }, kit.clock);
    // A refusal says nothing of an earlier upload nobody could look for.
    if (seen === 'absent') await messages.unsent(view);
    else isHidden = true;
  }
  const { content: given } = upload.file;
  const content = typeof given === 'string' ? Buffer.from(given) : Buffer.from(given);
  const entry = {
    file: content.length > 0 ? content : Buffer.from('(empty)\n'),
    filename: name,
    title: plain(upload.file.title, 200),
    ...(upload.file.altText ? { alt_text: plain(upload.file.altText, 1_000) } : {}),
    channel_id: channel,
    ...(upload.comment === null ? {} : { initial_comment: upload.comment }),
  };
  const slot = { method: 'files.upload', channel: null, priority: 'normal' } as const;
  const send = (client: WebClient) =>
    client.filesUploadV2(threadTs === null ? entry : { ...entry, thread_ts: threadTs });
  await kit.api.call(slot, signal, send, {
    begin: () => messages.begin(view, channel, kit.clock.now()),
    unsent: async () => {
      if (!isHidden) await messages.unsent(view);
    },
  });
  await messages.sent(view, channel, '0', null);
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
