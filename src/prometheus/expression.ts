import { isComparison, type PromqlNode } from '../../promql/node.ts';
import { readPromql } from '../../promql/read.ts';
import { withoutComments } from '../../promql/syntax.ts';

/** What of an alert's expression can be drawn: the series, and the number it is compared with. */
export interface Threshold {
  readonly series: string;
  readonly threshold: number | null;
  /** `>`, `<=` ...; null without a number. */
  readonly comparison: string | null;
}

/**
 * Splits `rate(x[5m]) > 0.05 and on() y` into the series and its threshold. Of conditions joined by `and` or `unless`
 * the first is drawn; with `or`, or without a plain number to compare with, the whole is. Never throws: what it does
 * not understand is returned as it is, and Prometheus judges it.
 */
export function splitThreshold(expression: string): Threshold {
  const node = readPromql(expression);
  if (node === null) return { series: expression, threshold: null, comparison: null };
  return split(node, withoutComments(expression));
}

function split(node: PromqlNode, text: string): Threshold {
  const whole = { series: sliceOf(node, text), threshold: null, comparison: null };
  if (node.kind !== 'binary') return whole;
  if (node.op === 'and' || node.op === 'unless') return split(node.left, text);
  if (!isComparison(node)) return whole;
  const [left, right] = [sliceOf(node.left, text), sliceOf(node.right, text)];
  const threshold = numberOf(node.right);
  if (threshold !== null) return { series: left, threshold, comparison: node.op };
  const swapped = numberOf(node.left);
  if (swapped !== null) return { series: right, threshold: swapped, comparison: mirror(node.op) };
  return { series: left, threshold: null, comparison: null };
}

/** The expression in an alert's link to Prometheus (`/graph?g0.expr=...`); null when it carries none. */
export function expressionOf(generatorUrl: string | null): string | null {
  if (generatorUrl === null || !URL.canParse(generatorUrl)) return null;
  const found = new URL(generatorUrl).searchParams.get('g0.expr');
  return found === null || found.trim() === '' ? null : found;
}

function sliceOf({ from, to }: PromqlNode, text: string): string {
  return text.slice(from, to).trim();
}

/** A number, or what is calculated from numbers alone, such as `30 * 60`. */
function numberOf(node: PromqlNode): number | null {
  if (node.kind === 'number') return node.value;
  if (node.kind === 'negate') return negated(numberOf(node.expr));
  if (node.kind !== 'binary') return null;
  const [left, right] = [numberOf(node.left), numberOf(node.right)];
  if (left === null || right === null) return null;
  if (node.op === '*') return left * right;
  if (node.op === '/') return left / right;
  if (node.op === '+') return left + right;
  return node.op === '-' ? left - right : null;
}

function negated(value: number | null): number | null {
  return value === null ? null : -value;
}

function mirror(comparison: string): string {
  return comparison.startsWith('>') ? comparison.replace('>', '<') : comparison.replace('<', '>');
}
