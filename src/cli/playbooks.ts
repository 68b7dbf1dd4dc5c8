import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { problemOf } from '../commands/execute.ts';
import { loadConfig } from '../config.ts';
import { checkPlaybooks } from '../playbooks/check.ts';
import { alertLabels } from '../playbooks/rules/alertLabels.ts';
import { readRuleFiles } from '../playbooks/rules/ruleFiles.ts';
import { counted } from '../wording/counts.ts';
import type { CliIo } from './io.ts';

/** `playbooks check [folders] [--rules files]`: problems with file and line on stderr, 1 when there are any. */
export async function runCheck(
  folders: readonly string[],
  options: { readonly rules?: readonly string[] },
  io: CliIo,
): Promise<number> {
  const configured = folders.length === 0;
  const read = configured
    ? loadConfig(io.env, { root: io.root }).runbooks.folders
    : folders.map((folder) => resolve(folder));
  const rules = options.rules && (await readRuleFiles(options.rules));
  for (const { file, line, kind, problem } of rules?.problems ?? [])
    if (kind !== 'not-rules') io.stderr.write(`${file}:${line}: ${problem}\n`);
  const labels = alertLabels(rules?.rules ?? []);
  const checked = await checkPlaybooks(read, {
    problemOf,
    root: configured ? io.root : repositoryOf(read[0] ?? '.'),
    labelsOf: (alert) => labels.get(alert) ?? null,
  });
  for (const { file, line, problem, hint } of checked.problems)
    io.stderr.write(`${file}${line > 0 ? `:${line}` : ''}: ${problem}. ${hint}\n`);
  for (const { file, inPlaceOf, alerts } of checked.replaced)
    io.stdout.write(
      `${file} is used in place of ${inPlaceOf}${alerts.length > 0 ? ` for ${alerts.join(', ')}` : ''}\n`,
    );
  for (const file of checked.pages) io.stdout.write(`${file} names no alert and is left out\n`);
  const total = checked.problems.length;
  io.stdout.write(
    `${[counted(checked.count, 'runbook'), counted(checked.commands, 'command'), counted(total, 'problem')].join(', ')}\n`,
  );
  return total === 0 ? 0 : 1;
}

/**
 * The folder that links may not lead out of: the repository of the folder; without one, the working directory if the
 * folder is below it, else the folder itself.
 */
function repositoryOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(resolve(at, '.git'))) return at;
    if (dirname(at) === at) break;
  }
  const here = resolve('.');
  return relative(here, folder).startsWith('..') ? folder : here;
}
