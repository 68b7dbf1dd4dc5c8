import { relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openPlaybook } from './parsePlaybook.ts';
import type { Playbook, PlaybookProblem } from './playbook.ts';
import { markdownFiles, readText } from './playbookFiles.ts';

export interface LoadedPlaybooks {
  readonly playbooks: readonly Playbook[];
  /** Problems of folders, files and front matter. */
  readonly problems: readonly PlaybookProblem[];
  /** Files that replace others, and for which alerts. Not a problem: a team overrides shipped runbooks so. */
  readonly replaced: readonly Replacement[];
  /** Files that stand beside runbooks and are none: no alert is called as they are. */
  readonly pages: readonly string[];
  /** Problems of the Markdown, file by file, each read as it is iterated; ends early when aborted. */
  bodyProblems(signal?: AbortSignal): AsyncGenerator<PlaybookProblem>;
}

export interface Replacement {
  readonly file: string;
  readonly inPlaceOf: string;
  /** The alerts that both name; [] when the one has the other's id, and replaces it as a whole. */
  readonly alerts: readonly string[];
}

/** A playbook with the rank of its folder: the later folder wins. */
interface Ranked {
  readonly playbook: Playbook;
  readonly rank: number;
}

/**
 * Reads every `*.md` below the folders (not README.md). Beside runbooks that were not written for us a file without an alert's
 * name is a page that they link to (`helpers/`). A file that cannot be used is left out and named among the problems; the rest
 * is usable. The Markdown of a file is read when it is first needed. The same id in a later folder replaces the earlier one, and an alert named in
 * a later folder is served from there: that is how a team overrides a shipped runbook. Never throws.
 */
export function loadPlaybooks(folders: readonly string[]): LoadedPlaybooks {
  const playbooks = new Map<string, Ranked>();
  const problems: PlaybookProblem[] = [];
  const replaced: Replacement[] = [];
  const pages: string[] = [];
  const unread = new Map<string, () => readonly PlaybookProblem[]>();
  for (const [rank, folder] of folders.entries()) {
    const unnamed: PlaybookProblem[] = [];
    const formats = new Set<boolean>();
    for (const file of markdownFiles(folder, problems)) {
      const id = relative(folder, file).replace(/\.md$/i, '').split(sep).join('/');
      const text = readText(file, problems);
      if (text === null) continue;
      const { playbook, other: kind, problems: found, bodyProblems } = openPlaybook(id, file, text);
      if (kind === 'page') pages.push(file);
      if (kind === 'unnamed') unnamed.push(...found);
      else problems.push(...found);
      if (playbook) formats.add(playbook.isForeign);
      const other = playbooks.get(id);
      if (playbook && other) replaced.push({ file, inPlaceOf: other.playbook.file, alerts: [] });
      if (playbook) playbooks.set(id, { playbook, rank });
      if (playbook || !other) unread.set(id, bodyProblems);
    }
    const isOthers = formats.has(true) && !formats.has(false);
    if (isOthers) pages.push(...unnamed.map(({ file }) => file));
    else problems.push(...unnamed);
  }
  const sorted = [...playbooks.values()].toSorted((a, b) => a.playbook.id.localeCompare(b.playbook.id));
  const { loaded, overridden } = withoutOverridden(sorted);
  return {
    playbooks: loaded.map(({ playbook }) => playbook),
    problems: [...problems, ...servedTwice(loaded.map(({ playbook }) => playbook))],
    replaced: [...replaced, ...overridden],
    pages,
    async *bodyProblems(signal) {
      for (const read of unread.values()) {
        if (signal?.aborted) return;
        yield* read();
        // Yields between two files: nothing waits for the result.
        await setImmediate();
      }
    },
  };
}

/** Everything that is wrong, the Markdown included. */
export async function checkedPlaybooks(folders: readonly string[]): Promise<Omit<LoadedPlaybooks, 'bodyProblems'>> {
  const { playbooks, problems, replaced, pages, bodyProblems } = loadPlaybooks(folders);
  const all = [...problems];
  for await (const problem of bodyProblems()) all.push(problem);
  const order = new Map(playbooks.map(({ file }, index) => [file, index]));
  return {
    playbooks,
    replaced,
    pages,
    problems: all.toSorted((a, b) => (order.get(a.file) ?? -1) - (order.get(b.file) ?? -1)),
  };
}

/** Removes an alert from every runbook for which a later folder has another. */
function withoutOverridden(all: readonly Ranked[]): {
  readonly loaded: readonly Ranked[];
  readonly overridden: readonly Replacement[];
} {
  const last = new Map<string, Ranked>();
  for (const one of all)
    for (const alert of one.playbook.alerts) if (one.rank > (last.get(alert)?.rank ?? -1)) last.set(alert, one);
  const overridden: Replacement[] = [];
  const loaded = all.map((one) => {
    const lost = one.playbook.alerts.filter((alert) => (last.get(alert)?.rank ?? one.rank) > one.rank);
    if (lost.length === 0) return one;
    for (const [by, alerts] of Map.groupBy(lost, (alert) => last.get(alert)))
      if (by) overridden.push({ file: by.playbook.file, inPlaceOf: one.playbook.file, alerts: [...new Set(alerts)] });
    const alerts = one.playbook.alerts.filter((alert) => !lost.includes(alert));
    return { rank: one.rank, playbook: withAlerts(one.playbook, alerts) };
  });
  return { loaded, overridden };
}

/** A runbook limited to fewer alerts; its Markdown stays unread until it is needed. */
function withAlerts(playbook: Playbook, alerts: readonly string[]): Playbook {
  const parts = { ...Object.getOwnPropertyDescriptors(playbook), alerts: { value: alerts, enumerable: true } };
  return Object.defineProperties({}, parts) as Playbook; // All properties of one, as descriptors.
}

function servedTwice(playbooks: readonly Playbook[]): readonly PlaybookProblem[] {
  const first = new Map<string, Playbook>();
  const problems: PlaybookProblem[] = [];
  for (const playbook of playbooks)
    for (const alert of new Set(playbook.alerts)) {
      const other = first.get(alert);
      if (!other) first.set(alert, playbook);
      else if (other !== playbook && !(other.isForeign && playbook.isForeign))
        problems.push({
          file: playbook.file,
          line: 1,
          problem: `${alert} is covered by ${other.id} already`,
          hint: 'Name an alert in one runbook only.',
        });
    }
  return problems;
}
