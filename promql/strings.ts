const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/gs;

/**
 * The value of a string as Go writes it, quotes included: PromQL's and Alertmanager's. Null for one that does not end or has an
 * escape that Go does not know.
 */
export function unquoted(text: string): string | null {
  const quote = text.charAt(0);
  if (text.length < 2 || !text.endsWith(quote)) return null;
  if (quote === '`') return text.slice(1, -1);
  if (text.includes('\n')) return null;
  if (!new RegExp(`^${quote}(?:[^${quote}\\\\]|\\\\.)*${quote}$`, 's').test(text)) return null;
  let known = true;
  const value = text.slice(1, -1).replace(ESCAPE, (_, two, four, eight, octal, one) => {
    const code = octal === undefined ? Number.parseInt(two ?? four ?? eight ?? '', 16) : Number.parseInt(octal, 8);
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    const meant = one === quote ? quote : ESCAPES[one ?? ''];
    known &&= meant !== undefined;
    return meant ?? '';
  });
  return known ? value : null;
}
