import type { SyntaxNode } from '@lezer/common';
import { durationMs } from './duration.ts';
import type { PromqlBinary, PromqlMatcher, PromqlNode, PromqlSelector } from './node.ts';
import { type FlatPart, flatten, PRECEDENCE, UNARY } from './precedence.ts';
import { unquoted } from './strings.ts';
import { childrenOfSyntax, firstOf, PromqlSyntaxError, syntaxOf } from './syntax.ts';

/**
 * Reads an expression whole; nothing of it is guessed or left out.
 * @throws PromqlSyntaxError with the place.
 */
export function parsePromql(text: string): PromqlNode {
  return new Reader(text).expression(syntaxOf(text));
}

/** Reads an expression; null when it is not PromQL (a template, for instance). */
export function readPromql(text: string): PromqlNode | null {
  try {
    return parsePromql(text);
  } catch (thrown) {
    if (thrown instanceof PromqlSyntaxError) return null;
    throw thrown;
  }
}

/** Turns the parser's nodes into ours. Where the grammar is wider than Prometheus' own, what that refuses is refused here too. */
class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  expression(node: SyntaxNode): PromqlNode {
    const parts = [...flatten(node, this.#text)];
    return this.#climb(parts, 0);
  }

  /** Precedence climbing over operands and operators; what was read is taken off the front of `parts`. */
  #climb(parts: FlatPart[], lowest: number): PromqlNode {
    let left = this.#operand(parts);
    for (let next = parts[0]; next?.kind === 'operator'; next = parts[0]) {
      const precedence = PRECEDENCE[next.op] ?? 0;
      if (precedence <= lowest) break;
      parts.shift();
      // The power operator binds to the right, everything else to the left.
      const right = this.#climb(parts, next.op === '^' ? precedence - 1 : precedence);
      left = this.#binary(next, left, right);
    }
    return left;
  }

