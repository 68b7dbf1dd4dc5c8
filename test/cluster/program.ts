import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** One process of the control plane, ended by its own process id. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  runs(): boolean;
  /** The last lines it wrote, for when it did not come up. */
  output(): string;
  /** SIGSTOP: it keeps its connections and answers nothing. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  /** Asks it to end; kills it when it has not after ten seconds. */
  stop(): Promise<void>;
}

/** Starts a program; its whole output goes to `logFile`, its end is kept for `output`. */
export function startProgram(name: string, path: string, args: readonly string[], logFile: string, env = {}): Program {
  const child = spawn(path, [...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const file = createWriteStream(logFile);
  let last = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      last = (last + chunk.toString()).slice(-8_000);
      file.write(chunk);
    });
  child.once('error', (error) => {
    last += `\n${name} did not start: ${error.message}`;
  });
  const runs = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  return {
    name,
    pid: child.pid ?? 0,
    runs,
    output: () => last,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      if (runs()) await ended(child);
      file.end();
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  // One that was stopped by a signal hears SIGTERM only when it goes on.
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  await gone;
  clearTimeout(late);
}
