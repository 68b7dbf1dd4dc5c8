import { readFile } from 'node:fs/promises';
import type { LinkProblem } from '../ruleLint.ts';
import { readRuleFiles } from './ruleFiles.ts';

export interface CoverageRow {
  readonly alert: string;
  readonly file: string;
  readonly severity: string;
  /** Where the runbook is: a link, `ours`, null for none. */
  readonly runbook: string | null;
  /** What is known of the link; null without one. */
  readonly link: 'answers' | 'does not answer' | 'not asked' | null;
  readonly tested: boolean;
}

/**
 * The table alert x runbook x severity x test. `testFiles` are promtool's; an alert counts as tested when one of them
 * names it.
 */
export async function ruleCoverage(
  files: readonly string[],
  options: {
    readonly hasRunbook?: (alert: string) => boolean;
    readonly testFiles?: readonly string[];
    readonly linkProblem?: (url: string) => Promise<LinkProblem | null>;
  } = {},
): Promise<readonly CoverageRow[]> {
  const { rules } = await readRuleFiles(files);
  const tests = await Promise.all((options.testFiles ?? []).map((file) => readFile(file, 'utf8').catch(() => '')));
  const named = new Set(
    tests.flatMap((text) =>
      [...text.matchAll(/alertname\s*[:=]\s*\\?["']?([\w:.-]+)/g)].map((match) => match[1] ?? ''),
    ),
  );
  const rows = rules.map(async (rule): Promise<CoverageRow[]> => {
    if (rule.alert === null) return [];
    const link = rule.annotations.runbook_url ?? rule.annotations.runbook ?? null;
    const runbook = options.hasRunbook?.(rule.alert) ? 'ours' : link;
    const isLink = runbook !== null && runbook !== 'ours';
    return [
      {
        alert: rule.alert,
        file: rule.file,
        severity: rule.labels.severity ?? '',
        runbook,
        link: isLink ? await answerOf(runbook, options.linkProblem) : null,
        tested: named.has(rule.alert),
      },
    ];
  });
  return (await Promise.all(rows)).flat();
}

async function answerOf(
  url: string,
  ask: ((url: string) => Promise<LinkProblem | null>) | undefined,
): Promise<CoverageRow['link']> {
  if (ask === undefined || !/^https?:/i.test(url) || !URL.canParse(url)) return 'not asked';
  return (await ask(url)) === null ? 'answers' : 'does not answer';
}

/** The coverage table as text. */
export function renderCoverage(rows: readonly CoverageRow[]): string {
  const cells = rows.map((row) => [row.alert, row.severity || '-', runbookOf(row), row.tested ? 'yes' : 'no']);
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

function runbookOf({ runbook, link }: CoverageRow): string {
  if (runbook === null) return 'none';
  return link === null ? runbook : `${runbook} (${link})`;
}
