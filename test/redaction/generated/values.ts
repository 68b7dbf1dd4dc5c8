import { ALNUM, BASE64, DIGITS, HEX, LOWER, type Random, UPPER, URLSAFE } from './random.ts';

const WORDS = 'correct horse battery staple purple monkey dishwasher winter garden silver falcon thunder'.split(' ');

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Secrets as people and generators make them; none is recognised by itself. */
export const VALUES: Readonly<Record<string, (random: Random) => string>> = {
  'letters and digits': (random) => random.text(ALNUM, 16 + random.below(24)),
  hex: (random) => random.text(HEX, random.one([32, 40, 64])),
  base64: (random) => `${random.text(BASE64, 43)}=`,
  'url-safe': (random) => random.text(URLSAFE, 32).replace(/^-/, 'x'),
  uuid: (random) => [8, 4, 4, 4, 12].map((length) => random.text(HEX, length)).join('-'),
  'a word and a number': (random) => `${capital(random.one(WORDS))}${1000 + random.below(9000)}`,
  'a word changed': (random) =>
    `${capital(random.one(WORDS)).replace('e', '3').replace('o', '0')}${random.one(['!', '#1', '@24'])}${random.below(90) + 10}`,
  'four words': (random) => [1, 2, 3, 4].map(() => random.one(WORDS)).join('-'),
  'digits only': (random) => random.text(DIGITS, 8 + random.below(6)),
  'lower case only': (random) => random.text(LOWER, 10 + random.below(8)),
  'with marks': (random) =>
    `${random.text(ALNUM, 6)}${random.one(['$', '%', '^', '&', '*', '+', '~', '!'])}${random.text(ALNUM, 5)}${random.one(['@', '#', '?', '='])}${random.text(ALNUM, 4)}`,
  'begins with a dollar': (random) => `$${random.text(LOWER, 1)}${random.text(ALNUM, 12)}`,
  'begins with a brace': (random) => `{${random.text(ALNUM, 14)}`,
  'begins with a bracket': (random) => `[${random.text(ALNUM, 14)}`,
  'begins with an angle': (random) => `<${random.text(ALNUM, 14)}`,
  'with a colon': (random) => `${random.text(ALNUM, 8)}:${random.text(ALNUM, 12)}`,
  'with a slash': (random) => `${random.text(ALNUM, 10)}/${random.text(ALNUM, 10)}`,
  'upper case and digits': (random) => random.text(UPPER + DIGITS, 20),
  'eight letters': (random) => random.text(ALNUM, 8),
  long: (random) => random.text(URLSAFE, 200).replace(/^-/, 'x'),
};
