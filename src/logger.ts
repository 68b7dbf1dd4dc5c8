import type { Writable } from 'node:stream';
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
  /** Standard output unless given. */
  readonly destination?: DestinationStream;
}

/** Characters of log lines that may wait for a stream that takes none. */
const MOST_WAITING = 1024 * 1024;

/**
 * Log lines into a stream that may stall (a pipe nobody empties) or break (a reader that ended, a full disk): then lines are
 * dropped and nothing else happens. How many were dropped is said when the stream takes lines again. The stream's `error`
 * event is the caller's to listen to. pino's own destination writes synchronously, so that a stalled reader would hold up
 * the whole process, and retries a broken pipe for ever when the process exits.
 */
export function linesTo(stream: Writable): DestinationStream {
  let dropped = 0;
  let ended = false;
  const written = (error?: Error | null) => {
    if (!error) return;
    dropped += 1;
    ended ||= 'code' in error && error.code === 'EPIPE';
  };
  return {
    write(line) {
      if (ended) return;
      if (stream.writableLength > MOST_WAITING) {
        dropped += 1;
        return;
      }
      if (dropped > 0) {
        const lost = { level: 40, time: new Date().toISOString(), dropped, msg: 'log lines could not be written' };
        dropped = 0;
        stream.write(`${JSON.stringify(lost)}\n`, written);
      }
      stream.write(line, written);
    },
  };
}

const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * Log lines as a person at a terminal reads them: `03:12:07 WARN slack: the connection was lost`, one line each. https://github.com/pinojs/pino-pretty
 */
export async function readableLinesTo(
  stream: Writable,
  { color }: { readonly color: boolean },
): Promise<DestinationStream> {
  const { prettyFactory } = await import('./telemetry/prettyLines.ts');
  const toText = prettyFactory({
    colorize: color,
    translateTime: 'SYS:HH:MM:ss',
    // What an error is called says enough here; its stack is in the JSON of who keeps the log.
    ignore: 'part,reqId,err',
    errorLikeObjectKeys: [],
    // What somebody else wrote neither begins a line nor moves the cursor.
    messageFormat: (log, key) =>
      [log.part, log[key], messageOf(log.err)].filter(Boolean).join(': ').replaceAll(CONTROLS, ' '),
    singleLine: true,
  });
  const lines = linesTo(stream);
  return { write: (line) => lines.write(toText(line)) };
}

function messageOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'message' in error ? error.message : null;
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
    options.destination ?? linesTo(process.stdout),
  );
}
