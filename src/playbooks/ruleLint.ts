import { access, readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { CheckContext, LintCheck, Remark } from './rules/checks.ts';
import { CHECKS, severityRemarks } from './rules/checks.ts';
import type { KnativeEra } from './rules/eras.ts';
import type { Cardinality } from './rules/exposition.ts';
import { cardinalityOf } from './rules/exposition.ts';
import { prometheusRemarks, type SeriesCatalogue } from './rules/prometheus.ts';
import { readPromql } from './rules/promql.ts';
import { type FoundRule, readRuleFiles } from './rules/ruleFiles.ts';

export interface LintFinding extends Remark {
  readonly file: string;
  /** 1-based; 0 for the whole file. */
  readonly line: number;
  /** Name of the alert or recording; null for a finding about the file. */
  readonly rule: string | null;
}

export interface LintReport {
  readonly files: number;
  readonly alerts: number;
  readonly recordings: number;
  /** In the order of files and lines. */
  readonly findings: readonly LintFinding[];
  /** The 20 metrics with the most series; null when no exposition was given. */
  readonly cardinality: readonly Cardinality[] | null;
}

export interface LintOptions {
  /** Alert names that have a runbook here, whatever their annotations say. */
  readonly hasRunbook?: (alert: string) => boolean;
  /** Links that begin with it are looked up under `runbookFolder`. */
  readonly runbookBaseUrl?: string;
  readonly runbookFolder?: string;
  /** Says what is wrong with a link on the web; null when it is alive. Without it such links are not followed. */
  readonly linkProblem?: (url: string) => Promise<string | null>;
  /** Version of the installed Knative; null or absent: names of several eras are only reported side by side. */
  readonly era?: KnativeEra | null;
  /** How long finished Jobs stay; 300 s, what the operator generation sets, unless told otherwise. */
  readonly finishedJobSeconds?: number;
  /** What a Prometheus knows, to find label values that no series has. */
  readonly prometheus?: SeriesCatalogue | null;
  /** Text of a /metrics page, to count its series. */
  readonly exposition?: string | null;
}

const MANY_SERIES = 10_000;
const MANY_VALUES = 100;

/**
 * Reads any team's rule files and reports what will not work at 3 a.m. Never throws for what is in a file: a file that
 * cannot be read, is a Helm template or holds no rules is a finding.
 */
export async function lintRules(files: readonly string[], options: LintOptions = {}): Promise<LintReport> {
  const read = await readRuleFiles(files);
  const findings: LintFinding[] = read.problems.map(({ file, line, kind, problem, hint }) => ({
    file,
    line,
    rule: null,
    check: 'file',
    level: kind === 'unreadable' ? 'error' : 'notice',
    problem,
    hint,
  }));
  const context: CheckContext = { finishedJobSeconds: options.finishedJobSeconds ?? 300, era: options.era ?? null };
  const recorded = new Set(read.rules.flatMap((rule) => rule.record ?? []));
  for (const rule of read.rules) {
    for (const remark of await remarksOn(rule, context, options, recorded)) {
      findings.push({ file: rule.file, line: rule.line, rule: rule.alert ?? rule.record, ...remark });
    }
  }
  const cardinality = options.exposition == null ? null : cardinalityOf(options.exposition);
  findings.push(...(cardinality ?? []).flatMap(cardinalityFinding));
  return {
    files: read.files.length,
    alerts: read.rules.filter((rule) => rule.alert !== null).length,
    recordings: read.rules.filter((rule) => rule.record !== null).length,
    findings,
    cardinality: cardinality?.slice(0, 20) ?? null,
  };
}

async function remarksOn(
  rule: FoundRule,
  context: CheckContext,
  options: LintOptions,
  recorded: ReadonlySet<string>,
): Promise<readonly Remark[]> {
  const expr = readPromql(rule.expr);
  const unreadable: Remark[] =
    expr === null
      ? [
          {
            check: 'no-expression',
            level: rule.expr === '' ? 'error' : 'notice',
            problem:
              rule.expr === ''
                ? 'has no expression'
                : 'has an expression that could not be read; its other checks are left out',
            hint: 'promtool check rules says where.',
          },
        ]
      : [];
  const alerting = rule.alert === null ? [] : [...severityRemarks(rule), ...(await runbookRemarks(rule, options))];
  if (expr === null) return [...unreadable, ...alerting];
  const checks = rule.alert === null ? [] : CHECKS.flatMap((check) => check(rule, expr, context));
  const known = options.prometheus ? await prometheusRemarks(expr, options.prometheus, recorded) : [];
  return [...alerting, ...checks, ...known];
}

async function runbookRemarks(rule: FoundRule, options: LintOptions): Promise<readonly Remark[]> {
  const url = rule.annotations.runbook_url ?? rule.annotations.runbook ?? '';
  const here = options.hasRunbook?.(rule.alert ?? '') ?? false;
  if (url === '') {
    const hint = 'Add annotation runbook_url, or a runbook whose front matter names the alert.';
    return here ? [] : [{ check: 'no-runbook', level: 'warning', problem: 'has no runbook', hint }];
  }
  if (url.includes('{{')) return [];
  const problem = await linkProblem(url, options);
  const hint = 'Point runbook_url to an address that people can open at night.';
  return problem === null
    ? []
    : [{ check: 'runbook-link', level: here ? 'notice' : 'warning', problem: `runbook_url ${url} ${problem}`, hint }];
}

/** What is wrong with a runbook link, in words that follow it; null when nothing is known to be. */
async function linkProblem(url: string, options: LintOptions): Promise<string | null> {
  const { runbookBaseUrl: base, runbookFolder: folder } = options;
  if (base && folder && url.startsWith(base)) {
    const path = url.slice(base.length).replace(/[#?].*$/, '');
    return (await exists(join(folder, decodeURI(path)))) ? null : 'leads to no file in the runbook folder';
  }
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) {
    if (!folder) return 'is not a URL';
    return (await exists(isAbsolute(url) ? join(folder, url) : resolve(folder, url)))
      ? null
      : 'is not a URL, and no such file exists';
  }
  if (!URL.canParse(url)) return 'cannot be parsed';
  if (/^https?:\/\/([^/]*\.)?(example\.(com|org|net)|localhost|todo)(?=[:/]|$)/i.test(url)) return 'is a placeholder';
  return (await options.linkProblem?.(url)) ?? null;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function cardinalityFinding({ metric, series, widestLabel }: Cardinality): readonly LintFinding[] {
  const about = { file: '/metrics', line: 0, rule: metric, check: 'cardinality', level: 'warning' } as const;
  const hint = 'Drop the label or aggregate before exposing it; every value is a series kept in memory.';
  const found: LintFinding[] = [];
  if (series > MANY_SERIES) found.push({ ...about, problem: `has ${series} series`, hint });
  if (widestLabel && widestLabel.values > MANY_VALUES) {
    found.push({ ...about, problem: `has ${widestLabel.values} values of label ${widestLabel.name}`, hint });
  }
  return found;
}

/** The report as text for a terminal: what is wrong by file, then a count by check. */
export function renderLint(report: LintReport): string {
  const lines: string[] = [];
  let file = '';
  for (const finding of report.findings) {
    if (finding.file !== file) lines.push('', finding.file);
    file = finding.file;
    const where = finding.line > 0 ? `${finding.line}: ` : '';
    const subject = finding.rule === null ? '' : `${finding.rule} `;
    lines.push(`  ${where}${finding.level} [${finding.check}] ${subject}${finding.problem}`, `      ${finding.hint}`);
  }
  const counts = new Map<LintCheck, number>();
  for (const { check } of report.findings) counts.set(check, (counts.get(check) ?? 0) + 1);
  lines.push(
    '',
    `${report.files} files, ${report.alerts} alerts, ${report.recordings} recordings, ${report.findings.length} findings`,
  );
  for (const [check, count] of [...counts].sort((a, b) => b[1] - a[1])) lines.push(`  ${count} ${check}`);
  if (report.cardinality) {
    lines.push('', 'Series by metric:');
    for (const { metric, series, widestLabel } of report.cardinality) {
      lines.push(
        `  ${String(series).padStart(8)}  ${metric}${widestLabel ? ` (${widestLabel.values} x ${widestLabel.name})` : ''}`,
      );
    }
  }
  return `${lines.join('\n').trimStart()}\n`;
}

export interface CoverageRow {
  readonly alert: string;
  readonly file: string;
  readonly severity: string;
  /** Where the runbook is: a link, `here` for one of ours, null for none. */
  readonly runbook: string | null;
  readonly tested: boolean;
}

/**
 * The table alert x runbook x severity x test. `testFiles` are promtool's; an alert counts as tested when one of them
 * names it.
 */
export async function ruleCoverage(
  files: readonly string[],
  options: { readonly hasRunbook?: (alert: string) => boolean; readonly testFiles?: readonly string[] } = {},
): Promise<readonly CoverageRow[]> {
  const { rules } = await readRuleFiles(files);
  const tests = await Promise.all((options.testFiles ?? []).map((file) => readFile(file, 'utf8').catch(() => '')));
  const named = new Set(
    tests.flatMap((text) =>
      [...text.matchAll(/alertname\s*[:=]\s*\\?["']?([\w:.-]+)/g)].map((match) => match[1] ?? ''),
    ),
  );
  return rules.flatMap((rule): CoverageRow[] => {
    if (rule.alert === null) return [];
    const link = rule.annotations.runbook_url ?? rule.annotations.runbook ?? null;
    const runbook = options.hasRunbook?.(rule.alert) ? 'here' : link;
    return [
      {
        alert: rule.alert,
        file: rule.file,
        severity: rule.labels.severity ?? '',
        runbook,
        tested: named.has(rule.alert),
      },
    ];
  });
}

/** The coverage table as text. */
export function renderCoverage(rows: readonly CoverageRow[]): string {
  const cells = rows.map((row) => [row.alert, row.severity || '-', row.runbook ?? 'none', row.tested ? 'yes' : 'no']);
  const table = [['ALERT', 'SEVERITY', 'RUNBOOK', 'TEST'], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const missing = rows.filter((row) => row.runbook === null).length;
  const untested = rows.filter((row) => !row.tested).length;
  return `${lines.join('\n')}\n\n${rows.length} alerts, ${missing} without runbook, ${untested} without test\n`;
}
