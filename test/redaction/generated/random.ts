/** Numbers that follow from the seed alone, so that a corpus can be made again. */
export interface Random {
  /** A number from 0 to below `n`. */
  below(n: number): number;
  one<T>(items: readonly T[]): T;
  text(alphabet: string, length: number): string;
}

export const LOWER = 'abcdefghijklmnopqrstuvwxyz';
export const UPPER = LOWER.toUpperCase();
export const DIGITS = '0123456789';
export const HEX = `${DIGITS}abcdef`;
export const ALNUM = LOWER + UPPER + DIGITS;
export const BASE64 = `${ALNUM}+/`;
export const URLSAFE = `${ALNUM}-_`;

/** mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    below,
    one(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to choose from');
      return item;
    },
    text: (alphabet, length) => Array.from({ length }, () => alphabet[below(alphabet.length)]).join(''),
  };
}
