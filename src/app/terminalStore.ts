import type { Postmortems } from '../commands/ports.ts';
import type { Config } from '../config.ts';
import { coerceError, ResponderError } from '../errors.ts';
import { createLogger, linesTo } from '../logger.ts';
import { loadPlaybooks } from '../playbooks/load.ts';
import { createRunbooks } from '../playbooks/runbooks.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { copyStore } from '../store/copy.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { createPostmortems } from './postmortems.ts';

/** The store alone, for commands of the terminal that work on it without a running responder. */
export interface TerminalStore {
  readonly jobs: Pick<Store['jobs'], 'deadLetters' | 'deadLetter' | 'revive'>;
  readonly postmortems: Postmortems;
  readonly refused: Pick<Store['rejected'], 'list'>;
  close(): Promise<void>;
}

/**
 * Opens what DATABASE_URL names; an SQLite store that is not there is not created. @throws ResponderError as `openStore`:
 * `conflict` while a responder has an SQLite store open, `not_found` when there is none.
 */
export async function openTerminalStore(config: Config): Promise<TerminalStore> {
  const redactor = createRedactor();
  const log = createLogger({ level: 'warn', redact: redactor.redact, destination: linesTo(process.stderr) });
  const store = await openStore(config.databaseUrl, { log, redaction: redactor, mustExist: true }).catch(
    (thrown: unknown) => {
      const error = coerceError(thrown);
      if (error.code !== 'conflict') throw error;
      throw new ResponderError('conflict', error.message, {
        cause: error,
        hint: 'If that is the responder, ask it: set RESPONDER_URL to its address, such as http://127.0.0.1:8080, and API_TOKEN.',
      });
    },
  );
  const { playbooks } = loadPlaybooks(config.runbooks.folders);
  const runbooks = createRunbooks(playbooks, { baseUrl: config.runbooks.baseUrl });
  return {
    jobs: store.jobs,
    refused: store.rejected,
    postmortems: createPostmortems({ store, runbooks, redaction: redactor, clock: Date.now }),
    close: () => store.close(),
  };
}

/** Copies the store of DATABASE_URL into a new file, also while a responder has it open. @throws ResponderError as `copyStore`. */
export function backUp(config: Config, target: string, signal: AbortSignal): Promise<void> {
  return copyStore(config.databaseUrl, target, signal);
}
