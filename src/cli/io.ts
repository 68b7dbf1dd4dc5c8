import { quote } from '../commands/tokens.ts';

/** The terminal's side of a command: everything from outside the program comes in here. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the shipped `runbooks/` and, in a clone, of the simulator. */
  readonly root: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** The network, `fetch` unless a test stands in for it. */
  readonly fetch?: typeof fetch;
}

export interface Output {
  write(text: string): unknown;
  readonly columns?: number;
  readonly isTTY?: boolean;
}

/** One word is a whole line already; several are what the shell has taken apart. */
export function lineOf(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? '';
  return words.map((word) => quote(word) ?? word).join(' ');
}
