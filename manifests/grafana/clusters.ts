import { selectorsOf } from '../../promql/node.ts';
import { parsePromql } from '../../promql/read.ts';

const MATCHER = 'cluster=~"$cluster"';
/** Grafana's own name for a duration, and a duration of as many letters, so that places stay. */
const INTERVAL = /\$__rate_interval/g;

/**
 * The expression for the clusters chosen above the dashboard. A Prometheus of one cluster has no such label, which "All" matches
 * too; Thanos and Mimir put it on every series, recorded ones as well.
 * @throws PromqlSyntaxError for what is no PromQL.
 */
export function inCluster(expr: string): string {
  const plain = expr.replaceAll(INTERVAL, (name) => `${'0'.repeat(name.length - 2)}5m`);
  const ends = selectorsOf(parsePromql(plain)).map(({ selectorTo }) => selectorTo);
  return ends
    .toSorted((a, b) => b - a)
    .reduce((text, end) => {
      if (text.charAt(end - 1) !== '}') return `${text.slice(0, end)}{${MATCHER}}${text.slice(end)}`;
      const before = text.slice(0, end - 1).trimEnd();
      return `${before}${before.endsWith('{') ? '' : ', '}${MATCHER}${text.slice(end - 1)}`;
    }, expr);
}
