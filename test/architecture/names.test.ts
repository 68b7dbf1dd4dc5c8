import { basename } from 'node:path';
import { expect, test } from '@jest/globals';
import { place, sources } from '../../scripts/house/sources.ts';

/**
 * Rooms whose shelves each have a side of the same thing, under its name: what a kind is, what is asked of it, what a rule
 * says of it and with which code; what of a card is drawn, and what is delivered. The stand-ins of the simulator are
 * built alike: each has a start, a store, its faults.
 */
const MIRRORED = ['src/k8s', 'src/slack'];

/** Names that stand in several rooms, with why. What is not here stands once. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  'what a room needs of others': ['ports'],
  'the table of a folder': ['index'],
  'a noun of the glossary: its command, its rules, its rows, its picture': [
    ...[
      'change',
      'declare',
      'diagnostics',
      'evidence',
      'incidents',
      'job',
      'jobs',
      'merge',
      'news',
      'post',
      'postmortem',
    ],
    ...['reply', 'runbook', 'severity', 'timeline'],
  ],
};

function stem(file: string): string {
  return basename(file).replace(/\.tsx?$/, '');
}

/** Names of `src` that stand in more than one place, those of mirrored shelves counted once. */
function sharedNames(): readonly string[] {
  const homes = new Map<string, Set<string>>();
  for (const file of sources('src')) {
    const { room } = place(file);
    const home = MIRRORED.includes(`src/${room}`) ? room : file;
    homes.set(stem(file), (homes.get(stem(file)) ?? new Set()).add(home));
  }
  return [...homes].filter(([, places]) => places.size > 1).map(([name]) => name);
}

test('a file of src has a name of its own, or one that is shared for a reason', () => {
  const known = Object.values(SHARED).flat();
  expect(sharedNames().filter((name) => !known.includes(name))).toEqual([]);
});

test('within one stand-in of the simulator a file has a name of its own', () => {
  const files = sources('simulator').filter((file) => !file.startsWith('simulator/workspace/page/'));
  const byName = Object.groupBy(files, (file) => `${place(file).room} ${stem(file)}`);
  const twice = Object.values(byName).flatMap((same = []) => (same.length > 1 ? [same.join(', ')] : []));
  expect(twice).toEqual([]);
});
