/** Bits a character: 0 for one letter repeated, about 4 for hexadecimal digits, up to 6 for base64. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / text.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}

/** Characters of a value that are judged; a longer value is no word. */
export const TELLING = 256;

/**
 * Whether a text looks randomly generated: long enough, of letters and digits in no order of words. Also true of
 * identifiers; only the context distinguishes those from secrets.
 */
export function looksRandom(whole: string): boolean {
  const text = whole.slice(0, TELLING);
  if (text.length < 10 || /\s/.test(text)) return false;
  const digits = text.replaceAll(/[^0-9]/g, '').length;
  const letters = text.replaceAll(/[^A-Za-z]/g, '').length;
  if (letters === 0) return false;
  // No word has six consonants in a row, and few have five.
  if (letters === text.length) return /[bcdfghjklmnpqrstvwxz]{6}/i.test(text) || isShuffled(text);
  const changes = text.match(/[a-z][A-Z]|[A-Z][a-z]|[A-Za-z][0-9]|[0-9][A-Za-z]/g)?.length ?? 0;
  const isMixed = digits >= 2 || (/[a-z]/.test(text) && /[A-Z]/.test(text) && changes >= 4);
  return isMixed && changes >= Math.max(2, text.length / 12) && entropyOf(text) >= 2.8;
}

function isShuffled(text: string): boolean {
  const changes = text.match(/[a-z][A-Z]{2,}[a-z]|[bcdfghjklmnpqrstvwxz]{5}/g)?.length ?? 0;
  return changes > 0 && entropyOf(text) >= 3;
}
