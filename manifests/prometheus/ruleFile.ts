import type { LinkBases } from './alertText.ts';
import { alertAnnotations, alertLabels } from './alertText.ts';
import { ALERT_GROUPS } from './catalogue.ts';
import type { Names } from './names.ts';
import { RECORDINGS } from './recordings.ts';

export interface RuleEntry {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleFileGroup {
  readonly name: string;
  readonly rules: readonly RuleEntry[];
}

/** The rules of one installation, as plain Prometheus rule groups; the recordings first. */
export function ruleGroups(names: Names, links?: LinkBases): readonly RuleFileGroup[] {
  const recordings = RECORDINGS.map((rule) => ({ record: rule.record, expr: rule.expr(names) }));
  return [{ name: 'lambda-responder-recordings', rules: recordings }, ...alertGroups(names, links)];
}

/** The alerting rules alone. Like the recordings they are the same for every era of Knative. */
export function alertGroups(names: Names, links?: LinkBases): readonly RuleFileGroup[] {
  return Object.entries(ALERT_GROUPS).map(([name, alerts]) => ({
    name: `lambda-responder-${name}`,
    rules: alerts.flatMap((rule): RuleEntry[] => {
      const expr = rule.expr(names);
      if (expr === null) return [];
      // Prometheus takes the name from `alert`, not from the labels.
      const { alertname: _name, ...labels } = alertLabels(rule);
      return [{ alert: rule.name, expr, for: rule.for, labels, annotations: alertAnnotations(rule, links) }];
    }),
  }));
}
