import { setTimeout as pause } from 'node:timers/promises';
import { accounts, type Sender } from './sender.ts';
import type { Replica } from './stage.ts';

/** Holds the accounting against what was sent, while everything goes wrong. */
export interface Ledger {
  /**
   * Asks each replica that runs until it answers.
   * @throws when the sum does not hold, what was received shrinks, or something that was answered 200 is missing
   */
  check(): Promise<void>;
  /** Looks all the time, also in the middle of a trouble, where a replica or its store may be away; resolves to how often it saw the sum. */
  watch(stop: AbortSignal): Promise<number>;
}

/** Longer than a start takes on a busy machine. */
const ANSWER_MS = 120_000;

export function createLedger(replicas: readonly Replica[], sender: Sender): Ledger {
  let most = 0;
  const look = async (replica: Replica): Promise<boolean> => {
    const accepted = sender.accepted();
    const least = most;
    const account = await accounts(replica).catch(() => null);
    // Without its store a replica tells nothing; a zero it would tell.
    if (account?.received == null) return false;
    const { received, rest } = account;
    if (rest !== received) throw new Error(`received ${received}, but the states add up to ${rest}`);
    if (received < accepted) throw new Error(`${accepted} alerts were answered 200, but only ${received} are received`);
    if (received < least) throw new Error(`${least} alerts were received, and now ${received}`);
    most = Math.max(most, received);
    return true;
  };
  return {
    async check() {
      for (const replica of replicas) {
        const end = Date.now() + ANSWER_MS;
        while (!(await look(replica))) {
          if (Date.now() > end)
            throw new Error(`no accounting within ${ANSWER_MS / 1_000} s: ${replica.output().slice(-2_000)}`);
          await pause(100);
        }
      }
    },
    async watch(stop) {
      let seen = 0;
      for (let turn = 0; !stop.aborted; turn += 1) {
        const replica = replicas[turn % replicas.length];
        if (replica && (await look(replica))) seen += 1;
        await pause(300);
      }
      return seen;
    },
  };
}
