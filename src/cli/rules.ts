import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type KnativeVersion, knativeVersion } from '../../manifests/prometheus/knative/releases.ts';
import { ResponderError } from '../errors.ts';
import { checkedPlaybooks } from '../playbooks/load.ts';
import { lintRules } from '../playbooks/ruleLint.ts';
import { renderCoverage, ruleCoverage } from '../playbooks/rules/coverage.ts';
import { fetchExposition } from '../playbooks/rules/exposition.ts';
import { formatLint, LINT_FORMATS, type LintFormat } from '../playbooks/rules/formats.ts';
import type { CliIo } from './io.ts';
import { seriesOf } from './prometheusSeries.ts';
import { webLinks } from './webLinks.ts';

export interface LintFlags {
  readonly prometheus?: string;
  readonly metrics?: string;
  readonly knative?: string;
  readonly runbooks?: string;
  readonly runbookUrl?: string;
  readonly jobTtl?: string;
  readonly format?: string;
  /** false for `--no-links`. */
  readonly links: boolean;
  readonly json?: boolean;
}

/** `rules lint`: findings on stdout, exit code 1 when one of them is more than a notice. */
export async function runLint(files: readonly string[], flags: LintFlags, io: CliIo): Promise<number> {
  if (files.length === 0 && !flags.metrics)
    throw new ResponderError('bad_input', 'no files given', { hint: 'For example: rules lint rules.yaml other/' });
  const fetcher = io.fetch ?? fetch;
  const folder = flags.runbooks === undefined ? null : resolve(flags.runbooks);
  const report = await lintRules(files, {
    hasRunbook: await runbooksIn(folder),
    ...(folder === null ? {} : { runbookFolder: folder }),
    ...(flags.runbookUrl === undefined ? {} : { runbookBaseUrl: `${flags.runbookUrl.replace(/\/+$/, '')}/` }),
    ...(flags.links ? { linkProblem: webLinks(fetcher, io.signal) } : {}),
    ...(flags.jobTtl === undefined ? {} : { finishedJobSeconds: wholeSeconds(flags.jobTtl) }),
    knative: flags.knative === undefined ? null : knativeOf(flags.knative),
    prometheus: flags.prometheus === undefined ? null : seriesOf(flags.prometheus, fetcher, io.signal),
    exposition: flags.metrics === undefined ? null : await fetchExposition(flags.metrics),
  });
  io.stdout.write(formatLint(report, flags.json ? 'json' : formatOf(flags.format)));
  return report.findings.some((one) => one.level !== 'notice') ? 1 : 0;
}

export interface CoverageFlags {
  readonly tests?: readonly string[];
  readonly runbooks?: string;
  readonly checkLinks?: boolean;
  readonly json?: boolean;
}

/** `rules coverage`: the table; exit code 1 when an alert has no runbook, no severity or no test. */
export async function runCoverage(files: readonly string[], flags: CoverageFlags, io: CliIo): Promise<number> {
  const shipped = join(io.root, 'manifests/prometheus/generated/builder');
  const rules = files.length > 0 ? files : [join(shipped, 'alerts')];
  const tests = flags.tests ?? (files.length > 0 ? [] : [join(shipped, 'promtool')]);
  const folder = resolve(flags.runbooks ?? join(io.root, 'runbooks'));
  const rows = await ruleCoverage(rules, {
    hasRunbook: await runbooksIn(folder),
    testFiles: (await Promise.all(tests.map(testFiles))).flat(),
    ...(flags.checkLinks ? { linkProblem: webLinks(io.fetch ?? fetch, io.signal) } : {}),
  });
  if (rows.length === 0)
    throw new ResponderError('not_found', `no alerting rules in ${rules.join(', ')}`, {
      hint: 'rules lint says what is wrong with a file.',
    });
  io.stdout.write(flags.json ? `${JSON.stringify(rows, null, 2)}\n` : renderCoverage(rows));
  return rows.every((row) => row.runbook !== null && row.severity !== '' && row.tested) ? 0 : 1;
}

async function runbooksIn(folder: string | null): Promise<(alert: string) => boolean> {
  if (folder === null) return () => false;
  const { playbooks, problems } = await checkedPlaybooks([folder]);
  const unreadable = problems.find((one) => one.file === folder);
  if (unreadable) throw new ResponderError('bad_input', `--runbooks ${folder} ${unreadable.problem}`);
  const known = new Set(playbooks.flatMap((one) => one.alerts));
  return (alert) => known.has(alert);
}

async function testFiles(path: string): Promise<readonly string[]> {
  const names = await readdir(path, { recursive: true }).catch(() => null);
  return names === null ? [path] : names.filter((name) => /\.ya?ml$/.test(name)).map((name) => join(path, name));
}

function formatOf(text = 'text'): LintFormat {
  const format = LINT_FORMATS.find((one) => one === text);
  if (format) return format;
  throw new ResponderError('bad_input', `--format ${text} is not one of ${LINT_FORMATS.join(', ')}`);
}

function knativeOf(text: string): KnativeVersion {
  const version = knativeVersion(text);
  if (version) return version;
  throw new ResponderError('bad_input', `--knative ${text} is not a version from 1.17 on, such as 1.18 or 1.20.1`);
}

function wholeSeconds(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ResponderError('bad_input', `--job-ttl ${text} is not a number of seconds`);
}
