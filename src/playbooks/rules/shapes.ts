import { isComparison, type PromqlNode, type PromqlSelector, selectorsOf, walk } from '../../../promql/node.ts';

/** The parts that must all hold. */
export function andOf(node: PromqlNode): readonly PromqlNode[] {
  return node.kind === 'binary' && (node.op === 'and' || node.op === 'unless')
    ? [...andOf(node.left), ...andOf(node.right)]
    : [node];
}

/** The series whose being there makes the expression true: not those of arithmetic, nor what `unless` takes away. */
export function conditionsOf(node: PromqlNode): readonly PromqlSelector[] {
  if (node.kind === 'selector') return [node];
  if (node.kind === 'aggregate') return node.args.flatMap(conditionsOf);
  if (node.kind !== 'binary') return [];
  if (node.op === 'and' || node.op === 'or') return [node.left, node.right].flatMap(conditionsOf);
  return node.op === 'unless' || isComparison(node) ? conditionsOf(node.left) : [];
}

/** The value that a comparison or a conjunction lets through. */
function comparedValue(node: PromqlNode): PromqlNode {
  if (node.kind === 'negate') return comparedValue(node.expr);
  return node.kind === 'binary' && (isComparison(node) || ['and', 'unless', 'or'].includes(node.op))
    ? comparedValue(node.left)
    : node;
}

/** A quotient of two series, also as 1 - a / b. */
export function isRatio(node: PromqlNode): boolean {
  const value = comparedValue(node);
  if (value.kind !== 'binary') return false;
  if (value.op === '/') return value.right.kind !== 'number';
  return (value.op === '-' || value.op === '*') && [value.left, value.right].some(isRatio);
}

/** Multiplied by 100 somewhere. */
export function times100(node: PromqlNode): boolean {
  return walk(node).some(
    (one) =>
      one.kind === 'binary' &&
      one.op === '*' &&
      [one.left, one.right].some((side) => side.kind === 'number' && side.value === 100),
  );
}

/** Of counted events over time. */
export function isRate(node: PromqlNode): boolean {
  return walk(node).some((one) => one.kind === 'call' && /^(rate|increase|irate)$/.test(one.name));
}

/** Metrics of amounts, or of events that are always numerous. */
const NUMEROUS = /_(seconds|bytes)(_sum|_total)?$|periods_total$|_bucket$|_packets?_|_samples_/;

/** Counted events on both sides, not bytes or seconds of one thing. */
export function ofEvents(node: PromqlNode): boolean {
  const counted = (side: PromqlNode) =>
    isRate(side) && !selectorsOf(side).some((one) => NUMEROUS.test(one.metric ?? ''));
  return walk(node).some((one) => one.kind === 'binary' && one.op === '/' && counted(one.left) && counted(one.right));
}

/** Burn-rate alerts compare with a multiple of the budget over long windows; their second window is the guard. */
export function isBurnRate(node: PromqlNode): boolean {
  return node.kind === 'binary' && isComparison(node) && node.right.kind === 'binary' && node.right.op === '*';
}
