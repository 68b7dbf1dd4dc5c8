import { coerceError } from '../errors.ts';
import type { Logger } from '../logger.ts';

/** Closers by name, run in reverse order of registration; each runs even when another failed. */
export interface Closers {
  add(name: string, close: () => void | Promise<void>): void;
  /** Runs them once; a second call waits for the first. */
  close(): Promise<void>;
}

export function createClosers(log: Logger): Closers {
  const closers: { name: string; close: () => void | Promise<void> }[] = [];
  let closing: Promise<void> | null = null;
  const run = async () => {
    for (const { name, close } of closers.reverse()) {
      const begin = performance.now();
      try {
        await close();
        log.debug({ part: name, ms: Math.round(performance.now() - begin) }, 'closed');
      } catch (thrown) {
        log.error({ part: name, err: coerceError(thrown) }, 'could not be closed');
      }
    }
  };
  return {
    add: (name, close) => closers.push({ name, close }),
    close: () => {
      closing ??= run();
      return closing;
    },
  };
}
