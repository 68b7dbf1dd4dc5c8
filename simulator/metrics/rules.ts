import { durationMs } from '../../promql/duration.ts';
import type { Expression } from './promql/ast.ts';
import type { RecordedExpression } from './promql/evaluate.ts';
import { evaluate } from './promql/evaluate.ts';
import { parsePromql } from './promql/parser.ts';
import type { Sample } from './promql/value.ts';
import { withoutName } from './promql/value.ts';
import type { MetricStore, SeriesLabels } from './store.ts';

/** A rule group as in a Prometheus rule file. */
export interface RuleGroup {
  readonly name: string;
  readonly file?: string;
  readonly rules: readonly RuleText[];
}

export interface RuleText {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: SeriesLabels;
  readonly annotations?: SeriesLabels;
}

export interface ActiveAlert {
  readonly labels: SeriesLabels;
  readonly annotations: SeriesLabels;
  readonly state: 'firing';
  readonly activeAt: string;
  readonly value: string;
}

interface Loaded {
  readonly group: string;
  readonly rule: RuleText;
  readonly expr: Expression;
}

/** The rules a simulated Prometheus knows: recordings are computed on demand, alerts when they are asked for. */
export interface LoadedRules {
  readonly recorded: ReadonlyMap<string, readonly RecordedExpression[]>;
  alerts(store: MetricStore, at: number): readonly ActiveAlert[];
  /** As the API lists them; `only` picks rules before their alerts are evaluated, and groups without any are left out. */
  groups(store: MetricStore, at: number, only?: (rule: RuleText) => boolean): readonly Record<string, unknown>[];
}

/** Parses rule groups. Throws PromqlError for an expression the evaluator cannot read. */
export function loadRules(groups: readonly RuleGroup[]): LoadedRules {
  const loaded: Loaded[] = groups.flatMap((group) =>
    group.rules.map((rule) => ({ group: group.name, rule, expr: parsePromql(rule.expr) })),
  );
  const recorded = new Map<string, RecordedExpression[]>();
  for (const { rule, expr } of loaded) {
    if (rule.record)
      recorded.set(rule.record, [...(recorded.get(rule.record) ?? []), { expr, labels: rule.labels ?? {} }]);
  }
  const activeOf = ({ rule, expr }: Loaded, store: MetricStore, at: number): readonly ActiveAlert[] => {
    const value = evaluate(expr, { store, at, recorded });
    const samples: readonly Sample[] = value.type === 'vector' ? value.samples : [];
    return samples.map((sample) => ({
      labels: { ...withoutName(sample.labels), ...rule.labels, alertname: rule.alert ?? '' },
      annotations: rule.annotations ?? {},
      state: 'firing',
      activeAt: new Date(at).toISOString(),
      value: String(sample.value),
    }));
  };
  const alerting = loaded.filter(({ rule }) => rule.alert !== undefined);
  return {
    recorded,
    alerts: (store, at) => alerting.flatMap((one) => activeOf(one, store, at)),
    groups: (store, at, only = () => true) =>
      groups.flatMap((group) => {
        const wanted = loaded.filter((one) => one.group === group.name && only(one.rule));
        if (wanted.length === 0) return [];
        return {
          name: group.name,
          file: group.file ?? `${group.name}.yaml`,
          interval: 15,
          rules: wanted.map((one) => ruleView(one, one.rule.alert === undefined ? [] : activeOf(one, store, at))),
        };
      }),
  };
}

function ruleView({ rule }: Loaded, alerts: readonly ActiveAlert[]): Record<string, unknown> {
  const shared = { name: rule.alert ?? rule.record, query: rule.expr, labels: rule.labels ?? {}, health: 'ok' };
  if (rule.alert === undefined) return { ...shared, type: 'recording' };
  return {
    ...shared,
    type: 'alerting',
    duration: (durationMs(rule.for ?? '0s') ?? 0) / 1000,
    annotations: rule.annotations ?? {},
    state: alerts.length > 0 ? 'firing' : 'inactive',
    alerts,
  };
}
