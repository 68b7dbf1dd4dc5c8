import { createHash } from 'node:crypto';
import type { Post, SlackMessage } from '../../incidents/post.ts';
import type { Clock, Messages, Posts } from '../ports.ts';
import type { Rendered } from '../render/blocks.ts';
import type { Ledger } from './post.ts';

/**
 * The ledger of a view that is kept in `slackMessages`. `hash` is of what this attempt shows; what it finds rather than
 * posts shows what an earlier one knew, so that its hash is not known and it stays to be edited, whatever happens next.
 */
export function viewLedger(
  messages: Messages,
  row: SlackMessage | null,
  view: string,
  hash: string | null,
  clock: Clock,
): Ledger {
  let handedOver = false;
  return {
    uncertain:
      row?.state === 'sending' ? { channel: row.channel, since: row.sendingSince, last: row.handedOverAt } : null,
    begin: (channel) => {
      handedOver = true;
      return messages.begin(view, channel, clock.now());
    },
    unsent: () => messages.unsent(view),
    sent: (channel, ts) => messages.sent(view, channel, ts, handedOver ? hash : null),
  };
}

/** The ledger of a row in the outbox. */
export function postLedger(posts: Posts, row: Post, channel: string, clock: Clock): Ledger {
  return {
    uncertain:
      row.state === 'sending'
        ? { channel, since: row.sendingSince ?? row.createdAt, last: row.handedOverAt ?? row.createdAt }
        : null,
    begin: () => posts.markSending(row.id, clock.now()),
    unsent: () => posts.markUnsent(row.id),
    sent: (sentChannel, ts) => posts.markSent(row.id, sentChannel, ts),
  };
}

/** What a message shows, in short. `text` is left out: it ages by the minute and is no reason for an edit. */
export function renderHash(rendered: Rendered): string {
  return createHash('sha256').update(JSON.stringify(rendered.blocks)).digest('base64url').slice(0, 22);
}
