import type { SeriesLabels } from '../store.ts';
import { histogramQuantile } from './aggregate.ts';
import type { Expression, Matcher } from './ast.ts';
import { PromqlError } from './ast.ts';
import type { RANGE_FUNCTIONS } from './rangeFunctions.ts';
import { predictLinear } from './rangeFunctions.ts';
import type { Sample, Value } from './value.ts';
import { withoutName } from './value.ts';

type Call = Extract<Expression, { kind: 'call' }>;
type Evaluate = (expr: Expression) => Value;

const PER_SAMPLE: Readonly<Record<string, (value: number, ...args: readonly number[]) => number>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  exp: Math.exp,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sqrt: Math.sqrt,
  sgn: Math.sign,
  round: (value, to = 1) => Math.round(value / to) * to,
  clamp: (value, low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY) =>
    Math.min(high, Math.max(low, value)),
  clamp_min: (value, low = Number.NEGATIVE_INFINITY) => Math.max(low, value),
  clamp_max: (value, high = Number.POSITIVE_INFINITY) => Math.min(high, value),
};

/** A function call. Functions this evaluator does not know are an honest `bad_data`, never a guess. */
export function call(
  node: Call,
  context: { at: number },
  evaluate: Evaluate,
  overRange: typeof RANGE_FUNCTIONS,
): Value {
  const { name, args } = node;
  const range = overRange[name];
  if (range) {
    const samples = rangesOf(node, evaluate, 0).flatMap((one) => {
      const value = range(one);
      const labels = name === 'last_over_time' ? one.labels : withoutName(one.labels);
      return value === undefined ? [] : [{ labels, value }];
    });
    return { type: 'vector', samples };
  }
  const each = PER_SAMPLE[name];
  if (each) {
    const numbers = args.slice(1).map((_, at) => scalarOf(node, evaluate, at + 1));
    return mapped(vectorOf(node, evaluate, 0), (value) => each(value, ...numbers));
  }
  const special = SPECIAL[name];
  if (!special) throw new PromqlError(`unknown function with name "${name}" (not supported by the simulator)`);
  return special(node, evaluate, context);
}

const SPECIAL: Readonly<Record<string, (node: Call, evaluate: Evaluate, context: { at: number }) => Value>> = {
  time: (_node, _evaluate, { at }) => ({ type: 'scalar', value: at / 1000 }),
  vector: (node, evaluate) => ({ type: 'vector', samples: [{ labels: {}, value: scalarOf(node, evaluate, 0) }] }),
  scalar: (node, evaluate) => {
    const samples = vectorOf(node, evaluate, 0);
    return { type: 'scalar', value: samples.length === 1 ? (samples[0]?.value ?? Number.NaN) : Number.NaN };
  },
  timestamp: (node, evaluate, { at }) => mapped(vectorOf(node, evaluate, 0), () => at / 1000),
  absent: (node, evaluate) => absent(node.args[0], vectorOf(node, evaluate, 0).length === 0),
  absent_over_time: (node, evaluate) => absent(node.args[0], rangesOf(node, evaluate, 0).length === 0),
  histogram_quantile: (node, evaluate) => ({
    type: 'vector',
    samples: histogramQuantile(scalarOf(node, evaluate, 0), vectorOf(node, evaluate, 1)),
  }),
  quantile_over_time: () => {
    throw new PromqlError('quantile_over_time is not supported by the simulator');
  },
  predict_linear: (node, evaluate) => ({
    type: 'vector',
    samples: rangesOf(node, evaluate, 0).flatMap((range) => {
      const value = predictLinear(range, scalarOf(node, evaluate, 1));
      return value === undefined ? [] : [{ labels: withoutName(range.labels), value }];
    }),
  }),
  sort: (node, evaluate) => sorted(vectorOf(node, evaluate, 0), 1),
  sort_desc: (node, evaluate) => sorted(vectorOf(node, evaluate, 0), -1),
  label_replace: labelReplace,
  label_join: labelJoin,
};

