import { CommanderError, Command as Tree } from 'commander';
import { coerceError, ResponderError } from '../errors.ts';
import { short } from '../wording/cuts.ts';
import type { Call, Command } from './command.ts';
import { DIAGNOSTICS } from './diagnostics.ts';
import { type Reply, reply, type Suggestion } from './reply.ts';
import { nearest } from './suggest.ts';
import { quote, type Token, tokenise } from './tokens.ts';

/** A command ready to run, or the answer that says what was wrong with the line. */
export type Parsed =
  | { readonly ok: true; readonly command: Command; readonly call: Call }
  | { readonly ok: false; readonly reply: Reply };

/** Options of kubectl that would change who reads or where: the responder always reads as itself, from clusters it was given. */
export const REFUSED: ReadonlySet<string> = new Set([
  '--as',
  '--as-group',
  '--as-uid',
  '--certificate-authority',
  '--client-certificate',
  '--client-key',
  '--context',
  '--insecure-skip-tls-verify',
  '--kubeconfig',
  '--password',
  '--raw',
  '--server',
  '-s',
  '--tls-server-name',
  '--token',
  '--user',
  '--username',
]);

/** Options people know from kubectl that have no use here, with what to do instead. */
const UNNEEDED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '-o': 'the columns are kubectl’s own and the full output comes as a file',
    '--output': 'the columns are kubectl’s own and the full output comes as a file',
    '-f': 'the answer is a snapshot: run it again for a newer one',
    '--follow': 'the answer is a snapshot: run it again for a newer one',
    '-w': 'the answer is a snapshot: run it again for a newer one',
    '--watch': 'the answer is a snapshot: run it again for a newer one',
  }),
);

/**
 * Reads one command line (already through `commandLine`) against the table. Never throws: what is wrong comes back as
 * a Reply to the asker with up to three suggestions. The tree is built for this one parse, because a shared one leaks option
 * values between commands that run at once.
 */
export function parse(line: string, table: readonly Command[]): Parsed {
  const tokens = tokenise(line);
  const words = tokens.map((token) => token.value);
  if (words.length === 0) return parse('here', table);
  if (line.length > 4000)
    return wrong(
      'That line is too long.',
      `A command has at most 4,000 characters, this one ${line.length.toLocaleString('en-US')}.`,
    );
  const asked = helpAsked(words, table);
  if (asked !== null) return parse(`help ${asked}`.trim(), table);
  const refused = refusedFlag(words, table);
  if (refused) return refused;
  try {
    const found = readTree(line, tokens, table);
    found.command.check(found.call);
    return { ok: true, ...found };
  } catch (thrown) {
    if (thrown instanceof CommanderError) return explain(thrown, words, table);
    const error = coerceError(thrown);
    return wrong(error.message, error.hint ?? '');
  }
}

/** Free text after these may hold any word, so flags in it mean nothing. */
export const FREE_TEXT: ReadonlySet<string> = new Set(['note', 'resolve', 'reopen', 'mitigate']);

function helpAsked(words: readonly string[], table: readonly Command[]): string | null {
  const at = words.findIndex((word) => word === '--help' || word === '-h');
  if (at < 0 || (FREE_TEXT.has(words[0] ?? '') && at > 1)) return null;
  return leadingCommand(words, table)?.path ?? '';
}

function refusedFlag(words: readonly string[], table: readonly Command[]): Parsed | null {
  if (FREE_TEXT.has(words[0] ?? '')) return null;
  for (const [at, word] of words.entries()) {
    const flag = word.split('=', 1)[0] ?? '';
    if (REFUSED.has(flag))
      return wrong(
        `${flag} is not accepted here.`,
        'I read with my own service account, from the clusters I was configured with, and nobody can change that from a command.',
        suggest([withoutFlag(words, at, !word.includes('='))], table),
      );
    const instead = words[0] === 'diag' && !isTaken(words, flag) ? UNNEEDED.get(flag) : undefined;
    if (!instead) continue;
    const without = withoutFlag(words, at, /^(-o|--output)$/.test(word));
    return wrong(`${flag} is not needed: ${instead}.`, '', suggest([without], table));
  }
  return null;
}

/** A line without the flag at an index, and without the value behind it. */
function withoutFlag(words: readonly string[], at: number, takesValue: boolean): readonly string[] {
  const value = takesValue && !(words[at + 1] ?? '-').startsWith('-') ? at + 1 : -1;
  return words.filter((_, index) => index !== at && index !== value);
}

