import type { Reply } from '../../commands/reply.ts';
import { renderReply } from '../render/reply.ts';
import type { Deliverer } from './card.ts';
import { renderHash } from './ledger.ts';
import { edit } from './post.ts';

/** Whose answer is shown again. */
export interface Refreshed {
  readonly invocationId: string;
  /** Slack id of who asked. */
  readonly user: string;
  readonly command: string;
}

/** `waiting`: the answer is not posted yet. `gone`: somebody deleted it; it is not posted again. */
export type Shown = 'shown' | 'waiting' | 'gone';

const BUDGET = 9_000;

/** Shows a newer answer in the message of an earlier one. */
export async function refreshAnswer(
  deliverer: Deliverer,
  of: Refreshed,
  reply: Reply,
  signal: AbortSignal,
): Promise<Shown> {
  const view = `answer:${of.invocationId}`;
  const row = await deliverer.ports.messages.get(view);
  if (row?.state === 'dead') return 'gone';
  if (row?.state !== 'sent' || row.ts === null) return 'waiting';
  const rendered = renderReply(reply, { asker: of.user, command: of.command, files: false, budget: BUDGET });
  const hash = renderHash(rendered);
  if (hash === row.renderedHash) return 'shown';
  const at = { channel: row.channel, ts: row.ts };
  const mark = { view, instance: deliverer.settings.instance };
  if (!(await edit(deliverer, at, { rendered, mark, priority: 'normal' }, signal))) {
    await deliverer.ports.messages.dead(view, 'deleted by a person');
    return 'gone';
  }
  await deliverer.ports.messages.sent(view, at.channel, at.ts, hash);
  return 'shown';
}
