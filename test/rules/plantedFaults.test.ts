import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { lintRules } from '../../src/playbooks/ruleLint.ts';
import { formatLint } from '../../src/playbooks/rules/formats.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faults-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Written {
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

let files = 0;
async function checksOf(rule: Written): Promise<readonly string[]> {
  const path = join(folder, `${files++}.yaml`);
  const whole = { alert: 'A', for: '5m', labels: { severity: 'warning' }, ...rule };
  await writeFile(path, stringify({ groups: [{ name: 'g', rules: [whole] }] }));
  const report = await lintRules([path], { hasRunbook: () => true });
  return report.findings.map(({ check, level }) => `${level} ${check}`);
}

/** One fault each, of a kind that was met; none of them is told by promtool but the first four. */
const FAULTS: Readonly<Record<string, readonly [rule: Written, finding: string]>> = {
  'an expression that does not end': [{ expr: 'sum(rate(a_total[5m])' }, 'error syntax'],
  'a function that does not exist': [{ expr: 'ratee(a_total[5m]) > 1' }, 'error syntax'],
  'a rate without a range': [{ expr: 'rate(a_total) > 1' }, 'error syntax'],
  'a range where a value belongs': [{ expr: 'sum(a_total[5m]) > 1' }, 'error syntax'],
  'a count compared with 0': [{ expr: 'count(up{job="a"} == 1) == 0' }, 'error never-true'],
  'absent() compared with 0': [{ expr: 'absent(up{job="a"}) == 0' }, 'error never-true'],
  'a rate below 0': [{ expr: 'sum(rate(a_total[5m])) < 0' }, 'error never-true'],
  'up above 1': [{ expr: 'up{job="a"} > 1' }, 'error never-true'],
  'bounds that exclude each other': [{ expr: 'queue_depth > 100 and queue_depth < 50' }, 'error never-true'],
  'a rate that is at least 0': [{ expr: 'rate(a_total[5m]) >= 0' }, 'warning always-true'],
  'a comparison that answers 0 or 1': [{ expr: 'queue_depth > bool 10' }, 'warning always-true'],
  'a label that was aggregated away': [
    { expr: 'sum by (job) (up) == 0', annotations: { summary: '{{ $labels.pod }}' } },
    'warning label-not-in-result',
  ],
  'a label absent() does not give': [
    { expr: 'absent(up{job=~"a.*"})', annotations: { summary: '{{ $labels.job }}' } },
    'warning label-not-in-result',
  ],
  'sides aggregated by different labels': [
    { expr: 'sum by (pod) (a) / sum by (node) (b) > 1' },
    'warning fragile-matching',
  ],
  'an aggregate joined with a plain series': [
    { expr: 'sum by (namespace) (quota_used) > quota_hard' },
    'warning fragile-matching',
  ],
  'a condition that joins nothing': [
    { expr: 'sum by (job) (rate(a_total[5m])) > 1 and sum(rate(b_total[5m])) > 0' },
    'warning fragile-matching',
  ],
  'on() of a label one side lost': [
    { expr: 'sum by (pod) (a) > on (pod) sum by (node) (b)' },
    'warning fragile-matching',
  ],
  'topk with a wait': [{ expr: 'topk(3, sum by (pod) (a)) > 5' }, 'warning topk'],
  'absent() without a wait': [{ expr: 'absent(up{job="a"})', for: '0m' }, 'warning absent'],
  'absent() of an aggregate by label': [{ expr: 'absent(sum by (job) (up))' }, 'warning absent'],
  'a ratio of few events': [
    { expr: 'sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) > 0.1' },
    'warning ratio-without-minimum',
  ],
  'a quantile of few requests': [
    { expr: 'histogram_quantile(0.99, sum by (le) (rate(a_seconds_bucket[5m]))) > 1' },
    'notice quantile-without-traffic',
  ],
  'a ratio printed as a percentage': [
    { expr: 'disk_free_bytes / disk_size_bytes < 0.1', annotations: { summary: '{{ $value }}% free' } },
    'warning percent-of-ratio',
  ],
  'a label that without() took away': [
    { expr: 'sum without (pod) (rate(a_total[5m])) > 5', annotations: { summary: '{{ $labels.pod }}' } },
    'warning label-not-in-result',
  ],
  'a label group_left() does not bring over': [
    {
      expr: 'sum by (namespace, pod) (a) * on (namespace, pod) group_left () kube_pod_info > 1',
      annotations: { summary: '{{ $labels.node }}' },
    },
    'warning label-not-in-result',
  ],
  'an answer of 0 or 1 above 1': [{ expr: '(up == bool 1) > 1' }, 'error never-true'],
  'a quantile without its buckets': [
    { expr: 'histogram_quantile(0.9, sum by (route) (rate(a_seconds_bucket[5m]))) > 1', for: '15m' },
    'error never-true',
  ],
  'a template that is not closed': [
    { expr: 'queue_depth > 10', annotations: { summary: '{{ $labels.queue }' } },
    'error template',
  ],
  'a function templates do not have': [
    { expr: 'queue_depth > 10', annotations: { summary: '{{ $value | humanise }}' } },
    'error template',
  ],
  'a comment that is not closed': [
    { expr: 'queue_depth > 10', annotations: { summary: '{{/* long }} queue' } },
    'error template',
  ],
  'a comment apart from its braces': [
    { expr: 'queue_depth > 10', annotations: { summary: '{{ /* long */ }}queue' } },
    'error template',
  ],
  'a function that only vmalert has': [
    { expr: 'queue_depth > 10', annotations: { summary: '{{ $labels.queue | jsonEscape }}' } },
    'warning template',
  ],
  'a variable that only vmalert has': [
    { expr: 'queue_depth > 10', annotations: { summary: 'since {{ $activeAt.Unix }}' } },
    'warning template',
  ],
  'the value in a label': [
    { expr: 'queue_depth > 10', labels: { severity: 'warning', depth: '{{ $value }}' } },
    'warning value-in-label',
  ],
  'a variable of the template that does not exist': [
    { expr: 'queue_depth > 10', annotations: { summary: '{{ $label.queue }}' } },
    'error template',
  ],
  'a wait longer than its Job': [
    { expr: 'kube_job_failed{job_name=~".*-build-.*"} > 0', for: '1h' },
    'warning for-outlives-object',
  ],
  'a severity that means nothing': [
    { expr: 'queue_depth > 10', labels: { severity: 'purple' } },
    'warning no-severity',
  ],
  'a metric of no Knative': [{ expr: 'kn_revision_pod_count > 10' }, 'warning other-era'],
};

