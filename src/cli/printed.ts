import { userInfo } from 'node:os';
import { renderText } from '../commands/renderText.ts';
import type { Reply } from '../commands/reply.ts';
import type { CliIo } from './io.ts';

/** Writes an answer; 1 where it brought nothing that a script could use. */
export function printReply(reply: Reply, options: { readonly json?: boolean }, io: CliIo): number {
  io.stdout.write(options.json ? `${JSON.stringify(reply, null, 2)}\n` : shown(reply, io));
  return failed(reply) ? 1 : 0;
}

/** The name of the user, from the environment of the terminal. */
export function userName(io: CliIo): string {
  return (io.env.USER ?? io.env.USERNAME ?? userInfo().username).slice(0, 80);
}

/** An answer as text, in colour on a terminal. */
export function shown(reply: Reply, io: CliIo): string {
  const color = io.stdout.isTTY === true && !io.env.NO_COLOR;
  return renderText(reply, { columns: io.stdout.isTTY ? (io.stdout.columns ?? 100) : Number.POSITIVE_INFINITY, color });
}

/** An error, or a refusal or mistake that brought no result: what a script should notice. */
function failed(reply: Reply): boolean {
  const empty = !reply.table && !reply.lines && !reply.file && reply.findings.length === 0;
  return reply.tone === 'error' || (reply.tone === 'warning' && empty);
}
