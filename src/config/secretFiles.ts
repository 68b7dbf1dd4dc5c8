import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, read, wrong } from './environment.ts';

const FOLDER = 'RESPONDER_SECRETS';
const MAX_BYTES = 64 * 1024;
/** What a shell takes as a variable; Kubernetes' own links in a mounted Secret (`..data`) are none. */
const VARIABLE = /^[A-Za-z_]\w*$/;

/**
 * The environment, with the files of the folder RESPONDER_SECRETS as variables: one file for each, as Kubernetes mounts
 * a Secret. Unlike variables, files are not inherited by child processes and do not show in `/proc` or in the Pod's
 * description. A variable that is set takes precedence over a file of its name.
 * @throws ResponderError config_invalid when the folder or a file in it cannot be read
 */
export function withSecretFiles(env: Environment): Environment {
  const folder = read(env, FOLDER);
  if (folder === null) return env;
  const found: Record<string, string> = {};
  for (const name of namesIn(folder)) if (read(env, name) === null) found[name] = readSecret(join(folder, name));
  return { ...env, ...found };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => VARIABLE.test(name));
  } catch (cause) {
    throw unreadable(folder, cause, 'Set it to the folder the Secret is mounted at, or leave it out.');
  }
}

function readSecret(path: string): string {
  try {
    const about = statSync(path);
    if (!about.isFile()) throw new Error('it is not a file');
    if (about.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1024} KiB`);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause, 'Each file in the folder holds the value of the variable it is named after.');
  }
}

function unreadable(path: string, cause: unknown, hint: string) {
  return wrong(FOLDER, `${path} cannot be read: ${Error.isError(cause) ? cause.message : String(cause)}`, hint);
}
