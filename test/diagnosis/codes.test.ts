import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { codesText } from '../../scripts/diagnosisDocs.ts';
import { CODES } from '../../src/k8s/rules/codes.ts';

const ROOT = join(import.meta.dirname, '../..');

test('docs/diagnosis/codes.md is what the table of codes says: npm run diagnosis:docs', () => {
  expect(readFileSync(join(ROOT, 'docs/diagnosis/codes.md'), 'utf8')).toBe(codesText());
});

test('every code is concluded by a rule', () => {
  const rules = globSync('src/k8s/{rules,ask}/**/*.ts', { cwd: ROOT }).filter((file) => !file.includes('/codes'));
  const text = rules.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
  expect(Object.keys(CODES).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});

/** Who may import whom inside k8s: what is known of a subject stands below what is concluded from it. */
const SHELVES = ['client', 'subjects', 'facts', 'rules', 'judge', 'ask', 'look'];

test('inside k8s an import leads down: client, subjects, facts, rules, judge, then ask and look', () => {
  const wrong = globSync('src/k8s/*/**/*.ts', { cwd: ROOT }).flatMap((file) => {
    const own = SHELVES.indexOf(file.split('/')[2] ?? '');
    const source = readFileSync(join(ROOT, file), 'utf8');
    // Types of the shelf above may be named: the graph is built from what was looked up.
    const imports = [...source.matchAll(/^import (?!type)[^;]*? from '(\.[^']+)'/gm)].map((match) => match[1] ?? '');
    return imports.flatMap((path) => {
      const parts = join(file, '..', path).split('/');
      const target = parts[1] === 'k8s' ? SHELVES.indexOf(parts[2] ?? '') : -1;
      const isSibling = parts[2] === 'look' && file.includes('/ask/');
      return target > own && !isSibling ? [`${file} imports ${path}`] : [];
    });
  });
  expect(wrong).toEqual([]);
});
