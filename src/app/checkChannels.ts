import type { Config } from '../config.ts';
import { isChannelId } from '../slack/channelId.ts';

/** What there is to say of channels that are given by name; null when there is nothing, as with the simulated workspace. */
export function aboutChannels({ slack, channel, routes }: Config): string | null {
  if (slack === null) return null;
  const names = [...new Set([channel, ...routes.map((route) => route.channel)])].filter((one) => !isChannelId(one));
  if (names.length === 0) return null;
  const which = names.length === 1 ? `${names[0]} is given by name` : `${names.join(', ')} are given by name`;
  return (
    `${which}: in a workspace with thousands of channels it takes minutes to find the id, unless the bot is in the channel. ` +
    'Messages are posted by name meanwhile. Give the id (C..., under "About" of the channel) or invite the bot.'
  );
}
