import { type Reply, type ReplyFile, reply as replyOf } from '../../commands/reply.ts';
import { coerceError } from '../../errors.ts';
import type { AnswerTarget } from '../ports.ts';
import { context, type Rendered, section } from '../render/blocks.ts';
import { code, escapeMrkdwn, prose } from '../render/mrkdwn.ts';
import { type RenderedReply, renderReply } from '../render/reply.ts';
import { cardView, type Deliverer } from './card.ts';
import { sendDirectly } from './directFile.ts';
import { shareWithFiles, uploadOnce } from './files.ts';
import { renderHash, viewLedger } from './ledger.ts';
import { edit, postOnce } from './post.ts';
import { canRespond, respond } from './respond.ts';
import { isChannelClosed } from './slackErrors.ts';

const ANSWER_BUDGET = 9_000;

interface Where {
  readonly channel: string;
  readonly threadTs: string | null;
}

function answerView(target: AnswerTarget): string {
  return `answer:${target.invocationId}`;
}

/**
 * Says "running ..." where the answer will be; call it when a command has not answered within a second. In a thread the
 * answer takes its place; after a slash command only the asker sees it. Never rejects but when aborted: it is a courtesy.
 */
export async function running(deliverer: Deliverer, target: AnswerTarget, signal: AbortSignal): Promise<void> {
  const line = runningLine(target.command);
  const rendered = { text: line, blocks: [section([line])] };
  try {
    if (target.door === 'slash') {
      if (canRespond(target, deliverer.clock))
        await respond(target, deliverer.ports.redaction.redactTree(rendered), signal);
      return;
    }
    if (target.channel === null) return;
    const where = { channel: target.channel, threadTs: target.threadTs };
    if ((await deliverer.ports.messages.get(answerView(target)))?.state === 'sent') return;
    if ((await shareOf(deliverer, target)) !== null) return;
    await show(deliverer, target, where, rendered, signal);
  } catch (error) {
    signal.throwIfAborted();
    deliverer.log.info({ err: error, invocation: target.invocationId }, 'could not say that the command is running');
  }
}

/** The view of an answer that is shared as one message with its files. */
function shareView(target: AnswerTarget): string {
  return `file:${answerView(target)}`;
}

/** What an earlier run of the command shared, or may have: it is followed, and nothing stands beside it. */
async function shareOf(deliverer: Deliverer, target: AnswerTarget): Promise<'sending' | 'sent' | null> {
  const state = (await deliverer.ports.messages.get(shareView(target)))?.state;
  return state === 'sending' || state === 'sent' ? state : null;
}

/** `⏳ Running diag jobs …`, ready mrkdwn. A thread takes no slash command, so none is shown to be typed again. */
function runningLine(command: string): string {
  return `⏳ Running ${code(command.trim() || 'here', 300)} …`;
}

/**
 * Brings an answer to who asked, in place of "running ...": results into the incident's thread (or where a mention asked),
 * help and errors to the asker only. Asked twice for the same invocation it edits, and posts nothing twice.
 */
export async function answer(
  deliverer: Deliverer,
  target: AnswerTarget,
  reply: Reply,
  signal: AbortSignal,
): Promise<void> {
  if (reply.runbook !== null && reply.incidentNumber !== null) {
    // One message for all who ask: it is posted and edited by one job at a time.
    await deliverer.ports.runbook.show(reply.incidentNumber, reply.runbook.page, target);
    await removeRunning(deliverer, target, signal);
    return;
  }
  // In a direct message nobody else reads along, and only a message that stays can have a file.
  const direct = reply.file !== null && target.channel?.startsWith('D') === true;
  if ((reply.visibility === 'thread' || direct) && (await answerInThread(deliverer, target, reply, signal))) return;
  await removeRunning(deliverer, target, signal);
  // A press that did what it says is seen on the card itself; what can be taken back is answered with how.
  if (reply.visibility === 'channel' && target.door === 'button' && reply.tone === 'ok' && reply.next.length === 0)
    return;
  await answerPrivately(deliverer, target, reply, signal);
}

/** False when there is no place, or none the bot may post in. */
async function answerInThread(
  deliverer: Deliverer,
  target: AnswerTarget,
  reply: Reply,
  signal: AbortSignal,
): Promise<boolean> {
  const where = await placeOf(deliverer, target, reply);
  if (where === null) return false;
  const rendered = renderReply(reply, { ...place(target), files: true, budget: ANSWER_BUDGET });
  const files = [...rendered.files, ...picturesOf(reply)];
  try {
    const at = (await showWithFiles(
      deliverer,
      target,
      where,
      { ...rendered, files, isLive: reply.live !== null },
      signal,
    )) ?? {
      ...(await show(deliverer, target, where, rendered, signal)),
      isAlone: true,
    };
    if (at.isAlone)
      await attach(deliverer, target, files, { channel: at.channel, threadTs: where.threadTs ?? at.ts }, signal);
    await pointTo(deliverer, target, reply, at, signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!isChannelClosed(error)) throw error;
    const note = 'Invite me into this channel (/invite) to see results and files in a thread.';
    await answerPrivately(deliverer, target, { ...reply, notes: [...reply.notes, note] }, signal);
    return true;
  }
}

