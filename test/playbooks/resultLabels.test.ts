import { expect, test } from '@jest/globals';
import { readPromql } from '../../promql/read.ts';
import { alertLabels } from '../../src/playbooks/rules/alertLabels.ts';
import { resultLabels } from '../../src/playbooks/rules/resultLabels.ts';
import type { FoundRule } from '../../src/playbooks/rules/ruleFiles.ts';

const labelsOf = (expr: string): readonly string[] | null => {
  const node = readPromql(expr);
  if (!node) throw new Error(`not read: ${expr}`);
  return resultLabels(node);
};

test.each<[string, readonly string[] | null]>([
  ['up == 0', null],
  ['sum(rate(x[5m])) > 1', []],
  ['sum by (namespace, pod) (rate(x[5m])) > 1', ['namespace', 'pod']],
  ['sum without (pod) (x) > 1', null],
  ['topk(3, sum by (pod) (x))', ['pod']],
  ['count_values by (job) ("version", x)', null],
  ['absent(up{job="a", pod=~"b"})', ['job']],
  ['absent(up{job="a"} == 1)', []],
  ['vector(1)', []],
  ['histogram_quantile(0.95, sum by (le, job) (rate(x_bucket[5m]))) > 1', ['job']],
  ['label_replace(sum by (a) (x), "b", "$1", "a", "(.+)")', null],
  ['sum by (a) (x) / on (a) sum by (a, b) (y) > 0.1', ['a']],
  ['sum by (a) (x) / on (a) group_left (c) y', ['a', 'c']],
  ['sum by (a) (x) > 1 and on (a) y > 0', ['a']],
  ['sum by (a) (x) or sum by (b) (y)', ['a', 'b']],
  ['max_over_time(sum by (a) (x)[5m:]) > 1', ['a']],
  ['1 - sum by (a) (x) > 0.5', ['a']],
])('%s has the labels %j', (expr, labels) => {
  expect(labelsOf(expr)).toEqual(labels);
});

test('an alert has the labels of its expression and of its rule; with one rule unknown, nothing is known', () => {
  const rule = (alert: string, expr: string): FoundRule => ({
    file: 'f',
    line: 1,
    group: 'g',
    alert,
    record: null,
    expr,
    for: null,
    labels: { severity: 'critical' },
    annotations: {},
  });
  const known = alertLabels([
    rule('A', 'sum by (pod) (x) > 1'),
    rule('A', 'sum by (node) (x) > 1'),
    rule('B', 'sum(x) > 1'),
    rule('B', 'up == 0'),
  ]);
  expect([...known]).toEqual([['A', ['alertname', 'node', 'pod', 'severity']]]);
});
