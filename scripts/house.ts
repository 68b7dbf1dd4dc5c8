/**
 * Measures of the source, for people who keep it: `npm run house`, with `--json` for programs and `--list` for the
 * places behind each count.
 */
import { basename } from 'node:path';
import { repeats } from './house/repeats.ts';
import { circles, importedFile, importsOf, sources, textOf } from './house/sources.ts';
import { syntaxOf } from './house/syntax.ts';
import { WAYS, walk } from './house/ways.ts';

/** A count, with the places it counts. */
interface Counted {
  readonly count: number;
  readonly places: readonly string[];
}

export interface TreeMeasures {
  readonly files: number;
  readonly lines: number;
  readonly median: number;
  readonly p90: number;
  readonly longest: number;
  readonly functions: number;
  /** Of more than 60 lines. */
  readonly longFunctions: Counted;
  /** Names of files, without folder and ending, that stand for more than one file. */
  readonly sharedBaseNames: Counted;
  readonly baseNames: number;
  /** Of less than 45 lines, imported by one file. */
  readonly smallAndImportedOnce: Counted;
  readonly circles: Counted;
}

export interface House {
  readonly src: TreeMeasures;
  readonly simulator: TreeMeasures;
  /** Of `src`: imported by one other file of src, or by none. */
  readonly exportedNames: number;
  readonly exportedUsedOnce: Counted;
  readonly exportedUsedNowhere: Counted;
  /** Pairs of places in `src` that share six lines or more to the letter. */
  readonly repeats: Counted;
  readonly ways: Readonly<
    Record<string, { readonly files: number; readonly returns: number; readonly order: readonly string[] }>
  >;
}

const SMALL = 45;
const LONG_FUNCTION = 60;

function counted(places: readonly string[]): Counted {
  return { count: places.length, places };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function stem(file: string): string {
  return basename(file).replace(/\.tsx?$/, '');
}

/** Who imports each file, among the files given. */
function importers(files: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const by = new Map<string, Set<string>>(files.map((file) => [file, new Set()]));
  for (const found of files.flatMap(importsOf)) by.get(importedFile(found) ?? '')?.add(found.file);
  return by;
}

export function measureTree(folder: string): TreeMeasures {
  const files = sources(folder);
  const lines = files.map((file) => textOf(file).split('\n').length - 1);
  const sorted = lines.toSorted((left, right) => left - right);
  const functions = files.flatMap((file) => syntaxOf(file).functions);
  const names = Object.groupBy(files, stem);
  const by = importers(files);
  return {
    files: files.length,
    lines: lines.reduce((sum, one) => sum + one, 0),
    median: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    longest: sorted.at(-1) ?? 0,
    functions: functions.length,
    longFunctions: counted(
      functions
        .filter((one) => one.lines > LONG_FUNCTION)
        .map(({ file, line, lines: long }) => `${file}:${line} (${long})`),
    ),
    baseNames: Object.keys(names).length,
    sharedBaseNames: counted(
      Object.entries(names)
        .filter(([, same = []]) => same.length > 1)
        .map(([name, same = []]) => `${name}: ${same.join(', ')}`),
    ),
    smallAndImportedOnce: counted(files.filter((file, at) => (lines[at] ?? 0) < SMALL && by.get(file)?.size === 1)),
    circles: counted(circles(files).map((group) => group.join(' ~ '))),
  };
}

/** How many other files of `src` import each exported name, types included. */
function exportedUses(files: readonly string[]): ReadonlyMap<string, number> {
  const syntaxes = files.map((file) => ({ file, ...syntaxOf(file) }));
  const uses = new Map(
    syntaxes.flatMap(({ file, exportedNames }) =>
      exportedNames.map((name): [string, number] => [`${file} ${name}`, 0]),
    ),
  );
  for (const { imported, importedTypes } of syntaxes)
    for (const { file, name } of [...imported.values(), ...importedTypes.values()])
      uses.set(`${file} ${name}`, (uses.get(`${file} ${name}`) ?? 0) + 1);
  return uses;
}

/** @throws when a way no longer starts where `house/ways.ts` says. */
export function measure(): House {
  const files = sources('src');
  const uses = [...exportedUses(files)];
  const ways = Object.entries(WAYS).map(([name, way]) => {
    const { files: order, returns } = walk(way);
    return [name, { files: order.length, returns, order }] as const;
  });
  return {
    src: measureTree('src'),
    simulator: measureTree('simulator'),
    exportedNames: uses.length,
    exportedUsedOnce: counted(uses.filter(([, count]) => count === 1).map(([name]) => name)),
    exportedUsedNowhere: counted(uses.filter(([, count]) => count === 0).map(([name]) => name)),
    repeats: counted(repeats(files).map(({ left, right, length }) => `${left} ~ ${right} (${length} lines)`)),
    ways: Object.fromEntries(ways),
  };
}

function say(house: House, list: boolean): string {
  const row = (text: string, value: string | number, behind: readonly string[] = []) =>
    [`${text.padEnd(52)}${String(value).padStart(8)}`, ...(list ? behind.map((one) => `    ${one}`) : [])].join('\n');
  const tree = (name: string, one: TreeMeasures) => [
    name,
    row('  files', one.files),
    row('  lines', one.lines),
    row('  lines a file: median / p90 / longest', `${one.median} / ${one.p90} / ${one.longest}`),
    row(
      `  functions over ${LONG_FUNCTION} lines, of ${one.functions}`,
      one.longFunctions.count,
      one.longFunctions.places,
    ),
    row(
      `  base names of more than one file, of ${one.baseNames}`,
      one.sharedBaseNames.count,
      one.sharedBaseNames.places,
    ),
    row(
      `  files under ${SMALL} lines that one file imports`,
      one.smallAndImportedOnce.count,
      one.smallAndImportedOnce.places,
    ),
    row('  import circles', one.circles.count, one.circles.places),
  ];
  return [
    ...tree('src', house.src),
    row(
      `  exported names, of ${house.exportedNames}: used by one other file`,
      house.exportedUsedOnce.count,
      house.exportedUsedOnce.places,
    ),
    row(
      '  exported names: used by no other file of src',
      house.exportedUsedNowhere.count,
      house.exportedUsedNowhere.places,
    ),
    row('  repeats of six lines or more, pairs', house.repeats.count, house.repeats.places),
    ...tree('simulator', house.simulator),
    'ways: files passed, returns to a file',
    ...Object.entries(house.ways).map(([name, way]) => row(`  ${name}`, `${way.files}, ${way.returns}`, way.order)),
  ].join('\n');
}

if (import.meta.main) {
  const house = measure();
  const json = process.argv.includes('--json');
  console.log(json ? JSON.stringify(house, null, 2) : say(house, process.argv.includes('--list')));
}
