import { short } from '../../../wording/cuts.ts';
import type { Facts } from '../../facts/facts.ts';
import type { LogExcerpt } from '../../subjects/inventory.ts';
import { type ContainerStatus, lastEnd, type Pod } from '../../subjects/pod.ts';
import { LOG_KINDS, type LogKind } from './knowledge.ts';
import { type Statement, statementsOf } from './statements.ts';

/** The statement of a log that explains why a container ended or does not work. */
export interface LastWords {
  /** For a sentence, at most 160 characters; empty when the line tells no trouble. */
  readonly says: string;
  /** The line as it was read. */
  readonly line: string;
  /** Its known meaning; null for an error of no known kind. */
  readonly kind: LogKind | null;
  /** What the line is about: the module, host, key or path. */
  readonly what: string;
  /** Epoch ms; null without a stamp. */
  readonly at: number | null;
  /** How many statements of this kind the log has. */
  readonly times: number;
}

const ERROR_WORD =
  /\b(?:error|exception|panic|fatal|critical|cannot|can't|could not|couldn't|fail(?:ed|ure|s)?|refused|denied|not found|missing|invalid|unable|unexpected|abort(?:ed|ing)?)\b/i;
/** Lines that announce an exit without its reason. */
const HOLLOW =
  /^(?:exit(?:ing|ed)?\b|shutting down|npm (?:ERR!|error)|Error: Command failed|command terminated|make: \*\*\*|process exited|Killed$|Terminated$|Aborted|SIGTERM|error Command failed|\s*at |check (?:server )?logs)|check server logs|Traceback|A complete log of this run|lifecycle script|timed out waiting for (?:\S+ )?(?:caches?|informers?)\b/i;
/** An exception by its class, as a runtime prints one. */
const THROWN = /^[\w.$]+(?:Error|Exception)\b: /;
/** Success words, so that "0 errors" and "connected" are no troubles. */
const WELL =
  /\b(?:0 (?:errors?|failures?)|no errors?|error[s]?[ =:]+(?:0|none|null|nil)\b|without errors?|successfully|succeeded|recovered|reconnected)\b/i;

/** The text of a container's log whose instance failed: the one before the restart where there is one. */
export function failingLog(pod: Pod, status: ContainerStatus, facts: Facts): LogExcerpt | null {
  const logs = facts.logsOf(pod, status.name).filter(({ lines }) => lines.length > 0);
  return logs.find(({ previous }) => previous) ?? logs[0] ?? null;
}

/**
 * The deepest cause in the log of a failing instance, else its last error, else (after an end) its very last line; null
 * when the log is empty.
 */
export function lastWordsOf(pod: Pod, status: ContainerStatus, facts: Facts): LastWords | null {
  const log = failingLog(pod, status, facts);
  const end = lastEnd(status);
  const message = (end?.message ?? '').split('\n').map((text) => ({ at: null, text }));
  const statements = statementsOf([...message, ...(log?.lines ?? [])]);
  const chosen = tellingOf(statements);
  if (chosen) return chosen;
  const last = end ? statements.findLast(({ text }) => !HOLLOW.test(text)) : undefined;
  // A last line about ordinary work is shown, and is no reason.
  const isOrdinary = last !== undefined && (last.severity === 'info' || WELL.test(last.text));
  return last
    ? {
        says: isOrdinary ? '' : short(last.text),
        line: short(last.line, 290),
        kind: null,
        what: '',
        at: last.at,
        times: 1,
      }
    : null;
}

/**
 * Of everything that was said, what tells most: among errors of a known kind the last and its deepest cause, else the last
 * error. What later statements repeat in other words ("exiting") is passed over.
 */
export function tellingOf(said: readonly Statement[]): LastWords | null {
  // A supervisor that kills what is too slow guesses at memory on the next line (gunicorn's arbiter).
  const isTimedOut = said.some(({ text }) => /WORKER TIMEOUT/.test(text));
  const statements = isTimedOut ? said.filter(({ text }) => !/was sent SIGKILL/.test(text)) : said;
  const errors = statements.filter((one) => isError(one) && !HOLLOW.test(one.text));
  const severe = errors.filter(
    ({ severity, causes, text }) =>
      severity === 'fatal' ||
      causes.length > 0 ||
      /^(?:panic|fatal|uncaught|unhandled|[\w.$]*(?:Error|Exception)\b)/i.test(text),
  );
  for (const some of [severe, errors]) {
    const known = some.findLast((one) => kindOf(one) !== null);
    if (known) return wordsOf(known, statements);
  }
  const last = severe.at(-1) ?? errors.at(-1);
  return last ? wordsOf(last, statements) : null;
}

function isError(one: Statement): boolean {
  if (one.severity === 'fatal' || one.severity === 'error') return true;
  if (WELL.test(one.text)) return false;
  if (THROWN.test(one.text)) return true;
  if (one.severity === 'info')
    return /^(?:panic|fatal)\b/i.test(one.text) || LOG_KINDS.slice(0, 6).some(({ pattern }) => pattern.test(one.text));
  return one.causes.length > 0 || ERROR_WORD.test(one.text) || LOG_KINDS.some(({ pattern }) => pattern.test(one.text));
}

/** The deepest cause that is of a known kind, else the line itself. */
function tellingText(one: Statement): string {
  const all = [one.text, ...one.causes];
  const deepest = all.findLast((text) => kindOfText(text) !== null);
  // Its wrapper may say the same with the name of what is meant: `Connection to db:5432 refused`.
  const kind = deepest === undefined ? null : kindOfText(deepest);
  const named = all.findLast((text) => kindOfText(text) === kind && kind?.what?.test(text));
  return named ?? deepest ?? all.at(-1) ?? one.text;
}

function kindOfText(text: string): LogKind | null {
  return LOG_KINDS.find(({ pattern }) => pattern.test(text)) ?? null;
}

export function kindOf(one: Statement): LogKind | null {
  return kindOfText(tellingText(one));
}

function wordsOf(one: Statement, all: readonly Statement[]): LastWords {
  const text = tellingText(one);
  const kind = kindOfText(text);
  const what = kind?.what?.exec(text)?.slice(1).find(Boolean) ?? '';
  const times = all.filter((other) => (kind === null ? other.text === one.text : kindOf(other) === kind)).length;
  return {
    says: short(text.length > 160 ? text.replace(/^(?:[a-z_]\w*\.)+(?=[A-Z]\w*(?:Exception|Error)\b)/, '') : text),
    line: short(text === one.text ? one.line : text, 290),
    kind,
    what: short(what.replace(/[.,;:]$/, ''), 80),
    at: one.at,
    times,
  };
}
