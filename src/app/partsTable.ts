export interface PartRow {
  readonly part: string;
  readonly address: string;
  readonly real: boolean;
}

/** The short table that `npm start` prints: each part, its address, and whether it is real or simulated. */
export function partTable(rows: readonly PartRow[]): string {
  const lines = [
    ['part', 'address', 'what'],
    ...rows.map((row) => [row.part, row.address, row.real ? 'real' : 'simulated']),
  ];
  const widths = [0, 1].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      ([part = '', address = '', what = '']) =>
        `${part.padEnd(widths[0] ?? 0)}  ${address.padEnd(widths[1] ?? 0)}  ${what}\n`,
    )
    .join('');
}
