import { expect, test } from '@jest/globals';
import { circles, importedFile, importsOf, place, sources } from '../../scripts/house/sources.ts';
import { syntaxOf } from '../../scripts/house/syntax.ts';
import { measureTree } from '../../scripts/house.ts';

/** The shelves of a big room from the ground up: a shelf imports from those before it, and from its own row. */
const SHELVES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  k8s: [['client'], ['subjects'], ['facts'], ['rules'], ['judge'], ['ask', 'look']],
  slack: [['render'], ['delivery'], ['connection'], ['listeners']],
};

test.each(['src', 'simulator', 'promql', 'manifests'])('no files of %s import each other in a circle', (folder) => {
  expect(circles(sources(folder)).map((group) => group.join(' ~ '))).toEqual([]);
});

test('a shelf of a big room imports only from shelves below it', () => {
  const upward = sources('src').flatMap((file) => {
    const from = place(file);
    const rows = SHELVES[from.room];
    if (rows === undefined || from.shelf === '') return [];
    const rowOf = (shelf: string) => rows.findIndex((row) => row.includes(shelf));
    if (rowOf(from.shelf) < 0) return [`${file}: the shelf ${from.shelf} has no place in SHELVES`];
    return importsOf(file).flatMap((found) => {
      const target = importedFile(found);
      const to = target === null ? null : place(target);
      const isUpward = to?.room === from.room && to.shelf !== '' && rowOf(to.shelf) > rowOf(from.shelf);
      return isUpward ? [`${file} imports ${target}`] : [];
    });
  });
  expect(upward).toEqual([]);
});

test('every shelf that is ordered exists', () => {
  const known = new Set(sources('src').map((file) => `${place(file).room}/${place(file).shelf}`));
  const named = Object.entries(SHELVES).flatMap(([room, rows]) => rows.flat().map((shelf) => `${room}/${shelf}`));
  expect(named.filter((shelf) => !known.has(shelf))).toEqual([]);
});

test('the three sides of an incident know what they share, and nothing of each other', () => {
  const crossing = sources('src/incidents').flatMap((file) =>
    importsOf(file).flatMap((found) => {
      const to = place(importedFile(found) ?? '');
      return to.room === 'incidents' && to.shelf !== '' && to.shelf !== place(file).shelf
        ? [`${file} imports ${found.target}`]
        : [];
    }),
  );
  expect(new Set(sources('src/incidents').map((file) => place(file).shelf))).toEqual(
    new Set(['', 'decide', 'life', 'postmortem']),
  );
  expect(crossing).toEqual([]);
});

test('no object of more than ten fields is written out twice in the tests: it has a builder', () => {
  const large = sources('test')
    .flatMap((file) => syntaxOf(file).literals)
    .filter(({ fields }) => fields.length > 10);
  expect(large.length).toBeGreaterThan(10);
  const alike = Object.values(Object.groupBy(large, ({ fields }) => fields.join(' '))).flatMap((same = []) =>
    same.length > 1 ? [same.map(({ file, line }) => `${file}:${line}`).join(' ~ ')] : [],
  );
  expect(alike).toEqual([]);
});

/** Straight lists that a cut would only hide: the composition, and the table of metrics. */
const LONG_LISTS = ['src/app.ts', 'src/telemetry/metrics.ts'];

test('no function of src is over 60 lines, but for two straight lists', () => {
  const { longFunctions } = measureTree('src');
  expect(longFunctions.places.map((place) => place.replace(/:.*/, ''))).toEqual(LONG_LISTS);
});
