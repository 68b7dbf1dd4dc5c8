import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lintRules } from '../../src/playbooks/ruleLint.ts';
import { readPromql, selectorsOf } from '../../src/playbooks/rules/promql.ts';

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
  const begin = performance.now();
  const report = await lintRules([path]);
  return { report, ms: performance.now() - begin };
}

const withRule = (rule: string) => `groups:\n  - name: g\n    rules:\n      - ${rule}\n`;

describe('rule files that mean harm', () => {
  it.each([
    ['a text of nothing but braces', '{{'.repeat(100_000)],
    ['a hundred thousand empty lines and a broken end', `${'\n'.repeat(100_000)}a: [`],
    [
      'an annotation of nothing but braces',
      withRule(`{ alert: A, expr: a/b, annotations: { s: '${'{{$value'.repeat(60_000)}' } }`),
    ],
    ['an expression of a hundred thousand minuses', withRule(`{ alert: A, expr: '${'-'.repeat(100_000)}1' }`)],
    ['an expression of a hundred thousand sums', withRule(`{ alert: A, expr: '${'a+'.repeat(100_000)}1' }`)],
    ['an expression of a hundred thousand brackets', withRule(`{ alert: A, expr: '${'('.repeat(100_000)}1' }`)],
  ])('are read in time: %s', async (_name, text) => {
    expect((await lint(text)).ms).toBeLessThan(5_000);
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
    const { report, ms } = await lint(`${levels.join('\n')}\n${withRule('{ alert: A, expr: up, labels: *l29 }')}`);
    expect(report.findings.map((one) => one.check)).toEqual(['no-runbook']);
    expect(ms).toBeLessThan(2_000);
  });

  it('are refused beyond 16 MiB', async () => {
    const { report } = await lint(`# ${'x'.repeat(17 * 1024 * 1024)}\n`);
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
