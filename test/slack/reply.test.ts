import { describe, expect, test } from '@jest/globals';
import { type Reply, reply } from '../../src/commands/reply.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import { renderReply } from '../../src/slack/render/reply.ts';
import { codeTable } from '../../src/slack/render/table.ts';
import { strings } from './blockKit.ts';

const place = { asker: 'U0ANA', command: 'diag pods', files: true, budget: 9_000 };
const shown = (answer: Reply, where = place): string => strings(renderReply(answer, where).blocks).join('\n');

describe('an answer', () => {
  test('says first what it found, then what it assumed and how to change that', () => {
    const answer = reply({
      title: 'Pods of knative-lambda',
      summary: '1 of 3 pods is not ready',
      assumed: [{ what: 'namespace', value: 'knative-lambda', from: 'the documented default', override: '-n NAME' }],
    });
    const text = shown(answer);
    expect(text.indexOf('1 of 3 pods')).toBeLessThan(text.indexOf('Assumed'));
    expect(text).toContain('namespace `knative-lambda` (the documented default; `-n NAME` to change)');
    expect(text).toContain('`diag pods` by <@U0ANA>');
  });

  test('shows the last 25 of many lines, says how many there are, and brings all of them as a file', () => {
    const lines = Array.from({ length: 1_204 }, (_, index) => `line ${index}`);
    const rendered = renderReply(reply({ title: 'Logs of builder', lines }), place);
    const text = strings(rendered.blocks).join('\n');
    expect(text).toContain('25 of 1,204 lines, the rest is in the file');
    expect(text).toContain('line 1203');
    expect(text).not.toContain('line 3\n');
    expect(rendered.files).toMatchObject([{ name: 'logs-of-builder.log' }]);
    expect(String(rendered.files[0]?.content).split('\n')).toHaveLength(1_205);
  });

  test('keeps the beginning where the beginning matters', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    expect(shown(reply({ title: 'Steps', lines, keep: 'head' }))).toContain('line 0\n');
  });

  test('promises no file where none can follow', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    const rendered = renderReply(reply({ title: 'Logs', lines }), { ...place, files: false });
    expect(rendered.files).toEqual([]);
    expect(strings(rendered.blocks).join('\n')).not.toContain('file');
  });

  test('says where the file is that cannot follow it', () => {
    const file = { name: 'logs.txt', title: 'Logs', mime: 'text/plain', content: 'all of it' };
    const lines = Array.from({ length: 1_204 }, (_, index) => `line ${index}`);
    const text = (where: { readonly files: boolean; readonly filesAt?: string }) =>
      strings(renderReply(reply({ title: 'Logs', lines, file }), { ...place, ...where }).blocks).join('\n');
    expect(text({ files: true })).toContain('25 of 1,204 lines, the rest is in the file');
    expect(text({ files: false, filesAt: 'the full answer is in <https://slack/x|our direct messages>' })).toContain(
      '25 of 1,204 lines, the full answer is in <https://slack/x|our direct messages>',
    );
  });

  test('names in a thread no slash command to type, but the same as a button', () => {
    const finding: Finding = {
      code: 'x',
      level: 'warning',
      confidence: 'confirmed',
      subject: { kind: 'Pod', namespace: 'shop', name: 'api' },
      count: 1,
      conclusion: 'It crashes.',
      because: [],
      nextStep: 'Read its log: /lambda diag logs api -n shop, and its events: /lambda diag events api.',
    };
    const { blocks } = renderReply(reply({ title: 'Pods', findings: [finding] }), place);
    const all = JSON.stringify(blocks);
    expect(all).toContain('Read its log: `diag logs api -n shop`, and its events: `diag events api`.');
    expect(all).not.toContain('/lambda');
    expect(all).toContain('"value":"# diag logs api -n shop"');
  });

  test('shows a table and the lines below it', () => {
    const table = { columns: ['STATE', 'ALERT'], rows: [['firing', 'DiskFull']], total: 1 };
    const text = strings(renderReply(reply({ title: 'Status', table, lines: ['18:02 ana: Noted'] }), place).blocks);
    expect(text.join('\n')).toContain('DiskFull');
    expect(text.join('\n')).toContain('18:02 ana: Noted');
  });

  test('names pods shortly before their log lines, so that the line itself is read', () => {
    const lines = [
      '[knative-lambda-builder-k6ljng7dc2-np6sl/builder] out of memory',
      '[web] short',
      '[2026-11-26T18:00:00Z] own',
    ];
    const text = strings(renderReply(reply({ title: 'Logs', lines }), place).blocks).join('\n');
    expect(text).toContain('[…c2-np6sl/builder] out of memory\n[web] short\n[2026-11-26T18:00:00Z] own');
  });

  test('keeps the titles of incidents in a list for a phone', () => {
    const columns = ['INCIDENT', 'SEV', 'STATUS', 'AGE', 'WHERE', 'TITLE'];
    const rows = [['#12', 'sev2', 'open (quiet)', '12m', 'knative-lambda-builds', 'BuildOOMKilled image-resizer']];
    const text = strings(renderReply(reply({ title: 'Open', table: { columns, rows, total: 1 } }), place).blocks);
    expect(text.join('\n')).toContain('BuildOOMKilled image-re');
  });

  test('claims an order of rows only where there is one', () => {
    const rows = Array.from({ length: 30 }, (_, index) => [`pod-${index}`, 'Running']);
    const text = (more: string[][]) =>
      strings(
        renderReply(
          reply({ title: 'Pods', table: { columns: ['NAME', 'STATUS'], rows: [...rows, ...more], total: 31 } }),
          place,
        ).blocks,
      ).join('\n');
    expect(text([])).toContain('12 of 31 rows, the rest');
    expect(text([['bad-1', 'CrashLoopBackOff']])).toContain('12 of 31 rows, the worst first');
  });

  test('offers what may follow as buttons, what changes something too', () => {
    const next = [
      { label: 'Logs before the restart', command: 'diag logs checkout --previous', readOnly: true },
      { label: 'Resolve', command: 'resolve 12', readOnly: false },
    ];
    const { blocks } = renderReply(reply({ title: 'Pods', next, incidentNumber: 12 }), place);
    const actions = blocks.find((block) => block.type === 'actions');
    expect(actions?.elements).toMatchObject([
      { value: '#12 diag logs checkout --previous' },
      { value: '#12 resolve 12' },
    ]);
  });

  test('is stamped when the cluster is simulated', () => {
    const rendered = renderReply(reply({ title: 'Pods', simulated: true }), place);
    expect(rendered.text).toMatch(/^SIMULATED /);
    expect(strings(rendered.blocks).join('\n')).toContain('`SIMULATED`');
  });

  test('keeps within the budget of a first look', () => {
    const findings = Array.from({ length: 20 }, (_, index) =>
      finding(`Pod checkout-${index} ${'is broken '.repeat(20)}`),
    );
    const lines = Array.from({ length: 500 }, () => 'x'.repeat(200));
    const text = shown(reply({ title: 'First look', findings, lines }), { ...place, budget: 2_500 });
    expect(text.length).toBeLessThanOrEqual(2_500);
    expect(text).toContain('more findings');
  });
});