/** One message with its files, unless it says "running ..." already; null when it has none or cannot be one. */
async function showWithFiles(
  deliverer: Deliverer,
  target: AnswerTarget,
  where: Where,
  rendered: RenderedReply & { readonly isLive: boolean },
  signal: AbortSignal,
): Promise<{ channel: string; ts: string; isAlone: boolean } | null> {
  // What goes on is edited, and a share of files cannot be.
  if (where.threadTs === null || rendered.isLive) return null;
  const view = shareView(target);
  const shared = await shareOf(deliverer, target);
  if (shared === 'sent') return { channel: where.channel, ts: where.threadTs, isAlone: false };
  if (shared === null && (await deliverer.ports.messages.get(answerView(target))) !== null) return null;
  const share = { ...rendered, view, channel: where.channel, threadTs: where.threadTs, priority: 'person' } as const;
  // A share's own timestamp is not told: its thread is where it is found.
  return (await shareWithFiles(deliverer, share, signal))
    ? { channel: where.channel, ts: where.threadTs, isAlone: false }
    : null;
}

function picturesOf({ evidence }: Reply): readonly ReplyFile[] {
  return evidence
    .filter(({ mime }) => mime === 'image/png')
    .slice(0, 3)
    .map(({ source, mime, content }, index) => ({
      name: `chart-${index + 1}.png`,
      title: source,
      mime,
      content: Buffer.from(content, 'base64'),
    }));
}

function place(target: AnswerTarget): { asker: string; command: string } {
  return { asker: target.user, command: target.command };
}

/** A mention and a button are answered where they stand; a slash command in its incident's thread, else in the channel. */
async function placeOf(deliverer: Deliverer, target: AnswerTarget, reply: Reply): Promise<Where | null> {
  const here = target.channel === null ? null : { channel: target.channel, threadTs: target.threadTs };
  if (here && (target.door === 'mention' || (target.door === 'button' && target.threadTs !== null))) return here;
  if (reply.incidentNumber !== null) {
    const card = await deliverer.ports.messages.get(cardView(reply.incidentNumber));
    if (card?.state === 'sent' && card.ts !== null) return { channel: card.channel, threadTs: card.ts };
  }
  return here;
}

/** Posts the message of this invocation, or edits it when it says "running ...". */
async function show(
  deliverer: Deliverer,
  target: AnswerTarget,
  where: Where,
  rendered: Rendered,
  signal: AbortSignal,
): Promise<{ channel: string; ts: string }> {
  const view = answerView(target);
  const mark = { view, instance: deliverer.settings.instance };
  const hash = renderHash(rendered);
  const row = await deliverer.ports.messages.get(view);
  let at = row?.state === 'sent' && row.ts !== null ? { channel: row.channel, ts: row.ts } : null;
  if (at && row?.renderedHash === hash) return at;
  if (!at) {
    const message = { ...where, rendered, broadcast: false, mark, priority: 'person' } as const;
    const posted = await postOnce(
      deliverer,
      message,
      viewLedger(deliverer.ports.messages, row, view, hash, deliverer.clock),
      signal,
    );
    if (!posted.found) return posted;
    at = posted;
  }
  if (await edit(deliverer, at, { rendered, mark, priority: 'person' }, signal)) {
    await deliverer.ports.messages.sent(view, at.channel, at.ts, hash);
    return at;
  }
  const message = { ...where, rendered, broadcast: false, mark, priority: 'person' } as const;
  return await postOnce(
    deliverer,
    message,
    viewLedger(deliverer.ports.messages, null, view, hash, deliverer.clock),
    signal,
  );
}

