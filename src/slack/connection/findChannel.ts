import { coerceError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import { type Channels, isName } from '../delivery/channels.ts';
import type { Clock } from '../ports.ts';
import type { ConnectionState } from './state.ts';

const AGAIN_MS = 5_000;
const FAILED_MS = 30_000;
/** A channel that is not there is created by a person. */
const ABSENT_MS = 5 * 60_000;

interface Finding {
  /** The default channel, as it is configured. */
  readonly channel: string;
  readonly channels: Channels;
  readonly state: ConnectionState;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Finds the id of the default channel before the first card needs it, however long the list of channels is, and says in the
 * state how far it is. Resolves when it is known, or cannot be known, or the signal was aborted.
 */
export async function findChannel(
  { channel, channels, state, clock, log }: Finding,
  signal: AbortSignal,
): Promise<void> {
  const what = `channel ${channel}`;
  while (!signal.aborted) {
    try {
      const isFound = !isName(await channels.resolve(channel, signal));
      state.outcome(what, null);
      const read = isFound ? null : channels.searching();
      state.passing(
        what,
        read === null ? null : { words: lookingFor(channel, read), until: clock.now() + 3 * FAILED_MS },
      );
      if (read === null) return;
      await clock.sleep(AGAIN_MS, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      const error = coerceError(thrown);
      state.outcome(what, error);
      log.warn({ err: error, hint: error.hint }, 'the default channel cannot be found');
      await clock.sleep(error.code === 'not_found' ? ABSENT_MS : FAILED_MS, signal).catch(() => {});
    }
  }
}

function lookingFor(channel: string, read: number): string {
  return (
    `The id of ${channel} is still being looked for: ${read} channels were read, and Slack gives about 4000 a minute. ` +
    'Messages are posted by name meanwhile; files, and the search for a message that may not have arrived, need it. ' +
    'Set SLACK_CHANNEL to the id (C..., under "About" of the channel), or invite the bot into it, and it is found at once.'
  );
}
