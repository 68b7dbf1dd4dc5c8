import { randomInt } from 'node:crypto';

/** The alphabet Kubernetes draws generated names from: no vowels, so that no words appear. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A generated suffix such as `x7k2p`. */
export function suffix(length = 5): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
