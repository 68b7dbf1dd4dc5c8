import { expect, test } from '@jest/globals';
import { textOf } from '../../scripts/house/sources.ts';
import { syntaxOf } from '../../scripts/house/syntax.ts';
import { WAYS, walk } from '../../scripts/house/ways.ts';

test('a long function is found with its place', () => {
  const [longest] = syntaxOf('src/app.ts').functions.toSorted((left, right) => right.lines - left.lines);
  expect(textOf('src/app.ts').split('\n')[(longest?.line ?? 0) - 1]).toMatch(/async function|export async function/);
});

test('the way of an alert and of a command begins at functions that exist', () => {
  for (const way of Object.values(WAYS))
    expect(walk(way).files).toEqual(expect.arrayContaining(way.map(([file]) => file)));
});

test('the decision about an alert is read in ten files', () => {
  const { files } = walk(WAYS['the decision about an alert'] ?? []);
  expect(files[0]).toBe('src/incidents/decide/decide.ts');
  expect(files.length).toBeLessThanOrEqual(10);
});
