import type { SyntaxNode } from '@lezer/common';
import { firstOf, lastOf, nextOf } from './syntax.ts';

/** https://prometheus.io/docs/prometheus/latest/querying/operators/#binary-operator-precedence */
export const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '>': 3,
  '<=': 3,
  '>=': 3,
  '</': 3,
  '>/': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': 6,
};

/** A sign binds like a multiplication: `-x ^ 2` is `-(x ^ 2)`. */
export const UNARY = 5;

/** A part of an expression in the order of the text. */
export type FlatPart =
  | { readonly kind: 'sign'; readonly sign: '-' | '+'; readonly from: number; readonly at: SyntaxNode }
  | { readonly kind: 'operator'; readonly op: string; readonly at: SyntaxNode }
  | {
      readonly kind: 'operand';
      readonly at: SyntaxNode;
      /** What stands behind it, the nearest first. */
      readonly postfixes: readonly SyntaxNode[];
    };

const POSTFIX: ReadonlySet<string> = new Set([
  'MatrixSelector',
  'SubqueryExpr',
  'OffsetExpr',
  'StepInvariantExpr',
  'AnchoredExpr',
  'SmoothedExpr',
]);

/**
 * Operands and operators of a tree in the order of the text. The grammar gives ranges, `offset` and `@` no precedence: of
 * `a > b offset 1d * 2` it makes `((a > b) offset 1d) * 2`, and of `-1 ^ 2` it makes `(-1) ^ 2`. Its tokens are right, its
 * association is not, so that is made anew from the order (docs/decisions/0008).
 */
export function flatten(node: SyntaxNode, text: string): readonly FlatPart[] {
  const first = firstOf(node);
  const last = lastOf(node);
  if (node.name === 'BinaryExpr' && first && last) {
    const operator = nextOf(first);
    const op = operator === null ? '' : text.slice(operator.from, operator.to).toLowerCase();
    return [...flatten(first, text), { kind: 'operator', op, at: node }, ...flatten(last, text)];
  }
  if (node.name === 'UnaryExpr' && first && last)
    return [signOf(text.charAt(first.from), first), ...flatten(last, text)];
  if (POSTFIX.has(node.name) && first) {
    const parts = flatten(first, text);
    const behind = parts.at(-1);
    if (behind?.kind !== 'operand') return parts;
    return [...parts.slice(0, -1), { ...behind, postfixes: [...behind.postfixes, node] }];
  }
  const sign = node.name === 'NumberDurationLiteral' ? text.charAt(node.from) : '';
  const operand: FlatPart = { kind: 'operand', at: node, postfixes: [] };
  return sign === '-' || sign === '+' ? [signOf(sign, node), operand] : [operand];
}

function signOf(character: string, at: SyntaxNode): FlatPart {
  return { kind: 'sign', sign: character === '-' ? '-' : '+', from: at.from, at };
}
