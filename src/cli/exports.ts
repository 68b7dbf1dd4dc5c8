import { incidentNumber } from '../commands/names.ts';
import { postmortemJsonSchema } from '../commands/postmortemSchema.ts';
import { loadConfig } from '../config.ts';
import { ResponderError } from '../errors.ts';
import type { CliIo } from './io.ts';
import { remoteOf } from './remote.ts';

/** Writes an incident's post-mortem to stdout: from the responder of RESPONDER_URL, else from the store itself. */
export async function runPostmortem(typed: string, format: string, io: CliIo): Promise<number> {
  if (typed === 'schema') {
    io.stdout.write(postmortemJsonSchema());
    return 0;
  }
  const number = incidentNumber(typed);
  if (number === null) throw new ResponderError('bad_input', `“${typed}” is not the number of an incident.`);
  if (format !== 'md' && format !== 'json')
    throw new ResponderError('bad_input', `“${format}” is not a format.`, {
      hint: 'Use --format md or --format json.',
    });
  const remote = remoteOf(io);
  const text = remote
    ? await remote.send('GET', `/api/incidents/${number}/postmortem?format=${format}`)
    : await withStore(io, async (store) => {
        const written = await store.postmortems.of(number);
        return format === 'md' ? written.markdown : written.json;
      });
  io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return 0;
}

/** Copies the store into a file that does not exist yet, also while the responder runs on it. */
export async function runBackup(path: string, io: CliIo): Promise<number> {
  if (io.env.RESPONDER_URL?.trim())
    throw new ResponderError(
      'bad_input',
      'A backup is made where the file of the store is, not through RESPONDER_URL.',
      {
        hint: `Run it there without RESPONDER_URL; in a cluster: ${IN_CLUSTER}`,
      },
    );
  const { backUp } = await import('../app/terminalStore.ts');
  await backUp(loadConfig(io.env, { root: io.root }), path, io.signal);
  io.stdout.write(`The store is copied to ${path}, and the copy is checked.\n`);
  return 0;
}

const IN_CLUSTER =
  'kubectl -n lambda-responder exec deploy/lambda-responder -- node dist/main.js backup /var/lib/lambda-responder/copy.db';

type Opened = Awaited<ReturnType<typeof import('../app/terminalStore.ts')['openTerminalStore']>>;

/** The store of DATABASE_URL, which no responder may have open. */
export async function withStore<T>(io: CliIo, work: (store: Opened) => Promise<T>): Promise<T> {
  const { openTerminalStore } = await import('../app/terminalStore.ts');
  const store = await openTerminalStore(loadConfig(io.env, { root: io.root }));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
