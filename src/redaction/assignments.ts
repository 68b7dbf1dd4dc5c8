import { MASK, type Range } from './ranges.ts';

/** The end of a name whose value is a secret: `DB_PASSWORD`, `x-api-key`, `clientSecret`, `AccountKey`, `JSESSIONID`. */
const NAME = new RegExp(
  [
    'pass(?:word|wd|phrase|code)',
    '(?<![a-z])pass',
    'pwd',
    'secret(?:[_-]?(?:access[_-]?)?(?:key|value|id))?',
    'token(?:[_-]?(?:value|secret))?',
    '(?:api|access|private|account|shared[_-]?access|shared|encryption|encrypt|signing|master|client|routing|integration|hmac|session|license|licence|auth|root|storage|webhook|decryption|ssh|host)[_-]?key(?:[_-]?data)?',
    'credentials?',
    'authorization',
    '(?<![a-z])auth',
    'x-amz-(?:signature|security-token|credential)',
    'x-goog-(?:signature|credential)',
    'signature',
    '(?<![a-z])sig',
    'set-cookie',
    'cookie',
    '(?:php|j|asp\\.net_)?session[_-]?id',
    'phpsessid',
    'connect\\.sid',
    '(?<![a-z])otp',
    '\\.dockerconfigjson',
  ].join('|'),
  'gi',
);
/** What may stand between the keyword and the end of the name: `PASSWORD_1`, `token_b64`. Anything else is another name. */
const SUFFIX = /(?:[_-]?(?:b64|base64|enc|plain|text|old|new|[0-9]{1,3})){0,2}/y;
/** `=`, `: `, `":"`, `=>`, `:=`; or the `"value":` of a name/value pair as in a container's environment. */
const SEPARATOR =
  /\\{0,7}["'`]?\]?[ \t]{0,8}(?:=>|:=|==?|:(?!:))[ \t]{0,40}(?:\([\w*.]{1,30}\) {0,2})?|\\{0,7}["']?,?(?:\s|\\n){0,60}\\{0,7}["']?value\\{0,7}["']?[ \t]{0,8}[:=][ \t]{0,8}/iy;
/** `--password hunter2`: only a flag may be separated from its value by nothing but blanks. */
const FLAG_GAP = /["',]{0,3}[ \t]{1,4}["']?(?!-)/y;
const SCHEME =
  /\[?\\{0,7}["']?(?:Bearer|Basic|Token|Digest|Negotiate|ApiKey|AWS4-HMAC-SHA256|GenieKey|SSWS|Splunk)[ \t]{1,4}/iy;
const UNQUOTED = /[^\s"'`<>\\]{1,8192}/y;
/** Where an unquoted value ends although it goes on: before the next field of the line. */
const NEXT_FIELD = /[,;&|](?=$|[,;&|]|[\w.-]{1,40}[=:])|[)\]},;:.!?]{1,8}$/;

/** Values that are not secrets: references, placeholders, states, what kubectl prints instead of a value. */
const HARMLESS =
  /^(?:null|nil|none|true|false|undefined|unset|empty|yes|no|string|bytes|\*{2,}|x{3,}|\.{3}|<.*|\[redacted\].*|\[.*|\{.*|\$[({].*|\$[A-Z_]{2,64}|%\(?[a-z]{1,20}\)?s?|\{\{.*|redacted|hidden|masked|sensitive|required|optional|valueFrom.*|secretKeyRef.*)$/i;
/** A name as people give it: words and short suffixes with hyphens between them. */
const OBJECT_NAME = /^[a-z]{2,20}(?:[.-](?:[a-z]{1,20}|[a-z0-9]{1,6}))+$/;
/** Words of a sentence after the colon: `password: must be at least 8 characters`, `unexpected token: EOF`. */
const PROSE =
  /^(?:must|is|was|are|were|be|cannot|can|could|not|has|have|had|should|would|will|invalid|expired|incorrect|missing|unexpected|for|of|in|on|at|to|too|may|does|did|failed|failure|error|unauthorized|denied|the|a|an|no|context|rpc|dial|eof|end|got|expected|authentication|permission|access|signature|please|unable|timed|key|value|mismatch|verification|unknown|server|request|response|secret|configmap|http|https|x509|json|illegal|already|couldn't|can't|doesn't|isn't|found|malformed|bad|wrong)[.,;:!]?$/i;
const PROSE_BEFORE =
  /(?:invalid|unexpected|illegal|unknown|bad|malformed|missing|expired|parse|parsing|wrong|wait(?:ing)?|pull|find|get|fetch|validate|verify|refresh)(?:ing|ed)? {1,2}(?:[\w-]{1,20} )?$/i;

/**
 * Values behind secret names, in every notation a log or an object uses: `k=v`, `k: v`, JSON (also escaped inside a
 * string), YAML, Go structs, headers, flags, query strings, name/value pairs. Each keyword looks a bounded way ahead and
 * a value is passed over once, so the time is linear.
 */
export function assignmentRanges(text: string): readonly Range[] {
  const ranges: Range[] = [];
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    const range = valueRange(text, match.index, match[0].toLowerCase());
    if (range === null) continue;
    ranges.push(range);
    NAME.lastIndex = Math.max(range.end, NAME.lastIndex);
  }
  return ranges;
}

/** Whether a field of this name holds a secret in this value, as `name="value"` would. */
export function namesSecret(name: string, value: string): boolean {
  if (value === '' || value.startsWith(MASK)) return false;
  const text = `${name}=${JSON.stringify(value)}`;
  return assignmentRanges(text).some(({ start, end }) => start <= name.length + 2 && end >= text.length - 1);
}

function valueRange(text: string, nameAt: number, name: string): Range | null {
  const nameEnd = after(SUFFIX, text, nameAt + name.length) ?? nameAt + name.length;
  const separatorEnd = after(SEPARATOR, text, nameEnd);
  const gapEnd = separatorEnd ?? (isFlag(text, nameAt) ? after(FLAG_GAP, text, nameEnd) : null);
  if (gapEnd === null) return null;
  const separator = text.slice(nameEnd, gapEnd);
  if (name.endsWith('cookie')) return restOfLine(text, gapEnd);
  const schemeEnd =
    name.endsWith('auth') || name === 'authorization' || /token|key/.test(name) ? after(SCHEME, text, gapEnd) : null;
  const start = schemeEnd ?? gapEnd;
  const quoted = schemeEnd === null ? quotedRange(text, start) : null;
  const range = quoted ?? unquotedRange(text, name === 'authorization' && text[start] === '[' ? start + 1 : start);
  if (range === null || range.start >= range.end) return null;
  const value = text.slice(range.start, range.end);
  if (schemeEnd !== null) return text.startsWith(MASK, start) ? null : range;
  return isSecret(text, { nameAt, name, separator, value, end: range.end, quoted: quoted !== null }) ? range : null;
}

interface Found {
  readonly nameAt: number;
  readonly name: string;
  readonly separator: string;
  readonly value: string;
  readonly end: number;
  readonly quoted: boolean;
}

function isSecret(text: string, found: Found): boolean {
  const { name, value, separator } = found;
  if (!/[A-Za-z0-9]/.test(value) && value.length < 4) return false;
  if (HARMLESS.test(value)) return false;
  if (name === 'pwd' && value.startsWith('/')) return false;
  // `secret="minio-credentials"` names a Secret, it holds none.
  if (name === 'secret' && OBJECT_NAME.test(value) && !/[\w.-]/.test(text.charAt(found.nameAt - 1))) return false;
  // Short names mean other things as well: their values have to look like random text.
  if (name === 'auth' || name === 'sig' || name === 'signature')
    return value.length >= 12 && /[0-9+/=_-]/.test(value) && /[A-Za-z]/.test(value);
  if (name === 'pass') return separator.includes('=') || found.quoted;
  if (/^x-(?:amz|goog)-credential$/.test(name)) return true;
  if (/^(?:token|secret|credentials?)$/.test(name) && !found.quoted) {
    if (/^[0-9.]{1,6}%?$/.test(value)) return false;
    if (PROSE_BEFORE.test(text.slice(Math.max(0, found.nameAt - 40), found.nameAt))) return false;
  }
  const prose = separator.trimEnd().endsWith(':') && !found.quoted && PROSE.test(value);
  return !prose || !/^[ \t][a-z'"(]/i.test(text.slice(found.end, found.end + 2));
}

function after(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

function isFlag(text: string, nameAt: number): boolean {
  return /(?:^|[\s"'[,])--?[A-Za-z0-9_-]{0,40}$/.test(text.slice(Math.max(0, nameAt - 44), nameAt));
}

/** A value in quotes, the quotes possibly escaped: it ends at a quote that is escaped no deeper than the opening one. */
function quotedRange(text: string, at: number): Range | null {
  const opening = /\\{0,7}["'`]/y;
  const start = after(opening, text, at);
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
    if (character === '\n') return { start, end: index };
    if (character === quote && backslashes <= depth) return { start, end: index - backslashes };
    backslashes = 0;
  }
  return { start, end: text.length };
}

function unquotedRange(text: string, at: number): Range | null {
  const end = after(UNQUOTED, text, at);
  if (end === null) return null;
  const value = text.slice(at, end);
  const next = NEXT_FIELD.exec(value);
  return { start: at, end: next === null ? end : at + next.index };
}

function restOfLine(text: string, at: number): Range | null {
  if (text.startsWith(MASK, at) || text.startsWith(`"${MASK}`, at)) return null;
  const start = after(/\\{0,7}["'[]{0,2}/y, text, at) ?? at;
  const end = text.slice(start, start + 8192).search(/["'\n\r\]\\]/);
  return { start, end: end < 0 ? Math.min(text.length, start + 8192) : start + end };
}
