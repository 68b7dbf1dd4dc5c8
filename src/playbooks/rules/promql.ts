/** A PromQL expression, read as far as a lint needs it. */
export type PromqlNode =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string' }
  | PromqlSelector
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly PromqlNode[] }
  | {
      readonly kind: 'aggregate';
      /** In lower case. */
      readonly name: string;
      readonly mode: 'by' | 'without' | null;
      readonly labels: readonly string[];
      readonly args: readonly PromqlNode[];
    }
  | {
      readonly kind: 'binary';
      readonly op: string;
      readonly on: readonly string[] | null;
      /** With group_left or group_right: labels of the other side may be added. */
      readonly grouped: boolean;
      readonly left: PromqlNode;
      readonly right: PromqlNode;
    };

export interface PromqlSelector {
  readonly kind: 'selector';
  /** null when only matchers name it. */
  readonly metric: string | null;
  readonly matchers: readonly { readonly label: string; readonly op: string; readonly value: string }[];
}

const TOKEN =
  /\s+|#[^\n]*|((?:\d+(?:ms|[smhdwy]))+(?![\w.]))|(0x[\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([a-zA-Z_:][\w:]*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(=~|!~|==|!=|<=|>=|[-+*/%^<>=(){}[\],:@])/gy;

/** Far more than people write; what reads a tree of it recursively must not run out of stack. */
const MAX_TOKENS = 4_000;

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
  atan2: 5,
  '^': 6,
};
const AGGREGATIONS = new Set(
  'sum min max avg count group stddev stdvar topk bottomk quantile count_values limitk limit_ratio'.split(' '),
);

/** Reads an expression; null when it is not PromQL (a template, for instance). */
export function readPromql(text: string): PromqlNode | null {
  const reader = new Reader(tokenize(text) ?? []);
  const node = reader.expression(0);
  return node !== null && reader.atEnd() ? node : null;
}

