import { ResponderError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { SlackApi } from '../delivery/slackApi.ts';
import type { Clock, SeenMembers } from '../ports.ts';
import { createTrust, type Known, type Said } from './trust.ts';

type Kind = 'ours' | 'shared';

/** Whether channels are this organisation's own. */
export interface Places {
  /** Never rejects: what Slack does not tell is `unknown`. */
  find(channel: string, signal: AbortSignal): Promise<Known<Kind>>;
}

export function createPlaces(options: {
  readonly api: SlackApi;
  readonly seenMembers: SeenMembers;
  readonly clock: Clock;
  readonly log: Logger;
}): Places {
  const { api, ...rest } = options;
  const ask = async (channel: string, signal: AbortSignal): Promise<Said<Kind>> => {
    const slot = { method: 'conversations.info', channel: null, priority: 'urgent' } as const;
    const answer = await api.call(slot, signal, (client) => client.conversations.info({ channel }));
    if (!answer.channel) throw new ResponderError('unavailable', 'conversations.info answered without a channel');
    const isShared = answer.channel.is_ext_shared === true || answer.channel.is_pending_ext_shared === true;
    return { kind: isShared ? 'shared' : 'ours', name: null };
  };
  const trust = createTrust({ good: 'ours', ask, ...rest });
  return {
    find: async (channel, signal) =>
      // Of a direct message nobody reads but the person in it, who is looked at anyway.
      channel.startsWith('D') ? { kind: 'ours', name: null, seenAt: rest.clock.now() } : trust.find(channel, signal),
  };
}
