import type { LintReport } from '../ruleLint.ts';
import type { LintFinding } from './remark.ts';
import { renderLint } from './report.ts';

export const LINT_FORMATS = ['text', 'json', 'sarif', 'github'] as const;
export type LintFormat = (typeof LINT_FORMATS)[number];

/** The report as somebody or something else reads it. */
export function formatLint(report: LintReport, format: LintFormat): string {
  if (format === 'json') return `${JSON.stringify(report, null, 2)}\n`;
  if (format === 'sarif') return `${JSON.stringify(sarif(report), null, 2)}\n`;
  if (format === 'github') return report.findings.map(annotation).join('');
  return renderLint(report);
}

const said = ({ rule, problem, hint }: LintFinding) => `${rule === null ? '' : `${rule} `}${problem}. ${hint}`;

/** https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#setting-a-warning-message */
function annotation(finding: LintFinding): string {
  const text = (value: string) => value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (value: string) => text(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const line = finding.line > 0 ? `,line=${finding.line}` : '';
  return `::${finding.level} file=${property(finding.file)}${line},title=${finding.check}::${text(said(finding))}\n`;
}

/** https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
function sarif({ findings }: LintReport): object {
  const checks = [...new Set(findings.map((one) => one.check))].toSorted();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'lambda-responder rules lint', rules: checks.map((id) => ({ id })) } },
        results: findings.map((finding) => ({
          ruleId: finding.check,
          ruleIndex: checks.indexOf(finding.check),
          level: finding.level === 'notice' ? 'note' : finding.level,
          message: { text: said(finding) },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: finding.file.split('/').map(encodeURIComponent).join('/') },
                ...(finding.line > 0 ? { region: { startLine: finding.line } } : {}),
              },
            },
          ],
        })),
      },
    ],
  };
}
