import { isUnsure, type Standing } from '../../commands/access.ts';
import type { People } from './people.ts';
import type { Places } from './places.ts';

/** Who somebody is, and where they are. */
export interface Guard {
  /** Never rejects. `shared`: the payload itself says that the channel is shared with another organisation. */
  look(asked: Asked, signal: AbortSignal): Promise<Looked>;
}

interface Asked {
  readonly user: string;
  readonly channel: string | null;
  readonly threadTs: string | null;
  readonly shared: boolean;
}

export interface Looked extends Standing {
  /** Display name; null when it could not be read. */
  readonly name: string | null;
}

export function createGuard(people: People, places: Places): Guard {
  return {
    async look({ user, channel, threadTs, shared }, signal) {
      const [person, place] = await Promise.all([
        people.find(user, signal),
        channel === null || shared ? null : places.find(channel, signal),
      ]);
      const external = place === null ? shared : place.kind === 'unknown' ? null : place.kind === 'shared';
      const found = {
        name: person.name,
        membership: person.kind,
        place: channel === null ? null : { channel, threadTs, external },
      };
      return {
        ...found,
        lastChecked: isUnsure(found) ? older(person.seenAt, place ? place.seenAt : person.seenAt) : null,
      };
    },
  };
}

function older(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.min(one, other);
}
