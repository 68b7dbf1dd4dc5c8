import { createHash } from 'node:crypto';

/** The alphabet Kubernetes draws generated names from: no vowels, so that no words appear. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A generated-looking suffix such as `x7k2p`, the same for the same seed. */
export function suffixOf(seed: string, length = 5): string {
  const digest = createHash('sha256').update(seed).digest();
  return Array.from({ length }, (_, index) => ALPHABET[(digest[index] ?? 0) % ALPHABET.length]).join('');
}

/** Hexadecimal digits, the same for the same seed. */
export function hexOf(seed: string, length: number): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, length);
}

/** A uid, the same for the same seed. */
export function uidOf(seed: string): string {
  const hex = hexOf(`uid ${seed}`, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}
