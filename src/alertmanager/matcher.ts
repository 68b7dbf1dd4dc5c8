import { RE2JS } from 're2js';
import { unquoted } from '../../promql/strings.ts';
import { ResponderError } from '../errors.ts';

export type MatchOp = '=' | '!=' | '=~' | '!~';

/** One condition on a label, as Alertmanager reads it; a label that is missing has the value ''. */
export interface Matcher {
  readonly label: string;
  readonly op: MatchOp;
  readonly value: string;
  /** Whether the matcher matches this value. */
  fits(value: string): boolean;
}

/** @throws ResponderError config_invalid for a regular expression that RE2, Alertmanager's engine, cannot read. */
export function matcher(label: string, op: MatchOp, value: string): Matcher {
  if (op === '=') return { label, op, value, fits: (one) => one === value };
  if (op === '!=') return { label, op, value, fits: (one) => one !== value };
  const pattern = anchored(value);
  return { label, op, value, fits: (one) => pattern.test(one) === (op === '=~') };
}

export function matcherText({ label, op, value }: Pick<Matcher, 'label' | 'op' | 'value'>): string {
  return `${label}${op}${JSON.stringify(value)}`;
}

function anchored(pattern: string): RE2JS {
  try {
    return RE2JS.compile(`^(?:${pattern})$`);
  } catch (thrown) {
    const why = Error.isError(thrown) ? thrown.message : String(thrown);
    throw new ResponderError('config_invalid', `"${pattern}" is no regular expression of Alertmanager: ${why}`, {
      cause: thrown,
    });
  }
}

/**
 * Parses an entry of `matchers`: `team = "a"`, `team=~a|b`, or several in braces. Two grammars are tried as
 * Alertmanager does by default: the one before 0.27, and, for what that cannot parse, the one with quoted names.
 * https://github.com/prometheus/alertmanager/blob/main/pkg/labels/parse.go and matcher/parse
 * @throws ResponderError config_invalid that quotes the text.
 */
export function parseMatchers(text: string): readonly Matcher[] {
  const classic = splitAtCommas(text.replace(/^\{/, '').replace(/\}$/, '')).map(classicMatcher);
  if (classic.every((one) => one !== null)) return classic.map(({ label, op, value }) => matcher(label, op, value));
  const quoted = quotedMatchers(text);
  if (quoted !== null) return quoted.map(({ label, op, value }) => matcher(label, op, value));
  throw new ResponderError('config_invalid', `"${text}" is no matcher`, { hint: 'For example: team = "payments"' });
}

type Parts = Pick<Matcher, 'label' | 'op' | 'value'>;

/** At the commas outside of quotes. */
function splitAtCommas(text: string): readonly string[] {
  const found: string[] = [];
  let token = '';
  let quoted = false;
  let escaped = false;
  for (const character of text) {
    if (character === ',' && !quoted) {
      found.push(token);
      token = '';
      continue;
    }
    if (character === '"' && !escaped) quoted = !quoted;
    if (character !== ',') escaped = character === '\\' && !escaped;
    token += character;
  }
  return token === '' ? found : [...found, token];
}

const CLASSIC = /^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*([\s\S]*?)[\t\n\f\r ]*$/;

function classicMatcher(text: string): Parts | null {
  const [, label, op, raw] = CLASSIC.exec(text) ?? [];
  if (label === undefined || op === undefined || raw === undefined) return null;
  const value = classicValue(raw);
  return value === null ? null : { label, op: op as MatchOp, value }; // the pattern lets only the four through
}

/**
 * A value of the classic grammar, with or without quotes; an unknown escape is kept as it is. Null when a quote is
 * misplaced.
 */
function classicValue(raw: string): string | null {
  const quoted = raw.startsWith('"');
  const body = quoted ? raw.slice(1) : raw;
  let value = '';
  let open = quoted;
  for (let at = 0; at < body.length; at += 1) {
    const character = body.charAt(at);
    const last = at === body.length - 1;
    if (character === '\\' && !last) {
      at += 1;
      const next = body.charAt(at);
      value += next === 'n' ? '\n' : next === '"' || next === '\\' ? next : `\\${next}`;
    } else if (character === '"') {
      if (!open || !last) return null;
      open = false;
    } else value += character;
  }
  return open ? null : value;
}

const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
const BARE = String.raw`[^\s,={}!~"'\x60\\]+`;
const ONE = new RegExp(String.raw`\s*(${QUOTED}|${BARE})\s*(=~|!~|!=|=)\s*(${QUOTED}|${BARE})\s*(,|$)`, 'sy');

function quotedMatchers(text: string): readonly Parts[] | null {
  const trimmed = text.trim();
  const inner = /^\{.*\}$/s.test(trimmed) ? trimmed.slice(1, -1).trim() : trimmed;
  const found: Parts[] = [];
  ONE.lastIndex = 0;
  while (ONE.lastIndex < inner.length) {
    const [, label, op, value] = ONE.exec(inner) ?? [];
    if (label === undefined || op === undefined || value === undefined) return null;
    const [name, wanted] = [label, value].map((one) => (one.startsWith('"') ? unquoted(one) : one));
    if (name == null || wanted == null || name === '') return null;
    found.push({ label: name, op: op as MatchOp, value: wanted }); // the pattern lets only the four through
  }
  return found;
}
