/** Runs of lines that stand twice, to the letter. */
import { textOf } from './sources.ts';

/** A pair of places that share a run; lines count from 1, `length` in lines that count. */
export interface Repeat {
  readonly left: string;
  readonly right: string;
  readonly length: number;
}

interface Line {
  readonly file: string;
  readonly number: number;
  readonly text: string;
}

/** Lines that count: no blank ones, comments, imports, and none that hold punctuation alone. */
function linesOf(file: string): readonly Line[] {
  const bare = textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/^import [\s\S]*?;$/gm, (statement) => statement.replace(/[^\n]/g, ''));
  return bare
    .split('\n')
    .map((text, index) => ({ file, number: index + 1, text: text.trim().replace(/\s+/g, ' ') }))
    .filter(({ text }) => /\w/.test(text) && !text.startsWith('//'));
}

/** The pairs of places that share `least` lines or more, longest first; one row for each run. */
export function repeats(files: readonly string[], least = 6): readonly Repeat[] {
  const all = files.map(linesOf);
  const places = new Map<string, (readonly [number, number])[]>();
  for (const [at, lines] of all.entries())
    for (let from = 0; from + least <= lines.length; from += 1) {
      const key = lines
        .slice(from, from + least)
        .map(({ text }) => text)
        .join('\n');
      places.set(key, [...(places.get(key) ?? []), [at, from]]);
    }
  const found: Repeat[] = [];
  for (const where of places.values())
    for (const [index, left] of where.entries())
      for (const right of where.slice(index + 1)) {
        const run = runFrom(all[left[0]] ?? [], left[1], all[right[0]] ?? [], right[1], left[0] === right[0]);
        if (run !== null && run.length >= least) found.push(run);
      }
  return found.toSorted((left, right) => right.length - left.length || left.left.localeCompare(right.left));
}

/** The longest run from two places; null where it goes on backwards, so that a run is told once. */
function runFrom(
  left: readonly Line[],
  leftAt: number,
  right: readonly Line[],
  rightAt: number,
  same: boolean,
): Repeat | null {
  if (leftAt > 0 && rightAt > 0 && left[leftAt - 1]?.text === right[rightAt - 1]?.text) return null;
  let length = 0;
  while (left[leftAt + length] && left[leftAt + length]?.text === right[rightAt + length]?.text) {
    if (same && leftAt + length === rightAt) break; // a run does not overlap with itself
    length += 1;
  }
  const span = (lines: readonly Line[], at: number) =>
    `${lines[at]?.file}:${lines[at]?.number}-${lines[at + length - 1]?.number}`;
  return { left: span(left, leftAt), right: span(right, rightAt), length };
}
