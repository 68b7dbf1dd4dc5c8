import type { App, BlockAction } from '@slack/bolt';
import type { Logger } from '../../logger.ts';
import { respond } from '../delivery/respond.ts';
import { decodePress, PRESS_PREFIX } from '../render/press.ts';
import { type Asked, type Door, notStored } from './door.ts';
import { readForm } from './forms.ts';

/** Buttons and menus of ours, on cards and under answers: stored, then acknowledged. Others are acknowledged and ignored. */
export function listenToButtons(app: App, door: Door, log: Logger): void {
  app.action<BlockAction>({ type: 'block_actions' }, async ({ body, action, ack }) => {
    if (readForm(action) !== null) return; // forms.ts answers these
    const asked = action.action_id.startsWith(PRESS_PREFIX) ? readPress(body, action) : null;
    if (asked === null) {
      await ack();
      return;
    }
    const handed = await door.hand(asked);
    await ack();
    if (handed === 'stored') return;
    await respond(asked, { text: notStored(handed) }, AbortSignal.timeout(5_000)).catch((err: unknown) =>
      log.warn({ err }, 'could not tell that a press was not stored'),
    );
  });
}

type Action = BlockAction['actions'][number];

function readPress(body: BlockAction, action: Action): Asked | null {
  const value = pressedValue(action);
  const press = value === null ? null : decodePress(value);
  if (press === null) return null;
  const container = body.container;
  const ephemeral = container.is_ephemeral === true;
  const channel = body.channel?.id ?? (typeof container.channel_id === 'string' ? container.channel_id : null);
  const parent = threadOf(body, ephemeral);
  return {
    id: `press:${body.trigger_id}:${body.user.id}:${action.action_ts}`,
    text: press.command,
    door: 'button',
    user: body.user.id,
    userName: body.user.name ?? body.user.username ?? null,
    channel,
    threadTs: parent.threadTs,
    inThread: parent.inThread,
    external: false,
    incidentNumber: press.incidentNumber,
    responseUrl: body.response_url || null,
    replacesOriginal: ephemeral,
  };
}

function pressedValue(action: Action): string | null {
  if (action.type === 'button') return action.value ?? null;
  if (action.type === 'overflow' || action.type === 'static_select') return action.selected_option?.value ?? null;
  return null;
}

/** Results go under the message that was pressed; one only the asker sees has no thread of its own. */
function threadOf(body: BlockAction, ephemeral: boolean): { threadTs: string | null; inThread: boolean } {
  const inThread = body.container.thread_ts ?? body.message?.thread_ts;
  if (typeof inThread === 'string') return { threadTs: inThread, inThread: inThread !== body.message?.ts };
  return { threadTs: ephemeral ? null : (body.message?.ts ?? null), inThread: false };
}
