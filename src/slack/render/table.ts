import type { Finding, ReplyTable } from '../../incidents/evidence.ts';
import { clean, oneLine } from './mrkdwn.ts';

export interface CodeTable {
  /** Raw lines, each at most `columns` wide, the first being the heads. Not escaped. */
  readonly lines: readonly string[];
  readonly shown: number;
  readonly total: number;
  /** True when worse rows were put before others. */
  readonly ranked: boolean;
  /** True when rows, columns or cells were left out: the full table belongs into a file. */
  readonly cut: boolean;
}

/** Columns that tell most, first; others follow in the server's order. */
const TELLING = [
  'NAME',
  'SEV',
  'ALERT',
  'TITLE',
  'STATUS',
  'READY',
  'RESTARTS',
  'COMPLETIONS',
  'REASON',
  'CPU(cores)',
  'CPU',
  'MEMORY(bytes)',
  'MEMORY',
  'AGE',
  'LAST SEEN',
  'OBJECT',
  'MESSAGE',
  'TYPE',
  'DURATION',
];

const BAD =
  /critical|fail|error|err\b|oom|crash|back-?off|evict|kill|invalid|unknown|notready|unschedul|timeout|deadline|denied|refused|unhealthy|warning|lost/i;
const WAITING = /pending|creating|init|terminating|suspend|waiting|false/i;

/**
 * A table as monospaced lines for a phone: at most `columns` wide and `rows` long, the worst rows first (those a finding
 * names, then those whose cells sound bad), otherwise in the server's order.
 */
export function codeTable(
  table: ReplyTable,
  findings: readonly Finding[],
  bounds: { readonly columns: number; readonly rows: number },
): CodeTable {
  const { rows, ranked } = rank(table, findings);
  const kept = rows.slice(0, bounds.rows);
  const cells = kept.map((row) => table.columns.map((_, index) => cell(row[index] ?? '')));
  const heads = table.columns.map((head) => cell(head));
  const chosen = chooseColumns(heads, cells, bounds.columns);
  const lines = [heads, ...cells].map((row) =>
    chosen
      .map(({ index, width }, at) => pad(row[index] ?? '', width, at === chosen.length - 1))
      .join('  ')
      .trimEnd(),
  );
  const squeezed = chosen.some(({ index, width }) =>
    [heads, ...cells].some((row) => widthOf(row[index] ?? '') > width),
  );
  const total = Math.max(table.total, table.rows.length);
  const cut = kept.length < total || chosen.length < heads.length || squeezed;
  return { lines, shown: kept.length, total, ranked, cut };
}