/** Those that can go on for a while (commands/live.ts), and those whose file can hold the objects. */
function isTaken(words: readonly string[], flag: string): boolean {
  const form = DIAGNOSTICS.find(({ name }) => name.split(' ')[0] === words[1]);
  return (
    (/^(?:-o|--output)$/.test(flag) && form?.options.includes('output') === true) ||
    (words[1] === 'logs' && /^(?:-f|--follow)$/.test(flag)) ||
    (words[1] === 'top' && /^(?:-w|--watch)$/.test(flag))
  );
}

function readTree(line: string, tokens: readonly Token[], table: readonly Command[]): { command: Command; call: Call } {
  let found: { command: Command; call: Call } | null = null;
  const root = plain(new Tree('/lambda')).enablePositionalOptions();
  for (const command of table) {
    const node = plain(root.command(command.name));
    command.shape(node);
    for (const [leaf, path] of leaves(node, [command.name])) {
      plain(leaf).action(() => {
        found = { command, call: readCall(leaf, path, line, tokens) };
      });
    }
  }
  root.parse(
    tokens.map((token) => token.value),
    { from: 'user' },
  );
  // Commander runs exactly one action or throws; the type checker cannot see the assignment in the callback.
  const result = found as { command: Command; call: Call } | null;
  if (!result) throw new ResponderError('bad_input', 'That is only half a command.', { hint: 'Try: help' });
  return result;
}

function readCall(leaf: Tree, path: readonly string[], line: string, tokens: readonly Token[]): Call {
  const words = leaf.args;
  const firstWord = tokens[tokens.length - words.length];
  return {
    path,
    words,
    options: leaf.opts<Record<string, string | boolean | undefined>>(),
    rest: words.length > 0 && firstWord ? line.slice(firstWord.start).trim() : '',
  };
}

function plain(node: Tree): Tree {
  return node
    .exitOverride()
    .helpOption(false)
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: () => {}, writeErr: () => {} });
}

/** The nodes that can run: those without sub-commands. */
function leaves(node: Tree, path: readonly string[]): readonly (readonly [Tree, readonly string[]])[] {
  if (node.commands.length === 0) return [[node, path]];
  return node.commands.flatMap((child) => leaves(plain(child), [...path, child.name()]));
}

/** Every complete command: `diag top pods`, `ack` ... */
export function commandPaths(table: readonly Command[]): readonly string[] {
  return tree(table).flatMap((node) => leaves(node, [node.name()]).map(([, path]) => path.join(' ')));
}

function tree(table: readonly Command[]): readonly Tree[] {
  return table.map((command) => {
    const node = new Tree(command.name);
    command.shape(node);
    return node;
  });
}

function explain(error: CommanderError, words: readonly string[], table: readonly Command[]): Parsed {
  const known = leadingCommand(words, table);
  if (error.code === 'commander.unknownOption') return unknownOption(error, words, known, table);
  if (error.code === 'commander.optionMissingArgument' || error.code === 'commander.missingArgument') {
    const missing = /'([^']+)'/.exec(error.message)?.[1] ?? 'something';
    return wrong(`${known?.path ?? short(words[0] ?? '', 60)} needs ${missing}.`, usageLine(known));
  }
  if (error.code === 'commander.excessArguments')
    return wrong(
      `That is more than ${known?.path ?? 'this command'} takes.`,
      `${usageLine(known)} A text with spaces goes in quotes: --filter "out of memory".`,
    );
  if (known) return unknownCommand(words, table, known.path.split(' ').length);
  return unknownCommand(words, table, 0);
}

interface Known {
  readonly path: string;
  readonly node: Tree;
}

/** The longest beginning of the line that names a node of the tree. */
function leadingCommand(words: readonly string[], table: readonly Command[]): Known | null {
  let nodes = tree(table);
  let known: Known | null = null;
  for (const word of words) {
    const node = nodes.find((candidate) => candidate.name() === word);
    if (!node) break;
    known = { path: known ? `${known.path} ${word}` : word, node };
    nodes = node.commands;
  }
  return known;
}

function usageLine(known: Known | null): string {
  if (!known) return 'Try: help';
  const takes = known.node.options.map((option) => option.flags).join(', ');
  const usage = known.node.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return `Usage: ${[known.path, ...usage].join(' ')}${takes ? `; it takes ${takes}.` : '.'}`;
}

