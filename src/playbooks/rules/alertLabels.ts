import { readPromql } from '../../../promql/read.ts';
import { resultLabels } from './resultLabels.ts';
import type { FoundRule } from './ruleFiles.ts';

/** Labels that every alert has. */
const ALWAYS = ['alertname'];

/**
 * The labels alerts of each name have, as their rules tell: those of the expression and those the rule adds. A name is missing
 * when one of its rules leaves them to what Prometheus scrapes.
 */
export function alertLabels(rules: readonly FoundRule[]): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, readonly string[]>();
  for (const [name, same] of Map.groupBy(rules, (rule) => rule.alert)) {
    if (name === null) continue;
    const each = same.map((rule) => {
      const node = readPromql(rule.expr);
      const labels = node && resultLabels(node);
      return labels && [...labels, ...Object.keys(rule.labels)];
    });
    if (each.every((labels) => labels !== null))
      known.set(name, [...new Set([...ALWAYS, ...each.flatMap((labels) => labels ?? [])])].toSorted());
  }
  return known;
}
