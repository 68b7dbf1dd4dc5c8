import { createHash, timingSafeEqual } from 'node:crypto';

export interface KnownToken {
  readonly name: string;
  readonly token: string;
  readonly cluster: string | null;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Finds whose token an `Authorization: Bearer ...` header carries. Digests of equal length are compared in constant
 * time and every token is looked at, so neither length nor position can be measured.
 */
export function createTokenCheck<T extends KnownToken>(
  tokens: readonly T[],
): (authorization: string | undefined) => T | null {
  const known = tokens.map((entry) => ({ entry, digest: digest(entry.token) }));
  return (authorization) => {
    const match = /^Bearer +(\S+) *$/i.exec(authorization ?? '');
    if (!match?.[1]) return null;
    const presented = digest(match[1]);
    let found: T | null = null;
    for (const candidate of known) if (timingSafeEqual(candidate.digest, presented)) found = candidate.entry;
    return found;
  };
}
