import { after, quotedAt } from './notations.ts';
import type { Range } from './ranges.ts';

const KIND = /\\{0,15}["']?kind\\{0,15}["']?[ \t]{0,4}:[ \t]{0,4}\\{0,15}["']?Secret\\{0,15}["']?(?![\w])/g;
/** Not the end of `metadata`, but what follows an escaped end of line. */
const DATA = /(?:(?<![\w.-])|(?<=\\n))(?:stringData|data)\\{0,15}["']?[ \t]{0,4}:[ \t]{0,4}/g;
const SEPARATOR = '\n---';
/** How far from its kind a Secret's data may begin. */
const REACH = 16 * 1024;

/** Separators between the members of a mapping, comments included. */
const GAP = /(?:[\s,]|\\{1,15}[nrt]|#[^\n]*)+/y;
const CLOSING = /\\{0,15}["'`]/y;
const PLAIN_NAME = /[^\s:,{}"'\\]+/y;
const COLON = /\s{0,8}:(?:\s|\\{1,15}[nrt]){0,80}/y;
const PLAIN_VALUE = /[^,}\n\\]+/y;

/**
 * Every value of a Secret's `data` and `stringData`, whatever its key: in YAML, in JSON and in JSON inside a string, as in
 * kubectl's last-applied-configuration. A value is followed to its end; each place is gone over once.
 */
export function manifestRanges(text: string): readonly Range[] {
  if (!text.includes('Secret')) return [];
  const reached = stretches(text);
  const ranges: Range[] = [];
  let current = 0;
  let line: Range = { start: 0, end: -1 };
  DATA.lastIndex = reached[0]?.start ?? text.length;
  for (let data = DATA.exec(text); data !== null; data = DATA.exec(text)) {
    while ((reached[current]?.end ?? Number.POSITIVE_INFINITY) <= data.index) current += 1;
    const stretch = reached[current];
    if (!stretch) break;
    if (data.index < stretch.start) {
      DATA.lastIndex = stretch.start;
      continue;
    }
    const at = data.index + data[0].length;
    const isMapping = text.charAt(at) === '{' && text.charAt(at + 1) !== '{';
    const isOnSameLine = at <= line.end;
    if (!isOnSameLine)
      line = { start: text.lastIndexOf('\n', data.index) + 1, end: placeOf(text.indexOf('\n', at), text.length) };
    // The lines below belong to the first member of a line; deeper lines belong to the member they are indented under.
    const found = isMapping ? members(text, at) : isOnSameLine ? [] : lines(text, data.index - line.start, line.end);
    for (const range of found) ranges.push(range);
    DATA.lastIndex = Math.max(DATA.lastIndex, found.at(-1)?.end ?? 0);
  }
  return ranges;
}

/**
 * Ranges of a text in which the data of a Secret may begin, in order: within REACH of the kind, in the same document.
 */
function stretches(text: string): readonly Range[] {
  const found: { start: number; end: number }[] = [];
  let searched = 0;
  let separator = -1;
  for (const { index } of text.matchAll(KIND)) {
    if (separator < index) separator = placeOf(text.indexOf(SEPARATOR, index), text.length);
    const from = Math.max(searched, index - REACH);
    const before = from < index ? text.slice(from, index).lastIndexOf(SEPARATOR) : -1;
    const start = before < 0 ? from : from + before;
    searched = Math.min(separator, index + REACH);
    const last = found.at(-1);
    if (last?.end === start) last.end = searched;
    else found.push({ start, end: searched });
  }
  return found;
}

function placeOf(index: number, otherwise: number): number {
  return index < 0 ? otherwise : index;
}

/**
 * The values of a mapping in braces (JSON or YAML flow style), up to the closing brace; a brace in quotes is text. Text
 * in the place of a key is taken for a value and ends the mapping, unless it is quoted.
 */
function members(text: string, open: number): readonly Range[] {
  const ranges: Range[] = [];
  let at = open + 1;
  let depth = 1;
  let isValue = false;
  while (at < text.length) {
    if (!isValue) at = after(GAP, text, at) ?? at;
    const character = text.charAt(at);
    if (character === '{' || character === '}') {
      depth += character === '{' ? 1 : -1;
      if (depth === 0) break;
      at += 1;
      isValue = false;
      continue;
    }
    const quoted: Range | null = quotedAt(text, at, { overLines: true });
    const start = quoted?.start ?? at;
    const end: number = quoted?.end ?? after(isValue ? PLAIN_VALUE : PLAIN_NAME, text, at) ?? at;
    const past: number = quoted ? (after(CLOSING, text, end) ?? end) : end;
    const colon: number | null = isValue ? null : after(COLON, text, past);
    if (colon === null) {
      const rest = quoted || isValue ? end : (after(PLAIN_VALUE, text, at) ?? end);
      const value = text.slice(start, rest).trimEnd();
      if (value !== '') ranges.push({ start, end: start + value.length });
      if (!quoted && !isValue) break;
    }
    at = colon ?? past;
    isValue = colon !== null;
  }
  return ranges;
}

/** The values of the lines that are indented deeper than `data:`, blocks included. */
function lines(text: string, indent: number, lineEnd: number): readonly Range[] {
  const ranges: Range[] = [];
  let lineStart = lineEnd + 1;
  while (lineStart < text.length) {
    const end = placeOf(text.indexOf('\n', lineStart), text.length);
    const line = text.slice(lineStart, end);
    const deeper = line.search(/\S/);
    if (deeper >= 0 && deeper <= indent) break;
    const value = /^[ \t]+(?:[\w.-]+:[ \t]+["']?(?:[|>][+-]?$)?)?/.exec(line)?.[0].length ?? 0;
    const content = line.slice(value).replace(/["'\r\s]+$/, '');
    if (content !== '' && !/^[\w.-]+:$/.test(content))
      ranges.push({ start: lineStart + value, end: lineStart + value + content.length });
    lineStart = end + 1;
  }
  return ranges;
}
