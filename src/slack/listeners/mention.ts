import type { App } from '@slack/bolt';
import type { ConnectionState } from '../connection/state.ts';
import type { SlackApi } from '../delivery/slackApi.ts';
import { type Door, notStored } from './door.ts';
import { whisper } from './whisper.ts';

interface Said {
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  readonly text: string;
  readonly external: boolean;
  readonly direct: boolean;
}

/**
 * `@lambda-responder ...` in a channel or thread, and plain text in a direct message: the same commands as `/lambda`,
 * which Slack does not offer in threads. An event is acknowledged only once it is stored, so Slack sends it again otherwise.
 */
export function listenToMentions(app: App, door: Door, api: SlackApi, state: ConnectionState): void {
  const hear = async (said: Said, retryNum: number): Promise<void> => {
    const handed = await door.hand({
      // A mention in a joined channel arrives as `message` too, and again when it was not acknowledged.
      id: `mention:${said.channel}:${said.ts}`,
      text: withoutMention(said.text, state.identity.botUserId),
      door: 'mention',
      user: said.user,
      userName: null,
      channel: said.channel,
      threadTs: said.threadTs ?? (said.direct ? null : said.ts),
      inThread: said.threadTs !== null,
      external: said.external,
      incidentNumber: null,
      responseUrl: null,
      replacesOriginal: false,
    });
    if (handed === 'stored') return;
    if (retryNum === 0) await whisper(api, said, notStored(handed));
    if (handed === 'failed')
      throw new Error('the mention was not stored: not acknowledged, so that Slack delivers it again');
  };

  app.event('app_mention', async ({ event, body, context }) => {
    if (!event.user || event.bot_id || event.user === state.identity.botUserId) return;
    const said = {
      user: event.user,
      channel: event.channel,
      ts: event.ts,
      threadTs: event.thread_ts ?? null,
      text: event.text,
      external: body.is_ext_shared_channel === true,
      direct: false,
    };
    await hear(said, context.retryNum ?? 0);
  });

  app.event('message', async ({ event, context }) => {
    if (event.subtype !== undefined || event.channel_type !== 'im') return;
    if (event.bot_id || !event.user || event.user === state.identity.botUserId) return;
    const said = {
      user: event.user,
      channel: event.channel,
      ts: event.ts,
      threadTs: event.thread_ts ?? null,
      text: event.text ?? '',
      external: false,
      direct: true,
    };
    await hear(said, context.retryNum ?? 0);
  });
}

/** The text after the bot's name, wherever the name stands; entities and quotes are left to the parser of the commands. */
export function withoutMention(text: string, botUserId: string | null): string {
  const name = botUserId === null ? /<@[UW][A-Z0-9]+(\|[^>]*)?>/ : new RegExp(`<@${botUserId}(\\|[^>]*)?>`);
  return text.replace(name, ' ').trim();
}
