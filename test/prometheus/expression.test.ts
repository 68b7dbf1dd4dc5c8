import { describe, expect, it, test } from '@jest/globals';
import { ALERTS } from '../../manifests/prometheus/catalogue.ts';
import { namesOf } from '../../manifests/prometheus/names.ts';
import { expressionOf, splitThreshold } from '../../src/prometheus/expression.ts';
import { unitOf } from '../../src/prometheus/unitOf.ts';
import { formatValue } from '../../src/prometheus/units.ts';

describe('the threshold of an alert', () => {
  test.each([
    ['rate(x[5m]) > 0.05', 'rate(x[5m])', 0.05, '>'],
    ['(a / b > 0.1 and c >= 3)', 'a / b', 0.1, '>'],
    ['30 * 60 < time() - y', 'time() - y', 1800, '>'],
    ['up{job="a > b"} == 0', 'up{job="a > b"}', 0, '=='],
    ['sum by (x) (y) > bool 2', 'sum by (x) (y)', 2, '>'],
    ['x > 1 unless on (pod) y', 'x', 1, '>'],
    ['absent(up == 1)', 'absent(up == 1)', null, null],
    ['a > 1 or b > 2', 'a > 1 or b > 2', null, null],
    ['used > hard', 'used', null, null],
    ['x > -1e-7', 'x', -1e-7, '>'],
    ['(1 - (a / b)) > 14.4 * 0.001', '(1 - (a / b))', 14.4 * 0.001, '>'],
    ['a > b offset 1d * 2', 'a', null, null],
    ['a - a offset 15m > 3', 'a - a offset 15m', 3, '>'],
    ['a # how many > 9\n  > 5 # or so', 'a', 5, '>'],
    ['{"a.b", c="x > 1"} > -(2 + 1)', '{"a.b", c="x > 1"}', -3, '>'],
    ['a > $__range', 'a > $__range', null, null],
  ])('%s', (expression, series, threshold, comparison) => {
    expect(splitThreshold(expression)).toEqual({ series, threshold, comparison });
  });

  it('is found in nearly every shipped rule', () => {
    const expressions = ALERTS.flatMap((rule) => rule.expr(namesOf('operator', 'knative-1.18')) ?? []);
    const found = expressions.filter((expression) => splitThreshold(expression).threshold !== null);
    expect(expressions.length).toBeGreaterThan(60);
    expect(found.length / expressions.length).toBeGreaterThan(0.8);
  });

  it('is read from the link of an alert when no rule is loaded', () => {
    expect(expressionOf('http://p:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1')).toBe('up == 0');
    expect(expressionOf('http://p:9090/graph')).toBeNull();
    expect(expressionOf('not a link')).toBeNull();
    expect(expressionOf(null)).toBeNull();
  });
});

describe('units', () => {
  test.each([
    ['container_memory_working_set_bytes{container="kaniko"}', 'bytes'],
    ['rate(container_network_receive_bytes_total[5m])', 'bytesPerSecond'],
    ['sum(rate(revision_app_request_count[5m]))', 'perSecond'],
    ['sum(rate(a{code="5xx"}[5m])) / sum(rate(a[5m]))', 'ratio'],
    ['histogram_quantile(0.95, sum by (le) (rate(build_duration_seconds_bucket[30m])))', 'seconds'],
    ['histogram_quantile(0.95, rate(revision_app_request_latencies_bucket[5m]))', 'milliseconds'],
    ['histogram_quantile(0.95, rate(revision_app_request_latencies_bucket[5m])) / 1000', 'seconds'],
    ['time() - kube_job_status_start_time', 'seconds'],
    ['sum(increase(build_failures_total[10m]))', 'count'],
    ['knative_lambda:request_errors:ratio_rate1h', 'ratio'],
    ['function:requests:rate5m', 'perSecond'],
    ['up{job="build_bytes"}', 'plain'],
    ['1 - sum(rate(a[5m])) / sum(rate(b[5m])) > 0.1', 'ratio'],
    ['100 * sum(rate(a[5m])) / sum(rate(b[5m]))', 'plain'],
    ['sum(rate(a[5m])) / sum(rate(b[5m])) * 100', 'plain'],
    ['rate(x_bytes_total[5m]) * on (pod) group_left (node) kube_pod_info', 'bytesPerSecond'],
    ['count(x_seconds) by (pod)', 'count'],
  ] as const)('%s is in %s', (expression, unit) => {
    expect(unitOf(expression)).toBe(unit);
  });

  test.each([
    [0.0123, 'ratio', '1.23%'],
    [0.99951, 'ratio', '99.951%'],
    [1, 'ratio', '100%'],
    [4 * 1024 ** 3, 'bytes', '4 GiB'],
    [0.0714, 'seconds', '71.4 ms'],
    [264, 'seconds', '4.4 min'],
    [955, 'milliseconds', '955 ms'],
    [1_234_567, 'plain', '1.23M'],
    [3e-7, 'plain', '3.0e-7'],
    [0, 'count', '0'],
    [3.04, 'count', '3'],
    [Number.NaN, 'count', 'no data'],
    [Number.POSITIVE_INFINITY, 'seconds', '+Inf'],
  ] as const)('%d in %s is written %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });
});