  #operand(parts: FlatPart[]): PromqlNode {
    const part = parts.shift();
    if (part?.kind === 'sign') {
      const expr = this.#climb(parts, UNARY);
      const place = { from: part.from, to: expr.to };
      if (part.sign === '+') return { ...expr, ...place };
      return expr.kind === 'number' ? { ...expr, value: -expr.value, ...place } : { kind: 'negate', expr, ...place };
    }
    if (part?.kind !== 'operand')
      throw new PromqlSyntaxError('an operand is missing', part?.at.from ?? this.#text.length);
    return part.postfixes.reduce((expr, postfix) => this.#shifted(expr, postfix, part.at), this.#atom(part.at));
  }

  #atom(node: SyntaxNode): PromqlNode {
    const place = { from: node.from, to: node.to };
    const inner = firstOf(node);
    if (node.name === 'ParenExpr' && inner) return { ...this.expression(inner), ...place };
    if (node.name === 'NumberDurationLiteral') return { kind: 'number', value: this.#number(node), ...place };
    if (node.name === 'StringLiteral') return { kind: 'string', value: this.#string(node), ...place };
    if (node.name === 'VectorSelector') return this.#selector(node);
    const args = childrenOfSyntax(node.getChild('FunctionCallBody')).map((child) => this.expression(child));
    if (node.name === 'FunctionCall')
      return { kind: 'call', name: this.#slice(node.getChild('FunctionIdentifier')), args, ...place };
    if (node.name !== 'AggregateExpr') throw this.#refuse(node, `${node.name} is not known here`);
    const modifier = node.getChild('AggregateModifier');
    return {
      kind: 'aggregate',
      name: this.#slice(node.getChild('AggregateOp')).toLowerCase(),
      mode: modifier === null ? null : modifier.getChild('By') ? 'by' : 'without',
      labels: this.#labels(modifier?.getChild('GroupingLabels')),
      args,
      ...place,
    };
  }

  #binary({ op, at }: FlatPart & { readonly kind: 'operator' }, left: PromqlNode, right: PromqlNode): PromqlBinary {
    const clause = at.getChild('MatchingModifierClause');
    const [matched, included] = clause?.getChildren('GroupingLabels') ?? [];
    return {
      kind: 'binary',
      op,
      bool: at.getChild('BoolModifier') !== null,
      matching: clause && { mode: clause.getChild('On') ? 'on' : 'ignoring', labels: this.#labels(matched) },
      many: clause?.getChild('GroupLeft') ? 'left' : clause?.getChild('GroupRight') ? 'right' : null,
      include: this.#labels(included),
      left,
      right,
      from: left.from,
      to: right.to,
    };
  }

  #selector(node: SyntaxNode): PromqlSelector {
    const name = node.getChild('Identifier');
    const list = childrenOfSyntax(node.getChild('LabelMatchers'));
    const [quoted, another] = list.filter((one) => one.name === 'QuotedLabelName');
    if (quoted && (name !== null || another)) throw this.#refuse(another ?? quoted, 'the metric is named twice');
    return {
      kind: 'selector',
      metric: quoted ? this.#label(quoted) : name && this.#slice(name),
      matchers: list
        .filter((one) => one !== quoted)
        .map((one) => ({
          label: this.#label(one.getChild('LabelName') ?? one.getChild('QuotedLabelName')),
          op: this.#slice(one.getChild('MatchOp')) as PromqlMatcher['op'], // the grammar has only the four
          value: this.#string(one.getChild('StringLiteral')),
        })),
      rangeMs: null,
      offsetMs: 0,
      at: null,
      selectorTo: node.to,
      from: node.from,
      to: node.to,
    };
  }

  /** `[5m]`, `[1h:5m]`, `offset 5m` or `@ end()` behind what it belongs to. */
  #shifted(expr: PromqlNode, postfix: SyntaxNode, base: SyntaxNode): PromqlNode {
    const place = { from: base.from, to: postfix.to };
    const durations = postfix.getChildren('DurationExpr').map((one) => this.#duration(one));
    const [rangeMs = Number.NaN, stepMs = null] = durations;
    if (postfix.name === 'SubqueryExpr')
      return { kind: 'subquery', expr, rangeMs, stepMs, offsetMs: 0, at: null, ...place };
    const bare = expr.kind === 'subquery' || (expr.kind === 'selector' && base.name === 'VectorSelector');
    if (!bare) throw this.#refuse(postfix, 'a range, offset or @ is not for what stands before it');
    if (postfix.name === 'MatrixSelector') {
      if (expr.kind !== 'selector' || expr.rangeMs !== null || expr.offsetMs !== 0 || expr.at !== null)
        throw this.#refuse(postfix, 'a range belongs right behind a selector');
      return { ...expr, rangeMs, ...place };
    }
    if (postfix.name === 'OffsetExpr')
      return { ...expr, offsetMs: this.#duration(postfix.getChild('OffsetDurationExpr')), ...place };
    if (postfix.name !== 'StepInvariantExpr') return { ...expr, ...place };
    const end = postfix.getChild('AtModifierPreprocessors');
    const instant = postfix.getChild('NumberDurationLiteral');
    return { ...expr, at: end?.getChild('AtEnd') ? 'end' : end ? 'start' : instant && this.#number(instant), ...place };
  }

  #labels(list: SyntaxNode | null | undefined): readonly string[] {
    return childrenOfSyntax(list ?? null).map((child) => this.#label(child));
  }

  #label(node: SyntaxNode | null): string {
    return node?.name === 'QuotedLabelName' ? this.#string(node.getChild('StringLiteral')) : this.#slice(node);
  }

  #string(node: SyntaxNode | null): string {
    const value = unquoted(this.#slice(node));
    if (value === null) throw this.#refuse(node, 'a string that does not end, or an escape that means nothing');
    return value;
  }

  /** A literal; the sign of a literal was taken off before. Durations count in seconds. */
  #number(node: SyntaxNode): number {
    const plain = this.#slice(node)
      .replaceAll('_', '')
      .toLowerCase()
      .replace(/^[-+]\s*/, '');
    if (plain === 'inf') return Number.POSITIVE_INFINITY;
    const duration = plain.startsWith('0x') ? null : durationMs(plain);
    return duration === null ? Number(plain) : duration / 1000;
  }

  /** Milliseconds; NaN for one that Prometheus computes. */
  #duration(node: SyntaxNode | null): number {
    const [, sign, plain = ''] = /^([-+]?)\s*(.*)$/s.exec(this.#slice(node)) ?? [];
    const ms = durationMs(plain) ?? (plain === '' ? Number.NaN : Number(plain) * 1000);
    return sign === '-' ? -ms : ms;
  }

  #slice(node: SyntaxNode | null): string {
    return node === null ? '' : this.#text.slice(node.from, node.to);
  }

  #refuse(node: SyntaxNode | null, why: string): PromqlSyntaxError {
    return new PromqlSyntaxError(why, node?.from ?? 0);
  }
}
