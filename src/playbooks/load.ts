import { relative, sep } from 'node:path';
import { markdownFiles, readText } from './files.ts';
import { type ParsedPlaybook, parsePlaybook } from './parse.ts';
import type { Playbook, PlaybookProblem } from './playbook.ts';

export interface LoadedPlaybooks {
  readonly playbooks: readonly Playbook[];
  readonly problems: readonly PlaybookProblem[];
}

/**
 * Reads every `*.md` below the folders (not README.md). A file that cannot be used is left out and named among the problems; the rest
 * is usable. The same id in a later folder replaces the earlier one: that is how a team overrides a shipped runbook. Never throws.
 */
export async function loadPlaybooks(folders: readonly string[]): Promise<LoadedPlaybooks> {
  const playbooks = new Map<string, Playbook>();
  const problems: PlaybookProblem[] = [];
  for (const folder of folders) {
    for (const file of await markdownFiles(folder, problems)) {
      const id = relative(folder, file).replace(/\.md$/i, '').split(sep).join('/');
      const text = await readText(file, problems);
      if (text === null) continue;
      const parsed = parseAny(id, file, text);
      problems.push(...parsed.problems);
      if (parsed.playbook) playbooks.set(id, parsed.playbook);
    }
  }
  const loaded = [...playbooks.values()].toSorted((a, b) => a.id.localeCompare(b.id));
  return { playbooks: loaded, problems: [...problems, ...servedTwice(loaded)] };
}

/** Quotes and lists one in the other, by what stands before the text of a line: each level costs as much as all before it. */
const DEEP = /^[ \t>*+-]{200}/m;

/** Whatever a file makes the parsers do, the others are still read. */
function parseAny(id: string, file: string, text: string): ParsedPlaybook {
  const unread = (line: number, problem: string): ParsedPlaybook => ({
    playbook: null,
    problems: [{ file, line, problem, hint: 'Make it simpler: fewer nested levels.' }],
  });
  const deep = DEEP.exec(text);
  if (deep) return unread(text.slice(0, deep.index).split('\n').length, 'is nested too deeply to be read');
  try {
    return parsePlaybook(id, file, text);
  } catch (thrown) {
    return unread(0, `cannot be parsed: ${Error.isError(thrown) ? thrown.message : String(thrown)}`);
  }
}

function servedTwice(playbooks: readonly Playbook[]): readonly PlaybookProblem[] {
  const first = new Map<string, Playbook>();
  const problems: PlaybookProblem[] = [];
  for (const playbook of playbooks)
    for (const alert of new Set(playbook.alerts)) {
      const other = first.get(alert);
      if (!other) first.set(alert, playbook);
      else if (other !== playbook)
        problems.push({
          file: playbook.file,
          line: 1,
          problem: `${alert} is served by ${other.id} already`,
          hint: 'Name an alert in one runbook only.',
        });
    }
  return problems;
}
