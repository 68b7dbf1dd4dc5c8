import { describe, expect, it } from '@jest/globals';
import { renderText } from '../../src/commands/renderText.ts';
import { reply } from '../../src/commands/reply.ts';

const PLAIN = { columns: 80, color: false };

describe('a reply in a terminal', () => {
  it('puts the summary first, then what was assumed, findings, the table, notes and what to try', () => {
    const text = renderText(
      reply({
        tone: 'warning',
        title: 'Jobs in knative-lambda-builds',
        summary: '1 of 2 failed.',
        assumed: [
          { what: 'namespace', value: 'knative-lambda-builds', from: 'the documented default', override: '-n NAME' },
        ],
        findings: [
          {
            code: 'build-oom-killed',
            level: 'critical',
            confidence: 'confirmed',
            subject: { kind: 'Pod', namespace: 'knative-lambda-builds', name: 'x' },
            count: 3,
            conclusion: 'The build ran out of memory.',
            because: ['reason OOMKilled, exit 137'],
            nextStep: 'Raise the limit.',
          },
        ],
        table: { columns: ['NAME', 'STATUS'], rows: [['a-long-name', 'Failed']], total: 2 },
        notes: ['stopped at 1 row'],
        next: [{ label: 'x', command: 'diag logs x', readOnly: true }],
        simulated: true,
      }),
      PLAIN,
    );
    expect(text).toBe(
      [
        'SIMULATED warning: Jobs in knative-lambda-builds',
        '1 of 2 failed.',
        'namespace knative-lambda-builds (the documented default; change with -n NAME)',
        '',
        'CRITICAL confirmed: The build ran out of memory. (3 objects)',
        '  Pod/x -n knative-lambda-builds',
        '  | reason OOMKilled, exit 137',
        '  next: Raise the limit.',
        '',
        'NAME          STATUS',
        'a-long-name   Failed',
        '1 of 2 rows',
        '',
        'note: stopped at 1 row',
        'try: diag logs x',
        '',
      ].join('\n'),
    );
  });

  it('shows a file that is the whole answer', () => {
    const file = { name: 'p.md', title: 'p', mime: 'text/markdown', content: '# Post-mortem\n' };
    expect(renderText(reply({ title: 'Post-mortem of #1', file }), PLAIN)).toContain('# Post-mortem');
  });

  it('lets no label move the cursor or turn the text around', () => {
    const hostile = '\u001b[2J\u001b]0;x\u0007\u202eevil\u009b31m';
    const text = renderText(
      reply({
        title: hostile,
        summary: hostile,
        lines: [hostile],
        table: { columns: [hostile], rows: [[`${hostile}\n`]], total: 1 },
        notes: [hostile],
      }),
      PLAIN,
    );
    expect(text).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
  });

  it('colours only when asked', () => {
    expect(renderText(reply({ title: 'x' }), { columns: 80, color: true })).toContain('\u001b[1m');
    expect(renderText(reply({ title: 'x' }), PLAIN)).not.toContain('\u001b');
  });

  it('wraps prose and leaves log lines whole', () => {
    const words = 'word '.repeat(40).trim();
    const text = renderText(reply({ title: 'x', summary: words, lines: [words] }), { columns: 40, color: false });
    expect(text.split('\n').filter((line) => line === words)).toHaveLength(1);
    expect(text.split('\n')[1]?.length).toBeLessThanOrEqual(40);
  });
});
