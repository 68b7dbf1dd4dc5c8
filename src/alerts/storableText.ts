/** The longest value of a label or annotation that is kept; the fingerprint is taken before anything is cut. */
export const MAX_VALUE_LENGTH = 64 * 1024;

/** The longest name of a label that is kept. */
export const MAX_NAME_LENGTH = 1024;

/**
 * Text that every store takes: NUL (which PostgreSQL refuses) and lone surrogates (which are not Unicode text) become
 * U+FFFD, and what is longer than `max` UTF-16 units is cut before a surrogate pair and ends in `… (cut, N characters)`.
 */
export function cleanText(text: string, max: number = MAX_VALUE_LENGTH): string {
  const bounded = text.length > max ? cutText(text, max) : text;
  return bounded.includes('\0') || !bounded.isWellFormed()
    ? bounded.replaceAll('\0', '\uFFFD').toWellFormed()
    : bounded;
}

function cutText(text: string, max: number): string {
  const note = `… (cut, ${text.length} characters)`;
  let end = max - note.length;
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end -= 1;
  return text.slice(0, end) + note;
}
