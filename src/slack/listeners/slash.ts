import type { App } from '@slack/bolt';
import { runningLine } from '../delivery/answer.ts';
import { section } from '../render/blocks.ts';
import { type Door, notStored } from './door.ts';

/** `/lambda ...`: stored, then acknowledged with "running ...", which the answer replaces. */
export function listenToSlash(app: App, door: Door): void {
  // Whatever the workspace calls the command: an app may be installed with another name beside a first one.
  app.command(/^\//, async ({ command, ack }) => {
    const text = command.text ?? '';
    const handed = await door.hand({
      id: `slash:${command.trigger_id}`,
      text,
      door: 'slash',
      user: command.user_id,
      userName: command.user_name ?? null,
      channel: command.channel_id || null,
      threadTs: null,
      inThread: false,
      external: false,
      incidentNumber: null,
      responseUrl: command.response_url || null,
      replacesOriginal: true,
    });
    const line = handed === 'stored' ? runningLine(text.trim() || 'help') : notStored(handed);
    await ack({ response_type: 'ephemeral', text: line, blocks: [section([line])] });
  });
}
