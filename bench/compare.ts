// Whether a benchmark became slower: the figures of two of its outputs side by side, matched by the words around them.
// Exit code 1 when one is worse by more than the limit, 2 when there is nothing to compare.
// Run: node bench/compare.ts BEFORE.txt AFTER.txt [--limit=1.3]
//      node bench/compare.ts --commits=COMMIT,COMMIT --bench=redaction [--runs=3] [--limit=1.3] [-- arguments of the benchmark]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { option } from './stage.ts';

/** A figure of an output. */
export interface Figure {
  /** The line it stands in without its figures, and which figure of that line it is. */
  readonly where: string;
  readonly value: number;
  readonly unit: string;
}

/** Units of which less is better; of the others that are known (a second) more is. */
const LESS_IS_BETTER = /^(?:ms|s|MB|KB|GB|KiB|MiB|calls?|connections?|%)$/i;
const MORE_IS_BETTER = /^(?:[a-z]+\/s|a second)$/i;
const FIGURE =
  /(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s?([a-zA-Z]+\/s\b|a second\b|ms\b|s\b|[KMG]i?B\b|calls?\b|connections?\b|%)/g;

/** The figures of an output that have a unit with a better and a worse. */
export function figuresOf(text: string): readonly Figure[] {
  const seen = new Map<string, number>();
  return text.split('\n').flatMap((line) => {
    const words = line
      .replaceAll(FIGURE, '#')
      .replaceAll(/\d[\d,.]*/g, 'n')
      .replaceAll(/\s+/g, ' ')
      .trim();
    const nth = (seen.get(words) ?? 0) + 1;
    seen.set(words, nth);
    return [...line.matchAll(FIGURE)].map(([, value = '', unit = ''], at) => ({
      where: `${words}${nth > 1 ? ` (${nth})` : ''}${at > 0 ? ` [${at + 1}]` : ''}`,
      value: Number(value.replaceAll(',', '')),
      unit,
    }));
  });
}

export interface Compared extends Figure {
  readonly before: number;
  /** Above 1: worse by so much. */
  readonly worse: number;
}

/** Each figure that both have, by how much it became worse. Of several runs of one side the median counts. */
export function compared(before: readonly string[], after: readonly string[]): readonly Compared[] {
  const was = medians(before);
  return [...medians(after).values()].flatMap((now) => {
    const old = was.get(now.where);
    if (old === undefined || old.unit !== now.unit) return [];
    if (!(LESS_IS_BETTER.test(now.unit) || MORE_IS_BETTER.test(now.unit))) return [];
    const [better, worse] = LESS_IS_BETTER.test(now.unit) ? [old.value, now.value] : [now.value, old.value];
    return [{ ...now, before: old.value, worse: better === worse ? 1 : worse / better }];
  });
}

function medians(outputs: readonly string[]): ReadonlyMap<string, Figure> {
  const all = Map.groupBy(outputs.flatMap(figuresOf), ({ where }) => where);
  return new Map(
    [...all].flatMap(([where, figures]) => {
      const sorted = figures.toSorted((a, b) => a.value - b.value);
      const middle = sorted[Math.floor(sorted.length / 2)];
      return middle ? [[where, middle]] : [];
    }),
  );
}

/** The outputs of a benchmark at two commits, run in turns, so that the machine's moods meet both. */
function runAt(commits: readonly string[], bench: string, runs: number, args: readonly string[]): readonly string[][] {
  const root = resolve(import.meta.dirname, '..');
  const folder = mkdtempSync(join(tmpdir(), 'bench-compare-'));
  const trees: string[] = [];
  try {
    for (const [at, commit] of commits.entries()) {
      const tree = join(folder, `${at}`);
      execFileSync('git', ['worktree', 'add', '--detach', '--quiet', tree, commit], { cwd: root });
      trees.push(tree);
      symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
      if (!existsSync(join(tree, 'bench', `${bench}.ts`))) throw new Error(`${commit} has no bench/${bench}.ts`);
    }
    const outputs: string[][] = trees.map(() => []);
    for (let run = 0; run < runs; run += 1)
      for (const [at, tree] of trees.entries())
        outputs[at]?.push(
          execFileSync(process.execPath, [`bench/${bench}.ts`, ...args], {
            cwd: tree,
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'inherit'],
          }),
        );
    return outputs;
  } finally {
    for (const tree of trees) execFileSync('git', ['worktree', 'remove', '--force', tree], { cwd: root });
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(argv: readonly string[]): number {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const given = (name: string) =>
    argv
      .slice(0, end)
      .find((word) => word.startsWith(`--${name}=`))
      ?.split('=')[1];
  const [commits, bench] = [given('commits')?.split(','), given('bench')];
  const files = argv.slice(0, end).filter((word) => !word.startsWith('--'));
  if (commits ? commits.length !== 2 || !bench : files.length !== 2) {
    console.error('Give two outputs of a benchmark, or --commits=A,B --bench=NAME.');
    return 2;
  }
  const [before = [], after = []] =
    commits && bench
      ? runAt(commits, bench, option('runs', 3), argv.slice(end + 1))
      : files.map((file) => [readFileSync(file, 'utf8')]);
  const figures = compared(before, after);
  if (figures.length === 0) {
    console.error('The two have no figure in common: are they of the same benchmark?');
    return 2;
  }
  const limit = option('limit', 1.3);
  for (const { where, before: was, value, unit, worse } of figures)
    console.log(`${worse > limit ? 'WORSE ' : '      '}${worse.toFixed(2)}  ${was} -> ${value} ${unit}  ${where}`);
  const bad = figures.filter(({ worse }) => worse > limit).length;
  console.log(`${bad} of ${figures.length} figures are worse by more than ${limit}`);
  return bad > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : thrown);
    process.exitCode = 2;
  }
