import { relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { markdownFiles, readText } from './files.ts';
import { openPlaybook } from './parse.ts';
import type { Playbook, PlaybookProblem } from './playbook.ts';

export interface LoadedPlaybooks {
  readonly playbooks: readonly Playbook[];
  /** What is wrong with folders, files and front matter. */
  readonly problems: readonly PlaybookProblem[];
  /** What is wrong in the Markdown, file by file, each read as it is asked for; ends early when aborted. */
  bodyProblems(signal?: AbortSignal): AsyncGenerator<PlaybookProblem>;
}

/**
 * Reads every `*.md` below the folders (not README.md). A file that cannot be used is left out and named among the problems; the rest
 * is usable. The Markdown of a file is read when it is first needed. The same id in a later folder replaces the earlier one: that is how a team overrides a shipped runbook. Never throws.
 */
export async function loadPlaybooks(folders: readonly string[]): Promise<LoadedPlaybooks> {
  const playbooks = new Map<string, Playbook>();
  const problems: PlaybookProblem[] = [];
  const unread: (() => readonly PlaybookProblem[])[] = [];
  for (const folder of folders) {
    for (const file of await markdownFiles(folder, problems)) {
      const id = relative(folder, file).replace(/\.md$/i, '').split(sep).join('/');
      const text = await readText(file, problems);
      if (text === null) continue;
      const { playbook, problems: found, bodyProblems } = openPlaybook(id, file, text);
      problems.push(...found);
      if (playbook) playbooks.set(id, playbook);
      unread.push(bodyProblems);
    }
  }
  const loaded = [...playbooks.values()].toSorted((a, b) => a.id.localeCompare(b.id));
  return {
    playbooks: loaded,
    problems: [...problems, ...servedTwice(loaded)],
    async *bodyProblems(signal) {
      for (const read of unread) {
        if (signal?.aborted) return;
        yield* read();
        // Between two files others get their turn: nobody waits for this.
        await setImmediate();
      }
    },
  };
}

/** Everything that is wrong, the Markdown included. */
export async function checkedPlaybooks(
  folders: readonly string[],
): Promise<{ readonly playbooks: readonly Playbook[]; readonly problems: readonly PlaybookProblem[] }> {
  const { playbooks, problems, bodyProblems } = await loadPlaybooks(folders);
  const all = [...problems];
  for await (const problem of bodyProblems()) all.push(problem);
  const order = new Map(playbooks.map(({ file }, index) => [file, index]));
  return { playbooks, problems: all.toSorted((a, b) => (order.get(a.file) ?? -1) - (order.get(b.file) ?? -1)) };
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
