import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { RunbookReader } from '../http/ports.ts';
import type { Logger } from '../logger.ts';
import { loadPlaybooks } from './load.ts';
import type { Playbook } from './playbook.ts';
import { stampOf } from './playbookFiles.ts';
import { createRunbooks, type Runbooks } from './runbooks.ts';

/** Milliseconds after the start at which the runbooks are read, behind the first readiness probe. */
const READ_AFTER_MS = 1_000;
/** Milliseconds between two checks for changed files. */
const LOOK_EVERY_MS = 60_000;

export interface RunbookFolders {
  readonly runbooks: Runbooks;
  /** For their pages. */
  readonly reader: RunbookReader;
  /** Reads them a moment later, so that the first card finds them read, says what is wrong in them, and reads them again whenever a file changed. */
  readThrough(): { stop(): Promise<void> };
}

/**
 * The runbooks of the configured folders. They are opened on first use: the front matter of 130 files is an eighth of a
 * start, and nobody needs it to take in an alert.
 * @param from the folders, and where their pages are for people; null when nowhere
 */
export function createRunbookFolders(
  from: { readonly folders: readonly string[]; readonly baseUrl: string | null },
  log: Logger,
  lookEveryMs: number = LOOK_EVERY_MS,
): RunbookFolders {
  const open = () => {
    const loaded = loadPlaybooks(from.folders);
    for (const problem of loaded.problems) log.warn(problem, 'a runbook cannot be used as it is');
    if (loaded.replaced.length > 0)
      log.info({ replaced: loaded.replaced }, 'runbooks of a later folder are used in place of earlier ones');
    return {
      loaded,
      runbooks: createRunbooks(loaded.playbooks, { baseUrl: from.baseUrl }),
      reader: createReader(loaded.playbooks),
    };
  };
  let opened: ReturnType<typeof open> | null = null;
  const folders = () => {
    opened ??= open();
    return opened;
  };
  return {
    runbooks: {
      match: (alert) => folders().runbooks.match(alert),
      forIncident: (known) => folders().runbooks.forIncident(known),
      automaticCommands: (known) => folders().runbooks.automaticCommands(known),
      list: () => folders().runbooks.list(),
    },
    reader: { list: () => folders().reader.list(), read: (id) => folders().reader.read(id) },
    readThrough() {
      const stopping = new AbortController();
      const { signal } = stopping;
      const after = (ms: number) => setTimeout(ms, undefined, { signal }).catch(() => {});
      const read = async () => {
        await after(READ_AFTER_MS);
        let stamp: string | null = null;
        while (!signal.aborted) {
          const found = stampOf(from.folders);
          if (found !== null && found !== stamp) {
            if (stamp !== null) {
              opened = open();
              log.info({ runbooks: opened.loaded.playbooks.length }, 'a runbook has changed: all were read again');
            }
            stamp = found;
            for await (const problem of folders().loaded.bodyProblems(signal))
              log.warn(problem, 'something in a runbook is wrong');
          }
          await after(lookEveryMs);
        }
      };
      const done = read();
      return {
        stop() {
          stopping.abort();
          return done;
        },
      };
    },
  };
}

/** Serves loaded runbooks only: an id is looked up, never joined to a path. */
function createReader(playbooks: readonly Playbook[]): RunbookReader {
  const byId = new Map(playbooks.map((playbook) => [playbook.id, playbook]));
  return {
    list: () => playbooks.map(({ id, title }) => ({ id, title })),
    async read(id) {
      const playbook = byId.get(id);
      if (!playbook) return null;
      const text = await readFile(playbook.file, 'utf8');
      return { title: playbook.title, markdown: text.replace(/^---\r?\n[\s\S]*?\r?\n---\r?\n/, '') };
    },
  };
}
