import { durationMs } from '../../../promql/duration.ts';
import {
  childrenOf,
  isComparison,
  type PromqlBinary,
  type PromqlNode,
  selectorsOf,
  walk,
} from '../../../promql/node.ts';
import type { Remark } from './remark.ts';
import { isScalar, lostLabels, resultLabels } from './resultLabels.ts';
import type { FoundRule } from './ruleFiles.ts';
import { andOf } from './shapes.ts';

const OVER_RANGE =
  /^(rate|irate|increase|delta|idelta|deriv|predict_linear|changes|resets|holt_winters|double_exponential_smoothing|\w+_over_time)$/;

/** A range where a value belongs, or the other way round: Prometheus refuses the file. */
export function rangeRemarks(expr: PromqlNode): readonly Remark[] {
  const hint = 'promtool check rules says the same.';
  const isRange = (node: PromqlNode) => node.kind === 'subquery' || (node.kind === 'selector' && node.rangeMs !== null);
  const found: Remark[] = [];
  for (const node of walk(expr)) {
    const wantsRange = node.kind === 'call' && OVER_RANGE.test(node.name);
    for (const child of childrenOf(node)) {
      if (isRange(child) && !wantsRange && node.kind !== 'subquery')
        found.push({ check: 'syntax', level: 'error', problem: 'gives a range where a single value belongs', hint });
    }
    const vector = wantsRange ? node.args.find((one) => one.kind !== 'number') : undefined;
    if (node.kind === 'call' && vector && !isRange(vector))
      found.push({ check: 'syntax', level: 'error', problem: `gives ${node.name}() no range, such as [5m]`, hint });
  }
  return found.slice(0, 1);
}

const holds = (op: string, value: number, bound: number): boolean =>
  op === '>'
    ? value > bound
    : op === '>='
      ? value >= bound
      : op === '<'
        ? value < bound
        : op === '<='
          ? value <= bound
          : op === '=='
            ? value === bound
            : value !== bound;

