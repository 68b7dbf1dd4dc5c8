import type { Config } from '../config.ts';
import { createLogger } from '../logger.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { isChannelId } from '../slack/channelId.ts';
import { openClusters } from './clusters.ts';

/**
 * Reads every kubeconfig and finds its context, and calls no cluster; a simulated one has none.
 * @throws ResponderError config_invalid naming the file.
 */
export async function checkClusters(config: Config): Promise<void> {
  if (config.kubeconfig === null) return;
  const redactor = createRedactor();
  const log = createLogger({ level: 'silent', redact: redactor.redact });
  const opened = await openClusters({ config, simulator: null, redactor, log, clock: Date.now });
  await opened.close();
}

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
