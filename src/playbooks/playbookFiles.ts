import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PlaybookProblem } from './playbook.ts';

/** Largest file in bytes: a runbook is a page, and the time to parse Markdown grows faster than its size. */
const LARGEST = 128 * 1024;
/** Most files of a folder; one with more was configured by mistake. */
const MOST = 5_000;
const DEEPEST = 20;

/**
 * Every `*.md` below a folder (not README.md, nothing hidden), in the order of the alphabet. Links to files and folders are
 * followed, as a mounted ConfigMap needs, but no folder is entered twice: a link to a folder above would never end.
 * Read synchronously, like their text: this is the start, nobody else waits, and a hundred files take a tenth of the time.
 */
export function markdownFiles(folder: string, problems: PlaybookProblem[]): readonly string[] {
  const files: string[] = [];
  const entered = new Set<string>();
  const unreadable = (file: string, thrown: unknown, hint: string): void => {
    const why = Error.isError(thrown) ? thrown.message : String(thrown);
    problems.push({ file, line: 0, problem: `cannot be read: ${why}`, hint });
  };
  const enter = (at: string, depth: number): void => {
    const real = realpathSync(at);
    if (entered.has(real) || depth > DEEPEST || files.length > MOST) return;
    entered.add(real);
    for (const name of readdirSync(at).toSorted()) {
      if (/^[._]/.test(name)) continue;
      const path = join(at, name);
      try {
        if (statSync(path).isDirectory()) enter(path, depth + 1);
        else if (/\.md$/i.test(name) && !/^README\.md$/i.test(name)) files.push(path);
      } catch (thrown) {
        if (/\.md$/i.test(name)) unreadable(path, thrown, 'Check that it exists and may be read.');
      }
    }
  };
  try {
    enter(folder, 0);
  } catch (thrown) {
    unreadable(folder, thrown, 'Name an existing folder of Markdown files.');
  }
  if (files.length > MOST)
    problems.push({
      file: folder,
      line: 0,
      problem: `holds more than ${MOST} Markdown files, of which the first ${MOST} are read`,
      hint: 'Name the folder of the runbooks alone.',
    });
  return files.slice(0, MOST);
}

/**
 * A stamp that changes when a file below the folders does: a new commit of git-sync, a remounted ConfigMap, an edit.
 * Null when a folder cannot be read now, which is not the same as a folder without runbooks.
 */
export function stampOf(folders: readonly string[]): string | null {
  const problems: PlaybookProblem[] = [];
  const hash = createHash('sha256');
  for (const file of folders.flatMap((folder) => markdownFiles(folder, problems))) {
    try {
      const { mtimeMs, size } = statSync(file);
      hash.update(`${realpathSync(file)} ${mtimeMs} ${size}\n`);
    } catch {
      return null;
    }
  }
  return problems.some(({ problem }) => problem.startsWith('cannot be read')) ? null : hash.digest('hex');
}

/** The text of a file; null, and a problem, for what is no runbook whatever its name. */
export function readText(file: string, problems: PlaybookProblem[]): string | null {
  const leftOut = (problem: string, hint: string): null => {
    problems.push({ file, line: 0, problem, hint });
    return null;
  };
  try {
    // Looked at before it is opened: a pipe or a device would never end.
    const found = statSync(file);
    if (!found.isFile()) return leftOut('is not a file', 'Only files are read; rename it if it is something else.');
    if (found.size > LARGEST) return leftOut(`is larger than ${LARGEST / 1024} KiB`, 'Split it, one file per alert.');
    const bytes = readFileSync(file);
    const text = decoded(bytes);
    return text ?? leftOut('is not UTF-8 text', 'Save it as UTF-8.');
  } catch (thrown) {
    const why = Error.isError(thrown) ? thrown.message : String(thrown);
    problems.push({ file, line: 0, problem: `cannot be read: ${why}`, hint: 'Check that it exists and may be read.' });
  }
  return null;
}

/** Null for what is no text: another encoding, or a picture with the wrong name. */
function decoded(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\u0000') ? null : text;
  } catch {
    return null;
  }
}
