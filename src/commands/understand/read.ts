import { distance } from 'fastest-levenshtein';
import { kindOfWord } from '../../alerts/kindWords.ts';
import { short } from '../../wording/cuts.ts';
import { accessOf, type Command } from '../command.ts';
import { DIAGNOSTICS } from '../diagnostics.ts';
import { incidentNumber, leadingNumber } from '../names.ts';
import { FREE_TEXT, type Parsed, parse } from '../parse.ts';
import { type Reply, reply, type Suggestion } from '../reply.ts';
import { commandLine, tokenise } from '../tokens.ts';
import { intent } from './intents.ts';
import { kubectl } from './kubectlLine.ts';
import { synonym } from './synonyms.ts';
import { isQuestion, type Tidy, tidy, withoutEnd, withoutMarks } from './tidy.ts';
import { tool } from './tools.ts';
import { lineOf, offers, runs, type Understood, wordsOf } from './understood.ts';

/** A line as it was understood; `as` is the command in our own spelling when that is not what was typed, `left` what of the line was left out. */
export type Read = Parsed & { readonly as?: string; readonly left?: readonly string[] };

/** Commands whose words behind the name are a person's own text. */
const isOwnText = (name: string): boolean => FREE_TEXT.has(name) || name === 'declare';

/**
 * Reads a line as people type it: our own commands first, exactly; then in another letter case or with a sentence's
 * punctuation; then kubectl's grammar, other words for our commands, and questions in plain words. What changes something
 * runs only when its own word, or one that means nothing else, was typed; otherwise it is offered. Never throws.
 */
export function readLine(text: string, fromSlack: boolean, table: readonly Command[]): Read {
  const line = commandLine(text, fromSlack);
  const exact = parse(line, table);
  if (exact.ok && exact.command.name !== 'help')
    return asksForChange(line, exact, fromSlack) ? asked(withoutEnd(line), exact, table) : exact;
  if (line.length > 4000) return exact;
  const cleaned = tidy(line);
  let own: Parsed | null = null;
  for (const candidate of candidates(cleaned, table)) {
    if (candidate.kind === 'offer') return refusal(candidate, table);
    const parsed = parse(withPipe(candidate.line, cleaned), table);
    if (parsed.ok && asksForChange(line, parsed, fromSlack)) return asked(candidate.line, parsed, table);
    if (parsed.ok) return { ...parsed, as: candidate.line, left: [...candidate.left, ...cleaned.left] };
    if (isFinal(candidate.line, table)) return pressable(parsed, table);
    own ??= firstOf(candidate.line) === firstOf(cleaned.line) ? parsed : null;
  }
  if (exact.ok) return exact;
  return own === null && isStatement(cleaned.line, table)
    ? refusal(asNote(cleaned.line), table)
    : pressable(own ?? exact, table, own === null ? cleaned.line : undefined);
}

