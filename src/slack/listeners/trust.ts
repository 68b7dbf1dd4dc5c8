import { coerceError } from '../../errors.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import type { Logger } from '../../logger.ts';
import { within } from '../deadline.ts';
import type { Clock, SeenMembers } from '../ports.ts';

/** What Slack said of somebody or of a channel. */
export interface Said<Kind extends string> {
  readonly kind: Kind;
  /** Display name; null when there is none. */
  readonly name: string | null;
}

/** What is known. `unknown`: Slack could not say now; `seenAt`: when it last said the good kind, within a day. */
export interface Known<Kind extends string> {
  readonly kind: Kind | 'unknown';
  readonly name: string | null;
  readonly seenAt: number | null;
}

export interface Trust<Kind extends string> {
  /** Never rejects: what Slack does not tell is `unknown`. */
  find(id: string, signal: AbortSignal): Promise<Known<Kind>>;
}

/** An answer of Slack's is not asked for again within this. */
const FRESH_MS = 10 * 60_000;
/** Who was seen as a full member within this may still do some of what members may: docs/rules.md#membership-unknown. */
const SEEN_MS = FIXED_RULES.slack.seenMs;
/** A store that is slow must not cost the three seconds Slack waits. */
const STORE_MS = 400;
const MOST = 5_000;

/**
 * Asks Slack and remembers what it said: for ten minutes here, and the good answers for a day in the store, for the time in
 * which Slack does not answer. A definite no takes the good answer back, and stays one until Slack says otherwise.
 * @param ask rejects when Slack does not say.
 */
export function createTrust<Kind extends string>(options: {
  readonly good: Kind;
  readonly ask: (id: string, signal: AbortSignal) => Promise<Said<Kind>>;
  readonly seenMembers: SeenMembers;
  readonly clock: Clock;
  readonly log: Logger;
}): Trust<Kind> {
  const { good, ask, seenMembers, clock, log } = options;
  const known = new Map<string, { readonly said: Said<Kind>; readonly at: number }>();
  const noted = (writing: Promise<void>): void => {
    writing.catch((thrown: unknown) => log.warn({ err: coerceError(thrown) }, 'who was seen could not be noted'));
  };
  const remember = (id: string, said: Said<Kind>): Known<Kind> => {
    const at = clock.now();
    if (known.size > MOST) known.clear();
    known.set(id, { said, at });
    noted(said.kind === good ? seenMembers.note(id, at, said.name) : seenMembers.forget(id));
    return { ...said, seenAt: said.kind === good ? at : null };
  };
  const fromStore = async (id: string): Promise<{ readonly at: number; readonly name: string | null } | null> => {
    const found = await within(seenMembers.find(id), STORE_MS, clock).catch(() => null);
    return found === 'late' ? null : found;
  };
  return {
    async find(id, signal) {
      const cached = known.get(id);
      if (cached && clock.now() - cached.at < FRESH_MS)
        return { ...cached.said, seenAt: cached.said.kind === good ? cached.at : null };
      try {
        return remember(id, await ask(id, signal));
      } catch (thrown) {
        log.info({ err: coerceError(thrown), id }, 'Slack does not say who or what this is');
      }
      if (cached && cached.said.kind !== good) return { ...cached.said, seenAt: null };
      const seen = cached ? { at: cached.at, name: cached.said.name } : await fromStore(id);
      const recent = seen !== null && clock.now() - seen.at < SEEN_MS;
      return { kind: 'unknown', name: seen?.name ?? null, seenAt: recent ? seen.at : null };
    },
  };
}
