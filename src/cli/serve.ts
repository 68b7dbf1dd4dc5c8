import type { CliIo } from '../cli.ts';
import { loadConfig } from '../config.ts';

/** Starts the responder and stays until the signal; resolves to the exit code. Throws what configuration and start throw. */
export async function serve(io: CliIo): Promise<number> {
  const config = loadConfig(io.env, { root: io.root });
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
