import type { Command as Tree } from 'commander';
import type { Invocation } from './invocation.ts';
import type { CommandPorts } from './ports.ts';
import type { Reply } from './reply.ts';

/** What was typed, taken apart: the command's words, its arguments and its options by their long names (`allNamespaces`). */
export interface Call {
  /** `['diag', 'top', 'pods']`. */
  readonly path: readonly string[];
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** Everything from the first argument to the end of the line as it was typed, for notes and titles. */
  readonly rest: string;
}

/** Who calls, through what, and until when. */
export interface Run {
  readonly invocation: Invocation;
  readonly ports: CommandPorts;
  readonly signal: AbortSignal;
}

/**
 * What a caller must be allowed: `read` anyone with access; `note` also from a shared terminal token; `decide` only a
 * person who proved who it is.
 */
export type Access = 'read' | 'note' | 'decide';

/** One command of `/lambda`. One file exports one of these; commands/index.ts is the table. */
export interface Command {
  readonly name: string;
  /** What follows the name: `[number] [text]`. */
  readonly usage: string;
  /** One line for the table of commands. */
  readonly summary: string;
  readonly access: Access;
  /** What one call needs, where that is more than `access`. */
  readonly accessFor?: (call: Call) => Access;
  /** Whether who could not be checked now, but within a day, may run it; by default all that does not decide. */
  readonly whenUnsure?: 'may' | 'refused';
  /** Whether one call reads a cluster, and so may take as long as that does; none does when absent. */
  readonly readsCluster?: (call: Call) => boolean;
  /** More for `help NAME`, whole lines. */
  readonly about: readonly string[];
  readonly examples: readonly string[];
  /** Adds arguments, options and sub-commands to this command's own node of the tree built for one parse. */
  readonly shape: (node: Tree) => void;
  /** Throws ResponderError `bad_input` when a value can never be right, whatever the cluster says; pure. */
  readonly check: (call: Call) => void;
  readonly run: (call: Call, run: Run) => Promise<Reply>;
}

/** What one call of a command needs. */
export function accessOf({ command, call }: { readonly command: Command; readonly call: Call }): Access {
  return command.accessFor?.(call) ?? command.access;
}

/** An option's text; undefined when it was not given. */
export function optionText(call: Call, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === 'string' ? value : undefined;
}
