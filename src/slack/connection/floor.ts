import type { Clock } from '../ports.ts';

/** Keeps new connections apart, whatever Slack asks for. */
export interface Floor {
  /** The last one is over, or there is none yet: how many milliseconds later the next may be opened. */
  over(): number;
  /** One was opened and greeted. */
  opened(): void;
  /** How many in a row did not last, and after how many milliseconds the next one may follow the last; null while they last. */
  shortLived(): { readonly times: number; readonly apartMs: number } | null;
}

/** Age, milliseconds, from which a connection counts as lasting: Slack replaces those every few hours. */
const LASTING_MS = 60_000;
const LEAST_MS = 1_000;
/** Slack says it about ten seconds before it cuts a connection: up to this there is no gap. */
const MOST_MS = 10_000;

/**
 * At least a second between two connections, doubled for each one in a row that did not last a minute. A Slack that asks
 * for a new connection at each greeting would otherwise be given hundreds in seconds, and `apps.connections.open` is
 * limited to 50 a minute (https://docs.slack.dev/reference/methods/apps.connections.open).
 */
export function createFloor(clock: Clock): Floor {
  let openedAt: number | null = null;
  let times = 0;
  const apartMs = () => Math.min(MOST_MS, LEAST_MS * 2 ** Math.max(0, times - 1));
  return {
    over() {
      if (openedAt === null) return 0;
      times = clock.now() - openedAt < LASTING_MS ? times + 1 : 0;
      return Math.max(0, openedAt + apartMs() - clock.now());
    },
    opened() {
      openedAt = clock.now();
    },
    shortLived: () => (times === 0 ? null : { times, apartMs: apartMs() }),
  };
}
