import type { SeriesLabels } from '../store.ts';
import type { Binary } from './ast.ts';
import { PromqlError } from './ast.ts';
import type { Sample, Value } from './value.ts';
import { labelKey, omit, pick, withoutName } from './value.ts';

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};
const CALCULATE: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
};

/** A binary operation on evaluated operands, with Prometheus's rules for matching, filtering and names. */
export function binary(node: Binary, left: Value, right: Value): Value {
  if (node.op === 'and' || node.op === 'or' || node.op === 'unless') {
    return { type: 'vector', samples: setOperation(node, samplesOf(left), samplesOf(right)) };
  }
  if (left.type === 'scalar' && right.type === 'scalar') {
    return { type: 'scalar', value: apply(node.op, left.value, right.value, true) ?? 0 };
  }
  if (left.type === 'scalar') return withScalar(node, samplesOf(right), (value) => [left.value, value]);
  if (right.type === 'scalar') return withScalar(node, samplesOf(left), (value) => [value, right.value]);
  return { type: 'vector', samples: vectors(node, samplesOf(left), samplesOf(right)) };
}

/** The result of a pair; undefined when a comparison filters it out. */
function apply(op: string, a: number, b: number, bool: boolean): number | undefined {
  const compare = COMPARE[op];
  if (compare) return compare(a, b) ? (bool ? 1 : a) : bool ? 0 : undefined;
  const calculate = CALCULATE[op];
  if (!calculate) throw new PromqlError(`operator ${op} is not supported here`);
  return calculate(a, b);
}

function samplesOf(value: Value): readonly Sample[] {
  if (value.type !== 'vector')
    throw new PromqlError(`binary expression must contain only scalar and instant vector types`);
  return value.samples;
}

function withScalar(
  node: Binary,
  samples: readonly Sample[],
  pair: (value: number) => readonly [number, number],
): Value {
  const kept: Sample[] = [];
  for (const sample of samples) {
    const [a, b] = pair(sample.value);
    const result = apply(node.op, a, b, node.bool);
    if (result === undefined) continue;
    const filters = node.op in COMPARE && !node.bool;
    kept.push(filters ? sample : { labels: withoutName(sample.labels), value: result });
  }
  return { type: 'vector', samples: kept };
}

function matchLabels(node: Binary, labels: SeriesLabels): SeriesLabels {
  const { mode, labels: names } = node.matching;
  return mode === 'on' ? pick(labels, names) : omit(withoutName(labels), names);
}

function setOperation(node: Binary, left: readonly Sample[], right: readonly Sample[]): readonly Sample[] {
  const keysOf = (samples: readonly Sample[]) => new Set(samples.map((one) => labelKey(matchLabels(node, one.labels))));
  if (node.op === 'or') {
    const known = keysOf(left);
    return [...left, ...right.filter((one) => !known.has(labelKey(matchLabels(node, one.labels))))];
  }
  const known = keysOf(right);
  return left.filter((one) => known.has(labelKey(matchLabels(node, one.labels))) === (node.op === 'and'));
}

function vectors(node: Binary, left: readonly Sample[], right: readonly Sample[]): readonly Sample[] {
  // An empty side yields nothing before anything is matched, as in Prometheus: ambiguity on the other side does not
  // matter then.
  if (left.length === 0 || right.length === 0) return [];
  const swap = node.many === 'right';
  const [many, one] = swap ? [right, left] : [left, right];
  const partners = new Map<string, Sample>();
  for (const sample of one) {
    const key = labelKey(matchLabels(node, sample.labels));
    if (partners.has(key)) throw manyToMany(swap ? 'left' : 'right', key);
    partners.set(key, sample);
  }
  const seen = new Set<string>();
  const results: Sample[] = [];
  for (const sample of many) {
    const key = labelKey(matchLabels(node, sample.labels));
    const partner = partners.get(key);
    if (!partner) continue;
    const [a, b] = swap ? [partner.value, sample.value] : [sample.value, partner.value];
    const result = apply(node.op, a, b, node.bool);
    if (result === undefined) continue;
    if (node.many === null && seen.has(key)) throw manyToMany('left', key);
    seen.add(key);
    results.push({ labels: resultLabels(node, sample.labels, partner.labels), value: result });
  }
  return results;
}

function resultLabels(node: Binary, many: SeriesLabels, one: SeriesLabels): SeriesLabels {
  const keepsName = node.op in COMPARE && !node.bool;
  const base = keepsName ? many : withoutName(many);
  if (node.many === null)
    return node.matching.mode === 'on' ? pick(base, node.matching.labels) : omit(base, node.matching.labels);
  return { ...omit(base, node.include), ...pick(one, node.include) };
}

function manyToMany(side: string, key: string): PromqlError {
  return new PromqlError(
    `found duplicate series for the match group ${key} on the ${side} hand-side of the operation: many-to-many matching not allowed`,
    'execution',
  );
}
