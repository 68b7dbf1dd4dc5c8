import type { CliIo } from '../cli.ts';
import { incidentNumber } from '../commands/names.ts';
import { columnsOf } from '../commands/table.ts';
import { loadConfig } from '../config.ts';
import { ResponderError } from '../errors.ts';
import { remoteOf } from './remote.ts';

/** Writes an incident's post-mortem to stdout: from the responder of RESPONDER_URL, else from the store itself. */
export async function runPostmortem(typed: string, format: string, io: CliIo): Promise<number> {
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

/** Lists, shows or runs again the work that was given up. It works on the store itself, so an SQLite one must not be in use. */
export async function runJobs(verb: 'list' | 'show' | 'retry', typed: string | null, io: CliIo): Promise<number> {
  const id = typed === null ? 0 : Number(typed);
  if (!Number.isSafeInteger(id) || (typed !== null && id < 1))
    throw new ResponderError('bad_input', `“${typed}” is not the id of a job.`, {
      hint: 'See: lambda-responder jobs list',
    });
  return withStore(io, async ({ jobs }) => {
    if (verb === 'retry') {
      if (!(await jobs.revive(id, Date.now()))) throw noSuchJob(id);
      io.stdout.write(`Job ${id} runs again when the responder does.\n`);
      return 0;
    }
    const dead = await jobs.deadLetters(verb === 'list' ? 100 : 10_000);
    const chosen = verb === 'list' ? dead : dead.filter((job) => job.id === id);
    if (verb === 'show' && !chosen[0]) throw noSuchJob(id);
    if (verb === 'show') io.stdout.write(`${JSON.stringify(chosen[0], null, 2)}\n`);
    else if (chosen.length === 0) io.stdout.write('No work was given up.\n');
    else {
      const rows = chosen.map((job) => [
        String(job.id),
        job.kind,
        String(job.attempts),
        new Date(job.deadAt).toISOString(),
        job.error.slice(0, 100),
      ]);
      io.stdout.write(`${columnsOf(['ID', 'KIND', 'ATTEMPTS', 'GIVEN UP', 'ERROR'], rows).join('\n')}\n`);
    }
    return 0;
  });
}

function noSuchJob(id: number): ResponderError {
  return new ResponderError('not_found', `No job ${id} was given up.`, { hint: 'See: lambda-responder jobs list' });
}

/** Copies the store into a file that does not exist yet. */
export async function runBackup(path: string, io: CliIo): Promise<number> {
  await withStore(io, (store) => store.backup(path));
  io.stdout.write(`The store is copied to ${path}.\n`);
  return 0;
}

type Opened = Awaited<ReturnType<typeof import('../app/stored.ts')['openStored']>>;

async function withStore<T>(io: CliIo, work: (store: Opened) => Promise<T>): Promise<T> {
  const { openStored } = await import('../app/stored.ts');
  const store = await openStored(loadConfig(io.env, { root: io.root }));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
