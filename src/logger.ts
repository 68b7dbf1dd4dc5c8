import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { traceId } from './telemetry/tracing.ts';

export type Logger = PinoLogger;
export type { DestinationStream };

/** Keys whose values never reach a log line, wherever an object carries them at the first or second level. */
const SECRET_KEYS = ['token', 'password', 'secret', 'authorization', 'cookie', 'apiKey', 'api_key', 'signingSecret'];

export interface LoggerOptions {
  readonly level: string;
  /** What every string of the line passes before it is written: the one redaction of everything that leaves. */
  readonly redact?: (text: string) => string;
  readonly destination?: DestinationStream;
}

/** A JSON logger (pino). Bind ids with `logger.child({ incident, request })`. */
export function createLogger(options: LoggerOptions): Logger {
  const redact = options.redact;
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin() {
        const trace = traceId();
        return trace === null ? {} : { trace };
      },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
      hooks: redact ? { streamWrite: (line) => redact(line) } : {},
    },
    options.destination ?? pino.destination(1),
  );
}
