import type { Finding, PhoneForm, ReplyTable } from './evidence.ts';

/** The cell of a row under a head; empty when the table has no such head. */
export type CellOf = (head: string) => string;

/** How a phone shows the rows of a table: which cells tell, in their order, and which rows need nobody. */
export interface PhoneRows {
  /** A head, or what is said of a row; an empty part is left out. */
  readonly parts: readonly (string | ((cell: CellOf) => string))[];
  /** Rows that are only counted while others have something to tell. */
  readonly isWell?: (cell: CellOf) => boolean;
  /** The word for rows that are well, `healthy` when absent. */
  readonly well?: string;
  /** The smaller, the earlier; the table's own order when absent. */
  readonly order?: (cell: CellOf) => number;
}

/** What the server prints for nothing. */
const NOTHING = /^(?:|<none>|<unset>|-)$/;

/** One line a row, `name · state · restarts · since`: what findings name first, then what is not well. Pure. */
export function rowsForPhone(table: ReplyTable, findings: readonly Finding[], of: PhoneRows): PhoneForm {
  const bad = new Set(
    findings
      .filter(({ level }) => level === 'critical' || level === 'warning')
      .map(({ subject }) => `${subject.namespace ?? ''}/${subject.name}`),
  );
  const names = new Set([...bad].map((one) => one.slice(one.indexOf('/') + 1)));
  const places = new Set(table.rows.map((row) => row[table.columns.indexOf('NAMESPACE')]));
  const rows = table.rows.map((row) => {
    const cell = (head: string) => row[table.columns.indexOf(head)] ?? '';
    const name = cell('NAME');
    const place = cell('NAMESPACE');
    const isNamed = place === '' ? names.has(name.slice(name.indexOf('/') + 1)) : bad.has(`${place}/${name}`);
    const isWell = !isNamed && (of.isWell?.(cell) ?? false);
    const text = of.parts
      .map((part) => (typeof part === 'string' ? cell(part) : part(cell)))
      .filter((part) => !NOTHING.test(part));
    const where = places.size > 1 && place !== '' ? [`${place}/${text[0] ?? ''}`, ...text.slice(1)] : text;
    return { line: where.join(' · '), isWell, rank: isNamed ? 0 : isWell ? 2 : 1, order: of.order?.(cell) ?? 0 };
  });
  const sorted = rows.toSorted((one, other) => one.rank - other.rank || one.order - other.order);
  const telling = sorted.filter(({ isWell }) => !isWell);
  const shown = telling.length > 0 ? telling : sorted;
  const hidden = sorted.length - shown.length;
  return {
    rows: shown.map(({ line }) => line).filter((line) => line !== ''),
    lines: null,
    left: hidden === 0 ? null : `${hidden.toLocaleString('en-US')} ${of.well ?? 'healthy'} not shown`,
  };
}

/** A head with a word behind its value: `14 restarts`. */
export function labelled(head: string, say: (value: string) => string): (cell: CellOf) => string {
  return (cell) => (NOTHING.test(cell(head)) ? '' : say(cell(head)));
}
