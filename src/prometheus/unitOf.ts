import { isComparison, type PromqlBinary, type PromqlNode, selectorsOf } from '../../promql/node.ts';
import { readPromql } from '../../promql/read.ts';
import type { Unit } from './units.ts';

/**
 * The unit of what an expression yields, as far as the names of its metrics and functions tell it (the conventions of
 * https://prometheus.io/docs/practices/naming/); `plain` when they do not.
 */
export function unitOf(expression: string): Unit {
  const node = readPromql(expression);
  return node === null ? 'plain' : unitOfNode(node);
}

const COUNTS: ReadonlySet<string> = new Set([
  'absent',
  'absent_over_time',
  'changes',
  'resets',
  'count_over_time',
  'count',
  'count_values',
]);
const RATES: ReadonlySet<string> = new Set(['rate', 'irate', 'deriv']);

function unitOfNode(node: PromqlNode): Unit {
  if (node.kind === 'selector') return unitOfMetric(node.metric ?? '');
  if (node.kind === 'negate' || node.kind === 'subquery') return unitOfNode(node.expr);
  if (node.kind === 'binary') return unitOfBinary(node);
  if (node.kind === 'number' || node.kind === 'string') return 'plain';
  const { name, args } = node;
  if (COUNTS.has(name)) return 'count';
  if (name === 'time') return 'seconds';
  const measured = args.find((arg) => arg.kind !== 'number' && arg.kind !== 'string');
  if (measured === undefined) return 'plain';
  if (RATES.has(name)) return unitOfRate(measured);
  if (name === 'histogram_quantile') return unitOfBuckets(measured);
  const unit = unitOfNode(measured);
  return name === 'increase' && unit === 'plain' ? 'count' : unit;
}

function unitOfBinary({ op, left, right, ...node }: PromqlBinary): Unit {
  const number = [left, right].find((side) => side.kind === 'number');
  const unit = unitOfNode(left.kind === 'number' ? right : left);
  if (op === '/') {
    if (right.kind !== 'number') return [left, right].some(isScaled) ? 'plain' : 'ratio';
    return right.value === 1000 && unit === 'milliseconds' ? 'seconds' : 'plain';
  }
  // A product with a number has another unit; a product with a series is mostly a join with one that is always 1.
  if (op === '*') return number ? 'plain' : unit;
  if (op === '+' || op === '-') return unit === 'plain' ? unitOfNode(right) : unit;
  const passes = isComparison({ op, left, right, ...node }) || ['and', 'or', 'unless'].includes(op);
  return passes ? unit : 'plain';
}

/** Times a number, as in a percentage. */
function isScaled(node: PromqlNode): boolean {
  return node.kind === 'binary' && node.op === '*' && [node.left, node.right].some(({ kind }) => kind === 'number');
}

function unitOfRate(measured: PromqlNode): Unit {
  const names = metricsIn(measured);
  if (names.some((name) => name.includes('_bytes'))) return 'bytesPerSecond';
  return names.some((name) => /cpu_\w*seconds/.test(name)) ? 'plain' : 'perSecond';
}

function unitOfBuckets(measured: PromqlNode): Unit {
  const names = metricsIn(measured);
  if (names.some((name) => name.includes('_seconds'))) return 'seconds';
  return names.some((name) => /_latenc(?:y|ies)|_milliseconds|_ms(?:_|$)/.test(name)) ? 'milliseconds' : 'plain';
}

function metricsIn(node: PromqlNode): readonly string[] {
  return selectorsOf(node).flatMap(({ metric }) => metric ?? []);
}

function unitOfMetric(name: string): Unit {
  if (/_ratio$|:ratio/.test(name)) return 'ratio';
  const isRate = /:rate\d+/.test(name);
  if (name.includes('_bytes')) return isRate ? 'bytesPerSecond' : 'bytes';
  if (isRate) return /cpu_\w*seconds/.test(name) ? 'plain' : 'perSecond';
  if (/_seconds(?:_sum)?$|_seconds:/.test(name)) return 'seconds';
  return /_total$|_count$|_messages$|_replicas|_pods$|_depth$/.test(name) ? 'count' : 'plain';
}
