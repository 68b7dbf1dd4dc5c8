/** Rows of one insert: SQLite takes 32,766 variables in a statement, and long statements compile slowly. */
const ROWS_PER_INSERT = 400;

/** The rows in pieces that fit into one statement each. */
export function chunks<T>(rows: readonly T[], size = ROWS_PER_INSERT): readonly (readonly T[])[] {
  const pieces: T[][] = [];
  for (let at = 0; at < rows.length; at += size) pieces.push(rows.slice(at, at + size));
  return pieces;
}
