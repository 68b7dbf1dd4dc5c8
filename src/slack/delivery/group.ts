import { renderGroup } from '../render/group.ts';
import type { Kit } from './card.ts';
import { renderHash, viewLedger } from './ledger.ts';
import { edit, postOnce } from './post.ts';

export function groupView(id: number): string {
  return `group:${id}`;
}

/** Brings a card that stands for several incidents up to what they are now. */
export async function deliverGroup(kit: Kit, id: number, signal: AbortSignal): Promise<void> {
  const group = await kit.ports.groups.find(id);
  if (!group || group.total === 0) return;
  const view = groupView(id);
  const row = await kit.ports.messages.get(view);
  const rendered = renderGroup(group, kit.settings.simulated ? ['SIMULATED'] : []);
  const hash = renderHash(rendered);
  const mark = { view, instance: kit.settings.instance };
  const priority = group.kind === 'shared' ? 'urgent' : 'normal';
  if (row?.state === 'sent' && row.ts !== null) {
    if (row.renderedHash === hash) return;
    const at = { channel: row.channel, ts: row.ts };
    if (await edit(kit, at, { rendered, mark, priority }, signal)) {
      await kit.ports.messages.sent(view, at.channel, at.ts, hash);
      return;
    }
  }
  const channel = await kit.channels.resolve(kit.settings.channel, signal);
  const message = { channel, threadTs: null, rendered, broadcast: false, mark, priority: 'urgent' } as const;
  const uncertain = row?.state === 'sending' ? row : null;
  const posted = await postOnce(kit, message, viewLedger(kit.ports.messages, uncertain, view, hash, kit.clock), signal);
  // What was found shows the storm as it was then.
  if (posted.found && (await edit(kit, posted, { rendered, mark, priority }, signal)))
    await kit.ports.messages.sent(view, posted.channel, posted.ts, hash);
}
