import { randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Makes what Slack makes up: ids with a prefix, message timestamps, trigger ids and secrets. */
export interface Ids {
  /** `C0...`, `F0...`, `V0...`: the prefix and ten upper-case letters or digits, never given twice. */
  next(prefix: string): string;
  /** `<10 digits>.<6 digits>`: unique and rising, also when the clock stands still. */
  ts(): string;
  secret(length: number): string;
  triggerId(): string;
}

/** `now` is in milliseconds. */
export function createIds(now: () => number): Ids {
  let counter = 0;
  let lastMicros = 0;
  const secret = (length: number) => [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return {
    secret,
    next(prefix) {
      counter += 1;
      return `${prefix}0${secret(3)}${counter.toString(36).toUpperCase().padStart(6, '0')}`;
    },
    ts() {
      lastMicros = Math.max(lastMicros + 1, Math.floor(now() * 1000));
      const digits = String(lastMicros).padStart(16, '0');
      return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
    },
    triggerId() {
      counter += 1;
      return `${Math.floor(now())}.${counter}.${secret(32).toLowerCase()}`;
    },
  };
}
