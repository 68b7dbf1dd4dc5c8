import type { Membership } from '../../commands/invocation.ts';
import { ResponderError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { Identity } from '../connection/state.ts';
import type { SlackApi } from '../delivery/slackApi.ts';
import { slackReason } from '../delivery/slackErrors.ts';
import type { Clock, SeenMembers } from '../ports.ts';
import { createTrust, type Said, type Trust } from './trust.ts';

/** What Slack can say of somebody. */
type Kind = Exclude<Membership, 'unknown'>;

/** Who people are in the workspace, by id. */
export type People = Trust<Kind>;

/** Slack's words for an id that is nobody here. https://docs.slack.dev/reference/methods/users.info#errors */
const NOBODY: ReadonlySet<string | null> = new Set(['user_not_found', 'users_not_found', 'user_not_visible']);

export function createPeople(options: {
  readonly api: SlackApi;
  readonly identity: () => Identity;
  readonly seenMembers: SeenMembers;
  readonly clock: Clock;
  readonly log: Logger;
}): People {
  const { api, identity, ...rest } = options;
  const ask = async (id: string, signal: AbortSignal): Promise<Said<Kind>> => {
    const slot = { method: 'users.info', channel: null, priority: 'urgent' } as const;
    try {
      const { user } = await api.call(slot, signal, (client) => client.users.info({ user: id }));
      if (user) return personOf(user, identity());
    } catch (thrown) {
      if (NOBODY.has(slackReason(thrown))) return { kind: 'gone', name: null };
      throw thrown;
    }
    throw new ResponderError('unavailable', 'users.info answered without a user');
  };
  return createTrust({ good: 'member', ask, ...rest });
}

interface SlackUser {
  readonly name?: string;
  readonly real_name?: string;
  readonly team_id?: string;
  readonly deleted?: boolean;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  readonly is_stranger?: boolean;
  readonly profile?: { readonly display_name?: string; readonly real_name?: string };
  readonly enterprise_user?: { readonly enterprise_id?: string };
}

/** https://docs.slack.dev/reference/objects/user-object */
function personOf(user: SlackUser, identity: Identity): Said<Kind> {
  const name = user.profile?.display_name || user.profile?.real_name || user.real_name || user.name || null;
  return { kind: kindOf(user, identity), name };
}

function kindOf(user: SlackUser, identity: Identity): Kind {
  if (user.is_stranger) return 'stranger';
  if (user.deleted) return 'gone';
  if (user.is_restricted || user.is_ultra_restricted) return 'guest';
  // Which organisation is ours is known once Slack has accepted us; until then nobody is known to belong to it.
  if (identity.teamId === null || user.team_id === undefined)
    throw new ResponderError('unavailable', 'It is not known yet which workspace this is');
  const { enterpriseId } = identity;
  const sameEnterprise = enterpriseId !== null && user.enterprise_user?.enterprise_id === enterpriseId;
  return user.team_id === identity.teamId || sameEnterprise ? 'member' : 'stranger';
}
