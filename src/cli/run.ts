import { execute } from '../commands/execute.ts';
import { typedBy } from '../commands/invocation.ts';
import { incidentNumber } from '../commands/names.ts';
import type { Reply } from '../commands/reply.ts';
import { loadConfig } from '../config.ts';
import { ResponderError } from '../errors.ts';
import { follow } from './follow.ts';
import { type CliIo, lineOf } from './io.ts';
import { printReply, shown, userName } from './printed.ts';
import { remoteOf } from './remote.ts';
import { readReply } from './replyJson.ts';

/**
 * Runs one `/lambda` command: at the responder of RESPONDER_URL, else, for read-only diagnostics, straight against the
 * configured cluster.
 */
export async function runCommandLine(
  words: readonly string[],
  options: { readonly incident?: string; readonly json?: boolean; readonly snapshot?: string },
  io: CliIo,
): Promise<number> {
  const text = lineOf(words);
  if (options.snapshot !== undefined) {
    const { replayReply } = await import('./snapshotFiles.ts');
    return printReply(await replayReply(options.snapshot, text, io), options, io);
  }
  const incident = numberOf(options.incident);
  const remote = remoteOf(io);
  const ask = async (line: string): Promise<Reply> =>
    remote
      ? readReply(await remote.send('POST', '/api/commands', { text: line, user: userName(io), incident }), remote.url)
      : await direct(line, io);
  const reply = await ask(text);
  if (printReply(reply, options, io) !== 0) return 1;
  return reply.live && !options.json ? follow(reply, ask, (next) => shown(next, io), io) : 0;
}

function numberOf(typed: string | undefined): number | null {
  const number = typed === undefined ? null : incidentNumber(typed);
  if (typed !== undefined && number === null)
    throw new ResponderError('bad_input', `“${typed}” is not the number of an incident.`);
  return number;
}

async function direct(text: string, io: CliIo): Promise<Reply> {
  const { openDirect } = await import('../app/direct.ts');
  const open = await openDirect(loadConfig(io.env, { root: io.root }));
  const invocation = typedBy(userName(io), text, open.ports.now());
  try {
    return await execute(invocation, open.ports, io.signal);
  } finally {
    await open.close();
  }
}
