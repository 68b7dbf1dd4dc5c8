import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** How often the process looks whether it ran, and for how long it must not have run to have stood still. */
const LOOK_MS = 500;
const STILL_MS = 3_000;
/** How long what lay in the sockets may take to be read afterwards, behind one another. */
const AFTER_MS = 60_000;

/** Tells of a request, after the process stood still (SIGSTOP, a frozen node), whether its sender waits for the answer. */
export interface Standstill {
  /** True when the sender has given up while nobody read what it had sent: it has sent that again, perhaps elsewhere. */
  isGivenUp(request: FastifyRequest): Promise<boolean>;
}

/**
 * Watches whether the process runs. What lies in a socket for longer than its sender waits is old: read only now, a firing
 * would come after the end that was told meanwhile. Without a standstill nobody asks: who sends and does not wait for the
 * answer is heard.
 */
export function watchStandstill(app: FastifyInstance): Standstill {
  let ranAt = performance.now();
  let wokeAt = Number.NEGATIVE_INFINITY;
  const look = () => {
    const now = performance.now();
    if (now - ranAt > STILL_MS) wokeAt = now;
    ranAt = now;
  };
  const timer = setInterval(look, LOOK_MS).unref();
  app.addHook('onClose', async () => clearInterval(timer));
  return {
    async isGivenUp({ raw }) {
      look();
      if (performance.now() - wokeAt > AFTER_MS) return false;
      // The end of a connection is read in a turn of the loop after its last bytes.
      await nextTurn();
      await nextTurn();
      return raw.socket.destroyed || raw.socket.readableEnded;
    },
  };
}
