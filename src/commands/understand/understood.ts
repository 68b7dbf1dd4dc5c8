import { short } from '../../wording/cuts.ts';
import type { Token } from '../tokens.ts';
import { quote } from '../tokens.ts';

/**
 * What a line that is none of our commands was understood as. `run`: the command line it stands for, in our own spelling, and
 * what of it was left out. `offer`: it is not done, or not for certain; the lines are what may be pressed instead, the
 * nearest first. Whatever changes something and was not named by its own word is only ever offered.
 */
export type Understood =
  | { readonly kind: 'run'; readonly line: string; readonly left: readonly string[] }
  | { readonly kind: 'offer'; readonly title: string; readonly summary: string; readonly lines: readonly string[] };

export function runs(words: readonly string[], left: readonly string[] = []): Understood {
  return { kind: 'run', line: lineOf(words), left };
}

export function offers(title: string, summary: string, lines: readonly string[]): Understood {
  return { kind: 'offer', title, summary, lines };
}

/** Words as one line that `tokenise` reads back as the same words; empty ones are dropped. */
export function lineOf(words: readonly string[]): string {
  return words
    .filter((word) => word !== '')
    .map((word) => quote(word) ?? word)
    .join(' ');
}

export function wordsOf(tokens: readonly Token[]): readonly string[] {
  return tokens.map((token) => token.value);
}

/** A change that may have been meant, and what reads beside it. */
export function perhaps(line: string, beside: readonly string[]): Understood {
  return offers(`Do you mean “${short(line, 40)}”?`, 'Nothing was changed.', [line, ...beside]);
}
