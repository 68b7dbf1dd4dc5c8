import { readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import type { RunbookReader } from '../http/ports.ts';
import type { Playbook } from '../playbooks/playbook.ts';

/** Reads runbooks for their pages. Only what was loaded can be read: an id is looked up, never joined to a path. */
export function createRunbookReader(playbooks: readonly Playbook[]): RunbookReader {
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

/** Where our own runbook pages are, as far as that is known before the port is: links on cards lead there. */
export function runbookPagesUrl(config: Config): string | null {
  if (config.publicUrl !== null) return `${config.publicUrl.replace(/\/+$/, '')}/runbooks`;
  return config.slack === null && config.ports.http !== 0 ? `http://127.0.0.1:${config.ports.http}/runbooks` : null;
}