/** The files under an answer that could not be shared with it. One that fails costs a line, not the answer. */
async function attach(
  deliverer: Deliverer,
  target: AnswerTarget,
  files: readonly ReplyFile[],
  thread: { readonly channel: string; readonly threadTs: string },
  signal: AbortSignal,
): Promise<void> {
  const [first, ...others] = files;
  if (!first) return;
  try {
    const view = `file:${answerView(target)}:after`;
    const upload = { view, ...thread, priority: 'person', files: [first, ...others], blocks: null } as const;
    await uploadOnce(deliverer, upload, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    const error = coerceError(thrown);
    // What a person would have to put right first is told at once; the answer itself is there.
    if (error.retryable && error.code !== 'forbidden' && error.code !== 'internal') throw error;
    deliverer.log.warn({ err: error, invocation: target.invocationId }, 'the file of an answer could not be uploaded');
    const notice = replyOf({
      title: 'The file could not be uploaded',
      tone: 'warning',
      summary: `${error.message}. ${error.hint ?? ''}`,
    });
    await answerPrivately(deliverer, { ...target, responseUrl: null }, notice, signal);
  }
}

/** Tells who typed a slash command where the answer is. Not worth a retry: the answer is there. */
async function pointTo(
  deliverer: Deliverer,
  target: AnswerTarget,
  reply: Reply,
  at: { readonly channel: string; readonly ts: string },
  signal: AbortSignal,
): Promise<void> {
  if (target.door !== 'slash' || !canRespond(target, deliverer.clock)) return;
  try {
    const slot = { method: 'chat.getPermalink', channel: null, priority: 'person' } as const;
    const answer = await deliverer.api.call(slot, signal, (client) =>
      client.chat.getPermalink({ channel: at.channel, message_ts: at.ts }),
    );
    const where = answer.permalink ? `<${answer.permalink}|the answer>` : 'the answer';
    const about = reply.incidentNumber === null ? '' : ` in the thread of #${reply.incidentNumber}`;
    const summary = prose(reply.summary || reply.title, 250);
    const text = `${summary} → ${where}${about}`;
    const pointer = { text, blocks: [section([summary]), context([`${where}${about}`])], replace: true };
    await respond(target, deliverer.ports.redaction.redactTree(pointer), signal);
  } catch (error) {
    signal.throwIfAborted();
    deliverer.log.info({ err: error, invocation: target.invocationId }, 'could not point to the answer');
  }
}

async function removeRunning(deliverer: Deliverer, target: AnswerTarget, signal: AbortSignal): Promise<void> {
  if (target.door === 'slash') return;
  const row = await deliverer.ports.messages.get(answerView(target));
  if (row?.state !== 'sent' || row.ts === null) return;
  const { channel, ts } = row;
  try {
    const slot = { method: 'chat.delete', channel: null, priority: 'person' } as const;
    await deliverer.api.call(slot, signal, (client) => client.chat.delete({ channel, ts }));
  } catch (error) {
    signal.throwIfAborted();
    deliverer.log.info({ err: error }, 'the "running" message could not be removed');
  }
  await deliverer.ports.messages.dead(row.view, 'replaced by a private answer');
}

/** To the asker only: through the response URL, else as an ephemeral message, else as a direct message. */
async function answerPrivately(
  deliverer: Deliverer,
  target: AnswerTarget,
  reply: Reply,
  signal: AbortSignal,
): Promise<void> {
  const whole = renderReply(reply, { ...place(target), files: true, budget: ANSWER_BUDGET });
  const filesAt = await sendDirectly(deliverer, target, [...whole.files, ...picturesOf(reply)], signal);
  const rendered = deliverer.ports.redaction.redactTree(
    renderReply(reply, { ...place(target), files: false, filesAt, budget: ANSWER_BUDGET }),
  );
  const ways: (() => Promise<unknown>)[] = [];
  if (canRespond(target, deliverer.clock))
    ways.push(() => respond(target, { ...rendered, replace: target.replacesOriginal }, signal));
  const { channel, user } = target;
  if (channel !== null)
    ways.push(() =>
      deliverer.api.call({ method: 'chat.postEphemeral', channel: null, priority: 'person' }, signal, (client) =>
        client.chat.postEphemeral({
          channel,
          user,
          text: rendered.text,
          blocks: rendered.blocks,
          ...(target.inThread && target.threadTs !== null ? { thread_ts: target.threadTs } : {}),
        }),
      ),
    );
  ways.push(() =>
    deliverer.api.call({ method: 'chat.postMessage', channel: user, priority: 'person' }, signal, (client) =>
      client.chat.postMessage({ channel: user, text: rendered.text, blocks: rendered.blocks, unfurl_links: false }),
    ),
  );
  let last: unknown = null;
  for (const way of ways) {
    try {
      await way();
      return;
    } catch (error) {
      signal.throwIfAborted();
      last = error;
    }
  }
  deliverer.log.warn(
    { err: last, invocation: target.invocationId, text: escapeMrkdwn(reply.title).slice(0, 200) },
    'an answer reached nobody',
  );
  throw coerceError(last);
}
