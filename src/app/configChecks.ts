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

/** What a start would speak to, a line each: nobody takes a simulated cluster for the own one. */
export function realOrSimulated(config: Config): readonly string[] {
  const { slack, kubeconfig, clusters, prometheusUrl, alertmanagerUrl, databaseUrl } = config;
  const names = clusters.map(({ name }) => name).join(', ');
  const where = kubeconfig?.startsWith('in-cluster:') ? 'the one this runs in' : kubeconfig;
  const mode = slack?.appToken === null ? 'HTTP mode' : 'Socket Mode';
  return [
    `Slack: ${slack === null ? 'SIMULATED' : `real, ${mode}${slack.apiUrl === null ? '' : `, at ${slack.apiUrl}`}`}`,
    `Cluster: ${kubeconfig === null ? 'SIMULATED' : `real, ${where}${names === '' ? '' : ` (${names})`}`}`,
    `Prometheus: ${prometheusUrl === null ? 'SIMULATED' : prometheusUrl === 'none' ? 'none' : `real, ${withoutPassword(prometheusUrl)}`}`,
    `Alertmanager: ${alertmanagerUrl === null ? 'not polled' : `polled at ${withoutPassword(alertmanagerUrl)}`}`,
    `Store: ${databaseUrl.startsWith('sqlite:') ? databaseUrl : 'PostgreSQL'}`,
  ];
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  return url.username === '' && url.password === '' ? address : `${url.protocol}//${url.host}${url.pathname}`;
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
