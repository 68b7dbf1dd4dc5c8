import { REDACTED as MASK } from '../alerts/redacted.ts';

export { MASK };

/** A stretch of a text, in UTF-16 code units, end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Replaces every range by the mask; overlapping and touching ranges become one. */
export function maskRanges(text: string, ranges: readonly Range[]): { text: string; count: number } {
  if (ranges.length === 0) return { text, count: 0 };
  const sorted = [...ranges].sort((a, b) => a.start - b.start || b.end - a.end);
  let out = '';
  let copied = 0;
  let count = 0;
  let current: { start: number; end: number } | null = null;
  const flush = () => {
    if (current === null) return;
    out += text.slice(copied, current.start) + MASK;
    copied = current.end;
    count += 1;
  };
  for (const range of sorted) {
    if (current !== null && range.start <= current.end) {
      current.end = Math.max(current.end, range.end);
      continue;
    }
    flush();
    current = { ...range };
  }
  flush();
  return { text: out + text.slice(copied), count };
}
