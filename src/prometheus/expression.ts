/** What of an alert's expression can be drawn: the series, and the number it is compared with. */
export interface Threshold {
  readonly series: string;
  readonly threshold: number | null;
  /** `>`, `<=` ...; null without a number. */
  readonly comparison: string | null;
}

const OPENING = '([{';
const CLOSING = ')]}';

/**
 * Splits `rate(x[5m]) > 0.05 and on() y` into the series and its threshold. Of conditions joined by `and` or `unless`
 * the first is drawn; with `or`, or without a plain number to compare with, the whole is. Never throws: what it does
 * not understand is returned as it is, and Prometheus judges it.
 */
export function splitThreshold(expression: string): Threshold {
  const whole = stripParentheses(expression.replaceAll(/#[^\n"'`]*$/gm, '').trim());
  const marks = topLevel(whole);
  if (marks.some(({ text }) => text === 'or')) return { series: whole, threshold: null, comparison: null };
  const joined = marks.find(({ text }) => text === 'and' || text === 'unless');
  if (joined) return splitThreshold(whole.slice(0, joined.at));
  const comparison = marks.findLast(({ text }) => /^(?:[<>]=?|[!=]=)$/.test(text));
  if (!comparison) return { series: whole, threshold: null, comparison: null };
  const left = whole.slice(0, comparison.at).trim();
  const right = whole.slice(comparison.at + comparison.text.length).trim();
  const threshold = numberOf(right.replace(/^bool\b/, ''));
  if (threshold !== null) return { series: left, threshold, comparison: comparison.text };
  const swapped = numberOf(left);
  if (swapped !== null) return { series: right, threshold: swapped, comparison: mirror(comparison.text) };
  return { series: left, threshold: null, comparison: null };
}

/** The expression in an alert's link to Prometheus (`/graph?g0.expr=...`); null when it carries none. */
export function expressionOf(generatorUrl: string | null): string | null {
  if (generatorUrl === null || !URL.canParse(generatorUrl)) return null;
  const found = new URL(generatorUrl).searchParams.get('g0.expr');
  return found === null || found.trim() === '' ? null : found;
}

interface Mark {
  readonly at: number;
  readonly text: string;
}

/** Operators outside of brackets and strings. */
function topLevel(text: string): readonly Mark[] {
  const marks: Mark[] = [];
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"' || character === "'" || character === '`') at = endOfString(text, at);
    else if (OPENING.includes(character)) depth += 1;
    else if (CLOSING.includes(character)) depth -= 1;
    else if (depth === 0) {
      const operator = /^(?:[<>!=]=|[<>])/.exec(text.slice(at, at + 2))?.[0];
      const word = /[\w:]/.test(text.charAt(at - 1))
        ? undefined
        : /^(?:and|or|unless)\b/i.exec(text.slice(at, at + 7))?.[0];
      const mark = operator ?? word;
      if (mark === undefined) continue;
      marks.push({ at, text: mark.toLowerCase() });
      at += mark.length - 1;
    }
  }
  return marks;
}

function endOfString(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\' && quote !== '`') at += 1;
    else if (text[at] === quote) return at;
  }
  return text.length;
}

function stripParentheses(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"' || character === "'" || character === '`') at = endOfString(text, at);
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth === 0 && at < text.length - 1) return text;
  }
  return stripParentheses(text.slice(1, -1).trim());
}

/** A number, or a product or quotient of numbers such as `30 * 60`. */
function numberOf(text: string): number | null {
  const parts = stripParentheses(text.trim()).split(/([*/])/);
  let value: number | null = null;
  for (let index = 0; index < parts.length; index += 2) {
    const part = parts[index]?.trim() ?? '';
    if (!/^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)$/i.test(part)) return null;
    const operator = parts[index - 1];
    value = value === null ? Number(part) : operator === '*' ? value * Number(part) : value / Number(part);
  }
  return value;
}

function mirror(comparison: string): string {
  return comparison.startsWith('>') ? comparison.replace('>', '<') : comparison.replace('<', '>');
}
