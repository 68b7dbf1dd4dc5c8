import { resolve } from 'node:path';
import type { CliIo } from '../cli.ts';
import { problemOf } from '../commands/execute.ts';
import { loadConfig } from '../config.ts';
import { checkPlaybooks } from '../playbooks/check.ts';

/** `playbooks check [folders]`: problems with file and line on stderr, 1 when there are any. */
export async function runCheck(folders: readonly string[], io: CliIo): Promise<number> {
  const configured = folders.length === 0;
  const read = configured
    ? loadConfig(io.env, { root: io.root }).runbooks.folders
    : folders.map((folder) => resolve(folder));
  const checked = await checkPlaybooks(read, { problemOf, root: configured ? io.root : resolve('.') });
  for (const { file, line, problem, hint } of checked.problems)
    io.stderr.write(`${file}${line > 0 ? `:${line}` : ''}: ${problem}. ${hint}\n`);
  const total = checked.problems.length;
  io.stdout.write(
    `${checked.count} runbooks, ${checked.commands} commands, ${total} ${total === 1 ? 'problem' : 'problems'}\n`,
  );
  return total === 0 ? 0 : 1;
}
