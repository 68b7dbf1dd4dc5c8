import { isUnsure } from '../../commands/access.ts';
import type { Invocation } from '../../commands/invocation.ts';
import { commandLine } from '../../commands/tokens.ts';
import type { Logger } from '../../logger.ts';
import { within } from '../deadline.ts';
import type { AnswerTarget, Clock, Submissions } from '../ports.ts';
import type { Guard } from './standing.ts';

/** What a listener read from its payload. */
export interface Asked {
  /** Derived from what Slack repeats when it delivers twice. */
  readonly id: string;
  readonly text: string;
  readonly door: 'slash' | 'mention' | 'button';
  readonly user: string;
  readonly userName: string | null;
  readonly channel: string | null;
  readonly threadTs: string | null;
  readonly inThread: boolean;
  /** Slack said so in the payload itself. */
  readonly external: boolean;
  readonly incidentNumber: number | null;
  readonly responseUrl: string | null;
  readonly replacesOriginal: boolean;
}

/** `stored`: it will run, also after a crash. `late`: not confirmed in time. `failed`: it was not stored. */
export type Handed = 'stored' | 'late' | 'failed';

export interface Door {
  hand(asked: Asked): Promise<Handed>;
}

/**
 * Looks again at who Slack could not tell when they asked: what was stored then runs later, with nobody waiting for an
 * acknowledgement. What was certain stays as it was.
 */
export async function lookAgain(guard: Guard, invocation: Invocation, signal: AbortSignal): Promise<Invocation> {
  const { actor, place } = invocation;
  if (actor.type !== 'slack' || !isUnsure(invocation)) return invocation;
  const lookup = AbortSignal.any([signal, AbortSignal.timeout(LATER_LOOKUP_MS)]);
  const asked = {
    user: actor.id,
    channel: place?.channel ?? null,
    threadTs: place?.threadTs ?? null,
    shared: place?.external === true,
  };
  const { name, ...standing } = await guard.look(asked, lookup);
  return { ...invocation, actor: { ...actor, name: name ?? actor.name }, ...standing };
}

/** Deadline, milliseconds, of finding out who somebody is: Slack waits three seconds for the acknowledgement. */
const LOOKUP_MS = 1_000;
const STORE_MS = 1_500;
const LATER_LOOKUP_MS = 5_000;
const RESPONSE_URL_MS = 30 * 60_000;

/** Turns what was typed or pressed into an Invocation and makes it durable, within Slack's three seconds. */
export function createDoor(options: {
  readonly submissions: Submissions;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Logger;
}): Door {
  const { submissions, guard, clock, log } = options;
  return {
    async hand(asked) {
      const lookup = AbortSignal.timeout(LOOKUP_MS);
      const { user, channel, threadTs, external: shared } = asked;
      const { name, ...standing } = await guard.look({ user, channel, threadTs, shared }, lookup);
      const at = clock.now();
      const invocation: Invocation = {
        id: asked.id,
        text: asked.text,
        door: asked.door,
        actor: { type: 'slack', id: user, name: name ?? asked.userName },
        ...standing,
        verified: true,
        incidentNumber: asked.incidentNumber,
        at,
      };
      const target: AnswerTarget = {
        invocationId: asked.id,
        door: asked.door,
        // As it was understood: Slack's escapes and a phone's quotes say nothing to who reads it again.
        // What a button adds for itself (commands/runbook.ts) is nothing for people to read.
        command: commandLine(asked.text, asked.door !== 'button')
          .replace(/ --of=\S+$/, '')
          .slice(0, 500),
        user: asked.user,
        channel: asked.channel,
        threadTs: asked.threadTs,
        inThread: asked.inThread,
        responseUrl: asked.responseUrl,
        responseUrlExpiresAt: asked.responseUrl === null ? null : at + RESPONSE_URL_MS,
        replacesOriginal: asked.replacesOriginal,
      };
      const storing = submissions.submit(invocation, target).then(
        (): Handed => 'stored',
        (err: unknown): Handed => {
          log.error({ err, invocation: asked.id }, 'a command could not be stored');
          return 'failed';
        },
      );
      return await within(storing, STORE_MS, clock);
    },
  };
}

/** What the person is told instead of "running ...". */
export function notStored(handed: Exclude<Handed, 'stored'>): string {
  return handed === 'failed'
    ? '❌ My store cannot be written right now, so nothing was run. Please try again in a minute; if it persists, `/readyz` of the responder says why.'
    : '⚠️ My store is slow and has not confirmed this yet. If no answer follows within a minute, please send it again: nothing is run twice by the same press.';
}
