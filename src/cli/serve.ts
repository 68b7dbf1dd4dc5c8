import { loadConfig } from '../config.ts';
import type { CliIo } from './io.ts';

/** Starts the responder and stays until the signal; resolves to the exit code. Throws what configuration and start throw. */
export async function serve(io: CliIo): Promise<number> {
  const config = loadConfig(io.env, { root: io.root });
  // The cluster is read through undici. Node has another one in it, loaded when fetch is first called, by Slack's client
  // while everybody waits for the start: with this there is one fetch for all.
  const { installFetch } = await import('../network/fetch.ts');
  installFetch(null);
  const { startApp } = await import('../app.ts');
  const app = await startApp(config, io.root);
  io.stdout.write(app.table);
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    else io.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await app.close();
  return 0;
}