/** The values an expression can have: the least and the greatest. Only what is certain. */
function rangeOf(node: PromqlNode): readonly [number, number] {
  if (node.kind === 'call' && /^absent/.test(node.name)) return [1, 1];
  if (node.kind === 'aggregate' && node.name === 'count') return [1, Number.POSITIVE_INFINITY];
  if (node.kind === 'aggregate' && node.name === 'group') return [1, 1];
  if (node.kind === 'call' && /^(rate|increase|irate|changes|resets|count_over_time)$/.test(node.name))
    return [node.name === 'count_over_time' ? 1 : 0, Number.POSITIVE_INFINITY];
  if (node.kind === 'selector' && node.metric === 'up') return [0, 1];
  if (node.kind === 'binary' && node.bool) return [0, 1];
  if (node.kind === 'aggregate' && /^(sum|min|max|avg)$/.test(node.name)) {
    const [least, most] = node.args[0] ? rangeOf(node.args[0]) : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    return node.name === 'sum'
      ? [least >= 0 ? least : Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
      : [least, most];
  }
  return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

/** Comparisons that hold never or always, whatever the series are. */
export function comparisonRemarks(expr: PromqlNode): readonly Remark[] {
  const found: Remark[] = [];
  for (const node of walk(expr)) {
    if (node.kind !== 'binary' || !isComparison(node) || node.bool || node.right.kind !== 'number') continue;
    const bound = node.right.value;
    const [least, most] = node.left.kind === 'number' ? [node.left.value, node.left.value] : rangeOf(node.left);
    if (least === Number.NEGATIVE_INFINITY && most === Number.POSITIVE_INFINITY) continue;
    const possible =
      holds(node.op, least, bound) ||
      holds(node.op, most, bound) ||
      (node.op === '==' ? bound >= least && bound <= most : false) ||
      (node.op === '!=' && least !== most);
    const certain =
      possible &&
      (node.op === '>='
        ? least >= bound
        : node.op === '>'
          ? least > bound
          : node.op === '<='
            ? most <= bound
            : node.op === '<'
              ? most < bound
              : least === most && node.op === '==');
    const what = node.left.kind === 'call' || node.left.kind === 'aggregate' ? `${node.left.name}(...)` : 'this value';
    if (!possible) {
      const hint =
        what === 'count(...)'
          ? 'A count of nothing is no value at all; use absent(...).'
          : 'Compare with a value it can have.';
      found.push({
        check: 'never-true',
        level: 'error',
        problem: `compares ${what} ${node.op} ${bound}, which is never true`,
        hint,
      });
    } else if (certain && least !== most && node.left.kind === 'call') {
      found.push({
        check: 'always-true',
        level: 'warning',
        problem: `compares ${what} ${node.op} ${bound}, which is true whenever there is a value`,
        hint: 'Compare with a value that tells good from bad.',
      });
    }
  }
  return [...found, ...contradictions(expr), ...withoutBuckets(expr)];
}

/** A quantile of a histogram whose buckets were added up is NaN, which no comparison lets through. */
function withoutBuckets(expr: PromqlNode): readonly Remark[] {
  const lacks = walk(expr).some((node) => {
    const of = node.kind === 'call' && node.name === 'histogram_quantile' ? node.args[1] : undefined;
    const ofClassic = of && selectorsOf(of).some(({ metric }) => metric?.endsWith('_bucket'));
    return ofClassic && (resultLabels(of)?.includes('le') === false || lostLabels(of).includes('le'));
  });
  if (!lacks) return [];
  const problem = 'takes a quantile of buckets whose label le was aggregated away: it has no value';
  return [{ check: 'never-true', level: 'error', problem, hint: 'Aggregate `by (le, ...)`.' }];
}

/** `x > 10 and x < 5`. */
function contradictions(expr: PromqlNode): readonly Remark[] {
  const same = (a: PromqlNode, b: PromqlNode): boolean => JSON.stringify(bare(a)) === JSON.stringify(bare(b));
  const bounds = andOf(expr).filter(
    (one): one is PromqlBinary => one.kind === 'binary' && isComparison(one) && one.right.kind === 'number',
  );
  for (const low of bounds)
    for (const high of bounds) {
      if (!/^>/.test(low.op) || !/^<|^==$/.test(high.op) || !same(low.left, high.left)) continue;
      if (low.right.kind !== 'number' || high.right.kind !== 'number' || low.right.value < high.right.value) continue;
      if (low.right.value === high.right.value && low.op === '>=' && high.op !== '<') continue;
      return [
        {
          check: 'never-true',
          level: 'error',
          problem: `wants the same value ${low.op} ${low.right.value} and ${high.op} ${high.right.value}`,
          hint: 'Use `or`, or other bounds.',
        },
      ];
    }
  return [];
}

/** A node without the places it stands at. */
function bare(node: PromqlNode): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, value: unknown) =>
      key === 'from' || key === 'to' || key === 'selectorTo' ? undefined : value,
    ),
  );
}

/** Two sides joined by labels that they do not share: nothing ever matches. */
export function matchingRemarks(expr: PromqlNode): readonly Remark[] {
  const found: Remark[] = [];
  for (const node of walk(expr)) {
    if (node.kind !== 'binary' || node.op === 'or' || isScalar(node.left) || isScalar(node.right)) continue;
    const [left, right] = [labelsFor(node.left), labelsFor(node.right)];
    const wanted = node.matching?.mode === 'on' ? node.matching.labels : null;
    if (wanted !== null) {
      const side = (labels: readonly string[] | null) =>
        labels === null ? [] : wanted.filter((one) => !labels.includes(one));
      const [lacksLeft, lacksRight] = [side(left), side(right)];
      const lacking = lacksLeft.length > 0 ? lacksLeft : lacksRight;
      if (lacking.length > 0 && lacksLeft.join() !== lacksRight.join())
        found.push(
          fragile(
            `matches on (${wanted.join(', ')}), but its ${lacksLeft.length > 0 ? 'left' : 'right'} side has no ${lacking.join(', ')}`,
          ),
        );
      continue;
    }
    const ignored = new Set(node.matching?.labels ?? []);
    const kept = (labels: readonly string[]) =>
      labels
        .filter((one) => !ignored.has(one))
        .toSorted()
        .join(', ');
    if (left !== null && right !== null && kept(left) !== kept(right))
      found.push(fragile(`joins {${kept(left)}} with {${kept(right)}}`));
    const known = left ?? right;
    const raw = left === null ? node.left : node.right;
    if (
      (left === null) !== (right === null) &&
      known &&
      isScraped(raw) &&
      !known.includes('instance') &&
      ignored.size === 0
    )
      found.push(fragile(`joins {${kept(known)}} with a series that also has instance and job`));
  }
  return found.slice(0, 1);
}

