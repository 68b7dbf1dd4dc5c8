import { join } from 'node:path';
import { runCli } from './cli.ts';

const controller = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A second signal ends it at once, for whoever does not want to wait for the drain.
    if (controller.signal.aborted) process.exit(1);
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
