import type { PromqlBinary, PromqlNode, PromqlSelector } from '../../../promql/node.ts';
import { parsePromql as read } from '../../../promql/read.ts';
import { PromqlSyntaxError } from '../../../promql/syntax.ts';
import type { Expression, Selector } from './ast.ts';
import { PromqlError } from './ast.ts';

const AGGREGATIONS: ReadonlySet<string> = new Set([
  'sum',
  'min',
  'max',
  'avg',
  'count',
  'group',
  'stddev',
  'topk',
  'bottomk',
  'quantile',
]);
const WITH_PARAMETER: ReadonlySet<string> = new Set(['topk', 'bottomk', 'quantile']);
const OPERATORS: ReadonlySet<string> = new Set('or and unless == != < > <= >= + - * / % ^'.split(' '));
const DEFAULT_STEP_MS = 15_000;

/** Parses PromQL into what the evaluator works on. Throws PromqlError for what is no PromQL and for what it does not do. */
export function parsePromql(text: string): Expression {
  try {
    return expressionOf(read(text));
  } catch (thrown) {
    if (!(thrown instanceof PromqlSyntaxError)) throw thrown;
    throw new PromqlError(`parse error at char ${thrown.character}: ${thrown.message}`);
  }
}

function expressionOf(node: PromqlNode): Expression {
  switch (node.kind) {
    case 'number':
      return { kind: 'number', value: node.value };
    case 'string':
      return { kind: 'string', value: node.value };
    case 'selector':
      return selectorOf(node);
    case 'subquery':
      if (node.at !== null || node.offsetMs !== 0) throw unsupported('offset and @ behind a subquery');
      return {
        kind: 'subquery',
        expr: expressionOf(node.expr),
        rangeMs: positive(node.rangeMs),
        stepMs: node.stepMs === null ? DEFAULT_STEP_MS : positive(node.stepMs),
      };
    case 'negate':
      return { kind: 'negate', expr: expressionOf(node.expr) };
    case 'call':
      return { kind: 'call', name: node.name, args: node.args.map(expressionOf) };
    case 'aggregate': {
      if (!AGGREGATIONS.has(node.name)) throw unsupported(`aggregation ${node.name}`);
      const [first, second, ...more] = node.args.map(expressionOf);
      const wanted = WITH_PARAMETER.has(node.name) ? 2 : 1;
      if (!first || more.length > 0 || (second === undefined) !== (wanted === 1))
        throw new PromqlError(`wrong number of arguments for aggregate ${node.name}`);
      return {
        kind: 'aggregate',
        op: node.name,
        mode: node.mode ?? 'by',
        labels: node.labels,
        parameter: second ? first : null,
        expr: second ?? first,
      };
    }
    case 'binary':
      return binaryOf(node);
  }
}

function binaryOf(node: PromqlBinary): Expression {
  if (!OPERATORS.has(node.op)) throw unsupported(`operator ${node.op}`);
  return {
    kind: 'binary',
    op: node.op,
    left: expressionOf(node.left),
    right: expressionOf(node.right),
    bool: node.bool,
    matching: node.matching ?? { mode: 'ignoring', labels: [] },
    many: node.many,
    include: node.include,
  };
}

function selectorOf({ metric, matchers, rangeMs, offsetMs, at }: PromqlSelector): Selector {
  if (at !== null) throw unsupported('the @ modifier');
  const all = metric === null ? matchers : [{ label: '__name__', op: '=' as const, value: metric }, ...matchers];
  if (!all.some(({ op, value }) => (op === '=' ? value !== '' : op === '=~' && !fitsMissing(value))))
    throw new PromqlError('vector selector must contain at least one non-empty matcher');
  return {
    kind: 'selector',
    matchers: all,
    rangeMs: rangeMs === null ? null : positive(rangeMs),
    offsetMs: finite(offsetMs),
  };
}

/** Whether the matcher matches a missing label, so that it requires none. */
function fitsMissing(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 's').test('');
  } catch {
    return false;
  }
}

function positive(ms: number): number {
  if (finite(ms) > 0) return ms;
  throw new PromqlError('duration must be greater than 0');
}

function finite(ms: number): number {
  if (Number.isFinite(ms)) return ms;
  throw unsupported('a computed duration');
}

function unsupported(what: string): PromqlError {
  return new PromqlError(`${what} is not supported by the simulator`);
}
