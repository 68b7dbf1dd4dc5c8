import { Client } from 'pg';
import type { Logger } from '../logger.ts';
import { coercePostgresError, connectionSettings } from './postgres.ts';

/** The channel on which a commit that enqueued jobs tells every replica. */
export const CHANNEL = 'responder_jobs';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** A connection that was cut silently (fail-over, firewall) is detected by this query. */
const ALIVE_EVERY_MS = 20_000;

/**
 * Listens on a connection of its own and calls `heard` for every notification, and after every reconnect, because
 * notifications sent meanwhile are lost. Never throws: without it jobs are found by polling.
 */
export function listen(url: string, log: Logger, heard: () => void): { close(): Promise<void> } {
  let client: Client | null = null;
  let closed = false;
  let pause = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const next = new Client({ ...connectionSettings(url), query_timeout: 10_000 });
    client = next;
    let over = false;
    const again = (error: unknown) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      void next.end().catch(() => {});
      if (closed) return;
      log.warn({ err: coercePostgresError(error), pauseMs: pause }, 'notifications of the database are interrupted');
      timer = setTimeout(() => void connect(), pause);
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    };
    next.on('error', again);
    next.on('end', () => again(new Error('the connection ended')));
    next.on('notification', heard);
    const stillThere = () => {
      timer = setTimeout(() => {
        next.query('select 1').then(stillThere, again);
      }, ALIVE_EVERY_MS);
    };
    try {
      await next.connect();
      await next.query(`listen ${CHANNEL}`);
      pause = FIRST_PAUSE_MS;
      heard();
      if (!over && !closed) stillThere();
    } catch (error) {
      again(error);
    }
  }

  const first = connect();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await first;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
