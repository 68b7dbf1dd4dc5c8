import { counted } from '../../wording/counts.ts';
import type { LintReport } from '../ruleLint.ts';
import type { LintCheck } from './remark.ts';

/** The report for a terminal: a line for each finding as compilers write them, counts by check, the most numerous metrics. */
export function renderLint(report: LintReport): string {
  const lines = report.findings.map(({ file, line, level, check, rule, problem, hint }) => {
    const where = line > 0 ? `${file}:${line}` : file;
    const text = rule === null ? problem : `${rule} ${problem}`;
    return `${where}: ${level} [${check}] ${text}. ${hint}`;
  });
  const counts = new Map<LintCheck, number>();
  for (const { check } of report.findings) counts.set(check, (counts.get(check) ?? 0) + 1);
  if (lines.length > 0) lines.push('');
  lines.push(
    [
      counted(report.files, 'file'),
      counted(report.alerts, 'alert'),
      counted(report.recordings, 'recording'),
      counted(report.findings.length, 'finding'),
    ].join(', '),
  );
  for (const [check, count] of [...counts].sort((a, b) => b[1] - a[1])) lines.push(`  ${count} ${check}`);
  if (report.cardinality) {
    lines.push('', 'Series by metric:');
    for (const { metric, series, widestLabel } of report.cardinality) {
      const widest = widestLabel ? ` (${widestLabel.values} values of ${widestLabel.name})` : '';
      lines.push(`  ${String(series).padStart(8)}  ${metric}${widest}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
