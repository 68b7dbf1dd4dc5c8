import { createHash } from 'node:crypto';
import type { App } from '@slack/bolt';
import { section } from '../render/blocks.ts';
import { type Door, notStored } from './door.ts';

/**
 * `/lambda ...`: stored, then acknowledged without a word. Slack cannot replace what an acknowledgement of a command
 * showed (https://github.com/slackapi/bolt-js/issues/2287), so "running ..." is only said of what takes longer.
 */
export function listenToSlash(app: App, door: Door): void {
  // Whatever the workspace calls the command: an app may be installed with another name beside a first one.
  app.command(/^\//, async ({ command, ack }) => {
    const text = command.text ?? '';
    const handed = await door.hand({
      id: `slash:${command.trigger_id}:${digest([command.user_id, command.channel_id, text, command.response_url])}`,
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
    if (handed === 'stored') {
      await ack();
      return;
    }
    const line = notStored(handed);
    await ack({ response_type: 'ephemeral', text: line, blocks: [section([line])] });
  });
}

/** A trigger is used once; what else makes a command the same tells apart those of a sender that does not care. */
function digest(parts: readonly (string | undefined)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}
