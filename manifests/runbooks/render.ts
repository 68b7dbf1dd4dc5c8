import type { Family, Line, RunbookRow } from './row.ts';

const PUBLISHED = 'https://runbooks.prometheus-operator.dev/runbooks';

/** The Markdown of a runbook, with the eight sections every shipped runbook has. */
export function renderRunbook(row: RunbookRow, family: Family): string {
  const upstream =
    family.published === null
      ? []
      : [`See also what its authors say: ${PUBLISHED}/${family.published}/${row.alert.toLowerCase()}`];
  return `${[
    `---\nalerts: [${row.alert}]\nowner: platform\nseverity: ${row.severity}\n---`,
    `# ${row.title}`,
    '## Meaning',
    row.meaning,
    ...upstream,
    '## Impact',
    row.impact,
    '## First five minutes',
    ...family.first.map(([question, run], index) => numbered(index, [question, run], ' automatic')),
    '## Diagnosis',
    ...row.diagnosis.map((line) => `- ${body(line, '  ')}`),
    '## Mitigation',
    ...row.mitigation.map((line, index) => numbered(index, line)),
    '## Verification',
    numbered(0, family.verification),
    '## Rollback',
    `- ${family.rollback}`,
    '## Escalation',
    `- ${family.escalation}`,
  ].join('\n\n')}\n`;
}

function numbered(index: number, line: Line, how = ''): string {
  return `${index + 1}. ${body(line, '   ', how)}`;
}

function body(line: Line, indent: string, how = ''): string {
  if (typeof line === 'string') return line;
  const [text, run] = line;
  const block = run.startsWith('diag ') ? `\`\`\`lambda${how}\n/lambda ${run}\n\`\`\`` : `\`\`\`bash\n${run}\n\`\`\``;
  return `${text}\n\n${block.replaceAll(/^/gm, indent)}`;
}
