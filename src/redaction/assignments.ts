import type { Range } from './ranges.ts';

/**
 * A name that announces a secret, a separator, and the value. The value ends at a quote, a blank or a separator of the
 * formats that logs print (shell, JSON, YAML, URL query, key=value). Every quantifier is bounded: linear time.
 */
const ASSIGNMENT =
  /(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|account[_-]?key|shared[_-]?access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|client[_-]?secret|credentials?|authorization|auth|cookie|session[_-]?id|connection[_-]?string|sig|signature|x-amz-security-token|x-api-key)([A-Za-z0-9_-]{0,24})(\\?["']?[ \t]{0,3}(?:=>|:=|[:=])[ \t]{0,3}\\?["']?)([^\s"'\\,;&<>{}()[\]]{3,2048})/gi;

/** Names that only look like it: counters, paths, references, kinds. */
const HARMLESS_SUFFIX =
  /^(?:s?[_-]?(?:count|counts|total|limit|size|length|file|path|dir|name|names|ref|refs|type|kind|url|uri|endpoint|ttl|expiry|expires|expiration|age|version|index|bucket|field|mode|method|policy|status|state|provider|controller|manager|renewal|refresh|error|id)\b|s$)/i;

/** Values that say that there is a secret, or none, without being one. */
const HARMLESS_VALUE =
  /^(?:true|false|null|nil|none|undefined|empty|unset|required|missing|invalid|expired|not|no|yes|ok|basic|bearer|negotiate|digest|optional|default|secret|token|password|changed|rotated|failed|denied|provided|present|absent|\*+|x{3,}|\[?redacted\]?|\.{3}|-+|[$%]\w+|\$[({].*|\d{1,3}|\d+(?:ms|s|m|h|d))$/i;

/** Where `password=...`, `"token": "..."` and the like carry a value that looks like a secret. */
export function assignmentRanges(text: string): readonly Range[] {
  const ranges: Range[] = [];
  for (const match of text.matchAll(ASSIGNMENT)) {
    const [whole, suffix = '', , value = ''] = match;
    if (HARMLESS_SUFFIX.test(suffix) || HARMLESS_VALUE.test(value)) continue;
    const before = text.charAt(match.index - 1);
    // "compass: north" and "bypass=1" are words that end the same way.
    if (/[a-z]/.test(before) && /^[a-z]/.test(whole)) continue;
    const end = match.index + whole.length;
    ranges.push({ start: end - value.length, end });
  }
  return ranges;
}
