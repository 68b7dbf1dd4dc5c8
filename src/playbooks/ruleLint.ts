import { access, readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { KnativeVersion } from '../../manifests/prometheus/knative/releases.ts';
import type { PromqlNode } from '../../promql/node.ts';
import { parsePromql } from '../../promql/read.ts';
import { PromqlSyntaxError } from '../../promql/syntax.ts';
import type { CheckContext } from './rules/checks.ts';
import { CHECKS, CHECKS_OF_ALL, CHECKS_OF_RECORDINGS, severityRemarks } from './rules/checks.ts';
import type { Cardinality } from './rules/exposition.ts';
import { cardinalityOf } from './rules/exposition.ts';
import { heedIgnores } from './rules/ignores.ts';
import { prometheusRemarks, type SeriesCatalogue } from './rules/prometheus.ts';
import type { LintFinding, Remark } from './rules/remark.ts';
import { type FoundRule, readRuleFiles } from './rules/ruleFiles.ts';

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
  /** Checks a web link; null when it is alive. Without it web links are not checked. */
  readonly linkProblem?: (url: string) => Promise<LinkProblem | null>;
  /** The installed Knative; null or absent: a name of any release passes. */
  readonly knative?: KnativeVersion | null;
  /** How long finished Jobs are kept; when absent 300 s for builds of Knative Lambda, unknown for others. */
  readonly finishedJobSeconds?: number;
  /** Label values known to a Prometheus, to find those that no series has. */
  readonly prometheus?: SeriesCatalogue | null;
  /** Text of a /metrics page, to count its series. */
  readonly exposition?: string | null;
}

/** `level` is notice when it may be the network between here and there. */
export interface LinkProblem {
  readonly level: 'warning' | 'notice';
  /** In words that follow the link. */
  readonly problem: string;
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
  const context: CheckContext = {
    finishedJobSeconds: options.finishedJobSeconds ?? null,
    knative: options.knative ?? null,
  };
  const recorded = new Set(read.rules.flatMap((rule) => rule.record ?? []));
  for (const rule of read.rules) {
    for (const remark of await remarksOn(rule, context, options, recorded)) {
      findings.push({ file: rule.file, line: rule.line, rule: rule.alert ?? rule.record, ...remark });
    }
  }
  const heeded = await withIgnores(findings, read.rules);
  const cardinality = options.exposition == null ? null : cardinalityOf(options.exposition);
  heeded.push(...(cardinality ?? []).flatMap(cardinalityFinding));
  return {
    files: read.files.length,
    alerts: read.rules.filter((rule) => rule.alert !== null).length,
    recordings: read.rules.filter((rule) => rule.record !== null).length,
    findings: heeded,
    cardinality: cardinality?.slice(0, 20) ?? null,
  };
}

/** The findings without those that comments in the files ask to leave out. */
async function withIgnores(findings: readonly LintFinding[], rules: readonly FoundRule[]): Promise<LintFinding[]> {
  const kept: LintFinding[] = findings.filter((one) => !rules.some((rule) => rule.file === one.file));
  for (const [file, inFile] of Map.groupBy(rules, (rule) => rule.file)) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const lines = inFile.map((rule) => rule.line).toSorted((a, b) => a - b);
    kept.push(
      ...heedIgnores(
        file,
        text,
        lines,
        findings.filter((one) => one.file === file),
      ),
    );
  }
  return kept;
}

/** The expression, or what is wrong with it. */
function readExpression(rule: FoundRule): PromqlNode | Remark {
  const hint = 'promtool check rules says more.';
  if (rule.expr === '') return { check: 'no-expression', level: 'error', problem: 'has no expression', hint };
  try {
    return parsePromql(rule.expr);
  } catch (thrown) {
    if (!(thrown instanceof PromqlSyntaxError)) throw thrown;
    if (/\{\{|\$\{?\w/.test(rule.expr)) {
      const problem = 'has an expression that is a template; its other checks are left out';
      return { check: 'no-expression', level: 'notice', problem, hint: 'Render it first.' };
    }
    if (thrown.tooLarge) {
      const problem = `has an expression that could not be read: ${thrown.message}; its other checks are left out`;
      return { check: 'no-expression', level: 'notice', problem, hint };
    }
    const problem = `has an expression Prometheus refuses: ${thrown.message} at character ${thrown.character}`;
    return { check: 'syntax', level: 'error', problem, hint };
  }
}

async function remarksOn(
  rule: FoundRule,
  context: CheckContext,
  options: LintOptions,
  recorded: ReadonlySet<string>,
): Promise<readonly Remark[]> {
  const expr = readExpression(rule);
  const alerting = rule.alert === null ? [] : [...severityRemarks(rule), ...(await runbookRemarks(rule, options))];
  if ('check' in expr) return [expr, ...alerting];
  const checks = [...CHECKS_OF_ALL, ...(rule.alert === null ? CHECKS_OF_RECORDINGS : CHECKS)].flatMap((check) =>
    check(rule, expr, context),
  );
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
  const found = await linkProblem(url, options);
  const hint = 'Point runbook_url to an address that people can open at night.';
  if (found === null) return [];
  const level = here ? 'notice' : found.level;
  return [{ check: 'runbook-link', level, problem: `runbook_url ${url} ${found.problem}`, hint }];
}

/** null when nothing is known to be wrong with the link. */
async function linkProblem(url: string, options: LintOptions): Promise<LinkProblem | null> {
  const { runbookBaseUrl: base, runbookFolder: folder } = options;
  const dead = (problem: string): LinkProblem => ({ level: 'warning', problem });
  if (base && folder && url.startsWith(base)) {
    const path = url.slice(base.length).replace(/[#?].*$/, '');
    return (await exists(join(folder, unescaped(path)))) ? null : dead('leads to no file in the runbook folder');
  }
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) {
    if (!folder) return dead('is not a URL');
    const path = unescaped(url.replace(/[#?].*$/, ''));
    return (await exists(isAbsolute(path) ? join(folder, path) : resolve(folder, path)))
      ? null
      : dead('is not a URL, and no such file exists');
  }
  if (!URL.canParse(url)) return dead('cannot be parsed');
  if (/^https?:\/\/([^/]*\.)?(example\.(com|org|net)|localhost|todo)(?=[:/]|$)/i.test(url))
    return dead('is a placeholder');
  return /^https?:/i.test(url) ? ((await options.linkProblem?.(url)) ?? null) : null;
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
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
