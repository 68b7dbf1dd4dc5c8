import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');

test('every line of docs/failure-modes.md is shown by a test that exists', () => {
  const text = readFileSync(join(ROOT, 'docs/failure-modes.md'), 'utf8');
  const named = [...text.matchAll(/`(test\/[\w./-]+\.test\.ts)` "([^"]+)"/g)];
  const rows = text.split('\n').filter((line) => /^\| (?!where|what|how|-)/.test(line) && !line.startsWith('|---'));
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => !/`test\/[^`]+` "[^"]+" \|$/.test(row))).toEqual([]);
  const missing = named.filter(([, file = '', name = '']) => {
    const path = join(ROOT, file);
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(`'${name}'`);
  });
  expect(missing.map(([, file, name]) => `${file}: ${name}`)).toEqual([]);
});
