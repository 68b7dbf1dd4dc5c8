import type { PromqlNode } from '../../promql/node.ts';

/** An expression with parentheses around every operation, so that what binds to what can be read. */
export function bracketed(node: PromqlNode): string {
  switch (node.kind) {
    case 'number':
      return String(node.value);
    case 'string':
      return JSON.stringify(node.value);
    case 'selector': {
      const matchers = node.matchers.map(({ label, op, value }) => `${label}${op}${JSON.stringify(value)}`);
      const range = node.rangeMs === null ? '' : `[${node.rangeMs}]`;
      return `${node.metric ?? ''}${matchers.length > 0 ? `{${matchers.join(',')}}` : ''}${range}${shift(node)}`;
    }
    case 'subquery':
      return `${bracketed(node.expr)}[${node.rangeMs}:${node.stepMs ?? ''}]${shift(node)}`;
    case 'negate':
      return `(-${bracketed(node.expr)})`;
    case 'call':
      return `${node.name}(${node.args.map(bracketed).join(', ')})`;
    case 'aggregate': {
      const grouping = node.mode === null ? '' : ` ${node.mode}(${node.labels.join(',')})`;
      return `${node.name}${grouping}(${node.args.map(bracketed).join(', ')})`;
    }
    case 'binary': {
      const matching = node.matching ? ` ${node.matching.mode}(${node.matching.labels.join(',')})` : '';
      const many = node.many === null ? '' : ` group_${node.many}(${node.include.join(',')})`;
      const op = `${node.op}${node.bool ? ' bool' : ''}${matching}${many}`;
      return `(${bracketed(node.left)} ${op} ${bracketed(node.right)})`;
    }
  }
}

function shift({ offsetMs, at }: { readonly offsetMs: number; readonly at: number | string | null }): string {
  return `${offsetMs === 0 ? '' : ` offset ${offsetMs}`}${at === null ? '' : ` @ ${at}`}`;
}
