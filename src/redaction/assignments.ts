import { after, bareAt, type Name, notationOf, type Place, wholeBare } from './notations.ts';
import { looksRandom } from './randomness.ts';
import { MASK, type Range } from './ranges.ts';
import { classOf, mayNameObject, type NameClass } from './secretNames.ts';
import { isHarmless, isProse, isQuantity, type Standing } from './values.ts';

/**
 * An Amazon resource name, in which a word like `secret` is a resource type:
 * `arn:aws:secretsmanager:eu-west-1:1:secret:db`.
 */
const ARN = /\barn:aws[\w-]{0,10}:[\w:/.-]*$/;
/** Longest name around a keyword, in characters. */
const LONGEST = 80;
const PART = /[\w.$-]/;
const SCHEME =
  /\[?\\{0,7}["']?(?:Bearer|Basic|Token|Digest|Negotiate|ApiKey|AWS4-HMAC-SHA256|GenieKey|SSWS|Splunk|Bot|Key)[ \t]{1,4}/iy;
/** A name as people give it: words and short suffixes with hyphens between them. */
const OBJECT_NAME = /^[a-z]{2,20}(?:[./-](?:[a-z]{1,20}|[a-z0-9]{1,6}))*$/;

/**
 * Values behind secret names, in every notation a log, an object, a program or a command line uses. Each name looks a
 * bounded way around itself, and a value is passed over once, so the time is linear.
 */
export function createAssignments(text: string) {
  let settled = 0;
  return {
    /** Looks at the name around a word that begins at `at`; null when there is none, or its value is no secret. */
    at(at: number): Range | null {
      if (at < settled) return null;
      const name = nameAround(text, at);
      settled = name.end;
      const is = classOf(text.slice(name.start, name.end)) ?? classOf(spokenName(text, name));
      if (is === null || ARN.test(text.slice(Math.max(0, name.start - 160), name.start))) return null;
      const range = is === 'cookie' ? cookies(text, name) : valueRange(text, name, is);
      if (range !== null) settled = Math.max(settled, range.end);
      return range;
    },
  };
}

/** Whether a field of this name may hold a secret at all, whatever its value. */
export function mayNameSecret(name: string): boolean {
  return classOf(name) !== null;
}

/** Whether a field of this name holds a secret in this value. */
export function namesSecret(name: string, value: string): boolean {
  const is = classOf(name);
  if (is === null || value.trim() === '' || isMaskAlone(value)) return false;
  if (is === 'cookie') return value.includes('=');
  const standing: Standing = { quoted: true, colon: false, after: '', before: '' };
  return isSecret(is, name, value, standing, 'assigned');
}

function nameAround(text: string, at: number): Name {
  let start = at;
  while (start > 0 && at - start < LONGEST && PART.test(text.charAt(start - 1))) start -= 1;
  let end = at;
  while (end < text.length && end - at < LONGEST && /[\w-]/.test(text.charAt(end))) end += 1;
  // A full stop goes on with the name only when more of it follows.
  while (text.charAt(end) === '.' && end - at < LONGEST && /[A-Za-z]/.test(text.charAt(end + 1))) {
    end += 1;
    while (end < text.length && end - at < LONGEST && /[\w-]/.test(text.charAt(end))) end += 1;
  }
  return { start, end };
}

/** The name together with the word before it: `api key`, `secret access key`. */
function spokenName(text: string, { start, end }: Name): string {
  if (end - start !== 3) return '';
  return /[A-Za-z]{2,20} (?:access )?$/.exec(text.slice(Math.max(0, start - 30), start))?.[0].concat('key') ?? '';
}

function valueRange(text: string, name: Name, is: NameClass): Range | null {
  const place = notationOf(text, name);
  if (place === null) return null;
  const scheme = is === 'password' ? null : after(SCHEME, text, place.start);
  const start = scheme ?? place.start;
  const rest = scheme === null || place.quoted ? place : { ...place, end: bareAt(text, start)?.end ?? start };
  const end = trimmed(text, start, rest);
  if (start >= end) return null;
  const value = text.slice(start, end);
  if (isMaskAlone(value)) return null;
  const whole = () => (place.quoted ? end : wholeBare(text, start, end));
  const standing: Standing = {
    quoted: place.quoted,
    colon: place.colon,
    after: text.slice(end, end + 24),
    before: text.slice(Math.max(0, name.start - 24), name.start).replace(/^.*[\n"]/s, ''),
  };
  if (scheme !== null) {
    const said = { ...standing, quoted: false, colon: true };
    const isCredential =
      is === 'authorization' ? !isHarmless(value, said) && !isProse(value, said) : looksRandom(value);
    return isCredential ? { start, end: whole() } : null;
  }
  if (!isSecret(is, text.slice(name.start, name.end), value, standing, place.kind)) return null;
  return { start, end: successor(text, whole()) };
}

/** `"old" -> "new"` and `from old to new` hold two. */
function successor(text: string, end: number): number {
  const next = after(/["']?[ \t]{1,2}(?:->|=>|to)[ \t]{1,2}["']?/y, text, end);
  if (next === null) return end;
  const word = /^[^\s"']{6,256}/.exec(text.slice(next, next + 256))?.[0] ?? '';
  return isMixed(word) ? next + word.length : end;
}

/** Whether a value is an earlier mask with nothing but brackets and punctuation around it. */
function isMaskAlone(value: string): boolean {
  return value.includes(MASK) && !/[A-Za-z0-9]/.test(value.replaceAll(MASK, ''));
}

function trimmed(text: string, start: number, { end, quoted }: Place): number {
  if (quoted || start >= end) return end;
  return text.charAt(end - 1) === ']' && !text.slice(start, end).includes('[') ? end - 1 : end;
}

function isSecret(is: NameClass, name: string, value: string, standing: Standing, kind: Place['kind']): boolean {
  if (isHarmless(value, standing) || isQuantity(value, standing)) return false;
  if (kind === 'assigned' && isProse(value, standing)) return false;
  if (is === 'weak' || is === 'authorization') return looksRandom(value);
  if (mayNameObject(name) && OBJECT_NAME.test(value)) return false;
  // Without a sign between name and value, the value itself has to look like a secret.
  if (kind === 'told') return looksRandom(value) || speaksForItself(is, value);
  if (kind === 'beside') return is === 'password' ? isMixed(value) : looksRandom(value) && isMixed(value);
  if (is === 'password') return !/^pass$/i.test(name) || !/^[A-Za-z ]+$/.test(value) || standing.quoted;
  return value.length >= 4 && (!/\s/.test(value) || !/^[A-Za-z' ,.-]+$/.test(value));
}

/** Letters with digits or marks between them, as no word of a sentence has. */
function isMixed(value: string): boolean {
  return (
    /^\S{6,256}$/.test(value) &&
    /[A-Za-z]/.test(value) &&
    /[0-9!@#$%^&]/.test(value) &&
    !/^[0-9]+[A-Za-z]*$|[()/*]|^\w+[:=]/.test(value)
  );
}

/** Letters and digits, or marks that no word has. */
function speaksForItself(is: NameClass, value: string): boolean {
  if (/\s/.test(value)) return false;
  if (is === 'password') return /[0-9\W_]/.test(value) && value.length >= 5;
  return value.length >= 8 && /[A-Za-z]/.test(value) && /[0-9]/.test(value);
}

/** The values in a Cookie or Set-Cookie header: the rest of the line, since each of them may be a session. */
function cookies(text: string, { start, end }: Name): Range | null {
  const separator = after(/\\{0,7}["'`]?[ \t]{0,4}[:=][ \t]{0,4}\\{0,7}["'[]{0,2}/y, text, end);
  if (separator === null || text.startsWith(MASK, separator) || /[\w-]/.test(text.charAt(start - 1))) return null;
  const line = text.slice(separator, separator + 8_192);
  const stop = line.search(/["'\n\r\]\\]/);
  const header = stop < 0 ? line : line.slice(0, stop);
  return /^[^\s=;]{1,256}=/.test(header) ? { start: separator, end: separator + header.length } : null;
}