function fragile(what: string): Remark {
  return {
    check: 'fragile-matching',
    level: 'warning',
    problem: `${what}: nothing matches`,
    hint: 'Say `on (...)` with the labels both sides have, or aggregate both by the same.',
  };
}

function labelsFor(node: PromqlNode): readonly string[] | null {
  if (node.kind === 'call' && /^(vector|time|scalar|absent.*|label_.*)$/.test(node.name)) return null;
  return walk(node).some(
    (one) =>
      one.kind === 'call' && /^(vector|absent|absent_over_time|label_replace|label_join|scalar|time)$/.test(one.name),
  )
    ? null
    : resultLabels(node);
}

/** A series as an exporter gives it: not a recording, whose labels are its author's. */
function isScraped(node: PromqlNode): boolean {
  if (node.kind === 'selector') return node.metric !== null && !node.metric.includes(':');
  if (node.kind === 'binary') return isComparison(node) && node.right.kind === 'number' && isScraped(node.left);
  return node.kind === 'call' && OVER_RANGE.test(node.name) && node.args.some(isScraped);
}

/** Milliseconds. */
function waitOf(rule: FoundRule): number {
  return rule.for === null ? 0 : (durationMs(rule.for) ?? 0);
}

/** The longest range that is read, milliseconds: one slow request cannot hold a rule that waits longer. */
function windowOf(node: PromqlNode): number {
  return Math.max(0, ...selectorsOf(node).map((one) => one.rangeMs ?? 0));
}

/** topk of what is compared; in the one side of a join it only chooses among equals. */
function picks(node: PromqlNode): boolean {
  if (node.kind === 'aggregate') return /^(topk|bottomk)$/.test(node.name);
  if (node.kind !== 'binary') return false;
  if (isComparison(node) || node.op === 'unless') return picks(node.left);
  return (node.op === 'and' || node.op === 'or') && (picks(node.left) || picks(node.right));
}

/** What picks other series at each evaluation, what is missing for a moment, and quantiles of nothing. */
export function trapRemarks(rule: FoundRule, expr: PromqlNode): readonly Remark[] {
  const found: Remark[] = [];
  const waits = waitOf(rule) > 0;
  const nodes = walk(expr);
  if (waits ? picks(expr) : rule.record !== null && picks(expr))
    found.push({
      check: 'topk',
      level: 'warning',
      problem: 'picks other series at each evaluation, so that none is there for as long as it waits',
      hint: 'Compare with a bound, and keep topk for dashboards.',
    });
  if (rule.alert !== null && expr.kind === 'binary' && expr.bool)
    found.push({
      check: 'always-true',
      level: 'warning',
      problem: 'ends in a `bool` comparison, whose 0 fires like its 1',
      hint: 'Leave out `bool`.',
    });
  const absent = nodes.find((one) => one.kind === 'call' && one.name === 'absent');
  if (rule.alert !== null && absent && !waits)
    found.push({
      check: 'absent',
      level: 'warning',
      problem: 'fires as soon as one sample is missing',
      hint: 'Add `for: 5m`: a restart of Prometheus or one failed scrape is no outage.',
    });
  const inside = absent?.kind === 'call' ? absent.args[0] : undefined;
  if (inside?.kind === 'aggregate' && inside.labels.length > 0)
    found.push({
      check: 'absent',
      level: 'warning',
      problem: `asks whether any ${inside.labels.join(', ')} is there: one that is missing among others is not seen`,
      hint: 'Write absent() of each selector, or compare with `offset`.',
    });
  const conjuncts = andOf(expr);
  const quantile = conjuncts.find(
    (one) => isComparison(one) && walk(one).some((part) => part.kind === 'call' && part.name === 'histogram_quantile'),
  );
  if (rule.alert !== null && quantile && conjuncts.length === 1 && waitOf(rule) <= windowOf(quantile))
    found.push({
      check: 'quantile-without-traffic',
      level: 'notice',
      problem: 'compares a quantile without a minimum of traffic: of few requests the slowest one is the P99',
      hint: 'Add `and on (...) sum(rate(..._count[5m])) > 0.1`.',
    });
  return found;
}
