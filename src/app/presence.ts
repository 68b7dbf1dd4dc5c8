import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { coerceError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { SlackDoor } from '../slack/startSlack.ts';
import type { Store } from '../store/store.ts';

const LOOK_MS = 500;
const NOTE_MS = 5_000;
/** Silence, milliseconds, after which a replica counts as gone. */
const GONE_MS = 15_000;
/** How long a process that stops keeps its connection for one that is about to have its own. */
const HAND_OVER_MS = 10_000;

export interface PresenceParts {
  readonly store: Pick<Store, 'engine' | 'replicas'>;
  readonly slack: Pick<SlackDoor, 'status'>;
  readonly log: Logger;
  readonly clock: () => number;
}

export interface Presence {
  /**
   * Tells that this process stops, so that none of the others counts on it. Resolves to whether there is another one,
   * to which requests and work can go instead.
   */
  leave(): Promise<boolean>;
  /**
   * Resolves when this process may close its connection to Slack: another one is connected, or there is none that
   * will be. So a rolling update loses no command that is typed meanwhile.
   */
  handOver(): Promise<void>;
  close(): Promise<void>;
}

/** Tells the other replicas that this one lives and whether Slack reaches it. With SQLite there are none. */
export function startPresence({ store, slack, log, clock }: PresenceParts): Presence {
  if (store.engine === 'sqlite') return { leave: async () => false, handOver: async () => {}, close: async () => {} };
  const id = randomUUID();
  let noted = { at: 0, connected: false };
  let noting: Promise<void> = Promise.resolve();
  let busy = false;
  const note = async () => {
    const { connected } = slack.status();
    const at = clock();
    if (at - noted.at < NOTE_MS && connected === noted.connected) return;
    await store.replicas.note({ id, at, connected });
    noted = { at, connected };
  };
  const tick = () => {
    if (busy) return;
    busy = true;
    noting = note()
      .catch((thrown: unknown) => log.debug({ err: coerceError(thrown) }, 'the presence of this replica is not noted'))
      .finally(() => {
        busy = false;
      });
  };
  tick();
  const timer = setInterval(tick, LOOK_MS);
  const others = async () =>
    (await store.replicas.list()).filter((replica) => replica.id !== id && replica.at > clock() - GONE_MS);
  const forget = async () => {
    clearInterval(timer);
    await noting;
    await store.replicas.forget(id, clock() - 60 * 60_000);
  };
  return {
    async leave() {
      try {
        await forget();
        return (await others()).length > 0;
      } catch (thrown) {
        log.warn({ err: coerceError(thrown) }, 'it is not known whether there is another replica');
        return false;
      }
    },
    async handOver() {
      const until = clock() + HAND_OVER_MS;
      try {
        for (;;) {
          const living = await others();
          if (living.length === 0 || living.some((replica) => replica.connected) || clock() > until) return;
          await setTimeout(LOOK_MS / 2);
        }
      } catch (thrown) {
        log.warn({ err: coerceError(thrown) }, 'it is not known whether another replica is connected to Slack');
      }
    },
    async close() {
      await forget().catch(() => {}); // It is forgotten by itself after a while.
    },
  };
}
