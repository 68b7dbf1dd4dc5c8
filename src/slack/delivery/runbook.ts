import type { SlackMessage } from '../../incidents/post.ts';
import type { AnswerTarget } from '../ports.ts';
import { type Rendered, section } from '../render/blocks.ts';
import { renderRunbook } from '../render/runbook.ts';
import { cardView, type Deliverer } from './card.ts';
import { renderHash, viewLedger } from './ledger.ts';
import { edit, postOnce } from './post.ts';
import { canRespond, respond } from './respond.ts';
import { isChannelClosed } from './slackErrors.ts';

/** Which incident's steps, which page of them, and who asked to see them; without an asker they are only brought up to date. */
export interface RunbookRequest {
  readonly incidentNumber: number;
  readonly page: number | null;
  readonly target: AnswerTarget | null;
}

interface At {
  readonly channel: string;
  readonly ts: string;
}

export function runbookMessage(incidentNumber: number): string {
  return `runbook:${incidentNumber}`;
}

/**
 * Brings the message with an incident's runbook steps up to date, in the thread of its card: edited in place, posted when somebody
 * asks for it and it is not there. One nobody asked for is not posted, and one a person deleted stays deleted until asked for.
 */
export async function deliverRunbook(
  deliverer: Deliverer,
  request: RunbookRequest,
  signal: AbortSignal,
): Promise<void> {
  const { incidentNumber, target } = request;
  const known = await deliverer.ports.incidents.find(incidentNumber);
  const playbook = known && deliverer.ports.playbooks.forIncident(known);
  if (!known || !playbook) return;
  const view = runbookMessage(incidentNumber);
  const row = await deliverer.ports.messages.get(view);
  if (target === null && (row === null || row.state === 'dead')) return;
  // A message that is only brought up to date stays on the page that somebody turned it to.
  const page = target === null ? turnedTo(row) : request.page;
  const rendered = renderRunbook({
    known,
    playbook,
    progress: await deliverer.ports.runbook.progress(playbook, known.incident),
    page,
    simulated: deliverer.settings.simulated,
  });
  const edited =
    row?.state === 'sent' && (await editShown(deliverer, row, { rendered, page }, target === null, signal));
  if (edited) {
    if (target !== null) await point(deliverer, target, incidentNumber, edited, signal);
    return;
  }
  if (row?.state === 'sent' && target === null) {
    await deliverer.ports.messages.dead(view, 'deleted by a person');
    return;
  }
  await postNew(deliverer, request, row, { rendered, page }, signal);
}

/** What a message shows: the steps of a page that somebody chose, or, null, of the one with the step that is next. */
interface Shown {
  readonly rendered: Rendered;
  readonly page: number | null;
}

/** The note of what is shown, and on which page. */
function noteOf({ rendered, page }: Shown): string {
  return page === null ? renderHash(rendered) : `${page}:${renderHash(rendered)}`;
}

function turnedTo(row: SlackMessage | null): number | null {
  const [, page] = /^(\d+):/.exec(row?.renderedHash ?? '') ?? [];
  return page === undefined ? null : Number(page);
}

/** Where it stands; null when it is gone. What shows the same already is only touched when somebody looks for it. */
async function editShown(
  deliverer: Deliverer,
  row: SlackMessage,
  shown: Shown,
  mayStay: boolean,
  signal: AbortSignal,
): Promise<At | null> {
  if (row.ts === null) return null;
  const at = { channel: row.channel, ts: row.ts };
  const { rendered } = shown;
  const hash = noteOf(shown);
  if (mayStay && hash === row.renderedHash) return at;
  const mark = { view: row.view, instance: deliverer.settings.instance };
  try {
    if (!(await edit(deliverer, at, { rendered, mark, priority: 'person' }, signal))) return null;
  } catch (error) {
    signal.throwIfAborted();
    if (isChannelClosed(error)) return null;
    throw error;
  }
  await deliverer.ports.messages.sent(row.view, at.channel, at.ts, hash);
  return at;
}

async function postNew(
  deliverer: Deliverer,
  { incidentNumber, target }: RunbookRequest,
  row: SlackMessage | null,
  shown: Shown,
  signal: AbortSignal,
): Promise<void> {
  const card = await deliverer.ports.messages.get(cardView(incidentNumber));
  const underCard = card?.state === 'sent' && card.ts !== null ? { channel: card.channel, threadTs: card.ts } : null;
  const asked = target?.channel ? { channel: target.channel, threadTs: target.threadTs } : null;
  const where = underCard ?? asked;
  if (where === null) return;
  const { rendered } = shown;
  const view = runbookMessage(incidentNumber);
  const mark = { view, instance: deliverer.settings.instance };
  const uncertain = row?.state === 'sending' ? row : null;
  const ledger = viewLedger(deliverer.ports.messages, uncertain, view, noteOf(shown), deliverer.clock);
  try {
    const posted = await postOnce(
      deliverer,
      { ...where, rendered, broadcast: false, mark, priority: 'person' },
      ledger,
      signal,
    );
    // What was found shows the steps as they were then.
    if (posted.found) await edit(deliverer, posted, { rendered, mark, priority: 'person' }, signal);
    const isHere = target !== null && target.channel === posted.channel && target.threadTs === where.threadTs;
    if (target !== null && !(isHere && target.door !== 'slash'))
      await point(deliverer, target, incidentNumber, posted, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isChannelClosed(error) || target === null) throw error;
    await whisper(
      deliverer,
      target,
      'I cannot post the steps: invite me into the channel (/invite) and press again.',
      signal,
    );
  }
}

/** Tells who asked where the steps are. Not worth a retry: they are there. */
async function point(
  deliverer: Deliverer,
  target: AnswerTarget,
  incidentNumber: number,
  at: At,
  signal: AbortSignal,
): Promise<void> {
  try {
    const slot = { method: 'chat.getPermalink', channel: null, priority: 'person' } as const;
    const answer = await deliverer.api.call(slot, signal, (client) =>
      client.chat.getPermalink({ channel: at.channel, message_ts: at.ts }),
    );
    // Whoever pressed a button of that very message sees it change.
    if (answer.permalink && !target.command.startsWith('runbook --page'))
      await whisper(
        deliverer,
        target,
        `📖 The steps of #${incidentNumber} are <${answer.permalink}|in its thread>.`,
        signal,
      );
  } catch (error) {
    signal.throwIfAborted();
    deliverer.log.info({ err: error, invocation: target.invocationId }, 'could not point to the runbook');
  }
}

async function whisper(deliverer: Deliverer, target: AnswerTarget, text: string, signal: AbortSignal): Promise<void> {
  const blocks = [section([text])];
  if (target.door === 'slash' && canRespond(target, deliverer.clock)) {
    await respond(target, deliverer.ports.redaction.redactTree({ text, blocks, replace: true }), signal);
    return;
  }
  const { channel, user } = target;
  if (channel === null) return;
  const slot = { method: 'chat.postEphemeral', channel: null, priority: 'person' } as const;
  const thread = target.inThread && target.threadTs !== null ? { thread_ts: target.threadTs } : {};
  await deliverer.api.call(slot, signal, (client) =>
    client.chat.postEphemeral({ channel, user, text, blocks, ...thread }),
  );
}
