import type { Range } from './ranges.ts';

const BORDER = /-----(BEGIN|END) ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----/g;
/** What the body of a key consists of, plain or inside a JSON string (`\n`, `\\n`) or behind a log prefix's indent. */
const BODY = /[A-Za-z0-9+/=\s\\:,.-]/;

/**
 * The bodies of private keys: between BEGIN and END; after a BEGIN whose END was cut off; before an END whose BEGIN
 * was cut off (the last 100 lines of a log may start inside a key). The borders stay, they say what was there.
 */
export function privateKeyRanges(text: string): readonly Range[] {
  if (!text.includes('PRIVATE KEY')) return [];
  const ranges: Range[] = [];
  let open: number | null = null;
  let settled = 0;
  for (const border of text.matchAll(BORDER)) {
    const after = border.index + border[0].length;
    if (border[1] === 'BEGIN') {
      if (open !== null) ranges.push({ start: open, end: bodyEnd(text, open, border.index) });
      open = after;
    } else {
      const start = open ?? bodyStart(text, border.index, settled);
      if (start < border.index) ranges.push({ start, end: border.index });
      open = null;
    }
    settled = after;
  }
  if (open !== null) ranges.push({ start: open, end: bodyEnd(text, open, text.length) });
  return ranges.filter((range) => /[A-Za-z0-9+/]{8}/.test(text.slice(range.start, range.end)));
}

function bodyEnd(text: string, from: number, limit: number): number {
  let at = from;
  while (at < limit && BODY.test(text.charAt(at))) at += 1;
  return at;
}

/** Whole lines of base64 only: what precedes a key in a log is not swallowed. */
function bodyStart(text: string, end: number, floor: number): number {
  let start = end;
  while (start > floor) {
    const lineStart = Math.max(text.lastIndexOf('\n', start - 2) + 1, floor);
    const line = text.slice(lineStart, start).trim();
    if (!/^[A-Za-z0-9+/=]{1,80}$/.test(line)) break;
    start = lineStart;
  }
  return start;
}
