/** Where a part stands in the text: from its first character up to, not including, `to`; parentheses around it included. */
interface Place {
  readonly from: number;
  readonly to: number;
}

/** When a selector or subquery is read instead of at the instant asked for. */
interface Shift {
  /** Milliseconds back; NaN where Prometheus computes it. */
  readonly offsetMs: number;
  /** Epoch seconds of `@`, or which end of the range asked for; null without it. */
  readonly at: number | 'start' | 'end' | null;
}

/** A PromQL expression as a tree. Parentheses and a unary plus leave no node of their own. */
export type PromqlNode =
  | (Place & { readonly kind: 'number'; readonly value: number })
  | (Place & { readonly kind: 'string'; readonly value: string })
  | PromqlSelector
  | PromqlSubquery
  | (Place & { readonly kind: 'negate'; readonly expr: PromqlNode })
  | (Place & { readonly kind: 'call'; readonly name: string; readonly args: readonly PromqlNode[] })
  | PromqlAggregate
  | PromqlBinary;

export interface PromqlSelector extends Place, Shift {
  readonly kind: 'selector';
  /** null when only matchers name it. */
  readonly metric: string | null;
  readonly matchers: readonly PromqlMatcher[];
  /** Of a range vector, milliseconds; NaN where Prometheus computes it; null for an instant vector. */
  readonly rangeMs: number | null;
  /** Where the selector itself ends, without its range and the like. */
  readonly selectorTo: number;
}

export interface PromqlMatcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

export interface PromqlSubquery extends Place, Shift {
  readonly kind: 'subquery';
  readonly expr: PromqlNode;
  /** Milliseconds; NaN where Prometheus computes it (`[step() * 3:]`). */
  readonly rangeMs: number;
  /** null: the server's evaluation interval. */
  readonly stepMs: number | null;
}

export interface PromqlAggregate extends Place {
  readonly kind: 'aggregate';
  /** In lower case. */
  readonly name: string;
  readonly mode: 'by' | 'without' | null;
  readonly labels: readonly string[];
  readonly args: readonly PromqlNode[];
}

export interface PromqlBinary extends Place {
  readonly kind: 'binary';
  /** In lower case. */
  readonly op: string;
  readonly bool: boolean;
  /** null: by all labels. */
  readonly matching: { readonly mode: 'on' | 'ignoring'; readonly labels: readonly string[] } | null;
  /** The side that may have many partners (`group_left`, `group_right`); null for one-to-one. */
  readonly many: 'left' | 'right' | null;
  /** Labels the one gives the many. */
  readonly include: readonly string[];
  readonly left: PromqlNode;
  readonly right: PromqlNode;
}

/** The nodes right below. */
export function childrenOf(node: PromqlNode): readonly PromqlNode[] {
  if (node.kind === 'binary') return [node.left, node.right];
  if (node.kind === 'call' || node.kind === 'aggregate') return node.args;
  return node.kind === 'subquery' || node.kind === 'negate' ? [node.expr] : [];
}

/** Every node, the outermost first. */
export function walk(node: PromqlNode): readonly PromqlNode[] {
  return [node, ...childrenOf(node).flatMap(walk)];
}

export function selectorsOf(node: PromqlNode): readonly PromqlSelector[] {
  return walk(node).filter((one) => one.kind === 'selector');
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);

export function isComparison(node: PromqlNode): boolean {
  return node.kind === 'binary' && COMPARISONS.has(node.op);
}
