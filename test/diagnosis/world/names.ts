import { createHash } from 'node:crypto';

/** The letters of generated names: no vowels and no look-alikes (k8s.io/apimachinery/pkg/util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A generated suffix that is the same in each run. */
export function suffix(seed: string, length: number): string {
  return [...digest(seed).subarray(0, length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** A uid made of a seed; the same seed gives the same uid. */
export function uid(seed: string): string {
  const hex = digest(`uid:${seed}`).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** 64 hexadecimal digits: a container id or an image digest. */
export function hex64(seed: string): string {
  return digest(`hex:${seed}`).toString('hex');
}
