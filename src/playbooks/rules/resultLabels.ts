import type { PromqlNode } from '../../../promql/node.ts';

/** Aggregations that pick series instead of making new ones: their labels stay. */
const PICKS = new Set(['topk', 'bottomk', 'limitk', 'limit_ratio']);
/** Functions whose result has no labels at all. */
const BARE = new Set(['vector', 'scalar', 'time', 'pi']);

/**
 * The names of the labels an expression's result can have; null when only a running Prometheus knows. The rules are those
 * of https://prometheus.io/docs/prometheus/latest/querying/operators/.
 */
export function resultLabels(node: PromqlNode): readonly string[] | null {
  switch (node.kind) {
    case 'number':
    case 'string':
      return [];
    case 'selector':
      return null;
    case 'subquery':
    case 'negate':
      return resultLabels(node.expr);
    case 'aggregate': {
      if (node.mode === 'by' && node.name !== 'count_values' && !PICKS.has(node.name)) return node.labels;
      if (PICKS.has(node.name)) return ofArgs(node.args);
      return node.mode === null && node.name !== 'count_values' ? [] : null;
    }
    case 'call':
      return ofCall(node.name.toLowerCase(), node.args);
    case 'binary':
      return ofBinary(node);
  }
}

function ofCall(name: string, args: readonly PromqlNode[]): readonly string[] | null {
  if (BARE.has(name)) return [];
  if (name === 'absent' || name === 'absent_over_time') return ofAbsent(args[0]);
  // What is replaced into is a text of the expression, which the reader does not keep.
  if (name === 'label_replace' || name === 'label_join') return null;
  const labels = ofArgs(args);
  return name === 'histogram_quantile' ? (labels?.filter((label) => label !== 'le') ?? null) : labels;
}

/** `absent` gives back what its selector asks for with `=`; of any other expression nothing. */
function ofAbsent(arg: PromqlNode | undefined): readonly string[] | null {
  if (arg?.kind === 'selector')
    return arg.matchers.filter(({ label, op }) => op === '=' && label !== '__name__').map(({ label }) => label);
  return [];
}

/** The labels of the one argument that is a vector. */
function ofArgs(args: readonly PromqlNode[]): readonly string[] | null {
  const vector = args.find((arg) => arg.kind !== 'number' && arg.kind !== 'string');
  return vector ? resultLabels(vector) : [];
}

function ofBinary(node: Extract<PromqlNode, { kind: 'binary' }>): readonly string[] | null {
  const { op, matching, many, left, right } = node;
  if (op === 'and' || op === 'unless') return resultLabels(left);
  if (op === 'or') {
    const [one, other] = [resultLabels(left), resultLabels(right)];
    return one && other && [...new Set([...one, ...other])];
  }
  if (isScalar(left)) return resultLabels(right);
  if (isScalar(right)) return resultLabels(left);
  if (many !== null) {
    const kept = resultLabels(many === 'left' ? left : right);
    return kept && [...new Set([...kept, ...node.include])];
  }
  if (matching?.mode === 'on') return matching.labels;
  return resultLabels(left) ?? resultLabels(right);
}

/** Labels that an expression's result cannot have, whatever its series have: those a `without` takes away. */
export function lostLabels(node: PromqlNode): readonly string[] {
  if (node.kind === 'aggregate') {
    const picked = PICKS.has(node.name) ? node.args.at(-1) : undefined;
    if (picked) return lostLabels(picked);
    return node.mode === 'without' ? node.labels : [];
  }
  if (node.kind !== 'binary' || node.op === 'or' || node.many !== null) return [];
  if (node.op !== 'and' && node.op !== 'unless' && isScalar(node.left)) return lostLabels(node.right);
  return lostLabels(node.left);
}

/** A number, or what is made of numbers. */
export function isScalar(node: PromqlNode): boolean {
  if (node.kind === 'number') return true;
  if (node.kind === 'negate') return isScalar(node.expr);
  if (node.kind === 'call') return /^(scalar|time|pi)$/.test(node.name);
  return node.kind === 'binary' && isScalar(node.left) && isScalar(node.right);
}
