import type { Labels } from '../alerts/alert.ts';
import { truth } from '../alerts/truth.ts';
import type { Severity } from './incident.ts';

/** Matches labels: every entry must match. A value in slashes (`/regex/`) is a regular expression, anchored; else equality. */
export type LabelMatchers = Readonly<Record<string, string>>;

export interface SeverityMatcher {
  readonly name: string;
  readonly match: LabelMatchers;
  readonly severity: Severity;
  /** Only when so many different subjects match within the window. */
  readonly atLeast: { readonly subjects: number; readonly withinMs: number } | null;
}

/** A longer label value never matches a regular expression: label values come from outside, and matching costs time. */
const MAX_INPUT = 1024;
/** With three or four unbounded repetitions the cost can grow with the cube of the length, so less is looked at. */
const MAX_INPUT_MANY_REPETITIONS = 256;
const MAX_PATTERN = 500;
const MAX_REPETITIONS = 4;

/**
 * Says whether every entry of the matchers fits the labels. A value in slashes is a regular expression and must fit the
 * whole label value, as in Prometheus; anything else must be equal. A missing label has the value ''. A pattern that
 * `matcherProblem` refuses matches nothing.
 */
export function matches(labels: Labels, matchers: LabelMatchers): boolean {
  for (const name in matchers) {
    const wanted = matchers[name] ?? '';
    const value = Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
    if (!valueMatches(value, wanted)) return false;
  }
  return true;
}

/**
 * What is wrong with the value of a matcher, in words; null when it can be used. Refused are patterns that do not parse
 * and those whose time can explode on a hostile label value: look-around, back-references, a repetition inside a
 * repeated group, alternatives in a repeated group that can begin alike, more than four unbounded repetitions.
 */
export function matcherProblem(value: string): string | null {
  return isPattern(value) ? problemOf(value.slice(1, -1)) : null;
}

function valueMatches(value: string, wanted: string): boolean {
  if (!isPattern(wanted)) return value === wanted;
  const compiled = compile(wanted);
  return compiled !== null && value.length <= compiled.maxInput && compiled.pattern.test(value);
}

function isPattern(value: string): boolean {
  return value.length >= 2 && value.startsWith('/') && value.endsWith('/');
}

interface Compiled {
  readonly pattern: RegExp;
  readonly maxInput: number;
}

/**
 * By the text with its slashes, as configuration holds it: a group of 10,000 alerts asks for each half a million times,
 * and a new text would have to be hashed each time.
 */
const compiledPatterns = new Map<string, Compiled | null>();
const MAX_COMPILED = 1000;

function compile(wanted: string): Compiled | null {
  const known = compiledPatterns.get(wanted);
  if (known !== undefined) return known;
  const source = wanted.slice(1, -1);
  const many = repetitionsIn(source).length > 2;
  const made =
    problemOf(source) === null
      ? { pattern: anchored(source), maxInput: many ? MAX_INPUT_MANY_REPETITIONS : MAX_INPUT }
      : null;
  if (compiledPatterns.size >= MAX_COMPILED) compiledPatterns.clear();
  compiledPatterns.set(wanted, made);
  return made;
}

function anchored(source: string): RegExp {
  return new RegExp(`^(?:${source})$`, 'su');
}

function problemOf(source: string): string | null {
  if (source.length > MAX_PATTERN) return `longer than ${MAX_PATTERN} characters`;
  try {
    anchored(source);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const plain = withoutLiterals(source);
  if (/\(\?<?[=!]/.test(plain)) return 'look-around is not supported';
  if (/\\(?:[1-9]|k<)/.test(source.replaceAll('\\\\', ''))) return 'back-references are not supported';
  if (repetitionsIn(source).length > MAX_REPETITIONS) return `more than ${MAX_REPETITIONS} unbounded repetitions`;
  return repeatedGroupProblem(plain);
}

/** The pattern with escapes and character classes replaced by one letter each, so that what is left is structure. */
function withoutLiterals(source: string): string {
  return source.replace(/\\u\{[0-9a-fA-F]+\}|\\[pP]\{[^}]*\}|\\./gsu, 'e').replace(/\[[^\]]*\]/g, 'c');
}

function repetitionsIn(source: string): string[] {
  return withoutLiterals(source).match(/[*+]|\{\d+,\d*\}|\{\d{3,}\}/g) ?? [];
}

/** Looks into every group that is repeated for what makes backtracking explode. */
function repeatedGroupProblem(plain: string): string | null {
  const opened: number[] = [];
  for (let at = 0; at < plain.length; at += 1) {
    if (plain[at] === '(') opened.push(at);
    if (plain[at] !== ')') continue;
    const from = opened.pop() ?? 0;
    if (!/^(?:[*+]|\{)/.test(plain.slice(at + 1))) continue;
    const body = plain.slice(from + 1, at).replace(/^\?(?::|<[^>]*>)/, '');
    if (/[*+?{]/.test(body.replaceAll('(?:', '('))) return 'a repetition inside a repeated group';
    const beginnings = body.split('|').map((branch) => branch.replace(/^[(]+/, '').charAt(0));
    const ambiguous =
      beginnings.some((letter) => '.ec'.includes(letter)) || new Set(beginnings).size < beginnings.length;
    if (beginnings.length > 1 && ambiguous) return 'alternatives in a repeated group that can begin alike';
  }
  return null;
}

/** Labels as matchers see them: the truth first, and beside it what only names the scraper (`job="..."`). */
export function labelsToMatch(labels: Labels): Labels {
  return { ...labels, ...truth(labels) };
}