/** The whole table as text, as kubectl would print it. */
export function fullTable(table: ReplyTable): string {
  const rows = [table.columns, ...table.rows].map((row) => table.columns.map((_, index) => cell(row[index] ?? '')));
  const widths = table.columns.map((_, index) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[index] ?? '')), 0),
  );
  const text = rows.map((row) =>
    row
      .map((value, index) => value + ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(value))))
      .join('   ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}

function cell(raw: string): string {
  return oneLine(raw.slice(0, 2_000)).replaceAll('`', "'");
}

function rank(
  table: ReplyTable,
  findings: readonly Finding[],
): { readonly rows: readonly (readonly string[])[]; readonly ranked: boolean } {
  // Names may hold any word: an `error-tracker` is not an error.
  const names = new Set(['NAME', 'NAMESPACE'].map((head) => table.columns.indexOf(head)));
  const bad = new Set(
    findings.filter((finding) => finding.level === 'critical').map((finding) => finding.subject.name),
  );
  const doubtful = new Set(
    findings.filter((finding) => finding.level === 'warning').map((finding) => finding.subject.name),
  );
  const badness = (row: readonly string[]): number => {
    if (row.some((value) => bad.has(value))) return 0;
    if (row.some((value) => doubtful.has(value))) return 1;
    const rest = row.filter((_, index) => !names.has(index)).join(' ');
    if (BAD.test(rest)) return 2;
    return WAITING.test(rest) || unready(row) ? 3 : 4;
  };
  const rows = table.rows
    .map((row, order) => ({ row, order, badness: badness(row) }))
    .sort((left, right) => left.badness - right.badness || left.order - right.order);
  return { rows: rows.map(({ row }) => row), ranked: rows[0]?.badness !== rows.at(-1)?.badness };
}

function unready(row: readonly string[]): boolean {
  return (
    row.some((value) => {
      const match = /^(\d+)\/(\d+)$/.exec(value);
      return match !== null && Number(match[1]) < Number(match[2]);
    }) && !row.some((value) => /^(completed|complete|succeeded)$/i.test(value))
  );
}

interface Column {
  readonly index: number;
  readonly width: number;
}

const NAME_WIDTH = 16;
const MOST_CELL = 24;

function chooseColumns(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly Column[] {
  if (heads.length === 0) return [];
  const natural = heads.map((head, index) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[index] ?? '')), widthOf(head)),
  );
  const first = heads.includes('NAME') ? heads.indexOf('NAME') : 0;
  const order = heads.map((_, index) => index).filter((index) => index !== first && !sameInAll(heads, rows, index));
  order.sort((left, right) => worth(heads[left] ?? '') - worth(heads[right] ?? '') || left - right);
  const taken = new Map<number, number>([[first, Math.min(natural[first] ?? 0, NAME_WIDTH)]]);
  let left = width - (taken.get(first) ?? 0);
  for (const index of order) {
    const wanted = Math.min(natural[index] ?? 0, MOST_CELL) + 2;
    if (wanted > left) continue;
    taken.set(index, wanted - 2);
    left -= wanted;
  }
  // What is left over goes to the name first, then to the others in the order of their worth.
  for (const index of [first, ...order]) {
    const has = taken.get(index);
    if (has === undefined) continue;
    const more = Math.min(left, (natural[index] ?? 0) - has);
    taken.set(index, has + more);
    left -= more;
  }
  return [...taken].map(([index, columnWidth]) => ({ index, width: columnWidth })).sort((a, b) => a.index - b.index);
}

function worth(head: string): number {
  const known = TELLING.indexOf(head.toUpperCase());
  return known < 0 ? TELLING.length : known;
}

/** A namespace that is the same everywhere is said in the header already. */
function sameInAll(heads: readonly string[], rows: readonly (readonly string[])[], index: number): boolean {
  return heads[index] === 'NAMESPACE' && rows.length > 1 && rows.every((row) => row[index] === rows[0]?.[index]);
}

/** Cuts in the middle: the end of a pod's name is what tells it from its neighbours. */
function pad(value: string, width: number, last: boolean): string {
  if (widthOf(value) <= width) return last ? value : value + ' '.repeat(width - widthOf(value));
  const tail = last ? 0 : Math.floor((width - 1) / 3);
  const head = takeWidth(value, width - 1 - tail);
  const end = tail === 0 ? '' : takeWidthFromEnd(value, tail);
  const short = `${head}…${end}`;
  return last ? short : short + ' '.repeat(Math.max(0, width - widthOf(short)));
}

function takeWidth(value: string, width: number): string {
  let used = 0;
  let taken = '';
  for (const character of value) {
    used += characterWidth(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
}

function takeWidthFromEnd(value: string, width: number): string {
  const characters = [...value];
  let used = 0;
  let from = characters.length;
  while (from > 0) {
    used += characterWidth(characters[from - 1] ?? '');
    if (used > width) break;
    from -= 1;
  }
  return characters.slice(from).join('');
}

/** Columns a monospaced font needs: nothing for combining marks, two for wide East Asian characters and emoji. */
function characterWidth(character: string): number {
  if (/^\p{M}$/u.test(character) || character === '\u200D') return 0;
  return /^[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\p{Emoji_Presentation}]$/u.test(
    character,
  )
    ? 2
    : 1;
}

export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Lines of a log for a code block: no control characters, tabs as spaces, each at most `columns` wide. */
export function codeLines(lines: readonly string[], columns: number): readonly string[] {
  return lines.map((line) => {
    const shown = clean(line.slice(0, columns * 8))
      .replaceAll('\t', '  ')
      .replaceAll('\n', ' ')
      .replaceAll('`', "'");
    return widthOf(shown) <= columns ? shown : `${takeWidth(shown, columns - 1)}…`;
  });
}
