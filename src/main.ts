import { join } from 'node:path';
import { runCli } from './cli.ts';

/** A stop that takes longer than its drain (20 s) is ended the hard way: what is left runs again after the start. */
const STOP_MS = 25_000;

const controller = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A second signal ends it at once, for whoever does not want to wait for the drain.
    if (controller.signal.aborted) process.exit(1);
    setTimeout(() => process.exit(1), STOP_MS).unref();
    controller.abort(signal);
  });
}

const args = process.argv.slice(2);
process.exitCode = await runCli(args.length === 0 ? ['serve'] : args, {
  env: process.env,
  root: join(import.meta.dirname, '..'),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
});
