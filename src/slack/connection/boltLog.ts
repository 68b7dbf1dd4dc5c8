import type { Logger as BoltLogger } from '@slack/bolt';
import { LogLevel } from '@slack/web-api';
import type { Logger } from '../../logger.ts';

/**
 * Lets Slack's libraries write to our log. Their debug lines hold whole payloads and are dropped; what they call an
 * error is mostly a connection that will be made again, which is for us to judge.
 */
export function boltLog(log: Logger): BoltLogger {
  const line = (parts: readonly unknown[]): string => parts.map(String).join(' ').slice(0, 1_000);
  return {
    debug: () => {},
    info: (...parts) => log.debug(line(parts)),
    warn: (...parts) => log.info(line(parts)),
    error: (...parts) => log.warn(line(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}
