import type { Binary, Expression, Matcher } from './ast.ts';
import { PromqlError } from './ast.ts';
import type { Token } from './lexer.ts';
import { durationMs, tokens, unquote } from './lexer.ts';

const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '>': 3,
  '<=': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  '^': 6,
};
const COMPARISONS = new Set(['==', '!=', '<', '>', '<=', '>=']);
export const AGGREGATIONS = new Set([
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
const WITH_PARAMETER = new Set(['topk', 'bottomk', 'quantile']);
const DEFAULT_STEP_MS = 15_000;

/** Parses PromQL. Throws PromqlError with the position of what it did not expect. */
export function parsePromql(text: string): Expression {
  const parser = new Parser(tokens(text));
  return parser.whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(all: readonly Token[]) {
    this.#tokens = all;
  }

  whole(): Expression {
    const expression = this.#expression(0);
    if (this.#peek().kind !== 'end') throw this.#unexpected();
    return expression;
  }

  #expression(lowest: number): Expression {
    let left = this.#unary();
    for (;;) {
      const op = this.#peek().text.toLowerCase();
      const precedence = this.#peek().kind === 'string' ? undefined : PRECEDENCE[op];
      if (precedence === undefined || precedence <= lowest) return left;
      this.#next();
      left = this.#binary(op, left, precedence);
    }
  }

  #binary(op: string, left: Expression, precedence: number): Expression {
    const bool = COMPARISONS.has(op) && this.#accept('bool');
    let matching: Binary['matching'] = { mode: 'ignoring', labels: [] };
    let many: Binary['many'] = null;
    let include: readonly string[] = [];
    for (const mode of ['on', 'ignoring'] as const) {
      if (this.#accept(mode)) matching = { mode, labels: this.#labels() };
    }
    for (const side of ['left', 'right'] as const) {
      if (!this.#accept(`group_${side}`)) continue;
      many = side;
      if (this.#peek().text === '(') include = this.#labels();
    }
    // The power operator binds to the right, everything else to the left.
    const right = this.#expression(op === '^' ? precedence - 1 : precedence);
    return { kind: 'binary', op, left, right, bool, matching, many, include };
  }

  #unary(): Expression {
    if (this.#accept('-')) return { kind: 'negate', expr: this.#expression(5) };
    if (this.#accept('+')) return this.#expression(5);
    return this.#postfix(this.#primary());
  }

  #primary(): Expression {
    const token = this.#next();
    if (token.text === '(') {
      const inner = this.#expression(0);
      this.#expect(')');
      return inner;
    }
    if (token.kind === 'number') return { kind: 'number', value: numberOf(token.text) };
    if (token.kind === 'string') return { kind: 'string', value: unquote(token.text) };
    if (token.text === '{') return this.#selector([]);
    if (token.kind !== 'name') throw this.#unexpected(token);
    const name = token.text;
    if (AGGREGATIONS.has(name) && ['(', 'by', 'without'].includes(this.#peek().text)) return this.#aggregate(name);
    if (this.#peek().text === '(') return { kind: 'call', name, args: this.#arguments() };
    const named: Matcher = { label: '__name__', op: '=', value: name };
    if (this.#accept('{')) return this.#selector([named]);
    return { kind: 'selector', matchers: [named], rangeMs: null, offsetMs: 0 };
  }

  #aggregate(op: string): Expression {
    let grouping = this.#grouping();
    const args = this.#arguments();
    grouping ??= this.#grouping();
    const [first, second] = args;
    const wanted = WITH_PARAMETER.has(op) ? 2 : 1;
    if (!first || args.length !== wanted) throw new PromqlError(`wrong number of arguments for aggregate ${op}`);
    return {
      kind: 'aggregate',
      op,
      mode: grouping?.mode ?? 'by',
      labels: grouping?.labels ?? [],
      parameter: second ? first : null,
      expr: second ?? first,
    };
  }

  #grouping(): { mode: 'by' | 'without'; labels: readonly string[] } | null {
    if (this.#accept('by')) return { mode: 'by', labels: this.#labels() };
    if (this.#accept('without')) return { mode: 'without', labels: this.#labels() };
    return null;
  }

  #arguments(): readonly Expression[] {
    this.#expect('(');
    const args: Expression[] = [];
    while (this.#peek().text !== ')') {
      args.push(this.#expression(0));
      if (!this.#accept(',')) break;
    }
    this.#expect(')');
    return args;
  }

  #labels(): readonly string[] {
    this.#expect('(');
    const labels: string[] = [];
    while (this.#peek().kind === 'name') {
      labels.push(this.#next().text);
      if (!this.#accept(',')) break;
    }
    this.#expect(')');
    return labels;
  }

  #selector(named: readonly Matcher[]): Expression {
    const matchers = [...named];
    while (this.#peek().text !== '}') {
      const label = this.#next();
      const op = this.#next();
      const value = this.#next();
      if (label.kind !== 'name' || value.kind !== 'string') throw this.#unexpected(label);
      if (op.text !== '=' && op.text !== '!=' && op.text !== '=~' && op.text !== '!~') throw this.#unexpected(op);
      matchers.push({ label: label.text, op: op.text, value: unquote(value.text) });
      if (!this.#accept(',')) break;
    }
    this.#expect('}');
    if (!matchers.some((one) => (one.op === '=' ? one.value !== '' : one.op === '=~'))) {
      throw new PromqlError('vector selector must contain at least one non-empty matcher');
    }
    return { kind: 'selector', matchers, rangeMs: null, offsetMs: 0 };
  }

  #postfix(inner: Expression): Expression {
    let expr = inner;
    for (;;) {
      if (this.#accept('[')) expr = this.#range(expr);
      else if (this.#accept('offset')) expr = this.#offset(expr);
      else if (this.#peek().text === '@') throw new PromqlError('the @ modifier is not supported here');
      else return expr;
    }
  }

  #range(expr: Expression): Expression {
    const rangeMs = this.#duration();
    if (this.#accept(':')) {
      const stepMs = this.#peek().text === ']' ? DEFAULT_STEP_MS : this.#duration();
      this.#expect(']');
      return { kind: 'subquery', expr, rangeMs, stepMs };
    }
    this.#expect(']');
    if (expr.kind !== 'selector') throw new PromqlError('ranges only allowed for vector selectors');
    return { ...expr, rangeMs };
  }

  #offset(expr: Expression): Expression {
    const sign = this.#accept('-') ? -1 : 1;
    if (expr.kind !== 'selector') throw new PromqlError('offset is supported on selectors only');
    return { ...expr, offsetMs: sign * this.#duration() };
  }

  #duration(): number {
    const token = this.#next();
    const ms = token.kind === 'number' ? Number(token.text) * 1000 : durationMs(token.text);
    if (ms === null || !(ms > 0)) throw this.#unexpected(token);
    return ms;
  }

  #peek(): Token {
    // The list ends with an `end` token that is never consumed past.
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', at: 0 };
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  #accept(text: string): boolean {
    if (this.#peek().kind === 'string' || this.#peek().text !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected();
  }

  #unexpected(token: Token = this.#peek()): PromqlError {
    const what = token.kind === 'end' ? 'end of input' : `"${token.text}"`;
    return new PromqlError(`parse error at char ${token.at + 1}: unexpected ${what}`);
  }
}

function numberOf(text: string): number {
  if (/^inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  return /^nan$/i.test(text) ? Number.NaN : Number(text);
}
