export interface Matcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

export interface Selector {
  readonly kind: 'selector';
  /** The metric name is a matcher on `__name__`, as in Prometheus. */
  readonly matchers: readonly Matcher[];
  /** Milliseconds of a range vector; null for an instant vector. */
  readonly rangeMs: number | null;
  readonly offsetMs: number;
}

export interface Binary {
  readonly kind: 'binary';
  readonly op: string;
  readonly left: Expression;
  readonly right: Expression;
  readonly bool: boolean;
  readonly matching: { readonly mode: 'on' | 'ignoring'; readonly labels: readonly string[] };
  /** The side that may have many partners; null for one-to-one. */
  readonly many: 'left' | 'right' | null;
  readonly include: readonly string[];
}

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | Selector
  | { readonly kind: 'subquery'; readonly expr: Expression; readonly rangeMs: number; readonly stepMs: number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'aggregate';
      readonly op: string;
      readonly mode: 'by' | 'without';
      readonly labels: readonly string[];
      readonly parameter: Expression | null;
      readonly expr: Expression;
    }
  | { readonly kind: 'negate'; readonly expr: Expression }
  | Binary;

/** An expression that cannot be understood (`bad_data`) or evaluated (`execution`). */
export class PromqlError extends Error {
  readonly kind: 'bad_data' | 'execution';

  constructor(message: string, kind: 'bad_data' | 'execution' = 'bad_data') {
    super(message);
    this.kind = kind;
  }
}
