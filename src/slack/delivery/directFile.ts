import type { ReplyFile } from '../../commands/reply.ts';
import { coerceError, ResponderError } from '../../errors.ts';
import type { SlackMessage } from '../../incidents/post.ts';
import type { AnswerTarget } from '../ports.ts';
import { section } from '../render/blocks.ts';
import { code, prose } from '../render/mrkdwn.ts';
import type { Deliverer } from './card.ts';
import { uploadOnce } from './files.ts';
import { viewLedger } from './ledger.ts';
import { postOnce } from './post.ts';

/**
 * Sends the files of an answer that only its asker sees into the direct messages with that person: an ephemeral message can
 * carry none (https://docs.slack.dev/reference/methods/chat.postEphemeral). A message to a user's id needs no scope beyond
 * `chat:write` and its answer names the conversation, which a file is shared by.
 * @returns mrkdwn for the private answer: where the files are, or in one line why they could not be sent
 * @throws ResponderError when Slack cannot take them now and may later
 */
export async function sendDirectly(
  deliverer: Deliverer,
  target: AnswerTarget,
  files: readonly ReplyFile[],
  signal: AbortSignal,
): Promise<string | null> {
  const [first, ...others] = files;
  if (!first) return null;
  try {
    const at = await openedBy(deliverer, target, signal);
    const view = `file:direct:${target.invocationId}`;
    const upload = { view, channel: at.channel, threadTs: null, priority: 'person', blocks: null } as const;
    await uploadOnce(deliverer, { ...upload, files: [first, ...others] }, signal);
    const where = at.link === null ? 'our direct messages' : `<${at.link}|our direct messages>`;
    return `the full answer is in ${where}`;
  } catch (thrown) {
    signal.throwIfAborted();
    const error = coerceError(thrown);
    // A scope that the app lacks is not given while somebody waits for the answer.
    if (error.retryable && error.code !== 'forbidden') throw error;
    deliverer.log.warn(
      { err: error, invocation: target.invocationId },
      'the file of a private answer could not be sent',
    );
    return `the full answer could not be sent: ${prose(error.message, 160)}`;
  }
}

/** The message that the files follow, written once for an invocation, and its address. */
async function openedBy(
  deliverer: Deliverer,
  target: AnswerTarget,
  signal: AbortSignal,
): Promise<{ readonly channel: string; readonly link: string | null }> {
  const row = await deliverer.ports.messages.get(viewOf(target));
  const known = row?.state === 'sent' && row.ts !== null ? { channel: row.channel, ts: row.ts } : null;
  const { channel, ts } = known ?? (await opened(deliverer, target, row, signal));
  const slot = { method: 'chat.getPermalink', channel: null, priority: 'person' } as const;
  const answer = await deliverer.api
    .call(slot, signal, (client) => client.chat.getPermalink({ channel, message_ts: ts }))
    .catch(() => null);
  return { channel, link: answer?.permalink ?? null };
}

async function opened(
  deliverer: Deliverer,
  target: AnswerTarget,
  row: SlackMessage | null,
  signal: AbortSignal,
): Promise<{ readonly channel: string; readonly ts: string }> {
  const view = viewOf(target);
  // Until Slack answers, the conversation is not known, so nobody can look whether the message is there: it is not sent again.
  if (row?.state === 'sending')
    throw new ResponderError('conflict', 'Slack did not say whether its message arrived; ask once more');
  const text = `The full answer to ${code(target.command.trim() || 'here', 200)}:`;
  const message = {
    channel: target.user,
    threadTs: null,
    rendered: deliverer.ports.redaction.redactTree({ text, blocks: [section([text])] }),
    broadcast: false,
    mark: { view, instance: deliverer.settings.instance },
    priority: 'person',
  } as const;
  return postOnce(deliverer, message, viewLedger(deliverer.ports.messages, row, view, null, deliverer.clock), signal);
}

function viewOf({ invocationId }: AnswerTarget): string {
  return `direct:${invocationId}`;
}
