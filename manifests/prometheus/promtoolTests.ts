import { alertLabels } from './alertText.ts';
import type { AlertRule } from './catalogue/alert.ts';
import { TIMES } from './catalogue/story.ts';
import type { Names } from './names.ts';
import { RECORDINGS } from './recordings.ts';
import type { RuleFileGroup } from './ruleFile.ts';

/** A file for `promtool test rules`. */
export interface PromtoolFile {
  readonly rule_files: readonly string[];
  readonly evaluation_interval: string;
  readonly tests: readonly PromtoolTest[];
}

interface PromtoolTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly promql_expr_test: readonly {
    readonly expr: string;
    readonly eval_time: string;
    readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
  }[];
}

/**
 * The unit test of a rule: it is quiet, fires with exactly its labels, and resolves. It asks the series ALERTS that
 * Prometheus writes, because promtool's own alert check compares the expanded annotations too.
 */
export function promtoolFile(rule: AlertRule, names: Names, ruleFile: string): PromtoolFile {
  const interval = rule.test.interval === undefined ? '1m' : '5m';
  return { rule_files: [ruleFile], evaluation_interval: interval, tests: [testOf(rule, names)] };
}

/** The rules alone with the recordings they read, so that a test evaluates nothing else. */
export function rulesTested(rules: readonly AlertRule[], names: Names): readonly RuleFileGroup[] {
  const exprs = rules.map((rule) => rule.expr(names) ?? '');
  const recordings = RECORDINGS.filter((one) => {
    const name = new RegExp(`(?<![\\w:])${one.record}(?![\\w:])`);
    return exprs.some((expr) => name.test(expr));
  });
  return [
    {
      name: 'under-test',
      rules: [
        ...recordings.map((one) => ({ record: one.record, expr: one.expr(names) })),
        ...rules.map((rule, index) => {
          const { alertname: _name, ...labels } = alertLabels(rule);
          return { alert: rule.name, expr: exprs[index] ?? '', for: rule.for, labels };
        }),
      ],
    },
  ];
}

function testOf(rule: AlertRule, names: Names): PromtoolTest {
  const { test } = rule;
  const own = alertLabels(rule);
  const expr = `ALERTS{alertname="${rule.name}", severity="${rule.severity}", alertstate="firing"}`;
  const firing = test.labels(names).map((labels) => ({
    labels: `ALERTS${labelText({ ...labels, ...own, alertstate: 'firing' })}`,
    value: 1,
  }));
  const quietAt = test.quietAt === undefined ? TIMES.quietAt : test.quietAt;
  const resolvedAt = test.resolvedAt === undefined ? TIMES.resolvedAt : test.resolvedAt;
  return {
    name: `${rule.name} (${rule.severity})`,
    interval: test.interval ?? '1m',
    input_series: Object.entries(test.series(names)).map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      ...(quietAt === null ? [] : [{ expr, eval_time: quietAt, exp_samples: [] }]),
      { expr, eval_time: test.firesAt ?? TIMES.firesAt, exp_samples: firing },
      ...(resolvedAt === null ? [] : [{ expr, eval_time: resolvedAt, exp_samples: [] }]),
    ],
  };
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(', ')}}`;
}
