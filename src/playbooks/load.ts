import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { parsePlaybook } from './parse.ts';
import type { Playbook, PlaybookProblem } from './playbook.ts';

/** A runbook is a page, not a book. */
const LARGEST = 512 * 1024;

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
    for (const file of await filesIn(folder, problems)) {
      const id = relative(folder, file).replace(/\.md$/i, '').split(sep).join('/');
      const text = await readText(file, problems);
      if (text === null) continue;
      const parsed = parsePlaybook(id, file, text);
      problems.push(...parsed.problems);
      if (parsed.playbook) playbooks.set(id, parsed.playbook);
    }
  }
  const loaded = [...playbooks.values()].toSorted((a, b) => a.id.localeCompare(b.id));
  return { playbooks: loaded, problems: [...problems, ...servedTwice(loaded)] };
}

async function filesIn(folder: string, problems: PlaybookProblem[]): Promise<readonly string[]> {
  try {
    const names = await readdir(folder, { recursive: true });
    return names
      .filter((name) => /\.md$/i.test(name) && !/(?:^|[\\/])(?:README\.md$|[._])/i.test(name))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    problems.push({
      file: folder,
      line: 0,
      problem: `cannot be read: ${why}`,
      hint: 'Name an existing folder of Markdown files.',
    });
    return [];
  }
}

async function readText(file: string, problems: PlaybookProblem[]): Promise<string | null> {
  try {
    const bytes = await readFile(file);
    if (bytes.length <= LARGEST) return bytes.toString('utf8');
    problems.push({
      file,
      line: 0,
      problem: `is larger than ${LARGEST / 1024} KiB`,
      hint: 'Split it, one file per alert.',
    });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    problems.push({ file, line: 0, problem: `cannot be read: ${why}`, hint: 'Check its permissions.' });
  }
  return null;
}

function servedTwice(playbooks: readonly Playbook[]): readonly PlaybookProblem[] {
  const first = new Map<string, Playbook>();
  const problems: PlaybookProblem[] = [];
  for (const playbook of playbooks)
    for (const alert of playbook.alerts) {
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