/** Shapes that well-written rules have, each of which a careless check takes for a fault. */
const SOUND: readonly Written[] = [
  { expr: 'up{job="a"} == 0', annotations: { summary: '{{ $labels.instance }} is down' } },
  { expr: 'count by (job) (up == 0) / count by (job) (up) > 0.1' },
  { expr: 'count(up{job="a"} == 1) < 3' },
  { expr: 'histogram_quantile(0.9, sum without (pod) (rate(a_seconds_bucket[15m]))) > 1', for: '30m' },
  { expr: 'histogram_quantile(0.9, sum by (route) (rate(a_seconds[15m]))) > 1', for: '30m' },
  { expr: 'sum without (pod) (a) > 5', annotations: { summary: '{{ $labels.job }} {{ title .Labels.job }}' } },
  {
    expr: 'queue_depth > 10',
    annotations: {
      s: '{{- /* a note */ -}}{{ with printf "up{job=%q}" .Labels.job | query }}{{ . | first | value | humanize }}{{ end }}',
    },
  },
  {
    expr: 'queue_length > 10',
    labels: { severity: 'warning', team: '{{/* not the $value */}}shop' },
    annotations: {
      s: '{{/* it"s long, `as {{ $labels.queue }} was: $depth | humanise */}}{{ $labels.queue }}{{- /* a ` too */ -}} is long',
    },
  },
  { expr: 'absent(up{job="a"} == 1)' },
  { expr: 'sum by (namespace) (a) > on (namespace) group_left () sum by (namespace) (b)' },
  { expr: 'kube_deployment_spec_replicas != kube_deployment_status_replicas_available' },
  { expr: '(kube_node_status_condition{condition="Ready",status="true"} == 1) unless on (node) kube_node_spec_taint' },
  {
    expr: 'sum by (pod) (a) * on (pod) group_left (node) max by (pod, node) (kube_pod_info) > 1',
    annotations: { s: '{{ $labels.node }}' },
  },
  { expr: 'node_filesystem_avail_bytes / node_filesystem_size_bytes * 100 < 5 and node_filesystem_readonly == 0' },
  { expr: 'predict_linear(node_filesystem_avail_bytes[6h], 4*60*60) < 0' },
  { expr: 'max_over_time(sum(a)[30m:1m]) > 5' },
  { expr: 'job:errors:ratio_rate1h > 14.4 * 0.001 and job:errors:ratio_rate5m > 14.4 * 0.001' },
  { expr: 'time() - max by (job) (last_success_timestamp_seconds) > 3600' },
  { expr: 'a{b="c"} > 10 and a{b="d"} < 5' },
  { expr: 'queue_depth > 10 and queue_depth < 100' },
  { expr: 'changes(process_start_time_seconds[10m]) > 2' },
  { expr: 'sum without (pod) (a) > 5', annotations: { summary: '{{ $labels.namespace }}' } },
  { expr: 'label_replace(sum by (a) (x), "b", "$1", "a", "(.+)") > 1', annotations: { summary: '{{ $labels.b }}' } },
  { expr: 'vector(1)', for: '0m' },
  { expr: 'sum(rate(a_total[5m])) > 0 unless on () vector(0) == 1' },
  {
    expr: 'x > 1',
    annotations: { summary: '{{ with query "up" }}{{ $first := . | first }}{{ $first.Value }}{{ end }}' },
  },
  { expr: 'x > 1', annotations: { summary: '{{ range $i, $e := query "up" }}{{ $i }} {{ $e.Value }}{{ end }}' } },
  { expr: 'min_over_time(x[10m]) == 0' },
  { expr: 'group by (job) (up) == 1' },
  { expr: 'count(up == 0) > 0' },
  { expr: 'sum by (a) (x) > 5 * 3', annotations: { summary: '{{ $labels.a }}' } },
  { expr: 'x > 0.8 * 50000', annotations: { summary: '{{ $labels.instance }}' } },
  { expr: 'time() - max by (job) (started) > 60', annotations: { summary: '{{ $labels.job }}' } },
  { expr: 'sum by (pod) (a) * on (pod) group_left (kind) topk by (pod) (1, max by (pod, kind) (kube_pod_owner)) > 0' },
];

