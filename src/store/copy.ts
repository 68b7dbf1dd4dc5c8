import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { coerceError, ResponderError } from '../errors.ts';
import { coerceSqliteError, noStoreAt, sqlitePath } from './sqlite.ts';

/** Pages copied in one step, more than any store has: a write between two steps would make SQLite begin anew. */
const ALL_PAGES = 2 ** 30;
/** Endings of SQLite's companion files; one left over from another file would damage the copy. */
const BESIDE = ['-wal', '-shm', '-journal'];
/** Bytes left free on the disk of the store when the copy is made on it. */
const SPARE = 64 * 1024 * 1024;

/**
 * Copies an SQLite store into a file that does not exist yet, while a responder writes to it: the state of one moment.
 * Reads only; neither lock nor tables are touched. The file has its name once it is whole, checked and on disk.
 *
 * @throws ResponderError not_found when there is no store, conflict when the target exists, store_unavailable when
 * reading or writing fails, bad_input for PostgreSQL and for a database that is not ours, cancelled.
 */
export async function copyStore(url: string, target: string, signal?: AbortSignal): Promise<void> {
  const source = sqlitePath(url);
  if (source === null || source === ':memory:')
    throw new ResponderError('bad_input', 'only an SQLite store in a file is copied by the responder', {
      hint: 'For PostgreSQL use pg_dump, or the backups of the server.',
    });
  if (!existsSync(source)) throw noStoreAt(source);
  for (const taken of [target, ...BESIDE.map((end) => `${target}${end}`)]) if (existsSync(taken)) throw exists(taken);
  const { size, mode, dev } = await stat(source);
  await checkRoom(target, size, dev);
  const unfinished = `${target}.${randomUUID().slice(0, 8)}.partial`;
  try {
    await create(unfinished, mode);
    await copyPages(source, unfinished);
    signal?.throwIfAborted();
    checkCopy(unfinished);
    await flush(unfinished);
    await giveName(unfinished, target);
    await flush(dirname(resolve(target)));
  } finally {
    for (const end of ['', '-journal']) await rm(`${unfinished}${end}`, { force: true });
  }
}

function exists(path: string): ResponderError {
  return new ResponderError('conflict', `${path} exists already; nothing was copied`, {
    hint: 'Name a file that does not exist yet.',
  });
}

async function checkRoom(target: string, size: number, dev: number): Promise<void> {
  const folder = dirname(resolve(target));
  const [room, place] = await Promise.all([statfs(folder), stat(folder)]).catch((error: unknown) => {
    throw new ResponderError('store_unavailable', `the folder ${folder} cannot be read`, {
      cause: error,
      retryable: false,
      hint: 'Name a file in a folder that exists and that this process may write.',
    });
  });
  const free = room.bavail * room.bsize;
  const needed = size + (place.dev === dev ? SPARE : 0);
  if (free >= needed) return;
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  throw new ResponderError(
    'store_unavailable',
    `${folder} has ${mebibytes(free)} free, the copy needs ${mebibytes(needed)}; nothing was copied`,
    { retryable: false, hint: 'Copy to another disk, or make room.' },
  );
}

/**
 * Creates the file with the mode of the store before SQLite would with its own: whoever may not read the store may not
 * read the copy.
 */
async function create(path: string, mode: number): Promise<void> {
  try {
    await (await open(path, 'wx', mode & 0o666)).close();
  } catch (error) {
    throw new ResponderError('store_unavailable', `${path} cannot be written`, {
      cause: error,
      retryable: false,
      hint: 'Name a file in a folder that this process may write.',
    });
  }
}

async function copyPages(source: string, target: string): Promise<void> {
  let from: DatabaseSync;
  try {
    from = new DatabaseSync(source, { readOnly: true, timeout: 10_000, allowExtension: false });
  } catch (error) {
    throw coerceSqliteError(error, source);
  }
  try {
    // Reading the schema says first whether the file is a database at all.
    const ours = from.prepare(`select count(*) as n from sqlite_schema where name in ('deliveries', 'settings')`).get();
    if (ours?.n !== 2)
      throw new ResponderError('bad_input', `${source} is not a store of the responder; nothing was copied`, {
        hint: 'DATABASE_URL must name the file that the responder uses.',
      });
  } catch (error) {
    from.close();
    throw coerceSqliteError(error, source);
  }
  try {
    await backup(from, target, { rate: ALL_PAGES });
  } catch (error) {
    throw coerceSqliteError(error, target);
  } finally {
    from.close();
  }
}

/** @throws ResponderError store_unavailable when it is damaged. */
function checkCopy(path: string): void {
  const url = pathToFileURL(path);
  // Immutable: no other process has the copy open, so SQLite needs neither log nor locks.
  url.searchParams.set('immutable', '1');
  let problems: readonly unknown[];
  try {
    const copy = new DatabaseSync(url, { readOnly: true, allowExtension: false });
    try {
      problems = copy
        .prepare('pragma integrity_check(5)')
        .all()
        .map((row) => row.integrity_check);
    } finally {
      copy.close();
    }
  } catch (error) {
    throw coerceSqliteError(error, path);
  }
  if (problems.length === 1 && problems[0] === 'ok') return;
  throw new ResponderError(
    'store_unavailable',
    `the copy is damaged, and so may be the store: ${problems.join('; ')}`,
    {
      retryable: false,
      hint: 'Nothing was kept of it. Keep the earlier backups, and check the disk.',
    },
  );
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives the copy its name, never over another file, not even one that came to be meanwhile. */
async function giveName(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = coded(error);
    if (code === 'EEXIST') throw exists(to);
    // Not every file system has hard links: the name is taken first, then given.
    if (code === null || !['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code))
      throw coerceError(error);
    await (
      await open(to, 'wx').catch((thrown: unknown) => {
        throw coded(thrown) === 'EEXIST' ? exists(to) : coerceError(thrown);
      })
    ).close();
    await rename(from, to);
  }
}

function coded(error: unknown): string | null {
  return Error.isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