function tokenize(text: string): string[] | null {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return null;
    if (!/^(\s|#)/.test(match[0])) found.push(match[0]);
    if (found.length > MAX_TOKENS) return null;
  }
  return found;
}

/** Recursive descent over tokens; null anywhere means "cannot read it". */
class Reader {
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  expression(lowest: number): PromqlNode | null {
    this.#depth += 1;
    const node = this.#depth > 200 ? null : this.#climb(lowest);
    this.#depth -= 1;
    return node;
  }

  #climb(lowest: number): PromqlNode | null {
    let left = this.#unary();
    while (left !== null) {
      const op = (this.#peek() ?? '').toLowerCase();
      const precedence = PRECEDENCE[op];
      if (precedence === undefined || precedence <= lowest) return left;
      this.#at += 1;
      this.#accept('bool');
      const on = this.#accept('on') ? this.#labels() : null;
      if (this.#accept('ignoring')) this.#labels();
      let grouped = false;
      for (const side of ['group_left', 'group_right']) {
        if (!this.#accept(side)) continue;
        grouped = true;
        if (this.#peek() === '(') this.#labels();
      }
      const right = this.expression(op === '^' ? precedence - 1 : precedence);
      left = right === null ? null : { kind: 'binary', op, on, grouped, left, right };
    }
    return null;
  }

  #unary(): PromqlNode | null {
    if (this.#accept('-') || this.#accept('+')) return this.#unary();
    const inner = this.#primary();
    return inner === null ? null : this.#postfix(inner);
  }

  #primary(): PromqlNode | null {
    const token = this.#peek();
    if (token === undefined) return null;
    this.#at += 1;
    if (token === '(') {
      const inner = this.expression(0);
      return this.#accept(')') ? inner : null;
    }
    if (/^["'`]/.test(token)) return { kind: 'string' };
    if (/^[\d.]/.test(token)) return { kind: 'number', value: Number(token) };
    if (token === '{') return this.#selector(null);
    if (!/^[a-zA-Z_:]/.test(token)) return null;
    const next = (this.#peek() ?? '').toLowerCase();
    if (AGGREGATIONS.has(token.toLowerCase()) && ['(', 'by', 'without'].includes(next))
      return this.#aggregate(token.toLowerCase());
    if (this.#peek() === '(') {
      const args = this.#arguments();
      return args === null ? null : { kind: 'call', name: token, args };
    }
    if (/^(inf|nan)$/i.test(token)) return { kind: 'number', value: Number.NaN };
    return this.#accept('{') ? this.#selector(token) : { kind: 'selector', metric: token, matchers: [] };
  }

  #aggregate(name: string): PromqlNode | null {
    let grouping = this.#grouping();
    const args = this.#arguments();
    grouping ??= this.#grouping();
    return args === null
      ? null
      : { kind: 'aggregate', name, mode: grouping?.mode ?? null, labels: grouping?.labels ?? [], args };
  }

  #grouping(): { mode: 'by' | 'without'; labels: readonly string[] } | null {
    for (const mode of ['by', 'without'] as const) if (this.#accept(mode)) return { mode, labels: this.#labels() };
    return null;
  }

  #labels(): readonly string[] {
    const labels: string[] = [];
    if (!this.#accept('(')) return labels;
    for (let token = this.#peek(); token !== undefined && token !== ')'; token = this.#peek()) {
      if (token !== ',') labels.push(token.replace(/^["']|["']$/g, ''));
      this.#at += 1;
    }
    this.#accept(')');
    return labels;
  }

  #arguments(): readonly PromqlNode[] | null {
    if (!this.#accept('(')) return null;
    const args: PromqlNode[] = [];
    while (!this.#accept(')')) {
      const arg = this.expression(0);
      if (arg === null) return null;
      args.push(arg);
      if (!this.#accept(',') && this.#peek() !== ')') return null;
    }
    return args;
  }

  #selector(metric: string | null): PromqlNode | null {
    const matchers: { label: string; op: string; value: string }[] = [];
    let name = metric;
    while (!this.#accept('}')) {
      const [label, op, value] = this.#tokens.slice(this.#at, this.#at + 3);
      if (label !== undefined && /^["']/.test(label) && !/^(=|!=|=~|!~)$/.test(op ?? '')) {
        // `{"a.metric", ...}` is how UTF-8 names are written.
        name = label.slice(1, -1);
        this.#at += 1;
      } else {
        if (label === undefined || value === undefined || !/^(=|!=|=~|!~)$/.test(op ?? '')) return null;
        matchers.push({ label: label.replace(/^["']|["']$/g, ''), op: op ?? '', value: unquote(value) });
        this.#at += 3;
      }
      if (!this.#accept(',') && this.#peek() !== '}') return null;
    }
    return { kind: 'selector', metric: name, matchers };
  }

  #postfix(inner: PromqlNode): PromqlNode | null {
    for (;;) {
      if (this.#accept('[')) {
        while (!this.atEnd() && this.#peek() !== ']') this.#at += 1;
        if (!this.#accept(']')) return null;
      } else if (this.#accept('offset')) {
        this.#accept('-');
        this.#at += 1;
      } else if (this.#accept('@')) {
        this.#at += 1;
        if (this.#accept('(')) this.#accept(')');
      } else return inner;
    }
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  /** Keywords are read in any case. */
  #accept(text: string): boolean {
    if (this.#peek()?.toLowerCase() !== text) return false;
    this.#at += 1;
    return true;
  }
}

function unquote(token: string): string {
  const inner = token.slice(1, -1);
  return token.startsWith('`') ? inner : inner.replace(/\\(.)/g, '$1');
}

/** Every node, the outermost first. */
export function walk(node: PromqlNode): readonly PromqlNode[] {
  if (node.kind === 'binary') return [node, ...walk(node.left), ...walk(node.right)];
  if (node.kind === 'call' || node.kind === 'aggregate') return [node, ...node.args.flatMap(walk)];
  return [node];
}

export function selectorsOf(node: PromqlNode): readonly PromqlSelector[] {
  return walk(node).filter((one) => one.kind === 'selector');
}
