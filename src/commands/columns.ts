/** Lays a table out as kubectl does: columns as wide as their widest cell, three spaces apart, no trailing spaces. */
export function columnsOf(columns: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [columns, ...rows];
  const widths = columns.map((_, column) =>
    all.reduce((widest, row) => Math.max(widest, [...(row[column] ?? '')].length), 0),
  );
  return all.map((row) =>
    widths
      .map((width, column) => pad(row[column] ?? '', width))
      .join('   ')
      .trimEnd(),
  );
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - [...cell].length));
}
