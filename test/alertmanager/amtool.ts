import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Labels } from '../../src/alerts/alert.ts';

const run = promisify(execFile);

/** The receivers that the real amtool (Debian: prometheus-alertmanager) finds for an alert, sorted; null when it refuses the file. */
export async function amtoolReceivers(file: string, labels: Labels): Promise<readonly string[] | null> {
  const set = Object.entries(labels).map(([name, value]) => `${name}=${goQuoted(value)}`);
  try {
    const { stdout } = await run('amtool', ['config', 'routes', 'test', `--config.file=${file}`, ...set]);
    // Newer ones print warnings first.
    return (stdout.trim().split('\n').at(-1) ?? '').split(',').toSorted();
  } catch (thrown) {
    if (Error.isError(thrown) && 'code' in thrown && thrown.code === 1) return null;
    throw thrown;
  }
}

/** In the quotes of a matcher, which know three escapes. */
function goQuoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
