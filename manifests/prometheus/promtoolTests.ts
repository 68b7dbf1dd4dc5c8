import { alertLabels } from './alertText.ts';
import type { AlertRule } from './catalogue/alert.ts';
import { TIMES } from './catalogue/story.ts';
import { asScraped } from './exporterLabels.ts';
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
 * Prometheus writes, because promtool's own alert check compares the expanded annotations too. `stories` leaves out the two
 * healthy cases that are made of the rule's story: promtool evaluates every rule of a file in each of its tests.
 */
export function promtoolFile(
  rule: AlertRule,
  names: Names,
  ruleFile: string,
  scope: 'stories' | 'everything' = 'everything',
): PromtoolFile {
  // As often as there are samples: one that is five minutes old is no longer seen by Prometheus 3.
  const interval = rule.test.interval ?? '1m';
  return {
    rule_files: [ruleFile],
    evaluation_interval: interval,
    tests: [testOf(rule, names), ...oddTests(rule, names, scope)],
  };
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
    input_series: Object.entries(test.series(names)).map(([series, values]) => ({ series: asScraped(series), values })),
    promql_expr_test: [
      ...(quietAt === null ? [] : [{ expr, eval_time: quietAt, exp_samples: [] }]),
      { expr, eval_time: test.firesAt ?? TIMES.firesAt, exp_samples: firing },
      ...(resolvedAt === null ? [] : [{ expr, eval_time: resolvedAt, exp_samples: [] }]),
    ],
  };
}

/** Tests in which the rule must never fire within 80 samples: what is odd and healthy. */
function oddTests(rule: AlertRule, names: Names, scope: 'stories' | 'everything'): readonly PromtoolTest[] {
  const { test } = rule;
  const cases: Record<string, Readonly<Record<string, string>>> = {};
  // A rule that fires all the time, such as a heartbeat, has no healthy hour.
  if (test.quietAt !== null && scope === 'everything') {
    if (!test.firesWithoutData) cases['no data at all'] = {};
    cases['healthy, one sample missing'] = Object.fromEntries(
      Object.entries(test.series(names)).flatMap(([series, values]) => {
        const healthy = healthyValues(values);
        return healthy === null ? [] : [[series, healthy]];
      }),
    );
  }
  for (const [name, series] of Object.entries(test.odd ?? {})) cases[name] = series(names);
  return Object.entries(cases).map(([name, series]) => ({
    name: `${rule.name} (${rule.severity}) is quiet: ${name}`,
    interval: test.interval ?? '1m',
    input_series: Object.entries({ 'up{job="something else"}': '1x79', ...series }).map(([one, values]) => ({
      series: asScraped(one),
      values,
    })),
    promql_expr_test: [
      {
        expr: `max_over_time(ALERTS{alertname="${rule.name}", severity="${rule.severity}", alertstate="firing"}[1d])`,
        eval_time: test.interval === '10m' ? '13h' : '79m',
        exp_samples: [],
      },
    ],
  }));
}

/** The values a story begins with, gone on with for 80 samples of which one is missing; null for what is not there in good times. */
function healthyValues(values: string): string | null {
  const [, from = '', step = '0'] = /^(-?[\d.]+)(?:\+([\d.]+))?x/.exec(values) ?? [];
  if (from === '') return null;
  const [start, slope] = [Number(from), Number(step)];
  return `${start}+${slope}x29 _ ${start + 31 * slope}+${slope}x48`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(', ')}}`;
}
