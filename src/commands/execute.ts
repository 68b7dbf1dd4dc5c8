import { coerceError, ResponderError } from '../errors.ts';
import { short } from '../wording/cuts.ts';
import { checkMark, markedName, refuseCommand, refusePerson } from './access.ts';
import { accessOf, optionText, type Run } from './command.ts';
import { incidentHere } from './context.ts';
import { COMMANDS } from './index.ts';
import type { Invocation } from './invocation.ts';
import { leadingNumber } from './names.ts';
import { parse } from './parse.ts';
import type { CommandPorts } from './ports.ts';
import { type Reply, reply } from './reply.ts';
import { commandLine, sentence } from './tokens.ts';
import { type Read, readLine, suggestion } from './understand/read.ts';

/**
 * Runs one command line, from whichever door it came. An answer always comes: refusals, typing errors and failures are
 * replies to the asker that say what was wrong and what to do. What ran within an incident is on its timeline.
 * @throws ResponderError `cancelled`, only when `signal` was aborted; `store_unavailable` of a command from Slack, to be tried again.
 */
export async function execute(invocation: Invocation, ports: CommandPorts, signal: AbortSignal): Promise<Reply> {
  const refused = refusePerson(invocation);
  if (refused) return refused;
  const parsed = readLine(invocation.text, fromSlack(invocation), COMMANDS);
  if (!parsed.ok) return parsed.reply;
  const { command, call } = parsed;
  const forbidden = refuseCommand(command, accessOf(parsed), invocation);
  if (forbidden) return forbidden;
  const mark = checkMark(invocation);
  const actor = { ...invocation.actor, name: markedName(invocation.actor.name, invocation) };
  const run = { invocation: { ...invocation, actor }, ports, signal };
  try {
    const asked = await askFirst(parsed, run);
    if (asked) return asked;
    const answer = readAs(await command.run(call, run), parsed);
    return mark === null ? answer : { ...answer, notes: [...answer.notes, sentence(mark)] };
  } catch (thrown) {
    if (signal.aborted)
      throw new ResponderError('cancelled', 'The command was stopped before it had an answer.', { cause: thrown });
    const error = coerceError(thrown);
    // What comes from Slack is a job: it runs again once the store works, and what it did already is recognised.
    if (error.code === 'store_unavailable' && (fromSlack(invocation) || invocation.door === 'button')) throw error;
    return errorReply(error, parsed);
  }
}

/** An answer that says which command a line was read as, where that is not what was typed. */
function readAs(answer: Reply, { as, left = [] }: Read): Reply {
  if (as === undefined || answer.title === '') return answer;
  const from = left.length === 0 ? 'from your words' : `from your words, without ${left.join(', ')}`;
  return {
    ...answer,
    assumed: [{ what: 'read as', value: as, from: short(from, 120), override: null }, ...answer.assumed],
  };
}

/**
 * A severity alone (`sev1`) is a change where an incident is meant by the place; elsewhere it may as well ask for a list, so it
 * is done at a press.
 */
async function askFirst(parsed: Extract<Read, { ok: true }>, run: Run): Promise<Reply | null> {
  if (parsed.as === undefined || parsed.command.name !== 'severity' || parsed.call.words.length > 1) return null;
  if ((await incidentHere(run)) !== null) return null;
  const line = parsed.as;
  return reply({
    tone: 'notice',
    title: 'Change the severity, or list what is open?',
    summary: 'Nothing was changed.',
    next: [
      { label: line, command: line, readOnly: false },
      { label: 'incidents', command: 'incidents', readOnly: true },
    ],
    visibility: 'asker',
  });
}

function fromSlack({ door }: Pick<Invocation, 'door'>): boolean {
  return door === 'slash' || door === 'mention';
}

/** Whether a command line waits for a cluster before it has an answer. */
export function readsCluster({ text, door }: Pick<Invocation, 'text' | 'door'>): boolean {
  const parsed = readLine(text, fromSlack({ door }), COMMANDS);
  return parsed.ok && parsed.command.readsCluster?.(parsed.call) === true;
}

/** What a failure looks like to the person who asked: what failed, whether trying again helps, what to do or to press. */
function errorReply(error: ResponderError, parsed: Extract<Read, { ok: true }>): Reply {
  const again = error.retryable
    ? error.retryAfterMs === null
      ? 'Trying again in a moment may help.'
      : `Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.`
    : '';
  return reply({
    tone: error.code === 'internal' || error.retryable ? 'error' : 'warning',
    title: sentence(error.message),
    summary: [error.hint ?? '', again].filter((part) => part !== '').join(' '),
    next: [suggestion(nextAfter(error, parsed), COMMANDS)],
    visibility: 'asker',
  });
}

/** How the incident stands that does not allow a change; else how the command is written. */
function nextAfter({ code, message }: ResponderError, { command, call }: Extract<Read, { ok: true }>): string {
  if (code !== 'conflict') return code === 'not_found' ? 'incidents' : `help ${command.name}`;
  const given = optionText(call, 'incident') ?? call.rest;
  const number = leadingNumber(given)?.number ?? leadingNumber(/#\d+/.exec(message)?.[0] ?? '')?.number ?? '';
  return `status ${number}`.trim();
}

/** Whether a command line changes nothing: only such a one runs at the press of a suggested button. */
export function isReadOnly(text: string): boolean {
  const parsed = parse(commandLine(text, false), COMMANDS);
  return parsed.ok && accessOf(parsed) === 'read';
}

/** What is wrong with a `/lambda` command line of a runbook, in words; null when it can be run there. */
export function problemOf(text: string): string | null {
  const parsed = parse(commandLine(text, false), COMMANDS);
  if (!parsed.ok) return [parsed.reply.title, parsed.reply.summary].join(' ').trim();
  return accessOf(parsed) === 'read'
    ? null
    : `“${parsed.command.name}” changes something; a runbook’s command may only read.`;
}
