import type { Range } from './ranges.ts';

/** A name in a text, such as `spring.datasource.password` or `--db-password`. */
export interface Name {
  readonly start: number;
  readonly end: number;
}

/** The place of a value, relative to its name. */
export interface Place {
  readonly start: number;
  readonly end: number;
  /** The end of the value is given by quotes, a tag or the line. */
  readonly quoted: boolean;
  /** The value follows a colon and a blank, as words in a sentence do. */
  readonly colon: boolean;
  /** `told`: a word or a table border is between name and value; `beside`: only blanks are. */
  readonly kind: 'assigned' | 'told' | 'beside';
}

interface Separated {
  readonly at: number;
  readonly kind?: Place['kind'];
  readonly colon?: boolean;
  /** The pattern that ends the value, where quotes and blanks do not. */
  readonly until?: RegExp;
}

/** `=`, `: `, `":"`, `=>`, `:=`, `->`; what a debugger or a language puts before a string is passed over. */
const SIGN = /\\{0,7}["'`]?\]?[ \t]{0,12}(?:=>|:=|\?=|->|==?|::(?=[ \t])|:(?!:|\/\/))[ \t]{0,60}/y;
const WRAPPER =
  /(?:\s{0,20}string\([0-9]{1,6}\)[ \t]|Some\(|SecretStr\(|String\(|\(\w{1,20}\) {0,2}(?:\(len=[0-9]{1,5}\) )?|@(?=")|[bBuUrRfFN](?=["']))/y;
/** `{"name":"X","value":"` in JSON, YAML and XML. */
const VALUE_MEMBER =
  /\\{0,7}["']?,?(?:\s|\\n){0,60}\\{0,7}["']?(?:parameter|variable|setting|option|string)?value\\{0,7}["']?[ \t]{0,8}[:=][ \t]{0,8}|<\/(?:name|key)>\s{0,40}<(?:value|string)>/iy;
/** `"DB_PASSWORD": {"value": "`. */
const NESTED =
  /\\{0,7}["']?[ \t]{0,8}[:=][ \t]{0,8}\{(?:\s|\\n){0,40}\\{0,7}["']?(?:value|default|plaintext|content)\\{0,7}["']?[ \t]{0,8}[:=][ \t]{0,8}/iy;
const LISTED = /\\{0,7}["'],(?:\s|\\n){0,60}(?=\\{0,7}["'])/y;
/** The next item of a YAML list: `- --password`, and below it `- x`. */
const NEXT_ITEM = /["']?[ \t]{0,4}\r?\n[ \t]{0,60}-[ \t]{1,4}(?=[^\s-])/y;
/** What a header's value begins with, in a list of headers as Node shows them. */
const SCHEME = /^\\{0,7}["'](?:Bearer|Basic|Token|Digest|ApiKey)[ \t]/i;
const BLANKS = /["']?[ \t]{1,8}(?!-)/y;
const NEXT_LINE = /\\{0,7}["']?[ \t]{0,4}:[ \t]{0,4}(?:[|>][+-]?[0-9]?)?[ \t]{0,4}(?:\r?\n|\\n)[ \t]{1,60}(?![-#{[])/y;
const TAG_END = /(?:[ \t][^<>]{0,200})?>|["'][^<>]{0,100}>/y;
const BAR = /[ \t]{0,60}\|[ \t]{0,60}(?=[^\s|])/y;
const COLUMN = /[ \t]{2,80}|\t/y;
const IS = /[ \t]{1,2}(?:is|was)(?:[ \t]{1,2}|[ \t]{0,2}:[ \t]{1,2})/y;
const FOR = /[ \t](?:for|of|on)[ \t][\w@.'"/-]{1,64}(?:[ \t][\w@.'"/-]{1,40})?[ \t]?(?::|is|=)[ \t]{1,2}/y;
/** Blanks alone, or a number for the kind of encoding, as in Cisco's configurations. */
const BESIDE = /[ \t]{1,4}(?:(?:to|from|[057])[ \t]{1,2})?(?=[A-Za-z0-9$!@#%^&*+])|,(?=[^\s,])/y;
const PART = /"\r?\n(?:[\w-]{1,40}:[^\n]{0,100}\r?\n)?\r?\n/y;
const DEFAULT = /["'][ \t]{0,4}\{[^{}]{0,300}?default[ \t]{0,20}=[ \t]{0,4}/y;

const QUOTE = /\\{0,15}["'`]/y;
/** References in place of a value, blanks and all: `<none>`, `${DB_PASSWORD}`, `{{ .Values.x }}`, `$(cat x)`. */
const STAND_IN =
  /<[A-Za-z][^<>\n"]{0,200}>|\$\{\{?[^{}\n"]{0,200}\}\}?|\{\{[^{}\n"]{0,200}\}\}|\$\([^()\n"]{0,200}\)|\[{0,2}\[redacted\]/y;
const TOKEN = /[<{[($]?[^\s"'`<>\\]{1,512}/y;
const WHOLE_TOKEN = /[<{[($]?[^\s"'`<>\\]{1,65536}/y;
/**
 * Characters read of an unquoted value to classify it; the end of a longer one is looked for only when it is a secret.
 */
const LONGEST_TOKEN = 512;
/** The end of an unquoted value before the next field of the same line. */
const NEXT_FIELD = /[,;&|](?=$|[,;&|]|[\w.-]{1,40}[=:])|[)\]},;:.!?]{1,8}$/;

/** Finds the value of a name in whichever notation the two are written; null when nothing there is one. */
export function notationOf(text: string, name: Name): Place | null {
  const before = text.slice(Math.max(0, name.start - 64), name.start);
  const reversed = valueBefore(text, name, before);
  if (reversed) return reversed;
  const separated = separatorOf(text, name, before);
  if (separated === null) return null;
  const { kind = 'assigned', colon = false, until } = separated;
  const wrapped = after(WRAPPER, text, separated.at) ?? separated.at;
  if (until) {
    until.lastIndex = wrapped;
    const found = until.exec(text);
    return found ? { start: wrapped, end: wrapped + found[0].length, quoted: true, colon, kind } : null;
  }
  const quoted = quotedAt(text, wrapped) ?? quotedAt(text, after(/\[[ \t]?(?=\\{0,7}["'])/y, text, wrapped) ?? wrapped);
  if (quoted) return { ...quoted, quoted: true, colon, kind };
  const bare = bareAt(text, text.charAt(wrapped) === '[' && isListed(text, wrapped) ? wrapped + 1 : wrapped);
  return bare && { ...bare, quoted: false, colon, kind };
}

function separatorOf(text: string, name: Name, before: string): Separated | null {
  const { start, end } = name;
  const xml = inMarkup(text, name, before);
  if (xml) return xml;
  const nested = after(NESTED, text, end);
  if (nested !== null) return { at: nested };
  const nextLine = after(NEXT_LINE, text, end);
  if (nextLine !== null) return isLoneWord(text, nextLine) ? inBlock(text, end, nextLine) : null;
  const sign = after(SIGN, text, end);
  if (sign !== null) {
    const written = text.slice(end, sign);
    return { at: sign, colon: /:[ \t]+$/.test(written) };
  }
  const member = after(VALUE_MEMBER, text, end);
  if (member !== null) return text.charAt(member - 1) === '>' ? { at: member, until: /[^<]{1,8192}/y } : { at: member };
  const isFlag = text.charAt(start) === '-';
  const listed = after(LISTED, text, end);
  if (
    listed !== null &&
    (isFlag || /\([ \t]?\\{0,7}["']$/.test(before) || SCHEME.test(text.slice(listed, listed + 24)))
  )
    return { at: listed };
  const item = isFlag && /-[ \t]{1,4}["']?$/.test(before) ? after(NEXT_ITEM, text, end) : null;
  if (item !== null) return isLoneWord(text, item) ? { at: item } : null;
  const blanks = after(BLANKS, text, end);
  if (isFlag) return blanks === null ? null : { at: blanks };
  if (/(?:\b(?:ENV|ARG|setenv|SetEnv)|\bset -g?x|\bbuild[ -]arg)[ \t]{1,4}$/i.test(before))
    return { at: after(/[ \t]{1,4}(?:to[ \t])?/y, text, end) ?? end };
  return spoken(text, name, before);
}

/** A value on the line below its name; of a YAML block (`|` or `>`) every line that is indented as far is part of it. */
function inBlock(text: string, nameEnd: number, at: number): Separated {
  const written = text.slice(nameEnd, at);
  if (!/[|>]/.test(written) || !written.includes('\n')) return { at };
  const indent = at - text.lastIndexOf('\n', at) - 1;
  return { at, until: new RegExp(`[^\\n]{1,8192}(?:\\n[ \\t]{${indent}}[^\\n]{1,8192}){0,200}`, 'y') };
}

/** The value in a table, sentence or form, where only blanks or a word separate it from its name. */
function spoken(text: string, { start, end }: Name, before: string): Separated | null {
  const bar = after(BAR, text, end);
  if (bar !== null && /\|[ \t]{0,60}$/.test(before)) return { at: bar, kind: 'told' };
  const part = /name=["']$/.test(before) ? after(PART, text, end) : null;
  if (part !== null) return { at: part };
  const fallback = /variable[ \t]{1,4}["']$/.test(before) ? after(DEFAULT, text, end) : null;
  if (fallback !== null) return { at: fallback };
  const is = after(IS, text, end);
  if (is !== null) return { at: is, kind: 'told' };
  const whose = after(FOR, text, end);
  if (whose !== null) return { at: whose, kind: 'told' };
  const quote = after(/[ \t]{1,2}(?:\.[ \t])?(?=["'][^\s"']{4,256}["'])/y, text, end);
  if (quote !== null) return { at: quote, kind: 'told' };
  const column = /(?:^|\n)[ \t]{0,20}$/.test(before) ? after(COLUMN, text, end) : null;
  const isConstant = /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(text.slice(start, end));
  if (column !== null && isConstant && isLoneWord(text, column)) return { at: column, kind: 'told' };
  const beside = /(?:^|[\s"'`|>])$/.test(before) ? after(BESIDE, text, end) : null;
  return beside === null || (text.charAt(end) === ',' && !isConstant) ? null : { at: beside, kind: 'beside' };
}

/** `<password>x</password>`, `<entry key="password">x</entry>`. */
function inMarkup(text: string, { start, end }: Name, before: string): Separated | null {
  const isTag = text.charAt(start - 1) === '<' || /<[\w-]{1,20}:$/.test(before);
  const isKey = /<[\w-]{1,40}[ \t][^<>]{0,40}(?:key|name|id)=["']$/i.test(before);
  if (!isTag && !isKey) return null;
  const member = isKey ? after(VALUE_MEMBER, text, end) : null;
  if (member !== null) return { at: member };
  const tag = after(TAG_END, text, end);
  if (tag === null) return null;
  const verbatim = after(/<!\[CDATA\[/y, text, tag);
  if (verbatim !== null) return { at: verbatim, until: /[^\]]{1,8192}/y };
  const isClosed = /^[^<]{1,8192}<\//.test(text.slice(tag, tag + 8_194));
  return isClosed && text.charAt(tag - 2) !== '/' ? { at: tag, until: /[^<]{1,8192}/y } : null;
}

/** `{"value":"x","name":"DB_PASSWORD"}`: members come in any order. */
function valueBefore(text: string, { start }: Name, before: string): Place | null {
  if (!/(?:name|key)\\{0,7}["'][ \t]{0,4}:[ \t]{0,4}\\{0,7}["']$/.test(before)) return null;
  const line = text.slice(Math.max(0, start - 700), start);
  const found =
    /\\{0,7}["']value\\{0,7}["'][ \t]{0,4}:[ \t]{0,4}\\{0,7}["']((?:[^"\\\n]|\\(?!["']?,)[^\n]){1,512}?)\\{0,7}["'][ \t]{0,4},[ \t]{0,4}\\{0,7}["'](?:name|key)\\{0,7}["'][ \t]{0,4}:[ \t]{0,4}\\{0,7}["']$/d.exec(
      line,
    );
  const place = found?.indices?.[1];
  if (!place) return null;
  const from = start - line.length;
  return { start: from + place[0], end: from + place[1], quoted: true, colon: false, kind: 'assigned' };
}

/** Whether what begins with a bracket also ends with one: `Authorization:[Bearer x]`. */
function isListed(text: string, at: number): boolean {
  return /^\[[^\s[\]]{1,512}\]/.test(text.slice(at, at + 514));
}

/** Whether one word, and nothing that has a value of its own, is the rest of the line. */
function isLoneWord(text: string, at: number): boolean {
  return /^[^\s:]\S{0,512}(?<!:)[ \t]{0,4}(?:\r|\n|\\[nr"]|["']|$)/.test(text.slice(at, at + 520));
}

/**
 * A value in quotes, the quotes possibly escaped: it ends at a quote that is escaped no deeper than the opening one, backslashes
 * that stand for themselves not counted, or with its line. Null where no quote stands.
 */
export function quotedAt(text: string, at: number, { overLines = false } = {}): Range | null {
  const start = after(QUOTE, text, at);
  if (start === null) return null;
  const quote = text[start - 1];
  const depth = start - 1 - at;
  let backslashes = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\') {
      backslashes += 1;
      continue;
    }
    if (character === '\n' && !overLines) return { start, end: index };
    // A command in backticks is no value.
    if (quote === '`' && character === ' ') return null;
    if (quote === "'" && character === quote && text[index + 1] === quote && index > start && depth === 0) {
      index += 1;
      continue;
    }
    const isClosing = backslashes < depth || backslashes % (2 * (depth + 1)) === depth;
    if (character === quote && isClosing) return { start, end: index - Math.min(backslashes, depth) };
    backslashes = 0;
  }
  return { start, end: text.length };
}

/** An unquoted value, up to LONGEST_TOKEN characters; `wholeBare` finds the end of a longer one. */
export function bareAt(text: string, at: number): Range | null {
  const standIn = after(STAND_IN, text, at);
  if (standIn !== null && !/[\w$]/.test(text.charAt(standIn))) return { start: at, end: standIn };
  const end = after(TOKEN, text, at);
  return end === null ? null : { start: at, end: fieldEnd(text, at, end) };
}

/** The end of an unquoted value that `bareAt` read only in part, up to `end`. */
export function wholeBare(text: string, start: number, end: number): number {
  if (end - start < LONGEST_TOKEN) return end;
  return Math.max(end, fieldEnd(text, start, after(WHOLE_TOKEN, text, start) ?? end));
}

function fieldEnd(text: string, start: number, end: number): number {
  const token = text.slice(start, end);
  const next = NEXT_FIELD.exec(token);
  if (next === null) return end;
  // Where the token was cut off, nothing says that a field or a sentence ends.
  const isCut = token.length >= LONGEST_TOKEN && next.index + next[0].length === token.length;
  return isCut ? end : start + next.index;
}

/** The end of a sticky expression's match at one position; null when it does not match there. */
export function after(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}
