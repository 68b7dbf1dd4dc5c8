/** One word of a command line: what it means and where it begins in the line. */
export interface Token {
  readonly value: string;
  readonly start: number;
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/**
 * Undoes what Slack does to what a person typed: `<http://x.y|x.y>` becomes `x.y` again, `<@U1|ana>` becomes `@ana`,
 * `<#C1|ops>` becomes `#ops`, and the three entities are decoded last, once.
 * The rules are those of https://docs.slack.dev/messaging/formatting-message-text.
 */
export function understandSlack(text: string): string {
  return text
    .replaceAll(/<(mailto:|tel:|[a-z][a-z0-9+.-]*:\/\/)([^<>|\s]*)(?:\|([^<>]*))?>/gi, (_whole, scheme, rest, label) =>
      label
        ? String(label)
        : /^(mailto|tel):$/i.test(String(scheme))
          ? String(rest)
          : `${String(scheme)}${String(rest)}`,
    )
    .replaceAll(
      /<([@#])([A-Z0-9]+)(?:\|([^<>]*))?>/g,
      (_whole, sign, id, label) => `${String(sign)}${String(label || id)}`,
    )
    .replaceAll(/<!(?:subteam\^|date\^)?([A-Za-z0-9^{}_ -]+)(?:\|([^<>]*))?>/g, (_whole, id, label) =>
      String(label || `@${String(id)}`),
    )
    .replaceAll(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

/** Characters that take no room on a screen, so nobody can have meant them: controls, zero-width, direction marks, soft hyphen. */
const INVISIBLE = /(?![\t\n\r])\p{Cc}|\p{Cf}/gu;
const SPACES = /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;
const DASH = '[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]';

/**
 * Makes the typing of a phone into plain ASCII punctuation: curly quotes become straight, a dash where an option
 * begins becomes `-` or `--` (iOS turns `--` into an em dash), other spaces become spaces, invisible characters go. A code span around the
 * whole line or its beginning is unwrapped.
 */
export function straighten(text: string): string {
  const plain = text
    .replaceAll(INVISIBLE, '')
    .replaceAll(SPACES, ' ')
    .replaceAll(/[\u2018\u2019\u201a\u201b\u2032\uff07]/g, "'")
    .replaceAll(/[\u201c-\u201f\u00ab\u00bb\u2033\uff02]/g, '"')
    .trim();
  const unwrapped = plain.replace(/^(`{1,3})\s*([^`]+?)\s*\1/, '$2').trim();
  return unwrapped.replaceAll(new RegExp(`(^|\\s)(${DASH}+)(?=[A-Za-z])([A-Za-z]+)`, 'g'), straightenFlag);
}

function straightenFlag(whole: string, before: string, dashes: string, word: string): string {
  if (/^-+$/.test(dashes)) return whole;
  return `${before}${word.length === 1 ? '-' : '--'}${word}`;
}

/** More than any command may have, in characters, so that a megabyte posted by mistake costs nothing; commands/parse.ts refuses what is longer than its own limit. */
const LONGEST = 8000;

/** The line as a command: Slack's escapes undone when it came from Slack, straightened, a leading mention or `/lambda` dropped. */
export function commandLine(text: string, fromSlack: boolean): string {
  const bounded = text.slice(0, LONGEST);
  const line = straighten(fromSlack ? understandSlack(bounded) : bounded);
  return line.replace(/^(?:@\S+[\s,:]+)?(?:\/lambda(?=\s|$)\s*)?/i, '').trim();
}

/**
 * Splits a line into words as a shell would, without ever failing: a quote (also a backtick) opens only where a word or
 * an option's value begins and only when it is closed further on; any other is an ordinary character, so that `the build's queue` is three words.
 */
export function tokenise(line: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) {
      at += 1;
      continue;
    }
    const [token, end] = readToken(line, at);
    tokens.push(token);
    at = end;
  }
  return tokens;
}

function readToken(line: string, start: number): [Token, number] {
  let value = '';
  let at = start;
  while (at < line.length && !/\s/.test(line.charAt(at))) {
    const char = line.charAt(at);
    const opens = /["'`]/.test(char) && (at === start || line.charAt(at - 1) === '=');
    const close = opens ? line.indexOf(char, at + 1) : -1;
    if (close > at) {
      value += line.slice(at + 1, close);
      at = close + 1;
    } else {
      value += char;
      at += 1;
    }
  }
  return [{ value, start }, at];
}

/** A word so that `tokenise` reads it back as one; null when both kinds of quotes are in it. */
export function quote(word: string): string | null {
  if (/^[\w./:@%+,=!()-]+$/.test(word)) return word;
  if (!word.includes('"')) return `"${word}"`;
  return word.includes("'") ? null : `'${word}'`;
}

/** With a capital letter at the beginning. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
