import { z } from 'zod';
import { columnsOf } from '../commands/columns.ts';
import { coerceError, ResponderError } from '../errors.ts';
import { withStore } from './exports.ts';
import type { CliIo } from './io.ts';
import { parseJson, type Remote, remoteOf } from './remote.ts';

const job = z.object({
  id: z.number(),
  kind: z.string(),
  payload: z.unknown(),
  attempts: z.number(),
  createdAt: z.number(),
  deadAt: z.number(),
  error: z.string(),
});
type Job = z.output<typeof job>;
const listed = z.object({ jobs: z.array(job) });

/** Dead letters, read from a running responder or from the store. */
interface Jobs {
  list(): Promise<readonly Job[]>;
  find(id: number): Promise<Job | null>;
  retry(id: number): Promise<boolean>;
}

/** Lists, shows or runs again the work that was given up: of the responder of RESPONDER_URL, else of a store not in use. */
export async function runJobs(verb: 'list' | 'show' | 'retry', typed: string | null, io: CliIo): Promise<number> {
  const id = typed === null ? 0 : Number(typed);
  if (!Number.isSafeInteger(id) || (typed !== null && id < 1))
    throw new ResponderError('bad_input', `“${typed}” is not the id of a job.`, {
      hint: 'See: lambda-responder jobs list',
    });
  const remote = remoteOf(io);
  if (remote) return run(verb, id, remoteJobs(remote), io);
  return withStore(io, ({ jobs }) =>
    run(
      verb,
      id,
      {
        list: () => jobs.deadLetters(100),
        find: (wanted) => jobs.deadLetter(wanted),
        retry: (wanted) => jobs.revive(wanted, Date.now()),
      },
      io,
    ),
  );
}

async function run(verb: 'list' | 'show' | 'retry', id: number, jobs: Jobs, io: CliIo): Promise<number> {
  if (verb === 'retry') {
    if (!(await jobs.retry(id))) throw noSuchJob(id);
    io.stdout.write(`Job ${id} runs again.\n`);
    return 0;
  }
  if (verb === 'show') {
    const found = await jobs.find(id);
    if (!found) throw noSuchJob(id);
    io.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    return 0;
  }
  const dead = await jobs.list();
  if (dead.length === 0) io.stdout.write('No work was given up.\n');
  else io.stdout.write(`${tableOf(dead)}\n`);
  return 0;
}

function tableOf(dead: readonly Job[]): string {
  const rows = dead.map((one) => [
    String(one.id),
    one.kind,
    String(one.attempts),
    new Date(one.deadAt).toISOString(),
    // The error may quote text that a stranger sent: control characters are removed, so that it cannot control the
    // terminal.
    one.error.slice(0, 100).replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' '),
  ]);
  return columnsOf(['ID', 'KIND', 'ATTEMPTS', 'GIVEN UP', 'ERROR'], rows).join('\n');
}

function remoteJobs(remote: Remote): Jobs {
  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const answer = schema.safeParse(parseJson(await remote.send('GET', path)));
    if (answer.success) return answer.data;
    throw new ResponderError('bad_input', `What ${remote.url} answered is no list of jobs.`, {
      hint: 'RESPONDER_URL must name the responder itself, of this release.',
    });
  };
  const unlessMissing =
    <T>(missing: T) =>
    (thrown: unknown): T => {
      if (coerceError(thrown).code === 'not_found') return missing;
      throw thrown;
    };
  return {
    list: async () => (await read('/api/jobs', listed)).jobs,
    find: (id) => read(`/api/jobs/${id}`, job).catch(unlessMissing(null)),
    retry: (id) =>
      remote
        .send('POST', `/api/jobs/${id}/retry`, {})
        .then(() => true)
        .catch(unlessMissing(false)),
  };
}

function noSuchJob(id: number): ResponderError {
  return new ResponderError('not_found', `No job ${id} was given up.`, { hint: 'See: lambda-responder jobs list' });
}