describe('rules lint', () => {
  it.each(Object.entries(FAULTS))('finds %s', async (_name, [rule, finding]) => {
    expect(await checksOf(rule)).toContain(finding);
  });

  it.each(SOUND.map((rule) => [rule.expr, rule] as const))('has nothing to say of %s', async (_expr, rule) => {
    expect(await checksOf(rule)).toEqual([]);
  });

  it('leaves out what a comment ignores with a reason, and says of one without', async () => {
    const path = join(folder, 'ignored.yaml');
    await writeFile(
      path,
      `groups:
  - name: g
    rules:
      # lint:ignore topk: the dashboard of the fair shows who is on top
      - alert: Above
        expr: topk(3, sum by (pod) (a)) > 5
        for: 5m
        labels: { severity: warning }
      - alert: Inside
        # lint:ignore never-true : kept until the exporter is fixed
        expr: up > 1
        labels: { severity: warning }
      # lint:ignore topk
      - alert: NoReason
        expr: topk(3, sum by (pod) (a)) > 5
        for: 5m
        labels: { severity: warning }
      # lint:ignore top-k: a check there is not
      - alert: Other
        expr: up == 0
        labels: { severity: warning }
`,
    );
    const { findings } = await lintRules([path], { hasRunbook: () => true });
    expect(findings.map((one) => `${one.rule} ${one.check} ${one.line}`).toSorted()).toEqual([
      'NoReason topk 14',
      'null ignore 13',
      'null ignore 18',
    ]);
  });

  it('writes SARIF and annotations of GitHub, with the place of each finding', async () => {
    const path = join(folder, 'formats.yaml');
    await writeFile(
      path,
      'groups:\n  - name: g\n    rules:\n      - { alert: A, expr: "up > 1", labels: { severity: warning } }\n',
    );
    const report = await lintRules([path], { hasRunbook: () => true });
    expect(formatLint(report, 'github')).toMatch(/^::error file=.*formats\.yaml,line=4,title=never-true::A compares /);
    const sarif = JSON.parse(formatLint(report, 'sarif')) as { version: string; runs: { results: object[] }[] };
    expect(sarif.version).toBe('2.1.0');
    expect(sarif.runs[0]?.results).toMatchObject([
      { ruleId: 'never-true', level: 'error', locations: [{ physicalLocation: { region: { startLine: 4 } } }] },
    ]);
  });
});