function unknownOption(
  error: CommanderError,
  words: readonly string[],
  known: Known | null,
  table: readonly Command[],
): Parsed {
  const typed = /'([^']+)'/.exec(error.message)?.[1] ?? '';
  const flag = typed.split('=', 1)[0] ?? typed;
  const flags =
    known?.node.options.flatMap((option) => [option.long, option.short].filter((f) => f !== undefined)) ?? [];
  const value = typed.slice(flag.length);
  const lines = nearest(flag, flags, 3).map((right) =>
    words.map((word) =>
      word === typed || word.split('=', 1)[0] === flag
        ? `${right}${word === flag ? '' : value || word.slice(flag.length)}`
        : word,
    ),
  );
  return wrong(
    `${known?.path ?? 'This command'} has no option ${short(flag, 30)}.`,
    usageLine(known),
    suggest(lines, table),
  );
}

function unknownCommand(words: readonly string[], table: readonly Command[], knownWords: number): Parsed {
  const paths = commandPaths(table);
  const typed = words.slice(0, 3).filter((word) => !word.startsWith('-'));
  const missing = words[knownWords];
  const title =
    missing === undefined || missing.startsWith('-')
      ? `“${short(words.slice(0, knownWords).join(' '), 60)}” is only half a command.`
      : `There is no command “${short(words.slice(0, knownWords + 1).join(' '), 60)}”.`;
  const lines = nearestPaths(typed, paths, words.slice(0, knownWords)).map(({ path, used }) => [
    ...path.split(' '),
    ...words.slice(used),
  ]);
  const next = suggest(lines, table);
  return wrong(title, next.length > 0 ? 'Try one of these, or: help' : 'What there is: help', next);
}

/** Compares the first one, two and three words with whole commands and, because people leave `diag` out, with their tails. */
function nearestPaths(
  typed: readonly string[],
  paths: readonly string[],
  within: readonly string[],
): readonly { path: string; used: number }[] {
  const spellings = new Map<string, string>();
  for (const path of paths) {
    spellings.set(path, path);
    if (path.startsWith('diag ')) spellings.set(path.slice('diag '.length), path);
  }
  const begin = within.join(' ');
  const candidates = [...spellings.keys()].filter(
    (name) => begin === '' || (spellings.get(name) ?? '').startsWith(begin),
  );
  const found = new Map<string, number>();
  for (let used = Math.min(3, typed.length); used >= Math.max(1, within.length); used -= 1) {
    for (const name of nearest(typed.slice(0, used).join(' '), candidates, 3)) {
      const path = spellings.get(name) ?? name;
      if (!found.has(path) && found.size < 3) found.set(path, used);
    }
  }
  if (found.size === 0 && begin === '')
    for (const path of wordByWord(typed, paths)) found.set(path, path.split(' ').length);
  if (found.size === 0 && begin !== '') for (const path of candidates.slice(0, 3)) found.set(path, within.length);
  return [...found].map(([path, used]) => ({ path, used }));
}

/** For two slips in two words: the nearest beginning, and then the nearest of what may follow it. */
function wordByWord([head = '', tail]: readonly string[], paths: readonly string[]): readonly string[] {
  const heads = nearest(head, [...new Set(paths.map((path) => path.split(' ')[0] ?? path))], 1);
  return heads.flatMap((first) => {
    const within = paths.filter((path) => path === first || path.startsWith(`${first} `));
    const tails = within.map((path) => path.slice(first.length + 1));
    const near = tail === undefined ? [] : nearest(tail, tails.filter(Boolean), 3).map((rest) => `${first} ${rest}`);
    return near.length > 0 ? near : within.slice(0, 3);
  });
}

function suggest(lines: readonly (readonly string[])[], table: readonly Command[]): readonly Suggestion[] {
  return lines.slice(0, 3).flatMap((words) => {
    const quoted = words.map(quote);
    if (quoted.includes(null)) return [];
    const command = quoted.join(' ');
    const parsed = parseOnce(command, table);
    return [{ label: short(command, 70), command, readOnly: parsed?.access === 'read' }];
  });
}

/** The command a suggestion names; it is only a button when that command changes nothing. */
function parseOnce(line: string, table: readonly Command[]): Command | undefined {
  const name = tokenise(line)[0]?.value;
  return table.find((command) => command.name === name);
}

function wrong(title: string, summary: string, next: readonly Suggestion[] = []): Parsed {
  return { ok: false, reply: reply({ tone: 'warning', title, summary, next, visibility: 'asker' }) };
}
