import type { Postmortems } from '../commands/ports.ts';
import type { Config } from '../config.ts';
import { createLogger } from '../logger.ts';
import { loadPlaybooks } from '../playbooks/load.ts';
import { createRunbooks } from '../playbooks/runbooks.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { createPostmortems } from './postmortems.ts';

/** The store alone, for commands of the terminal that work on it without a running responder. */
export interface Stored {
  readonly jobs: Pick<Store['jobs'], 'deadLetters' | 'deadLetter' | 'revive'>;
  readonly postmortems: Postmortems;
  readonly refused: Pick<Store['rejected'], 'list'>;
  backup(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens what DATABASE_URL names. @throws ResponderError as `openStore`: `conflict` while a responder has an SQLite store open. */
export async function openStored(config: Config): Promise<Stored> {
  const redactor = createRedactor();
  const log = createLogger({ level: 'warn', redact: redactor.redact });
  const store = await openStore(config.databaseUrl, { log, redact: redactor.redact });
  const { playbooks } = await loadPlaybooks(config.runbooks.folders);
  const runbooks = createRunbooks(playbooks, { baseUrl: config.runbooks.baseUrl });
  return {
    jobs: store.jobs,
    refused: store.rejected,
    postmortems: createPostmortems({ store, runbooks, clock: Date.now }),
    backup: (path) => store.backup(path),
    close: () => store.close(),
  };
}
