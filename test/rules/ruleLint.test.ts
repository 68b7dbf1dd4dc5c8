import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LinkBases, NO_LINKS } from '../../manifests/prometheus/alertText.ts';
import { manifestFiles } from '../../manifests/prometheus/manifestFiles.ts';
import { readPromql } from '../../promql/read.ts';
import { loadPlaybooks } from '../../src/playbooks/load.ts';
import type { LintOptions } from '../../src/playbooks/ruleLint.ts';
import { lintRules } from '../../src/playbooks/ruleLint.ts';
import { renderCoverage, ruleCoverage } from '../../src/playbooks/rules/coverage.ts';
import { renderLint } from '../../src/playbooks/rules/report.ts';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lint-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(text: string, name = `file-${files++}.yaml`): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** What the lint says about one alerting rule. */
async function checksOf(rule: string, options: LintOptions = {}): Promise<string[]> {
  const indented = rule.trim().replaceAll('\n', '\n        ');
  const path = await write(`groups:\n  - name: g\n    rules:\n      - alert: A\n        ${indented}\n`);
  const report = await lintRules([path], { hasRunbook: () => true, ...options });
  return report.findings.map((one) => one.check);
}

const GOOD = 'labels: { severity: warning }';

describe('rules lint', () => {
  it('has nothing to say about the shipped rules, which have a runbook each and no link that leads nowhere', async () => {
    const base = join(folder, 'shipped');
    const written = async (links: LinkBases) => {
      const paths: string[] = [];
      for (const [name, text] of Object.entries(manifestFiles(links))) {
        if (name.endsWith('kustomization.yaml') || name.includes('/promtool/')) continue;
        const path = join(base, name.replaceAll('/', '_'));
        await mkdir(base, { recursive: true });
        await writeFile(path, text);
        paths.push(path);
      }
      return [...paths, join(import.meta.dirname, '../../manifests/prometheus/watchdog.yaml')];
    };
    const runbookFolder = join(import.meta.dirname, '../../runbooks');
    const { playbooks } = loadPlaybooks([runbookFolder]);
    const served = new Set(playbooks.flatMap(({ alerts }) => alerts));
    const report = await lintRules(await written(NO_LINKS), { hasRunbook: (alert) => served.has(alert) });
    expect(report.alerts).toBeGreaterThan(150);
    expect(report.findings.map((one) => `${one.rule} ${one.check} ${one.problem}`)).toEqual([]);

    const links = { runbooks: 'https://wiki.acme.dev/runbooks', dashboards: 'https://grafana.acme.dev/d' };
    const shipped = await written(links);
    const published = await lintRules(shipped, {
      hasRunbook: (alert) => alert === 'Watchdog',
      runbookFolder,
      runbookBaseUrl: `${links.runbooks}/`,
    });
    expect(published.findings).toEqual([]);
  });

  it('names missing and unknown severities', async () => {
    expect(await checksOf('expr: up == 0')).toEqual(['no-severity']);
    expect(await checksOf('expr: up == 0\nlabels: { severity: sev-high }')).toEqual(['no-severity']);
    expect(await checksOf('expr: up == 0\nlabels: { severity: page }')).toEqual([]);
    expect(await checksOf('expr: up == 0\nlabels: { incident_severity: P1 }')).toEqual([]);
  });

  it('names missing, dead and unparsable runbooks', async () => {
    const none = { hasRunbook: () => false };
    const link = (url: string) => `expr: up == 0\n${GOOD}\nannotations: { runbook_url: '${url}' }`;
    await mkdir(join(folder, 'runbooks'), { recursive: true });
    await writeFile(join(folder, 'runbooks/A.md'), '# A');
    const local = { ...none, runbookFolder: join(folder, 'runbooks'), runbookBaseUrl: 'https://wiki.acme.dev/' };
    expect(await checksOf(`expr: up == 0\n${GOOD}`, none)).toEqual(['no-runbook']);
    expect(await checksOf(link('https://wiki.acme.dev/A.md'), local)).toEqual([]);
    expect(await checksOf(link('https://wiki.acme.dev/B.md'), local)).toEqual(['runbook-link']);
    expect(await checksOf(link('see the wiki'), local)).toEqual(['runbook-link']);
    expect(await checksOf(link('A.md'), local)).toEqual([]);
    expect(await checksOf(link('https://example.com/x'), none)).toEqual(['runbook-link']);
    const dead = { ...none, linkProblem: async () => ({ level: 'warning', problem: 'answers 404' }) as const };
    expect(await checksOf(link('https://wiki.acme.dev/A.md'), dead)).toEqual(['runbook-link']);
  });

  it('sees a wait that is longer than the object lives', async () => {
    const failed = `expr: kube_job_status_failed > 0\n${GOOD}`;
    expect(await checksOf(`${failed}\nfor: 5m`)).toEqual(['for-outlives-object']);
    expect(await checksOf(`${failed}\nfor: 1m`)).toEqual([]);
    expect(await checksOf(`${failed}\nfor: 5m`, { finishedJobSeconds: 86_400 })).toEqual([]);
    const joined = 'max by (job_name) (kube_job_failed) > 0 and on (job_name) kube_job_owner';
    expect(await checksOf(`expr: ${joined}\n${GOOD}\nfor: 15m`)).toEqual(['for-outlives-object']);
    const running = 'kube_job_spec_completions - kube_job_status_succeeded > 0';
    expect(await checksOf(`expr: ${running}\n${GOOD}\nfor: 12h`)).toEqual([]);
    const never = 'kube_job_status_active == 0 unless kube_job_complete == 1';
    expect(await checksOf(`expr: ${never}\n${GOOD}\nfor: 10m`)).toEqual([]);
    expect(await checksOf(`expr: max_over_time(kube_job_status_failed[1h]) > 0\n${GOOD}\nfor: 15m`)).toEqual([]);
  });

  it('sees percentages printed from ratios, and ratios without a minimum of events', async () => {
    const ratio = 'sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) > 0.01';
    const printed = `annotations: { summary: 'fails {{ $value }}%' }`;
    expect(await checksOf(`expr: ${ratio}\n${GOOD}\n${printed}`)).toEqual([
      'percent-of-ratio',
      'ratio-without-minimum',
    ]);
    const floor = `${ratio} and sum(rate(requests_total[5m])) > 0.1`;
    expect(await checksOf(`expr: ${floor}\n${GOOD}`)).toEqual([]);
    expect(
      await checksOf(
        `expr: 100 * ${ratio.replace('0.01', '1')} and sum(rate(requests_total[5m])) > 1\n${GOOD}\n${printed}`,
      ),
    ).toEqual([]);
    expect(await checksOf(`expr: node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1\n${GOOD}`)).toEqual([]);
    const good = `annotations: { summary: 'fails {{ $value | humanizePercentage }}' }`;
    expect(await checksOf(`expr: ${floor}\n${GOOD}\n${good}`)).toEqual([]);
  });

  it('sees labels that are printed and were aggregated away', async () => {
    const printed = `annotations: { summary: '{{ $labels.pod }} is down' }`;
    expect(await checksOf(`expr: sum by (namespace) (up) == 0\n${GOOD}\n${printed}`)).toEqual(['label-not-in-result']);
    expect(await checksOf(`expr: sum by (pod) (up) == 0\n${GOOD}\n${printed}`)).toEqual([]);
    expect(await checksOf(`expr: up == 0\n${GOOD}\n${printed}`)).toEqual([]);
  });

  it('sees metric names of another era of Knative', async () => {
    const old = `expr: revision_app_request_count > 0\n${GOOD}`;
    expect(await checksOf(old)).toEqual([]);
    expect(await checksOf(old, { knative: { minor: 18, patch: null } })).toEqual([]);
    expect(await checksOf(old, { knative: { minor: 21, patch: 0 } })).toEqual(['other-era']);
    expect(await checksOf(`expr: kn_queueproxy_depth > 9\n${GOOD}`, { knative: { minor: 21, patch: 0 } })).toEqual([
      'other-era',
    ]);
    const both = `expr: absent(autoscaler_desired_pods) and absent(kn_revision_pods_desired)\nfor: 5m\n${GOOD}`;
    expect(await checksOf(both, { knative: { minor: 21, patch: 0 } })).toEqual([]);
  });

  it('knows the rules of Knative Lambda that can never fire', async () => {
    const builds = 'knative_lambda_operator_build_duration_seconds_count';
    expect(await checksOf(`expr: 'increase(${builds}{result="failure"}[10m]) > 3'\n${GOOD}`)).toEqual(['never-true']);
    expect(await checksOf(`expr: knative_lambda_operator_workqueue_depth > 10\n${GOOD}`)).toEqual(['never-true']);
    expect(await checksOf(`expr: 'flagger_canary_status{status="Failed"} == 1'\n${GOOD}`)).toEqual(['never-true']);
  });

  it('asks a Prometheus for label values and metrics that do not exist', async () => {
    const known: Record<string, readonly string[]> = {
      'kube_pod_status_phase/__name__': ['kube_pod_status_phase'],
      'kube_pod_status_phase/phase': ['Running', 'Failed'],
    };
    const prometheus = { labelValues: async (metric: string, label: string) => known[`${metric}/${label}`] ?? [] };
    const phase = (matcher: string) => `expr: 'kube_pod_status_phase{${matcher}} > 0'\n${GOOD}`;
    expect(await checksOf(phase('phase="Faild"'), { prometheus })).toEqual(['unknown-label-value']);
    expect(await checksOf(phase('phase=~"Failed|Pending"'), { prometheus })).toEqual([]);
    expect(await checksOf(phase('colour="red"'), { prometheus })).toEqual(['unknown-label-value']);
    expect(await checksOf(`expr: no_such_metric > 0\n${GOOD}`, { prometheus })).toEqual(['unknown-metric']);
  });

  it('counts the series of a /metrics page', async () => {
    const lines = Array.from({ length: 150 }, (_, at) => `requests_total{user="u${at}",path="/"} 1`);
    const exposition = `# HELP requests_total x\n# TYPE requests_total counter\n${lines.join('\n')}\nup 1\n`;
    const report = await lintRules([], { exposition });
    expect(report.cardinality?.[0]).toEqual({
      metric: 'requests_total',
      series: 150,
      widestLabel: { name: 'user', values: 150 },
    });
    expect(report.findings.map((one) => one.problem)).toEqual(['has 150 values of label user']);
    expect(renderLint(report)).toContain('150  requests_total (150 values of user)');
  });

  it('names a metric of more than ten thousand series, and lists the twenty most numerous', async () => {
    const lines: string[] = [];
    for (let at = 0; at < 22 ** 3; at += 1)
      lines.push(`big{a="${at % 22}",b="${Math.floor(at / 22) % 22}",c="${Math.floor(at / 484)}"} 1`);
    for (let at = 0; at < 30; at += 1) lines.push(`small_${at} 1`);
    const report = await lintRules([], { exposition: lines.join('\n') });
    expect(report.findings.map((one) => `${one.rule} ${one.problem}`)).toEqual(['big has 10648 series']);
    expect(report.cardinality).toHaveLength(20);
  });

  it('reads every common form of rule file', async () => {
    const rules = `groups:\n  - name: g\n    rules:\n      - alert: Plain\n        expr: up == 0\n`;
    const indented = rules.replaceAll('\n', '\n  ');
    const crd = `apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: { name: x }\nspec:\n  ${indented}`;
    const list = JSON.stringify({
      kind: 'List',
      items: [{ kind: 'PrometheusRule', spec: { groups: [{ name: 'g', rules: [{ alert: 'Json', expr: 'up' }] }] } }],
    });
    const map = `kind: ConfigMap\ndata:\n  alerts.yaml: |\n    ${rules.replaceAll('\n', '\n    ')}`;
    const many = `${rules}---\n${rules}`;
    const report = await lintRules(await Promise.all([rules, crd, list, map, many].map((text) => write(text))));
    expect(report.alerts).toBe(6);
    expect(report.findings.filter((one) => one.check === 'file')).toEqual([]);
  });

  it('reports what it cannot read and goes on', async () => {
    const helm = `{{- if .Values.rules.enabled }}\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n{{- end }}\n`;
    const broken = 'groups:\n  - name: g\n   rules: [';
    const templated = `groups:\n  - name: {{ name }}\n    rules: {{ rules }}\n`;
    const other = 'kind: Deployment\n';
    const odd =
      'groups:\n  - null\n  - name: g\n    rules:\n      - 7\n      - alert: NoExpr\n      - alert: Odd\n        expr: "{{ $x }}"\n        labels: [1]\n';
    const jinja = 'groups:\n{{ groups }}\n  - x: [\n';
    const unquoted =
      'groups:\n  - name: g\n    rules:\n      - alert: A\n        annotations:\n          summary: {{ $labels.pod }} is down\n';
    const paths = await Promise.all(
      [helm, broken, templated, jinja, unquoted, other, odd, ''].map((text) => write(text)),
    );
    const report = await lintRules([...paths, join(folder, 'missing.yaml')]);
    const problems = report.findings.filter((one) => one.check === 'file').map((one) => one.problem);
    expect(problems[0]).toMatch(/no such file/);
    expect(problems.slice(1)).toEqual([
      'a Helm template, not rules yet',
      'Sequence item without - indicator',
      'a group without a list of rules',
      'a template, not rules yet',
      'does not parse: an unquoted {{ is a map in YAML',
      'no rule groups in it',
      'a group without a list of rules',
    ]);
    expect(report.findings.filter((one) => one.check === 'no-expression').map((one) => one.level)).toEqual([
      'error',
      'notice',
    ]);
    expect(renderLint(report)).toContain('Render it first');
  });

  it('reads through folders and passes over what has nothing to do with rules', async () => {
    const base = join(folder, 'repository');
    await mkdir(join(base, 'deploy'), { recursive: true });
    await mkdir(join(base, 'node_modules'), { recursive: true });
    await writeFile(join(base, 'deploy/service.yaml'), 'kind: Service\n');
    await writeFile(join(base, 'deploy/chart.yaml'), 'name: {{ .Values.name }}\n');
    await writeFile(join(base, 'deploy/rules.yaml'), 'groups: [{ name: g, rules: [{ alert: Found, expr: up }] }]');
    await writeFile(join(base, 'deploy/templated.yaml'), 'kind: PrometheusRule\nname: {{ .Values.name }}\n');
    await writeFile(join(base, 'node_modules/rules.yaml'), 'groups: [{ name: g, rules: [{ alert: Not, expr: up }] }]');
    const report = await lintRules([base], { hasRunbook: () => true });
    expect({ files: report.files, alerts: report.alerts }).toEqual({ files: 2, alerts: 1 });
    expect(report.findings.map((one) => one.check).sort()).toEqual(['file', 'no-severity']);
  });

  it('follows anchors, merge keys and labels of a group, in files with CRLF', async () => {
    const text = [
      'x-defaults: &defaults',
      '  for: 5m',
      '  labels: &labels { severity: warning, team: shop }',
      'groups:',
      '  - name: anchored',
      '    rules:',
      '      - <<: *defaults',
      '        alert: Merged',
      '        expr: up == 0',
      '      - alert: Aliased',
      '        expr: up == 0',
      '        labels: { <<: *labels, severity: critical }',
      '  - name: labelled',
      '    labels: { severity: info }',
      '    rules:',
      '      - { alert: Inherits, expr: up == 0 }',
      '      - { alert: Lost, expr: up == 0, labels: *labels }',
      '      - { alert: Nothing, expr: up == 0, labels: { severity: "" } }',
    ];
    const report = await lintRules([await write(text.join('\r\n'))], { hasRunbook: () => true });
    expect(report.findings.map((one) => `${one.line} ${one.rule} ${one.check}`)).toEqual(['18 Nothing no-severity']);
    const rows = await ruleCoverage([await write(text.join('\r\n'))]);
    expect(rows.map((row) => row.severity)).toEqual(['warning', 'critical', 'info', 'warning', '']);
  });

  it('gives the line in the file for rules inside a ConfigMap', async () => {
    const map = `kind: ConfigMap\ndata:\n  a.yaml: |\n    groups:\n      - name: g\n        rules:\n          - alert: Deep\n            expr: up\n`;
    const report = await lintRules([await write(map)], { hasRunbook: () => true });
    expect(report.findings.map((one) => one.line)).toEqual([7]);
  });

  it('does not take the templates of annotations for Helm', async () => {
    const path = await write(
      `groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up == 0\n        labels: { severity: info }\n        annotations:\n          summary: '{{ with query "up" }}{{ . | first | value }}{{ end }} {{ if eq $labels.job "x" }}y{{ end }}'\n`,
    );
    const report = await lintRules([path], { hasRunbook: () => true });
    expect(report.findings).toEqual([]);
  });

  it('prints the table of alerts, runbooks, severities and tests', async () => {
    const rules = await write(
      `groups:\n  - name: g\n    rules:\n      - { alert: Tested, expr: up, labels: { severity: info } }\n      - { alert: Bare, expr: up, annotations: { runbook_url: 'https://wiki.acme.dev/Bare' } }\n`,
    );
    const tests = await write('tests:\n  - alert_rule_test:\n      - alertname: Tested\n');
    const rows = await ruleCoverage([rules], { hasRunbook: (alert) => alert === 'Tested', testFiles: [tests] });
    expect(rows).toMatchObject([
      { alert: 'Tested', severity: 'info', runbook: 'ours', link: null, tested: true },
      { alert: 'Bare', severity: '', runbook: 'https://wiki.acme.dev/Bare', tested: false },
    ]);
    expect(renderCoverage(rows)).toMatch(
      /Tested {2}info .*ours .*yes\nBare .*-.*no\n\n2 alerts, 0 without runbook, 1 without test/,
    );
  });
});

describe('PromQL reader', () => {
  it.each([
    'sum by (a, b) (rate(x_total{c!~"d|e"}[5m] offset 1h)) / on (a) group_left (f) g > bool 0.5',
    'count without (instance) (up == 1) unless on () absent(foo)',
    'quantile_over_time(0.9, (rate(x[1m]))[30m:1m]) > -1',
    'topk(3, sum(x) by (y)) or vector(0)',
    'x{le="+Inf"} @ end() ^ 2',
    '{"utf8.name", job=~`a.*`} * 1e-3',
    '# comment\nup == 0',
  ])('reads %s', (text) => {
    expect(readPromql(text)).not.toBeNull();
  });

  it.each(['', 'sum(', 'a b', '{{ .Values.x }}', 'up{job=}', '(a', ')', '\u0000'])('says it cannot read %j', (text) => {
    expect(readPromql(text)).toBeNull();
  });
});
