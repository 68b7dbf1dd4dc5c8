import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT, sources } from '../../scripts/house/sources.ts';
import { drawing } from '../../scripts/map.ts';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** Paths of the repository that a page names in code. */
function pathsIn(text: string): readonly string[] {
  return [...text.matchAll(/`((?:src|test|simulator|promql|manifests|runbooks|docs|scripts|bench)\/[\w./-]*)`/g)].map(
    ([, path = '']) => path,
  );
}

test.each(['CONTRIBUTING.md', 'docs/architecture.md'])('every file that %s names exists', (page) => {
  const named = pathsIn(read(page));
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('docs/architecture.md names every room of src', () => {
  const rooms = [...new Set(sources('src').map((file) => file.split('/').slice(0, 2).join('/')))];
  const folders = rooms.filter((room) => !room.endsWith('.ts') && !/src\/(network|telemetry)$/.test(room));
  const named = pathsIn(read('docs/architecture.md'));
  expect(folders.filter((room) => !named.includes(room))).toEqual([]);
});

test('the picture of the rooms is what the imports say; `npm run map` draws it', () => {
  expect(read('docs/images/architecture.svg')).toBe(drawing());
});

test('CONTRIBUTING.md says for everything that can be added which files to touch', () => {
  const added = [...read('CONTRIBUTING.md').matchAll(/^### (.+)$/gm)].map(([, what]) => what);
  expect(added).toEqual([
    'a diagnostic',
    'a rule of the diagnosis',
    'an alert',
    'a command',
    'a fix',
    'a sender of alerts',
    'a page',
  ]);
});
