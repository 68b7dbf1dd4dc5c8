import { userInfo } from 'node:os';
import { execute } from '../commands/execute.ts';
import { typedBy } from '../commands/invocation.ts';
import { incidentNumber } from '../commands/names.ts';
import { renderText } from '../commands/renderText.ts';
import type { Reply } from '../commands/reply.ts';
import { quote } from '../commands/text.ts';
import { loadConfig } from '../config.ts';
import { ResponderError } from '../errors.ts';
import { follow } from './follow.ts';
import type { CliIo } from './io.ts';
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
    const { replayReply } = await import('./snapshot.ts');
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

/** Writes an answer; 1 where it brought nothing that a script could use. */
export function printReply(reply: Reply, options: { readonly json?: boolean }, io: CliIo): number {
  io.stdout.write(options.json ? `${JSON.stringify(reply, null, 2)}\n` : shown(reply, io));
  return failed(reply) ? 1 : 0;
}

/** One word is a whole line already; several are what the shell has taken apart. */
function lineOf(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? '';
  return words.map((word) => quote(word) ?? word).join(' ');
}

function numberOf(typed: string | undefined): number | null {
  const number = typed === undefined ? null : incidentNumber(typed);
  if (typed !== undefined && number === null)
    throw new ResponderError('bad_input', `“${typed}” is not the number of an incident.`);
  return number;
}

/** Who types, as the terminal knows it. */
export function userName(io: CliIo): string {
  return (io.env.USER ?? io.env.USERNAME ?? userInfo().username).slice(0, 80);
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

function shown(reply: Reply, io: CliIo): string {
  const color = io.stdout.isTTY === true && !io.env.NO_COLOR;
  return renderText(reply, { columns: io.stdout.isTTY ? (io.stdout.columns ?? 100) : Number.POSITIVE_INFINITY, color });
}

/** An error, or a refusal or mistake that brought no result: what a script should notice. */
function failed(reply: Reply): boolean {
  const empty = !reply.table && !reply.lines && !reply.file && reply.findings.length === 0;
  return reply.tone === 'error' || (reply.tone === 'warning' && empty);
}
