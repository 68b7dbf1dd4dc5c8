import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '../config.ts';
import { type DestinationStream, linesTo, readableLinesTo } from '../logger.ts';
import type { CliIo } from './io.ts';

/**
 * A start is over after this long without a line of the log, or after the second length whatever the log says;
 * milliseconds.
 */
const QUIET_MS = 3_000;
const START_MS = 20_000;

/** Starts the responder and stays until the signal; resolves to the exit code. Throws what configuration and start throw. */
export async function serve(io: CliIo): Promise<number> {
  const config = loadConfig(io.env, { root: io.root });
  // The cluster is read through undici. Node has another one in it, loaded when fetch is first called, by Slack's client
  // while everybody waits for the start: with this there is one fetch for all.
  const { installFetch } = await import('../network/fetch.ts');
  installFetch(null);
  const { startApp } = await import('../app.ts');
  const log = watched(await logDestination(io));
  const app = await startApp(config, io.root, log);
  io.stdout.write(app.table);
  const { open } = app;
  if (open !== null) void log.quiet(io.signal).then(() => io.signal.aborted || io.stdout.write(`open ${open}\n`));
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    else io.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await app.close();
  return 0;
}

/** Lines to read where somebody looks at a terminal, JSON for everything else. */
async function logDestination({ stdout, env }: CliIo): Promise<DestinationStream> {
  if (!stdout.isTTY || env.NODE_ENV === 'production') return linesTo(process.stdout);
  return await readableLinesTo(process.stdout, { color: !env.NO_COLOR });
}

/** A destination that knows when its start was over: the line that says where to look comes last. */
function watched(lines: DestinationStream) {
  const started = performance.now();
  let last = started;
  return {
    write(line: string) {
      last = performance.now();
      lines.write(line);
    },
    async quiet(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        const now = performance.now();
        const left = Math.min(last + QUIET_MS, started + START_MS) - now;
        if (left <= 0) return;
        await pause(left, undefined, { ref: false });
      }
    },
  };
}
