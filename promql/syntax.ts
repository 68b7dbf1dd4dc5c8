import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** Far longer than people write; the time a text takes grows with it. */
const MAX_LENGTH = 16_384;
/** Below a depth of 2,500 the parser leaves nodes out without a word. */
const MAX_DEPTH = 1_000;
/** A chain of operators is as deep as it is long, also where the parser's tree is flat. */
const MAX_NODES = 5_000;

/** What is no PromQL, with the place where it ceases to be. */
export class PromqlSyntaxError extends Error {
  /** 1-based. */
  readonly character: number;
  /** It may be PromQL, and is longer or deeper than is read here. */
  readonly tooLarge: boolean;

  constructor(problem: string, at: number, tooLarge = false) {
    super(problem);
    this.character = at + 1;
    this.tooLarge = tooLarge;
  }
}

/**
 * The parser's own tree of an expression, whole: its error recovery and what it leaves out of deep trees end here.
 * @throws PromqlSyntaxError
 */
export function syntaxOf(text: string): SyntaxNode {
  if (text.length > MAX_LENGTH) throw new PromqlSyntaxError(`longer than ${MAX_LENGTH} characters`, MAX_LENGTH, true);
  const tree = parser.parse(text);
  check(tree, text);
  const expression = firstOf(tree.topNode);
  if (expression === null) throw new PromqlSyntaxError('no expression', 0);
  return expression;
}

function check(tree: Tree, text: string): void {
  let depth = 0;
  let nodes = 0;
  tree.iterate({
    enter({ type, from }) {
      depth += 1;
      nodes += 1;
      if (type.isError) {
        const found = text.slice(from).trimStart().charAt(0);
        throw new PromqlSyntaxError(found === '' ? 'unexpected end of input' : `unexpected "${found}"`, from);
      }
      if (depth > MAX_DEPTH) throw new PromqlSyntaxError(`nested more than ${MAX_DEPTH} deep`, from, true);
      if (nodes > MAX_NODES) throw new PromqlSyntaxError(`more than ${MAX_NODES} parts`, from, true);
    },
    leave() {
      depth -= 1;
    },
  });
}

/** The text with its comments blanked out, every other character in its place. */
export function withoutComments(text: string): string {
  let clean = text;
  parser.parse(text.slice(0, MAX_LENGTH)).iterate({
    enter({ name, from, to }) {
      if (name === 'LineComment') clean = clean.slice(0, from) + ' '.repeat(to - from) + clean.slice(to);
    },
  });
  return clean;
}

// Comments may stand between any two parts.

export function firstOf(node: SyntaxNode): SyntaxNode | null {
  return node.firstChild?.name === 'LineComment' ? nextOf(node.firstChild) : node.firstChild;
}

export function lastOf(node: SyntaxNode): SyntaxNode | null {
  let last = node.lastChild;
  while (last?.name === 'LineComment') last = last.prevSibling;
  return last;
}

export function nextOf(node: SyntaxNode): SyntaxNode | null {
  let next = node.nextSibling;
  while (next?.name === 'LineComment') next = next.nextSibling;
  return next;
}

export function childrenOfSyntax(node: SyntaxNode | null): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node && firstOf(node); child !== null; child = nextOf(child)) found.push(child);
  return found;
}
