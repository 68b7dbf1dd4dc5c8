import type { Clock } from '../../src/slack/ports.ts';

/** A clock on which waiting takes no time. */
export function stillClock(): Clock & { at: number } {
  const clock = {
    at: 1_000_000,
    now: () => clock.at,
    sleep: async (ms: number) => {
      clock.at += ms;
    },
  };
  return clock;
}