describe('a table', () => {
  const columns = ['NAMESPACE', 'NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'IP', 'NODE'];
  const row = (name: string, ready: string, status: string): string[] => [
    'prod',
    name,
    ready,
    status,
    '0',
    '5d',
    '10.0.0.1',
    'node-b',
  ];
  const rows = [
    row('checkout-7c9d8b6f5-aaaaa', '1/1', 'Running'),
    row('checkout-7c9d8b6f5-bbbbb', '0/1', 'CrashLoopBackOff'),
    row('error-tracker-6d5f-ccccc', '1/1', 'Running'),
    row('payments-5f6b7c8d9-ddddd', '1/1', 'Running'),
  ];
  const table = { columns, rows, total: rows.length };

  test('puts first what a finding names, then what looks bad by its state, not by its name', () => {
    const { lines } = codeTable(table, [finding('x', 'payments-5f6b7c8d9-ddddd')], { columns: 44, rows: 12 });
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^payments/),
      expect.stringMatching(/^checkout/),
      expect.stringMatching(/^checkout/),
      expect.stringMatching(/^error/),
    ]);
    expect(lines[2]).toContain('CrashLoopBackOff');
  });

  test('keeps what tells most in 44 columns and both ends of a long name', () => {
    const { lines, cut } = codeTable(table, [], { columns: 44, rows: 12 });
    expect(lines[0]).toMatch(/^NAME +READY +STATUS/);
    expect(lines[1]).toMatch(/^check.*…-bbbbb /);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(44);
    expect(cut).toBe(true);
  });

  test('is not called cut when all of it is there', () => {
    const small = { columns: ['NAME', 'CPU(cores)', 'MEMORY(bytes)'], rows: [['a', '1m', '20Mi']], total: 1 };
    expect(codeTable(small, [], { columns: 44, rows: 12 }).cut).toBe(false);
  });
});

function finding(conclusion: string, name = 'checkout-1'): Finding {
  return {
    code: 'x',
    level: 'critical',
    confidence: 'confirmed',
    subject: { kind: 'Pod', namespace: 'prod', name },
    count: 1,
    conclusion,
    because: ['state.waiting.reason=CrashLoopBackOff'],
    nextStep: 'See its log',
  };
}
