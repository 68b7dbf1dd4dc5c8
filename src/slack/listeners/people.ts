import type { Membership } from '../../commands/invocation.ts';
import type { Identity } from '../connection/state.ts';
import type { SlackApi } from '../delivery/api.ts';
import type { Clock } from '../ports.ts';

/** Who somebody is in the workspace. */
export interface Person {
  readonly membership: Membership;
  /** Display name; null when it could not be read. */
  readonly name: string | null;
}

export interface People {
  /** Never rejects: what Slack does not tell is `unknown`. */
  find(userId: string, signal: AbortSignal): Promise<Person>;
}

const FRESH_MS = 10 * 60_000;
const MOST = 5_000;
const NOT_KNOWN: Person = { membership: 'unknown', name: null };

/** People by id, remembered for ten minutes; an older answer is better than none when Slack does not answer. */
export function createPeople(api: SlackApi, identity: () => Identity, clock: Clock): People {
  const known = new Map<string, { readonly person: Person; readonly at: number }>();
  return {
    async find(userId, signal) {
      const cached = known.get(userId);
      if (cached && clock.now() - cached.at < FRESH_MS) return cached.person;
      try {
        const slot = { method: 'users.info', channel: null, priority: 'urgent' } as const;
        const answer = await api.call(slot, signal, (client) => client.users.info({ user: userId }));
        const person = answer.user ? personOf(answer.user, identity()) : NOT_KNOWN;
        if (known.size > MOST) known.clear();
        known.set(userId, { person, at: clock.now() });
        return person;
      } catch {
        return cached?.person ?? NOT_KNOWN;
      }
    },
  };
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
function personOf(user: SlackUser, identity: Identity): Person {
  const name = user.profile?.display_name || user.profile?.real_name || user.real_name || user.name || null;
  return { membership: membershipOf(user, identity), name };
}

function membershipOf(user: SlackUser, identity: Identity): Membership {
  if (user.is_stranger || user.deleted) return 'stranger';
  const sameEnterprise =
    identity.enterpriseId !== null && user.enterprise_user?.enterprise_id === identity.enterpriseId;
  const otherTeam = identity.teamId !== null && user.team_id !== undefined && user.team_id !== identity.teamId;
  if (otherTeam && !sameEnterprise) return 'stranger';
  return user.is_restricted || user.is_ultra_restricted ? 'guest' : 'member';
}
