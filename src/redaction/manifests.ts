import type { Range } from './ranges.ts';

const KIND = /\\{0,15}["']?kind\\{0,15}["']?[ \t]{0,4}:[ \t]{0,4}\\{0,15}["']?Secret\\{0,15}["']?(?![\w])/g;
const DATA = /\\{0,15}["']?(?:stringData|data)\\{0,15}["']?[ \t]{0,4}:[ \t]{0,4}/g;
/** How far from its kind a Secret's data may stand. */
const REACH = 16 * 1024;

/**
 * Every value of a Secret's `data` and `stringData`, whatever its key: in YAML, in JSON and in JSON inside a string, as in
 * kubectl's last-applied-configuration.
 */
export function manifestRanges(text: string): readonly Range[] {
  if (!text.includes('Secret')) return [];
  const ranges: Range[] = [];
  let searched = 0;
  for (const kind of text.matchAll(KIND)) {
    const from = Math.max(searched, documentStart(text, kind.index));
    searched = Math.max(searched, documentEnd(text, kind.index));
    // On a piece of its own, so that no search runs further than it has to.
    for (const { start, end } of dataRanges(text.slice(from, searched)))
      ranges.push({ start: from + start, end: from + end });
  }
  return ranges;
}

function dataRanges(manifest: string): readonly Range[] {
  const ranges: Range[] = [];
  DATA.lastIndex = 0;
  for (let data = DATA.exec(manifest); data !== null; data = DATA.exec(manifest)) {
    const at = data.index + data[0].length;
    const found = manifest.charAt(at) === '{' ? members(manifest, at) : lines(manifest, data.index, at);
    ranges.push(...found);
    DATA.lastIndex = Math.max(DATA.lastIndex, found.at(-1)?.end ?? 0);
  }
  return ranges;
}

function documentStart(text: string, at: number): number {
  const from = Math.max(0, at - REACH);
  const separator = text.slice(from, at).lastIndexOf('\n---');
  return separator < 0 ? from : from + separator;
}

function documentEnd(text: string, at: number): number {
  const separator = text.slice(at, at + REACH).indexOf('\n---');
  return separator < 0 ? Math.min(text.length, at + REACH) : at + separator;
}

/** The strings that are values of a flat JSON object. */
function members(text: string, at: number): readonly Range[] {
  const close = text.indexOf('}', at);
  const end = close < 0 ? text.length : close;
  const ranges: Range[] = [];
  const member = /:[ \t]{0,4}(\\{0,15}["'])(.*?)\1/gs;
  member.lastIndex = at;
  for (let found = member.exec(text); found !== null && found.index < end; found = member.exec(text)) {
    const [whole, quote = '', value = ''] = found;
    const start = found.index + whole.length - quote.length - value.length;
    if (value !== '') ranges.push({ start, end: Math.min(start + value.length, end) });
  }
  return ranges;
}

/** The values of the lines that are indented deeper than `data:`, blocks included. */
function lines(text: string, dataAt: number, at: number): readonly Range[] {
  const limit = text.length;
  const indent = indentAt(text, dataAt);
  const ranges: Range[] = [];
  let lineStart = text.indexOf('\n', at) + 1;
  while (lineStart > 0 && lineStart < limit) {
    const next = text.indexOf('\n', lineStart);
    const lineEnd = next < 0 ? limit : Math.min(next, limit);
    const line = text.slice(lineStart, lineEnd);
    const deeper = line.search(/\S/);
    if (deeper >= 0 && deeper <= indent) break;
    const value = /^[ \t]+(?:[\w.-]+:[ \t]+["']?(?:[|>][+-]?$)?)?/.exec(line)?.[0].length ?? 0;
    const content = line.slice(value).replace(/["'\r\s]+$/, '');
    if (content !== '' && !/^[\w.-]+:$/.test(content))
      ranges.push({ start: lineStart + value, end: lineStart + value + content.length });
    lineStart = next < 0 ? 0 : next + 1;
  }
  return ranges;
}

function indentAt(text: string, at: number): number {
  return at - (text.lastIndexOf('\n', at) + 1);
}