/** A sentence that tells something and is none of our commands: `we rolled back to 1.9 and it works`. */
function isStatement(line: string, table: readonly Command[]): boolean {
  const words = line.split(/\s+/);
  const isOwn = table.some(({ name }) => name === firstOf(line)) || words.some((word) => word.startsWith('-'));
  return !isOwn && words.length >= 3 && words.length <= 60 && !isQuestion(line) && /^[\p{L}’']+$/u.test(words[0] ?? '');
}

/** What is told is worth a note; that it works again, a resolution too. */
function asNote(line: string): Extract<Understood, { kind: 'offer' }> {
  const isOver = /\b(?:fixed|solved|resolved|recovered|works?|working|stable|back|rolled back|gone)\b/i.test(line);
  const text = line.slice(0, 1_000);
  const title = isOver ? 'Resolve it, or write that down?' : 'Write that down as a note?';
  return {
    kind: 'offer',
    title,
    summary: 'Nothing was changed.',
    lines: [...(isOver ? [`resolve ${text}`] : []), `note ${text}`, 'incidents'],
  };
}

/** Whether a typed line only asks, although it names what would change something; a note or a title may well be a question. */
function asksForChange(line: string, parsed: Extract<Parsed, { ok: true }>, isTyped: boolean): boolean {
  const mayAsk = /^(?:note|declare)$/.test(parsed.command.name);
  return isTyped && !mayAsk && accessOf(parsed) !== 'read' && isQuestion(line);
}

/** The answer to a question that names a change: how it stands, and the change to press. */
function asked(line: string, { call }: Extract<Parsed, { ok: true }>, table: readonly Command[]): Read {
  const number = leadingNumber(call.rest)?.number ?? incidentNumber(call.words[0] ?? '');
  return refusal(
    {
      kind: 'offer',
      title: `Do you mean “${short(line, 40)}”?`,
      summary: 'Nothing was changed.',
      lines: [line, number === null ? 'incidents' : `status ${number}`],
    },
    table,
  );
}

/** What a line may mean, the most literal first. */
function* candidates(cleaned: Tidy, table: readonly Command[]): Generator<Understood> {
  const { line } = cleaned;
  const plain = withoutEnd(line);
  const own = ours(line, plain, table);
  yield* own;
  if (incidentNumber(plain) !== null) yield runs(['status', String(incidentNumber(plain))]);
  const words = wordsOf(tokenise(plain));
  const aboutIncidents = /\binc(?:ident)?s?\b/i.test(plain) ? synonym(plain) : null;
  if (aboutIncidents) yield aboutIncidents;
  const fromTerminal = kubectl(words);
  const isSentence =
    words.length > 1 && !/^(?:kubectl|k|oc)$/i.test(words[0] ?? '') && !words.some((word) => word.startsWith('-'));
  if (
    fromTerminal &&
    !(
      isSentence &&
      /^(?:logs?|list|show|get|events?|pods?|nodes?|jobs?|functions?|top|describe|limits|service|run)$/i.test(
        words[0] ?? '',
      ) &&
      hasSmallWords(words)
    )
  )
    yield fromTerminal;
  const other = synonym(plain);
  if (other) yield other;
  const program = tool(words);
  if (program) yield program;
  if (/^\?+$/.test(line)) yield runs(['help']);
  const question = intent(plain);
  const slip = question === null || takesAsName(question, words[0] ?? '') ? slipped(words, table) : null;
  if (slip) yield slip;
  // What is wrong with one of our own commands is said by itself, not by a guess.
  const isOwn = table.some(({ name }) => name === firstOf(plain));
  if (question && !(isOwn && question.kind === 'offer')) yield question;
  if (isOwn) return;
  const mentioned = mentions(words, table);
  if (mentioned) yield mentioned;
  if (fromTerminal) yield fromTerminal;
}

function firstOf(line: string): string {
  return withoutMarks((tokenise(line)[0]?.value ?? '').toLowerCase());
}

/** Whether a line is a sentence although its first word is one of kubectl's: `logs for checkout`, `get me the logs`. */
function hasSmallWords(words: readonly string[]): boolean {
  const [, second = ''] = words;
  if (words.length === 2 && /^all$/i.test(second)) return false;
  return words
    .slice(1)
    .some((word) =>
      /^(?:of|for|from|in|on|me|the|my|all|de|del|do|da|du|des|von|vom|der|die|das|los|las|les|el|la|a|an|please|are|is|ok|okay|down|broken)$/i.test(
        word,
      ),
    );
}

/** A word longer than this is no slip of a command's name. */
const LONGEST_SLIP = 40;

/** A first word that is one letter off one of our commands is a slip, not the name of something: `dial logs`. */
function slipped(words: readonly string[], table: readonly Command[]): Understood | null {
  const [first = '', ...rest] = words;
  if (first.length < 3 || first.length > LONGEST_SLIP) return null;
  const near = table.map(({ name }) => name).find((name) => distance(first.toLowerCase(), name) === 1);
  if (near === undefined) return null;
  return offers(`Do you mean “${near}”?`, 'Nothing was run.', [lineOf([near, ...rest.map(numberOr)])]);
}

function takesAsName(question: Understood, word: string): boolean {
  return question.kind === 'offer' || question.line.split(' ').includes(word.toLowerCase());
}

/** A sentence with the name of a command that changes something in it: offered. */
function mentions(words: readonly string[], table: readonly Command[]): Understood | null {
  const name = words
    .map((word) => word.toLowerCase())
    .find((word) => /^(?:ack|unack|resolve|reopen|mitigate)$/.test(word) && table.some((one) => one.name === word));
  if (name === undefined) return null;
  const number = words.map(incidentNumber).find((found) => found !== null);
  return offers(`Do you mean “${name}”?`, 'What changes an incident is done at a press.', [
    lineOf([name, number ? String(number) : '']),
    'incidents',
  ]);
}

/** Our own commands in another letter case, with a number in another spelling, or with punctuation behind them. */
function* ours(line: string, plain: string, table: readonly Command[]): Generator<Understood> {
  const first = (tokenise(line)[0]?.value ?? '').toLowerCase();
  const name = withoutMarks(first);
  if (!table.some((command) => command.name === name)) return;
  if (isOwnText(name)) {
    if (first === name) yield { kind: 'run', line: `${name}${line.slice(name.length)}`, left: [] };
    return;
  }
  // kubectl takes `-n=x` as well as `-n x`.
  const words = wordsOf(tokenise(plain))
    .slice(1)
    .flatMap((word) => (/^-[a-zA-Z]=/.test(word) ? [word.slice(0, 2), word.slice(3)] : [word]));
  if (name === 'diag') {
    yield* diagnostic(words);
    return;
  }
  if (name === 'help') {
    yield runs(['help', ...topicOf(words, table)]);
    return;
  }
  const shorter = words.filter(
    (word) =>
      !/^(?:incident|inc|of|for|the|number|no\.?|nr\.?|please|me|it|this|that)$/i.test(word) || name === 'runbook',
  );
  yield runs([name, ...shorter.map((word) => numberOr(word))]);
}

function numberOr(word: string): string {
  const number = incidentNumber(word);
  return number === null ? word.replace(/^(SEV|P)(?=[0-4]$)/i, (part) => part.toLowerCase()) : String(number);
}

/** `diag` and what follows it, in any letter case, with kubectl's words for kinds. */
function* diagnostic(words: readonly string[]): Generator<Understood> {
  const lower = words.map((word, at) => (at < 2 && !word.startsWith('-') ? word.toLowerCase() : word));
  const named = DIAGNOSTICS.some(({ name }) => name.split(' ').every((word, at) => lower[at] === word));
  if (lower.length === 0)
    yield offers('Look at what?', 'Each shows what is wrong first; all of them: help diag', [
      'diag pods',
      'diag events',
      'diag logs',
      'diag all',
    ]);
  const understood = lower.length === 0 ? null : kubectl(lower);
  // With one word more than a diagnostic takes, kubectl's reading of it is meant: `diag logs pod x`.
  if (named && lower[0] !== 'describe') yield runs(['diag', ...lower]);
  if (understood) yield understood;
  else if (named) yield runs(['diag', ...lower]);
}

/** What `help` is asked about, as a path of commands: `logs` is `diag logs`. */
function topicOf(words: readonly string[], table: readonly Command[]): readonly string[] {
  const lower = words
    .map((word) => word.toLowerCase())
    .filter((word) => !/^(?:with|about|on|me|for|the|command)$/.test(word));
  const [first = ''] = lower;
  if (first === '' || table.some(({ name }) => name === first)) return lower;
  const form =
    DIAGNOSTICS.find(({ name }) => name === lower.slice(0, 2).join(' ')) ??
    DIAGNOSTICS.find(({ name }) => name === first || name.split(' ')[0] === first);
  if (form) return ['diag', ...form.name.split(' ')];
  const meant = kubectl(lower) ?? synonym(lower.join(' '));
  const path = meant?.kind === 'run' ? wordsOf(tokenise(meant.line)) : [];
  return path[0] === 'diag' ? path.slice(0, 2) : path.length > 0 ? path.slice(0, 1) : lower;
}

/** The pipe behind a line, as options of the diagnostic it is; for other commands it says nothing. */
function withPipe(line: string, { filter, tail }: Tidy): string {
  if (!line.startsWith('diag ')) return line;
  const words = [line];
  if (filter !== null && !/--filter/.test(line)) words.push(lineOf(['--filter', filter]));
  if (tail !== null && /^diag logs/.test(line) && !/--tail/.test(line)) words.push(`--tail=${tail}`);
  return words.join(' ');
}

/** Whether a line that could not be parsed is surely meant as that command, so that its own error is the answer. */
function isFinal(line: string, table: readonly Command[]): boolean {
  const words = wordsOf(tokenise(line));
  const [first = '', second = ''] = words;
  if (first === 'diag')
    return (
      second !== '' && (DIAGNOSTICS.some(({ name }) => name.split(' ')[0] === second) || kindOfWord(second) !== null)
    );
  return (
    table.some(({ name }) => name === first) &&
    words.length > 1 &&
    words.slice(1).every((word) => /^(?:--?[a-z]|sev|p\d|\d)/i.test(word))
  );
}

/** What may always be pressed, when nothing nearer is known. */
const ALWAYS = ['incidents', 'diag all', 'help'] as const;

/** A refusal with at least one line that may be pressed. */
function pressable(parsed: Parsed, table: readonly Command[], name?: string): Read {
  if (parsed.ok) return parsed;
  const next = [...parsed.reply.next];
  // A lone word that is no command may well be the name of what is sick.
  if (name !== undefined && /^[a-z][a-z0-9-]*$/.test(name)) next.splice(1, 0, suggestion(`diag all ${name}`, table));
  const more = ALWAYS.filter((line) => next.every(({ command }) => command !== line)).map((line) =>
    suggestion(line, table),
  );
  return { ok: false, reply: { ...parsed.reply, next: [...next, ...more].slice(0, Math.max(3, next.length)) } };
}

function refusal(offer: Extract<Understood, { kind: 'offer' }>, table: readonly Command[]): Read {
  const lines = offer.lines.filter((line) => parse(line, table).ok).slice(0, 4);
  const answer: Reply = reply({
    tone: 'notice',
    title: offer.title,
    summary: offer.summary,
    next: (lines.length > 0 ? lines : ALWAYS).map((line) => suggestion(line, table)),
    visibility: 'asker',
  });
  return { ok: false, reply: answer };
}

/** A line as a button; one that changes something says so. */
export function suggestion(line: string, table: readonly Command[]): Suggestion {
  const parsed = parse(line, table);
  const readOnly = parsed.ok && accessOf(parsed) === 'read';
  return { label: short(line, 70), command: line, readOnly };
}
