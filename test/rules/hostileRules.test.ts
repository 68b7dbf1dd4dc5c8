import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { selectorsOf } from '../../promql/node.ts';
import { readPromql } from '../../promql/read.ts';
import { lintRules } from '../../src/playbooks/ruleLint.ts';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function lint(text: string) {
  const path = join(folder, `${files++}.yaml`);
  await writeFile(path, text);
  const report = await lintRules([path]);
  // A lint that has held the thread for longer than a test may take is told of only when a timer gets its turn.
  await setTimeout(1);
  return report;
}

const UNREADABLE = 'has an expression that could not be read: longer than';
const withRule = (rule: string) => `groups:\n  - name: g\n    rules:\n      - ${rule}\n`;

describe('rule files that mean harm', () => {
  it.each([
    ['a text of nothing but braces', '{{'.repeat(1_000_000), 'nested too deep'],
    ['a million empty lines and a broken end', `${'\n'.repeat(1_000_000)}a: [`, 'must be sufficiently indented'],
    [
      'an annotation of nothing but braces',
      withRule(`{ alert: A, expr: a/b, annotations: { s: '${'{{$value'.repeat(600_000)}' } }`),
      'has no severity',
    ],
    ['an expression of many minuses', withRule(`{ alert: A, expr: '${'-'.repeat(1_000_000)}1' }`), UNREADABLE],
    ['an expression of many sums', withRule(`{ alert: A, expr: '${'a+'.repeat(1_000_000)}1' }`), UNREADABLE],
    ['an expression of many brackets', withRule(`{ alert: A, expr: '${'('.repeat(1_000_000)}1' }`), UNREADABLE],
  ])('are read before a test’s patience ends: %s', async (_name, text, problem) => {
    const { findings } = await lint(text);
    expect(findings[0]?.problem).toContain(problem);
  });

  it('cannot multiply by merging what is merged already', async () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const merged =
        level === 0
          ? 'severity: info'
          : `<<: [${Array(9)
              .fill(`*l${level - 1}`)
              .join(', ')}]`;
      return `l${level}: &l${level} { ${merged} }`;
    });
    const report = await lint(`${levels.join('\n')}\n${withRule('{ alert: A, expr: up, labels: *l29 }')}`);
    expect(report.findings.map((one) => one.check)).toEqual(['no-runbook']);
  });

  it('are refused beyond 16 MiB', async () => {
    const report = await lint(`# ${'x'.repeat(17 * 1024 * 1024)}\n`);
    expect(report.findings.map((one) => one.problem)).toEqual(['larger than 16 MiB']);
  });

  it('never make the lint throw, whatever is in them', async () => {
    const scalar = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('{{ .x }}', '*a', 'up > 0'),
    );
    const key = fc.constantFrom(
      'alert',
      'record',
      'expr',
      'for',
      'labels',
      'annotations',
      'rules',
      'groups',
      'kind',
      'items',
      'spec',
      'data',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        scalar,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ maxLength: 200 }),
          tree.map((value) => JSON.stringify(value)),
        ),
        async (text) => {
          await lint(text);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never make the reader of expressions throw', () => {
    const part = fc.constantFrom(
      'a',
      'sum',
      'by',
      '(',
      ')',
      '{',
      '}',
      '[5m]',
      'offset',
      '@',
      ',',
      '"x"',
      '=~',
      '-',
      '/',
      'and',
      'on',
      '1',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 60 }).map((parts) => parts.join('')),
        ),
        (text) => {
          const read = readPromql(text);
          if (read !== null) selectorsOf(read);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