function mapped(samples: readonly Sample[], of: (value: number) => number): Value {
  return {
    type: 'vector',
    samples: samples.map((sample) => ({ labels: withoutName(sample.labels), value: of(sample.value) })),
  };
}

function sorted(samples: readonly Sample[], sign: number): Value {
  return { type: 'vector', samples: [...samples].sort((a, b) => sign * (a.value - b.value)) };
}

/** `absent` answers with the labels its selector pins down by equality. */
function absent(selector: Expression | undefined, isAbsent: boolean): Value {
  if (!isAbsent) return { type: 'vector', samples: [] };
  const matchers: readonly Matcher[] = selector?.kind === 'selector' ? selector.matchers : [];
  const labels: Record<string, string> = {};
  for (const { label, op, value } of matchers) if (op === '=' && label !== '__name__') labels[label] = value;
  return { type: 'vector', samples: [{ labels, value: 1 }] };
}

function labelReplace(node: Call, evaluate: Evaluate): Value {
  const [target, replacement, source, pattern] = [1, 2, 3, 4].map((at) => stringOf(node, evaluate, at));
  const expression = new RegExp(`^(?:${pattern})$`, 's');
  const samples = vectorOf(node, evaluate, 0).map((sample) => {
    const match = expression.exec(sample.labels[source ?? ''] ?? '');
    if (!match) return sample;
    const value = (replacement ?? '').replace(/\$(?:(\d+)|\{(\w+)\})/g, (_, digits: string, name: string) =>
      digits || /^\d+$/.test(name) ? (match[Number(digits ?? name)] ?? '') : (match.groups?.[name] ?? ''),
    );
    return { labels: withLabel(sample.labels, target ?? '', value), value: sample.value };
  });
  return { type: 'vector', samples };
}

function labelJoin(node: Call, evaluate: Evaluate): Value {
  const target = stringOf(node, evaluate, 1);
  const separator = stringOf(node, evaluate, 2);
  const sources = node.args.slice(3).map((_, at) => stringOf(node, evaluate, at + 3));
  const samples = vectorOf(node, evaluate, 0).map((sample) => ({
    labels: withLabel(sample.labels, target, sources.map((name) => sample.labels[name] ?? '').join(separator)),
    value: sample.value,
  }));
  return { type: 'vector', samples };
}

function withLabel(labels: SeriesLabels, name: string, value: string): SeriesLabels {
  const { [name]: _old, ...rest } = labels;
  return value === '' ? rest : { ...rest, [name]: value };
}

function argument(node: Call, evaluate: Evaluate, at: number): Value {
  const expr = node.args[at];
  if (!expr) throw new PromqlError(`expected at least ${at + 1} argument(s) in call to "${node.name}"`);
  return evaluate(expr);
}

function vectorOf(node: Call, evaluate: Evaluate, at: number): readonly Sample[] {
  const value = argument(node, evaluate, at);
  if (value.type === 'vector') return value.samples;
  throw new PromqlError(`expected type instant vector in call to function "${node.name}", got ${value.type}`);
}

function rangesOf(node: Call, evaluate: Evaluate, at: number) {
  const value = argument(node, evaluate, at);
  if (value.type === 'matrix') return value.ranges;
  throw new PromqlError(`expected type range vector in call to function "${node.name}", got ${value.type}`);
}

function scalarOf(node: Call, evaluate: Evaluate, at: number): number {
  const value = argument(node, evaluate, at);
  if (value.type === 'scalar') return value.value;
  throw new PromqlError(`expected type scalar in call to function "${node.name}", got ${value.type}`);
}

function stringOf(node: Call, evaluate: Evaluate, at: number): string {
  const value = argument(node, evaluate, at);
  if (value.type === 'string') return value.value;
  throw new PromqlError(`expected type string in call to function "${node.name}", got ${value.type}`);
}
