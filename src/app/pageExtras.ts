import { Buffer } from 'node:buffer';
import type { Config } from '../config.ts';
import type { IncidentExtras } from '../http/ports.ts';
import { isChannelId } from '../slack/channelId.ts';
import type { Store } from '../store/store.ts';

/** What the store knows of an incident beside its record. */
export function createPageExtras({ evidence, messages }: Store, { slack }: Pick<Config, 'slack'>): IncidentExtras {
  return {
    async chartOf(number) {
      const last = (await evidence.list(number)).findLast(({ mime }) => mime === 'image/png');
      return last === undefined ? null : Buffer.from(last.content, 'base64');
    },
    async slackUrl(number) {
      if (slack === null || slack.apiUrl !== null) return null;
      const row = (await messages.get(`channel:${number}`)) ?? (await messages.get(`card:${number}`));
      // https://docs.slack.dev/interactivity/deep-linking/ : opens the channel in the reader's own client.
      return row !== null && isChannelId(row.channel) ? `https://slack.com/app_redirect?channel=${row.channel}` : null;
    },
  };
}
