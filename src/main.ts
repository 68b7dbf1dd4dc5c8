import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * A stop that takes longer than answering those who do not know of it yet (5 s), its drain (20 s) and handing over Slack
 * (10 s) is ended the hard way, before Kubernetes does (45 s): what is left runs again after the start.
 */
const STOP_MS = 40_000;
/** One Ctrl-C under npm arrives twice, from the terminal and from npm. */
const SAME_SIGNAL_MS = 500;

const controller = new AbortController();
let askedAt = Number.POSITIVE_INFINITY;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A second signal ends it at once, for whoever does not want to wait for the drain: nothing is lost by it.
    if (controller.signal.aborted) {
      if (performance.now() - askedAt > SAME_SIGNAL_MS) process.exit(0);
      return;
    }
    askedAt = performance.now();
    setTimeout(() => process.exit(1), STOP_MS).unref();
    controller.abort(signal);
  });
}

// A library's forgotten promise must not take the intake down; what it was part of is a job that runs again.
process.on('unhandledRejection', (reason) => {
  process.stderr.write(
    `a promise that nothing handled failed: ${Error.isError(reason) ? reason.stack : String(reason)}\n`,
  );
});

const args = process.argv.slice(2);
const serves = args.length === 0 || args[0] === 'serve';
// A reader may end first (`| head -1`), or the disk be full: the responder then writes nothing and goes on; a command of the
// terminal has nobody left to answer.
process.stderr.on('error', () => {});
process.stdout.on('error', () => {
  if (!serves) controller.abort('nobody reads standard output');
});

// From a clone three hundred files are compiled at each start; the second start finds them compiled.
enableCompileCache();
const { runCli } = await import('./cli.ts');

process.exitCode = await runCli(args.length === 0 ? ['serve'] : args, {
  env: process.env,
  root: join(import.meta.dirname, '..'),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
});
// Everything is closed by now; neither a library that keeps a handle open for later nor an output that takes nothing must
// hold the stop.
if (serves || controller.signal.aborted) setTimeout(() => process.exit(), 500).unref();
